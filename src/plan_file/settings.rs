//! Equal values of settings that are spelt differently.

use leora_rule::{Period, parse_decimal};

/// One spelling for equal numbers and periods. Two texts that are taken for equal numbers make no other plan: what the
/// steps do with them is compared.
pub(crate) fn canonical(value: &str) -> String {
    if let Some(number) = parse_decimal(value) {
        return number.normalize().to_string();
    }
    value.parse::<Period>().map_or_else(|_| value.to_owned(), |period| period.to_string())
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn equal_values_are_spelt_alike() {
        for (one, other) in [("1.50", "1.5"), ("6mo", "6 months"), ("1y", "12mo"), ("007", "7")] {
            assert_eq!(canonical(one), canonical(other));
        }
        for (one, other) in [("1.5", "1.51"), ("30d", "1mo"), ("A", "a"), ("true", "false")] {
            assert_ne!(canonical(one), canonical(other));
        }
    }
}
