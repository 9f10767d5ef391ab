//! Text that a spreadsheet would run as a formula: a name in a database may be `=HYPERLINK(...)`.

/// Whether a spreadsheet may take a cell with this text for a formula. A number may have a sign.
pub(super) fn would_run(text: &str) -> bool {
    text.starts_with([
        '=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
    ]) && !is_number(text)
}

/// Digits with a sign, a point and an exponent, and nothing else.
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    unsigned.starts_with(|c: char| c.is_ascii_digit())
        && unsigned.bytes().all(|byte| byte.is_ascii_digit() || b".eE+-".contains(&byte))
        && unsigned.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::would_run;

    #[test]
    fn what_begins_as_a_formula_would_run_and_numbers_do_not() {
        for text in
            ["=1+1", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1", "-", "+A1", "-1-1", "-inf"]
        {
            assert!(would_run(text), "{text:?}");
        }
        for text in ["", "a=1", "-5", "+5", "-1.50", "-1e9", "1-1", "'=1", "é"] {
            assert!(!would_run(text), "{text:?}");
        }
    }
}
