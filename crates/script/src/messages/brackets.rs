//! Brackets that are not closed, and texts that a curly quote should have ended: the parser notices them far behind.

use rhai::{Engine, LexError, ParseError, ParseErrorType, Position, Token};

use crate::messages::foreign_syntax::straight_quotes;
use crate::messages::surroundings::end_of_code_before;
use crate::messages::wording::{Message, message};
use crate::syntax_tree::position::place;

/// A bracket that opens, and the one that closes it.
#[derive(Clone, Copy)]
struct Bracket {
    opens: &'static str,
    closes: &'static str,
}

impl Bracket {
    fn opened_by(token: &Token) -> Option<Self> {
        let (opens, closes) = match token {
            Token::LeftParen => ("(", ")"),
            Token::LeftBracket => ("[", "]"),
            Token::QuestionBracket => ("?[", "]"),
            Token::MapStart => ("#{", "}"),
            Token::LeftBrace => ("{", "}"),
            _ => return None,
        };
        Some(Self { opens, closes })
    }

    /// Whether statements may stand in it.
    fn is_block(self) -> bool {
        self.opens == "{"
    }
}

/// What is wrong with the brackets or quotes before the place where the parser stopped, and where: at the bracket that
/// is open, or the quote.
pub(crate) fn unclosed(error: &ParseError, text: &str) -> Option<(Position, Message)> {
    let stopped = match error.err_type() {
        ParseErrorType::MissingToken(..)
        | ParseErrorType::UnexpectedEOF
        | ParseErrorType::BadInput(LexError::UnexpectedInput(_) | LexError::UnterminatedString) => {
            error.position()
        }
        _ => return None,
    };
    let engine = Engine::new_raw();
    let (tokens, control) = engine.lex([&text]);
    let mut open: Vec<(Bracket, Position)> = vec![];
    // How many brackets are open where a part of a text in backquotes begins.
    let mut interpolations: Vec<usize> = vec![];
    // A bracket in the middle of a line, whose first fellow stands at the start of a later one.
    let mut doubtful: Option<(Bracket, Position)> = None;
    for (token, position) in tokens {
        let is_closing = closes_something(&token);
        if let Some(found) = curly_quote(text, &token, position, stopped) {
            return Some(found);
        }
        let opened = open.last().map(|(bracket, _)| *bracket);
        let closes_last =
            is_closing && opened.is_some_and(|one| one.closes == token.literal_syntax());
        if is_closing && !closes_last || has_reached(position, stopped) || token == Token::EOF {
            let found = unclosed_before(&open, &token, position, text)?;
            return Some(doubtful.and_then(|one| instead(one, &open, text)).unwrap_or(found));
        }
        match &token {
            Token::LexError(_) => return None,
            Token::InterpolatedString(_) => interpolations.push(open.len()),
            _ if closes_last => {
                let closed = open.pop();
                let is_doubtful = closed
                    .filter(|(_, opened)| begins_line(text, position) && !ends_line(text, *opened));
                doubtful = doubtful.or(is_doubtful);
                if interpolations.last() == Some(&open.len()) {
                    interpolations.pop();
                    control.borrow_mut().is_within_text = true;
                }
            }
            other => open.extend(Bracket::opened_by(other).map(|bracket| (bracket, position))),
        }
    }
    None
}

fn closes_something(token: &Token) -> bool {
    matches!(token, Token::RightParen | Token::RightBracket | Token::RightBrace)
}

fn has_reached(position: Position, stopped: Position) -> bool {
    let place = |position: Position| Some((position.line()?, position.position()));
    place(stopped).is_some_and(|stopped| place(position).is_some_and(|here| here >= stopped))
}

/// The brackets that a token can't stand in, the innermost first.
fn unclosed_before(
    open: &[(Bracket, Position)],
    token: &Token,
    position: Position,
    text: &str,
) -> Option<(Position, Message)> {
    let is_closing = closes_something(token);
    let begins_statement = matches!(
        token,
        Token::Let
            | Token::Const
            | Token::Fn
            | Token::For
            | Token::While
            | Token::Loop
            | Token::Import
            | Token::Return
    );
    let stays_open = |(bracket, _): &&(Bracket, Position)| {
        *token == Token::EOF
            || is_closing && bracket.closes != token.literal_syntax()
            || (begins_statement || *token == Token::SemiColon) && !bracket.is_block()
    };
    let unclosed: Vec<_> = open.iter().rev().take_while(stays_open).collect();
    let (bracket, opened) = unclosed.first()?;
    // Of a bracket that closes nothing at all, the parser's own words are right.
    if is_closing && unclosed.len() == open.len() {
        return None;
    }
    let mut missing: String = unclosed.iter().map(|(bracket, _)| bracket.closes).collect();
    if begins_statement {
        missing.push(';');
    }
    let before = match position.line() {
        Some(line) if *token != Token::EOF => {
            let column = position.position().unwrap_or(1);
            format!("before the `{}` in line {line}, column {column}", token.literal_syntax())
        }
        _ => "at the end".to_owned(),
    };
    let what = format!("this `{}` is not closed", bracket.opens);
    let message = message(what, format!("write `{missing}` {before}"));
    let byte = byte_of(position, text).unwrap_or(text.len());
    let byte = match is_closing || *token == Token::SemiColon {
        true => byte,
        false => end_of_code_before(text, byte),
    };
    Some((*opened, message.rewriting_bytes(text, byte..byte, &missing)))
}

