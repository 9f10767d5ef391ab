//! The pieces of a script, as they are written: unlike the engine's tokens they have their text, and comments are among
//! them.

/// A piece: anything but white space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece<'t> {
    pub(crate) kind: PieceKind,
    /// The byte of the text where it starts.
    pub(crate) start: usize,
    pub(crate) text: &'t str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PieceKind {
    /// A name, keyword or number.
    Word,
    /// A text or a character in quotes of any kind, with what is interpolated in it.
    Quoted,
    /// An opening bracket; `#{` is one.
    Opening,
    Closing,
    /// A character of an operator, a comma or semicolon.
    Sign,
    LineComment,
    BlockComment,
}

impl Piece<'_> {
    pub(crate) fn end(&self) -> usize {
        self.start + self.text.len()
    }

    pub(crate) fn is(&self, text: &str) -> bool {
        self.text == text && self.kind != PieceKind::Quoted
    }

    pub(crate) fn is_comment(&self) -> bool {
        matches!(self.kind, PieceKind::LineComment | PieceKind::BlockComment)
    }
}

/// The pieces of a script. A text without its closing quote ends with the line, so that one that is being written does not
/// take in all that follows.
pub(crate) fn split_pieces(text: &str) -> Vec<Piece<'_>> {
    let (mut pieces, mut at) = (Vec::new(), 0);
    while let Some(first) = text[at..].chars().next() {
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let (kind, length) = measure(&text[at..], first);
        pieces.push(Piece { kind, start: at, text: &text[at..at + length] });
        at += length;
    }
    pieces
}

fn measure(rest: &str, first: char) -> (PieceKind, usize) {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    match first {
        '/' if rest.starts_with("//") => (
            PieceKind::LineComment,
            rest.find('\n').map_or(rest, |end| &rest[..end]).trim_end().len(),
        ),
        '/' if rest.starts_with("/*") => (PieceKind::BlockComment, block_comment(rest)),
        '"' | '\'' => (PieceKind::Quoted, quoted(rest, first)),
        '`' => (PieceKind::Quoted, template(rest)),
        '#' if rest.starts_with("#{") => (PieceKind::Opening, 2),
        '#' => raw_text(rest).map_or((PieceKind::Sign, 1), |length| (PieceKind::Quoted, length)),
        '(' | '[' | '{' => (PieceKind::Opening, 1),
        ')' | ']' | '}' => (PieceKind::Closing, 1),
        c if is_word(c) => (PieceKind::Word, rest.find(|c| !is_word(c)).unwrap_or(rest.len())),
        c => (PieceKind::Sign, c.len_utf8()),
    }
}

/// Comments nest.
fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        let here = &rest[at..];
        if here.starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if here.starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += here.chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + 1,
            '\n' => return at,
            _ => {}
        }
    }
    rest.len()
}

/// `#"..."#`, with any number of signs.
fn raw_text(rest: &str) -> Option<usize> {
    let signs = rest.len() - rest.trim_start_matches('#').len();
    let end = format!("\"{}", "#".repeat(signs));
    let inside = rest[signs..].strip_prefix('"')?;
    inside.find(&end).map(|at| signs + 1 + at + end.len())
}

/// A text in backquotes, with code in `${...}`.
fn template(rest: &str) -> usize {
    let mut at = 1;
    while at < rest.len() {
        let here = &rest[at..];
        if here.starts_with('`') {
            return at + 1;
        }
        at += match here.strip_prefix("${") {
            Some(code) => 2 + code_until_brace(code),
            None => here.chars().next().map_or(1, char::len_utf8),
        };
    }
    rest.len()
}

/// The length of code up to the brace that closes it, with the brace.
fn code_until_brace(code: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(first) = code[at..].chars().next() {
        let (kind, length) = measure(&code[at..], first);
        match (kind, &code[at..at + length]) {
            (PieceKind::Opening, "{" | "#{") => depth += 1,
            (PieceKind::Closing, "}") if depth == 0 => return at + length,
            (PieceKind::Closing, "}") => depth -= 1,
            _ => {}
        }
        at += length;
    }
    code.len()
}

#[cfg(test)]
mod tests {
    use super::{Piece, split_pieces};

    fn texts(text: &str) -> Vec<&str> {
        split_pieces(text).into_iter().map(|piece: Piece<'_>| piece.text).collect()
    }

    #[test]
    fn texts_and_comments_are_one_piece() {
        for one in [
            "\"a \\\" b\"",
            "\"a \\\n  b\"",
            "'\\''",
            "#\"a \" b\"#",
            "`a\n  ${if b { `c ${#{d: \"}\"}} e` } else { 'f' }} g`",
            "/* a /* b */ c */",
            "// a ` \" b",
        ] {
            assert_eq!(texts(&format!("x {one}\ny")), ["x", one, "y"], "{one}");
        }
    }

    #[test]
    fn brackets_words_and_signs() {
        assert_eq!(
            texts("a.b(#{ c: [1_0.5] })<=x;"),
            [
                "a", ".", "b", "(", "#{", "c", ":", "[", "1_0", ".", "5", "]", "}", ")", "<", "=",
                "x", ";"
            ]
        );
    }
}
