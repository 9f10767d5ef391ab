//! `.env` as Prisma reads it: by the `dotenv` package's own pattern, and with `${NAME}` replaced as Prisma does.

use std::collections::BTreeMap;

use regex_lite::Regex;

/// A line, or a quoted value of several: the pattern of the `dotenv` package. What does not match is skipped.
const LINE: &str = r#"(?m)^\s*(?:export\s+)?([\w.-]+)(?:\s*=\s*?|:\s+?)(\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|\s*`(?:\\`|[^`])*`|[^#\r\n]+)?\s*(?:#.*)?$"#;

/// White space as JavaScript has it, also NBSP and the ideographic space, which editors and documents leave behind.
const SPACE: &str = r"[\t\n\x0b\x0c\r \u{a0}\u{1680}\u{2000}-\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}\u{feff}]";

/// `${NAME}`, with the character before it, which may be a backslash: Prisma's pattern.
const REFERENCE: &str = r"(.?)\$\{([a-zA-Z0-9_]+)?\}";

/// How deep references may refer to others before they must be going round.
const DEPTH: usize = 32;

/// The longest value, in bytes: references that double each other would have no end.
const LONGEST: usize = 1 << 16;

/// A variable that refers to itself.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Circular(pub(crate) String);

/// The variables of a file; what the environment has wins, here and where it is referred to.
pub(crate) fn variables(
    text: &str,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<BTreeMap<String, String>, Circular> {
    let written = parse(text);
    let filled = written.iter().map(|(name, value)| {
        let value = environment(name).unwrap_or_else(|| value.clone());
        let filled = fill(&value, &written, environment, 0);
        filled.map(|value| (name.clone(), value)).ok_or_else(|| Circular(name.clone()))
    });
    filled.collect()
}

/// The last of a name counts.
fn parse(text: &str) -> BTreeMap<String, String> {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n");
    let line = Regex::new(&LINE.replace(r"\s", SPACE)).expect("the pattern is right");
    let is_space = |sign: char| sign.is_whitespace() || sign == '\u{feff}';
    let variable = |found: regex_lite::Captures<'_>| {
        let value = found.get(2).map_or("", |value| value.as_str()).trim_matches(is_space);
        (found[1].to_owned(), unquoted(value))
    };
    line.captures_iter(&text).map(variable).collect()
}

/// In double quotes `\n` and `\r` stand for the end of a line.
fn unquoted(value: &str) -> String {
    let quote = value.chars().next().filter(|first| "'\"`".contains(*first));
    let inner = quote
        .and_then(|quote| value[1..].strip_suffix(quote))
        .map_or_else(|| value.to_owned(), str::to_owned);
    match quote {
        Some('"') => inner.replace("\\n", "\n").replace("\\r", "\r"),
        _ => inner,
    }
}

/// The value with every `${NAME}` replaced, and `\${NAME}` without its backslash.
fn fill(
    value: &str,
    written: &BTreeMap<String, String>,
    environment: &dyn Fn(&str) -> Option<String>,
    depth: usize,
) -> Option<String> {
    if depth > DEPTH {
        return None;
    }
    let reference = Regex::new(REFERENCE).expect("the pattern is right");
    let mut filled = value.to_owned();
    for found in reference.captures_iter(value) {
        let (whole, before) = (&found[0], &found[1]);
        let (old, new) = match before {
            "\\" => (whole.to_owned(), whole[1..].to_owned()),
            _ => {
                let name = found.get(2).map_or("", |name| name.as_str());
                let known = environment(name).or_else(|| written.get(name).cloned());
                let new = fill(&known.unwrap_or_default(), written, environment, depth + 1)?;
                (whole[before.len()..].to_owned(), new)
            }
        };
        filled = filled.replacen(&old, &new, 1);
        if filled.len() > LONGEST {
            return None;
        }
    }
    Some(filled)
}

#[cfg(test)]
mod tests {
    use super::{Circular, variables};

    fn read(text: &str) -> Vec<(String, String)> {
        let environment = |name: &str| (name == "HOME_TOWN").then(|| "Napa".to_owned());
        variables(text, &environment).expect("no circle").into_iter().collect()
    }

    #[test]
    fn spaces_of_documents_are_spaces() {
        for space in ["\u{a0}", "\u{3000}", "\u{2003}", "\u{feff}"] {
            let text = format!("{space}A{space}={space}\"b # c\"{space}\nB{space}={space}d{space}");
            let read = read(&text);
            let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
            assert_eq!(read, [pair("A", "b # c"), pair("B", "d")], "{space:?}");
        }
    }

    fn one(text: &str) -> String {
        read(text).into_iter().next().map_or_else(String::new, |(_, value)| value)
    }

    #[test]
    fn values_are_read_as_the_dotenv_package_reads_them() {
        // As `require("dotenv").parse` of version 16 gives them.
        let cases = [
            ("A=plain", "plain"),
            ("A = spaced out  ", "spaced out"),
            ("export A=exported", "exported"),
            ("A: colon", "colon"),
            ("A=before # after", "before"),
            ("A=pa#ss", "pa"),
            ("A='pa#ss'", "pa#ss"),
            ("A=\"pa#ss\" # comment", "pa#ss"),
            ("A=`pa'\"ss`", "pa'\"ss"),
            ("A=\"one\\ntwo\"", "one\ntwo"),
            ("A='one\\ntwo'", "one\\ntwo"),
            ("A=\"one\ntwo\"", "one\ntwo"),
            ("A=\"say \\\"x\\\"\"", "say \\\"x\\\""),
            ("A=", ""),
            ("A=''", ""),
            ("A='unclosed", "'unclosed"),
            ("\u{feff}A=marked", "marked"),
            ("# comment\n\nnot a variable\nA=found", "found"),
            ("A=first\r\nA=last\r\n", "last"),
            ("A=a=b==", "a=b=="),
        ];
        for (text, value) in cases {
            assert_eq!(one(text), value, "{text:?}");
        }
    }

    #[test]
    fn references_are_filled_as_prisma_fills_them() {
        let cases = [
            ("A=${B}\nB=b", "b"),
            ("A=x${B}y${B}z\nB=b", "xbybz"),
            ("A=${B}\nB=${C}!\nC=c", "c!"),
            ("A=\\${B}\nB=b", "${B}"),
            ("A=${NOWHERE}|", "|"),
            ("A=$B\nB=b", "$B"),
            ("A='${B}'\nB=b", "b"),
            ("A=${HOME_TOWN}\nHOME_TOWN=Rome", "Napa"),
            ("A=${}", ""),
        ];
        for (text, value) in cases {
            assert_eq!(one(text), value, "{text:?}");
        }
        let nothing = |_: &str| None;
        assert_eq!(variables("A=${B}\nB=${A}", &nothing), Err(Circular("A".into())));
    }
}
