//! Text from the database and from scripts, made safe for a terminal.

/// Text without the characters that would drive the terminal: each becomes its visible picture.
pub(crate) fn sanitize(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\t' | '\n' | '\r' => ' ',
            // The pictures of the control characters stand in the same order as the characters.
            c if (c as u32) < 0x20 => char::from_u32(0x2400 + c as u32).unwrap_or('\u{fffd}'),
            '\u{7f}' => '\u{2421}',
            c if c.is_control() || turns_or_hides(c) => '\u{fffd}',
            c => c,
        })
        .collect()
}

/// The same for a text of several lines.
pub fn sanitize_lines(text: &str) -> String {
    text.split('\n').map(sanitize).collect::<Vec<_>>().join("\n")
}

/// JSON with the characters that would drive a terminal, or turn or hide text, in escapes: its values stay the same.
pub(crate) fn escape_json(json: &str) -> String {
    let escaped = |c: char| match c {
        '\n' => c.to_string(),
        c if c.is_control() || turns_or_hides(c) => format!("\\u{:04x}", c as u32),
        c => c.to_string(),
    };
    json.chars().map(escaped).collect()
}

/// Characters that turn the direction of the text around them, end a line, or hide in it. The joiners of Persian and
/// Indic names stay.
fn turns_or_hides(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}'
                | '\u{2028}' | '\u{2029}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_drives_a_terminal_becomes_visible() {
        assert_eq!(sanitize("a\u{1b}[2Jb\tc\u{7f}\u{202e}d"), "a\u{241b}[2Jb c\u{2421}\u{fffd}d");
        assert_eq!(sanitize_lines("a\nb\rc"), "a\nb c");
        assert_eq!(sanitize("Größe 日本 می\u{200c}خواهم"), "Größe 日本 می\u{200c}خواهم");
    }

    #[test]
    fn escaped_json_has_the_same_values() {
        let json = serde_json::to_string_pretty(&["a\u{202e}b", "\u{9b}2J", "x\ny"]).unwrap();
        let escaped = escape_json(&json);
        assert!(escaped.contains("\\u202e") && escaped.contains("\\u009b"), "{escaped}");
        let read: Vec<String> = serde_json::from_str(&escaped).unwrap();
        assert_eq!(read, ["a\u{202e}b", "\u{9b}2J", "x\ny"]);
    }
}
