//! Reading decimal numbers exactly.

use rust_decimal::Decimal;

/// A number as written, such as `12345678901234567.25` or `1.5e-3`; `None` for what is no number, and for one that a
/// [`Decimal`] of at most 28 digits can't hold exactly: its own parser would round it.
pub fn parse_decimal(text: &str) -> Option<Decimal> {
    let mantissa = text.split(['e', 'E']).next().unwrap_or(text);
    let exact = Decimal::from_str_exact(mantissa).ok()?;
    if mantissa.len() == text.len() {
        return Some(exact);
    }
    Decimal::from_scientific(&text.replace("e+", "e").replace("E+", "e")).ok()
}

#[cfg(test)]
mod tests {
    use super::parse_decimal;

    fn read(text: &str) -> Option<String> {
        parse_decimal(text).map(|number| number.to_string())
    }

    #[test]
    fn a_number_is_read_exactly_or_not_at_all() {
        for same in
            ["12345678901234567.25", "9223372036854775809", "1234567890123456.78", "-0.50", "1.5"]
        {
            assert_eq!(read(same).as_deref(), Some(same));
        }
        assert_eq!(read("1e15").as_deref(), Some("1000000000000000"));
        assert_eq!(read("1.5e-3").as_deref(), Some("0.0015"));
        assert_eq!(read("1e+3").as_deref(), Some("1000"));
        assert_eq!(read("0.12345678901234567890123456789012"), None);
        assert_eq!(read("1.2345678901234567890123456789012e3"), None);
        assert_eq!(read("99999999999999999999999999999999"), None);
        assert_eq!(read("1e300"), None);
        assert_eq!(read("1e-30"), None);
        assert_eq!(read("soon"), None);
        assert_eq!(read(""), None);
    }
}
