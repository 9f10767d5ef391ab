//! Ranks: the place of a row among others.

use rust_decimal::Decimal;

/// How the place of a row among others is counted. A row whose value is missing has no place, and does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rank {
    /// Whether less than this share of the rows, in percent, has a larger value.
    TopPercent(Decimal),
    /// Its bucket, when the rows are divided into so many of equal size: 1 has the smallest values. Rows of equal value are
    /// divided by their key.
    Ntile(i64),
    /// 1 and the number of rows with a smaller value.
    Rank,
    /// The share of the other rows with a smaller value, from 0 to 1.
    PercentRank,
}

impl Rank {
    /// Its name in scripts.
    pub fn name(self) -> &'static str {
        match self {
            Self::TopPercent(_) => "top_percent",
            Self::Ntile(_) => "ntile",
            Self::Rank => "rank",
            Self::PercentRank => "percent_rank",
        }
    }

    /// The number that it is given.
    pub(crate) fn argument(self) -> Option<String> {
        match self {
            Self::TopPercent(percent) => Some(percent.normalize().to_string()),
            Self::Ntile(buckets) => Some(buckets.to_string()),
            Self::Rank | Self::PercentRank => None,
        }
    }
}
