//! Text from the database and from scripts, made safe for a terminal.

use leora_rule::is_unprintable;

/// Text without the characters that would drive the terminal: each becomes its visible picture.
pub(crate) fn sanitize(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\t' | '\n' | '\r' => ' ',
            // The pictures of the control characters stand in the same order as the characters.
            c if (c as u32) < 0x20 => char::from_u32(0x2400 + c as u32).unwrap_or('\u{fffd}'),
            '\u{7f}' => '\u{2421}',
            c if is_unprintable(c) => '\u{fffd}',
            c => c,
        })
        .collect()
}

/// The same for a text of several lines.
pub fn sanitize_lines(text: &str) -> String {
    text.split('\n').map(sanitize).collect::<Vec<_>>().join("\n")
}

/// The same for a document, such as a manual page or a shell's script: its tabs stay.
pub(crate) fn sanitize_document(text: &str) -> String {
    text.split('\t').map(sanitize_lines).collect::<Vec<_>>().join("\t")
}

/// JSON with the characters that would drive a terminal, turn or hide text, or begin an old command of GitHub Actions
/// (`##[...]`, anywhere in a line) in escapes: its values stay the same.
pub(crate) fn escape_json(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.replace("##[", "#\\u0023[").chars() {
        match c {
            c if c != '\n' && is_unprintable(c) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    escaped.push_str(&format!("\\u{unit:04x}"));
                }
            }
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_drives_a_terminal_becomes_visible() {
        assert_eq!(sanitize("a\u{1b}[2Jb\tc\u{7f}\u{202e}d"), "a\u{241b}[2Jb c\u{2421}\u{fffd}d");
        assert_eq!(sanitize_lines("a\nb\rc"), "a\nb c");
        assert_eq!(sanitize_document("a\tb\n\u{1b}"), "a\tb\n\u{241b}");
        assert_eq!(sanitize("Größe 日本 می\u{200c}خواهم"), "Größe 日本 می\u{200c}خواهم");
    }

    #[test]
    fn escaped_json_has_the_same_values() {
        let texts = ["a\u{202e}b", "\u{9b}2J", "x\ny", "\u{e0041}", "##[a]"];
        let json = serde_json::to_string_pretty(&texts).unwrap();
        let escaped = escape_json(&json);
        assert!(escaped.contains("\\u202e") && escaped.contains("\\u009b"), "{escaped}");
        let read: Vec<String> = serde_json::from_str(&escaped).unwrap();
        assert!(!escaped.contains("##["), "{escaped}");
        assert_eq!(read, texts);
    }
}
