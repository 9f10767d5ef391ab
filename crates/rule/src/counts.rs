//! Numbers and counts as messages show them.

/// A number with separators: 3,512.
pub fn format_number(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number with its noun: 1 row, 3,512 rows.
pub fn format_count(number: u64, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", format_number(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_separators_and_nouns_their_plural() {
        assert_eq!(
            [0, 999, 1_000, 1_234_567].map(format_number),
            ["0", "999", "1,000", "1,234,567"]
        );
        assert_eq!(format_count(1, "row"), "1 row");
        assert_eq!(format_count(3_512, "row"), "3,512 rows");
    }
}
