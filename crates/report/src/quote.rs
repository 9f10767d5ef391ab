//! Texts in commands and lines that people copy: one function for each language, whose result is one line of printable
//! characters. (SQL has `leora_rule::printable_sql`.)

use leora_rule::is_unprintable;

/// A text as one word of a command for a shell: as it is where that is plain, else in single quotes. What is not printable
/// is written as an escape in `$'...'`, which bash, zsh and POSIX since 2024 know; in other shells it is another text, and
/// no command either.
pub fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./,:@+=".contains(c);
    // A leading = is a search for a program in zsh.
    if !text.is_empty() && !text.starts_with('=') && text.chars().all(plain) {
        return text.to_owned();
    }
    if !text.contains(is_unprintable) {
        return format!("'{}'", text.replace('\'', "'\\''"));
    }
    let mut word = "$'".to_owned();
    for c in text.chars() {
        match c {
            // Without a quote in it, the word ends at the same place in a shell that does not know the escapes.
            c if is_unprintable(c) || "'\\".contains(c) => {
                let bytes = c.to_string().into_bytes();
                word.extend(bytes.iter().map(|byte| format!("\\{byte:03o}")));
            }
            c => word.push(c),
        }
    }
    word + "'"
}

/// A path as one word of a command for a shell, which no program takes for an option.
pub fn shell_path(path: &str) -> String {
    shell_word(&if path.starts_with('-') { format!("./{path}") } else { path.to_owned() })
}

/// The last words of a command for a shell, as an argument that no program takes for an option.
pub fn shell_argument(text: &str) -> String {
    format!("{}{}", if text.starts_with('-') { "-- " } else { "" }, shell_word(text))
}

/// An option with its value, for a shell; the value is not taken for another option.
pub fn shell_option(option: &str, value: &str) -> String {
    format!("{option}{}{}", if value.starts_with('-') { '=' } else { ' ' }, shell_word(value))
}

/// A text as a string of TOML.
pub fn toml_string(text: &str) -> String {
    let mut string = '"'.to_string();
    for c in text.chars() {
        match c {
            '"' | '\\' => string.extend(['\\', c]),
            c if is_unprintable(c) => string.push_str(&format!("\\U{:08x}", u32::from(c))),
            c => string.push(c),
        }
    }
    string + "\""
}

#[cfg(test)]
mod tests {
    use super::{shell_argument, shell_option, shell_path, shell_word, toml_string};

    #[test]
    fn words_of_a_shell() {
        let cases = [
            ("scripts/phase2", "scripts/phase2"),
            ("", "''"),
            ("two words", "'two words'"),
            ("it's", r"'it'\''s'"),
            ("$(touch x)", "'$(touch x)'"),
            ("a\nb\\", r"$'a\012b\134'"),
            ("\u{202e}'", r"$'\342\200\256\047'"),
            ("~", "'~'"),
        ];
        for (text, word) in cases {
            assert_eq!(shell_word(text), word, "{text:?}");
        }
    }

    #[test]
    fn a_dash_begins_no_option() {
        assert_eq!(shell_path("-x"), "./-x");
        assert_eq!(shell_path("scripts/-x"), "scripts/-x");
        assert_eq!(shell_argument("-1"), "-- -1");
        assert_eq!(shell_argument("a b"), "'a b'");
        assert_eq!(shell_option("--confirm", "-x y"), "--confirm='-x y'");
        assert_eq!(shell_option("--confirm", "crm"), "--confirm crm");
    }

    #[test]
    fn strings_of_toml() {
        assert_eq!(toml_string("Customer.accountType"), "\"Customer.accountType\"");
        assert_eq!(toml_string("a\"\\\n"), r#""a\"\\\U0000000a""#);
    }
}
