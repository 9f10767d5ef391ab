//! Dates and times in memory, with PostgreSQL's precision of a microsecond.

use jiff::SignedDuration;
use jiff::civil::{DateTime, date};

use crate::{midnight, parse_moment};

/// A date, or a date and time; a date is its midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Moment {
    Past,
    At(DateTime),
    Future,
}

impl Moment {
    /// As PostgreSQL reads it, as far as rules write it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text.trim() {
            "infinity" => Some(Self::Future),
            "-infinity" => Some(Self::Past),
            text => parse_moment(text).map(Self::At),
        }
    }

    pub(crate) fn day(self) -> Self {
        match self {
            Self::At(at) => Self::At(midnight(at.date())),
            infinite => infinite,
        }
    }

    /// With this many digits of seconds. PostgreSQL counts from 2000-01-01, and rounds half away from it.
    pub(crate) fn rounded(self, digits: u32) -> Self {
        let Self::At(at) = self else { return self };
        let step = 10_i128.pow(6_u32.saturating_sub(digits));
        let micros = at.duration_since(EPOCH).as_micros();
        let rounded = (micros.abs() + step / 2) / step * step * micros.signum();
        let rounded = i64::try_from(rounded).ok().map(SignedDuration::from_micros);
        let at = rounded.and_then(|since| EPOCH.checked_add(since).ok());
        at.map_or(self, Self::At)
    }
}

const EPOCH: DateTime = date(2000, 1, 1).at(0, 0, 0, 0);

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Moment {
        Moment::parse(text).expect(text)
    }

    #[test]
    fn a_half_is_rounded_away_from_the_year_2000() {
        for (text, digits, rounded) in [
            ("2025-01-01 00:00:00.5", 0, "2025-01-01 00:00:01"),
            ("1999-12-31 23:59:58.5", 0, "1999-12-31 23:59:58"),
            ("1999-12-31 23:59:59.0005", 3, "1999-12-31 23:59:59"),
            ("2025-01-01 00:00:00.0005", 3, "2025-01-01 00:00:00.001"),
            ("2025-01-01 00:00:00.123456", 6, "2025-01-01 00:00:00.123456"),
        ] {
            assert_eq!(moment(text).rounded(digits), moment(rounded), "{text}");
        }
        assert_eq!(Moment::Future.rounded(0), Moment::Future);
    }
}
