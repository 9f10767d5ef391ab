//! Characters that must not reach a terminal, a log or a file to copy as they are.

/// Whether a character would drive a terminal, end a line, turn the direction of the text around it, or hide in it. The
/// joiners of Persian and Indic names are none of them.
pub fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
                     | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::is_unprintable;

    #[test]
    fn names_of_all_alphabets_are_printable() {
        assert!(!"Größe 日本 می\u{200c}خواهم 👩\u{200d}🚀 \"'\\$`".chars().any(is_unprintable));
        assert!(
            "\0\t\n\r\u{1b}\u{7f}\u{9b}\u{202e}\u{2066}\u{2028}\u{200b}\u{feff}"
                .chars()
                .all(is_unprintable)
        );
    }
}
