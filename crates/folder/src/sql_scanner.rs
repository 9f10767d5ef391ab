//! SQL text into words and symbols, as far as needed to see what an SQL file would do.

/// A piece of SQL text outside comments, with the byte where it starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token<'t> {
    /// The byte where it starts.
    pub start: usize,
    /// What it is.
    pub kind: Piece<'t>,
}

/// The sorts of pieces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece<'t> {
    /// A keyword or plain name, as written.
    Word(&'t str),
    /// A string, a dollar-quoted text or a quoted name, with its quotes.
    Quoted(&'t str),
    /// Any other single character.
    Symbol(char),
    /// A backslash command of psql, to the end of the line.
    Backslash(&'t str),
}

/// Splits SQL text. A quote or comment that never ends takes the rest.
pub fn scan(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let length = if first.is_whitespace() {
            first.len_utf8()
        } else if let Some(length) = comment(rest) {
            length
        } else {
            let kind = piece(rest, first);
            let length = kind.len();
            tokens.push(Token { start: at, kind });
            length
        };
        at += length;
    }
    tokens
}

impl Piece<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Word(text) | Self::Quoted(text) | Self::Backslash(text) => text.len(),
            Self::Symbol(symbol) => symbol.len_utf8(),
        }
    }
}

/// The length of the comment that the text starts with.
fn comment(text: &str) -> Option<usize> {
    if text.starts_with("--") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    if !text.starts_with("/*") {
        return None;
    }
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        if text[at..].starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if text[at..].starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return Some(at);
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    Some(text.len())
}

fn piece(text: &str, first: char) -> Piece<'_> {
    match first {
        '\'' => Piece::Quoted(&text[..quoted(text, '\'', false)]),
        '"' => Piece::Quoted(&text[..quoted(text, '"', false)]),
        '$' => dollar_quoted(text).map_or(Piece::Symbol('$'), |end| Piece::Quoted(&text[..end])),
        '\\' => Piece::Backslash(&text[..text.find('\n').unwrap_or(text.len())]),
        'e' | 'E' if text[1..].starts_with('\'') => {
            Piece::Quoted(&text[..1 + quoted(&text[1..], '\'', true)])
        }
        _ if first.is_alphabetic() || first == '_' => {
            let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'));
            Piece::Word(&text[..end.unwrap_or(text.len())])
        }
        _ if first.is_ascii_digit() => {
            let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'));
            Piece::Word(&text[..end.unwrap_or(text.len())])
        }
        _ => Piece::Symbol(first),
    }
}

/// The length of the quoted text at the start; a doubled quote does not end it.
fn quoted(text: &str, quote: char, backslashes: bool) -> usize {
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if backslashes && c == '\\' {
            chars.next();
        } else if c == quote {
            if chars.peek().is_none_or(|(_, next)| *next != quote) {
                return at + 1;
            }
            chars.next();
        }
    }
    text.len()
}

/// The length of the dollar-quoted text at the start, when it is one.
fn dollar_quoted(text: &str) -> Option<usize> {
    let tag_end = 1 + text[1..].find('$')?;
    let tag = &text[1..tag_end];
    let named = tag.chars().all(|c| c.is_alphanumeric() || c == '_');
    if !named || tag.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let fence = &text[..=tag_end];
    let end = text[fence.len()..].find(fence).map(|at| at + 2 * fence.len());
    Some(end.unwrap_or(text.len()))
}
