//! How far a value is from another.

use jiff::civil::DateTime;
use leora_rule::{Value, format_count, parse_moment};
use rust_decimal::Decimal;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Distance {
    Days(i64),
    Amount(Decimal),
    Unknown,
}

impl Distance {
    /// From the value of a row, as text, to another.
    pub(crate) fn between(now: Option<&str>, other: &Value) -> Self {
        let Some(now) = now else { return Self::Unknown };
        match other {
            Value::Timestamp(at) => {
                parse_moment(now).map_or(Self::Unknown, |now| Self::in_days(now, *at))
            }
            Value::Integer(number) => Self::in_amount(now, Decimal::from(*number)),
            Value::Decimal(number) => Self::in_amount(now, *number),
            Value::Null | Value::Bool(_) | Value::Text(_) | Value::Date(_) => Self::Unknown,
        }
    }

    fn in_days(now: DateTime, other: DateTime) -> Self {
        let days = now.date().until(other.date()).map(|span| i64::from(span.get_days()));
        days.map_or(Self::Unknown, Self::Days)
    }

    fn in_amount(now: &str, other: Decimal) -> Self {
        now.parse::<Decimal>().map_or(Self::Unknown, |now| Self::Amount(other - now))
    }

    /// Whether it is known to be less than another; distances of different kinds can't be compared.
    pub(crate) fn is_nearer_than(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Days(one), Self::Days(other)) => one.abs() < other.abs(),
            (Self::Amount(one), Self::Amount(other)) => one.abs() < other.abs(),
            (Self::Days(_) | Self::Amount(_), Self::Unknown) => true,
            (Self::Days(_), Self::Amount(_))
            | (Self::Amount(_), Self::Days(_))
            | (Self::Unknown, _) => false,
        }
    }

    /// The same of a number of rows, such as "1 row more".
    pub(crate) fn in_rows(&self) -> Option<String> {
        match self {
            Self::Amount(amount) => {
                let direction = if amount.is_sign_positive() { "more" } else { "fewer" };
                let rows = u64::try_from(amount.abs()).ok()?;
                Some(format!("{} {direction}", format_count(rows, "row")))
            }
            Self::Days(_) | Self::Unknown => self.describe(),
        }
    }

    /// In words, such as "3 days later"; `None` when it is unknown or nothing.
    pub(crate) fn describe(&self) -> Option<String> {
        match self {
            Self::Days(0) | Self::Unknown => None,
            Self::Days(days) => {
                let direction = if *days > 0 { "later" } else { "earlier" };
                Some(format!("{} {direction}", format_count(days.unsigned_abs(), "day")))
            }
            Self::Amount(amount) => {
                let direction = if amount.is_sign_positive() { "more" } else { "less" };
                Some(format!("{} {direction}", amount.abs().normalize()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use leora_rule::{Value, midnight};
    use rust_decimal::Decimal;

    use super::Distance;

    fn words(now: &str, other: Value) -> Option<String> {
        Distance::between(Some(now), &other).describe()
    }

    #[test]
    fn distances_are_told_in_days_and_amounts() {
        let day = |text: &str| Value::Timestamp(midnight(text.parse().unwrap()));
        assert_eq!(words("2025-10-25 08:00:00", day("2025-10-28")), Some("3 days later".into()));
        assert_eq!(words("2025-10-25", day("2025-10-24")), Some("1 day earlier".into()));
        assert_eq!(words("2025-10-25", day("2025-10-25")), None);
        assert_eq!(words("7", Value::Integer(10)), Some("3 more".into()));
        assert_eq!(words("2.50", Value::Decimal(Decimal::new(20, 1))), Some("0.5 less".into()));
    }

    #[test]
    fn numbers_of_rows_are_told_in_rows() {
        let rows = |more: i64| Distance::Amount(more.into()).in_rows();
        assert_eq!(rows(1), Some("1 row more".into()));
        assert_eq!(rows(-4), Some("4 rows fewer".into()));
    }

    #[test]
    fn what_can_not_be_compared_is_unknown() {
        assert_eq!(
            words("infinity", Value::Timestamp(midnight("2025-10-25".parse().unwrap()))),
            None
        );
        assert_eq!(words("red", Value::Text("blue".into())), None);
        assert_eq!(Distance::between(None, &Value::Integer(1)), Distance::Unknown);
    }

    #[test]
    fn the_direction_does_not_make_it_nearer() {
        let amount = |number: i64| Distance::Amount(number.into());
        assert!(Distance::Days(-1).is_nearer_than(&Distance::Days(2)));
        assert!(!Distance::Days(-2).is_nearer_than(&Distance::Days(2)));
        assert!(amount(1).is_nearer_than(&amount(-2)));
        assert!(Distance::Days(900).is_nearer_than(&Distance::Unknown));
        assert!(!Distance::Days(1).is_nearer_than(&amount(2)));
        assert!(!Distance::Unknown.is_nearer_than(&Distance::Unknown));
    }
}