/// The mistake at a bracket of an arm, where the one that closes the list closes the arm instead: the list is then what
/// seems to be open.
fn instead(
    (bracket, opened): (Bracket, Position),
    open: &[(Bracket, Position)],
    text: &str,
) -> Option<(Position, Message)> {
    let is_around = |(around, position): &(Bracket, Position)| {
        around.closes == bracket.closes && ends_line(text, *position)
    };
    open.iter().rev().find(|one| is_around(one))?;
    let what = format!("this `{}` is not closed", bracket.opens);
    let help = format!("write `{}` at the end of line {}", bracket.closes, opened.line()?);
    let line = byte_of(opened, text)?;
    let line_end = text[line..].find('\n').map_or(text.len(), |length| line + length);
    let code = text[..end_of_code_before(text, line_end)].trim_end_matches(',').trim_end();
    let message = message(what, help).rewriting_bytes(text, code.len()..code.len(), bracket.closes);
    Some((opened, message))
}

fn byte_of(position: Position, text: &str) -> Option<usize> {
    place(position, "").map(|place| place.byte_offset(text))
}

fn begins_line(text: &str, position: Position) -> bool {
    around(text, position).is_some_and(|(before, _)| before.trim().is_empty())
}

fn ends_line(text: &str, position: Position) -> bool {
    around(text, position).is_some_and(|(_, after)| {
        let after = after.trim_start_matches(['#', '?']);
        let behind = after.chars().skip(1).collect::<String>();
        behind.trim().is_empty() || behind.trim_start().starts_with("//")
    })
}

/// What stands before a position in its line, and what from there on.
fn around(text: &str, position: Position) -> Option<(String, String)> {
    let line: Vec<char> = text.lines().nth(position.line()? - 1)?.chars().collect();
    let (before, after) = line.split_at_checked(position.position()? - 1)?;
    Some((before.iter().collect(), after.iter().collect()))
}

/// A text that goes on behind a curly quote, in the line where the parser stopped.
fn curly_quote(
    text: &str,
    token: &Token,
    opened: Position,
    stopped: Position,
) -> Option<(Position, Message)> {
    let is_text = match token {
        Token::StringConstant(_) => true,
        Token::LexError(error) => **error == LexError::UnterminatedString,
        _ => false,
    };
    let (line, column) = (opened.line()?, opened.position()?);
    if !is_text || stopped.line() != Some(line) {
        return None;
    }
    let content: String = text.lines().nth(line - 1)?.chars().skip(column).collect();
    let content = content.split('"').next()?;
    let (before, _) = content.split_once(['“', '”', '„', '«', '»'])?;
    let quote = content[before.len()..].chars().next()?;
    let at = column + 1 + before.chars().count();
    let at = Position::new(u16::try_from(line).ok()?, u16::try_from(at).ok()?);
    let message = message(format!("a `{quote}` does not end this text"), straight_quotes(before));
    Some((at, message.rewriting(&quote.to_string(), "\"")))
}

#[cfg(test)]
mod tests {
    use crate::testing::failure;

    #[test]
    fn a_bracket_that_is_not_closed_is_shown_where_it_is_opened() {
        for (script, message) in [
            (
                "let x = [1, 2;",
                "1:9: this `[` is not closed; write `]` before the `;` in line 1, column 14",
            ),
            (
                "let x = [1, 2\nlet y = 3;",
                "1:9: this `[` is not closed; write `];` before the `let` in line 2, column 1",
            ),
            (
                "col(\"a\").is_one_of([\"X\", \"Y\"));",
                "1:20: this `[` is not closed; write `]` before the `)` in line 1, column 29",
            ),
            (
                "update(\"T\").set(\"c\", [\n  [ otherwise, 1 ]\n;",
                "1:22: this `[` is not closed; write `])` before the `;` in line 3, column 1",
            ),
            (
                "update(\"T\").set(\"c\", [\n  [ col(\"a\"), 1 ],\n  [ otherwise, 2 ,\n]);\nnote(\"x\");",
                "3:3: this `[` is not closed; write `]` at the end of line 3",
            ),
            ("note(\"a\"", "1:5: this `(` is not closed; write `)` at the end"),
            ("if true { note(\"x\");", "1:9: this `{` is not closed; write `}` at the end"),
            (
                "let m = #{ a: 1;",
                "1:9: this `#{` is not closed; write `}` before the `;` in line 1, column 16",
            ),
            (
                "note(`a ${1 + (2} b`);",
                "1:15: this `(` is not closed; write `)` before the `}` in line 1, column 17",
            ),
            (
                "note(`a ${1} b`); let x = [1;",
                "1:27: this `[` is not closed; write `]` before the `;` in line 1, column 29",
            ),
        ] {
            assert_eq!(failure(script), message, "{script}");
        }
    }

    #[test]
    fn a_curly_quote_that_does_not_end_a_text_is_shown() {
        for (script, message) in [
            (
                "col(\"a”, \"b\");",
                "1:7: a `”` does not end this text; write a text in straight quotes: \"a\"",
            ),
            (
                "let a = \"x”;\nnote(\"y\");",
                "1:11: a `”` does not end this text; write a text in straight quotes: \"x\"",
            ),
        ] {
            assert_eq!(failure(script), message, "{script}");
        }
    }
}
