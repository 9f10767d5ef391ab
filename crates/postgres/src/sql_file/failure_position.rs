//! Where an SQL file has failed: the server's own position, else the line of the block or the statement that failed.

use leora_report::ServerError;
use leora_rule::{SqlToken, SqlTokenKind, lex, split_statements};

/// The character of the file, from 1, where the error belongs; `completed` statements of the file came before it.
/// `None` where the file has no further statement.
pub(super) fn failure_position(text: &str, completed: usize, error: &ServerError) -> Option<usize> {
    if error.position.is_some() {
        return error.position;
    }
    let tokens = lex(text).ok()?;
    let statement = *split_statements(&tokens).get(completed)?;
    let byte = in_block(text, statement, error).unwrap_or(statement[0].start);
    Some(text[..byte].chars().count() + 1)
}

/// The byte in the code of a `DO` statement.
fn in_block(text: &str, statement: &[SqlToken<'_>], error: &ServerError) -> Option<usize> {
    let code = statement
        .first()
        .filter(|first| first.is_word("DO"))
        .and_then(|_| statement.iter().find(|token| token.kind == SqlTokenKind::String))?;
    let quote = match code.text.strip_prefix('$') {
        Some(rest) => rest.find('$')? + 2,
        None => code.text.starts_with('\'').then_some(1)?,
    };
    let code = (code.start + quote, code.end() - quote);
    in_inner_query(text, code, error).or_else(|| on_line_of_block(text, code, error))
}

/// The byte that the server names in a query of the block, where the block has that query only once.
fn in_inner_query(text: &str, code: (usize, usize), error: &ServerError) -> Option<usize> {
    let inner = error.inner_query.as_ref()?;
    let (byte, _) = inner.text.char_indices().nth(inner.position.checked_sub(1)?)?;
    // The server writes SELECT where the block has PERFORM, or an expression alone.
    let after_select = inner.text.trim_start().strip_prefix("SELECT").unwrap_or(&inner.text);
    let (query, skipped) = (after_select.trim(), inner.text.find(after_select.trim())?);
    let mut places = text[code.0..code.1].match_indices(query);
    let (at, _) = places.next()?;
    let is_only = places.next().is_none();
    is_only.then(|| byte.checked_sub(skipped).map(|byte| code.0 + at + byte)).flatten()
}

/// The byte of the line of the block that the context names: of the word that failed, else of the line's first.
fn on_line_of_block(text: &str, code: (usize, usize), error: &ServerError) -> Option<usize> {
    // The outermost call is the last. The words around the name and the number may be in the server's language.
    let call = error.context.as_ref()?.lines().rfind(|line| line.contains(BLOCK))?;
    let (_, after) = call.split_once(BLOCK)?;
    let number = after.split_whitespace().find_map(|word| word.parse::<usize>().ok())?;
    let lines = text[code.0..code.1].split_inclusive('\n');
    let start = code.0 + lines.clone().take(number.checked_sub(1)?).map(str::len).sum::<usize>();
    let line = lines.clone().nth(number - 1)?;
    let keyword = after.split_whitespace().next_back()?;
    // Up to the end of the code: a string may go on in the next line.
    let word = lex(&text[start..code.1]).ok().and_then(|tokens| {
        let on_line = tokens.iter().take_while(|token| token.start < line.len());
        on_line.filter(|token| token.is_word(keyword)).map(|token| token.start).next()
    });
    let first = line.len() - line.trim_start().len();
    Some(start + word.unwrap_or(first))
}

/// How the server calls the code of a `DO` statement.
const BLOCK: &str = "inline_code_block";

#[cfg(test)]
mod tests {
    use leora_report::{InnerQuery, ServerError};

    use super::failure_position;

    /// The text from the position on.
    fn from(text: &str, completed: usize, error: &ServerError) -> String {
        let position = failure_position(text, completed, error).expect("a position");
        text.chars().skip(position - 1).collect()
    }

    fn within(context: &str) -> ServerError {
        ServerError { context: Some(context.to_owned()), ..ServerError::default() }
    }

    #[test]
    fn the_statement_after_those_that_were_completed() {
        let text = "-- ä;\nA 'ü;';\n\n/* b; */ ;\n  B;\nC";
        let plain = ServerError::default();
        assert_eq!(from(text, 0, &plain), "A 'ü;';\n\n/* b; */ ;\n  B;\nC");
        assert_eq!(from(text, 1, &plain), "B;\nC");
        assert_eq!(from(text, 2, &plain), "C");
        assert_eq!(failure_position(text, 3, &plain), None);
        let placed = ServerError { position: Some(9), ..ServerError::default() };
        assert_eq!(failure_position(text, 0, &placed), Some(9), "the server's own comes first");
    }

    #[test]
    fn the_line_of_a_block() {
        let text =
            "A;\nDO LANGUAGE plpgsql $ä$\nBEGIN\n  IF true THEN raise 'no'; END IF;\nEND $ä$; B";
        let raised = "PL/pgSQL function inline_code_block line 3 at RAISE";
        assert_eq!(from(text, 1, &within(raised)), "raise 'no'; END IF;\nEND $ä$; B");
        let german = "PL/pgSQL-Funktion f() Zeile 9 bei RAISE\nSQL-Anweisung »SELECT f()«\n\
                      PL/pgSQL-Funktion inline_code_block Zeile 3 bei PERFORM";
        assert!(from(text, 1, &within(german)).starts_with("IF true"));
        assert!(from(text, 1, &within("PL/pgSQL function f() line 3 at RAISE")).starts_with("DO"));
        assert!(
            from("DO 'BEGIN\nRAISE ''a''; END'", 0, &within(&raised.replace('3', "2")))
                .starts_with("RAISE")
        );
        assert_eq!(from("A; B", 1, &within(raised)), "B", "no block");
    }

    #[test]
    fn the_place_in_a_query_of_a_block() {
        let at = |text: &str, inner: &str, position| {
            let inner_query = Some(InnerQuery { text: inner.to_owned(), position });
            let call = within("PL/pgSQL function inline_code_block line 2 at PERFORM");
            from(text, 0, &ServerError { inner_query, ..call })
        };
        let text = "DO $$ BEGIN\n  PERFORM  'ä', nam FROM t; END $$";
        assert_eq!(at(text, "SELECT 'ä', nam FROM t", 13), "nam FROM t; END $$");
        assert_eq!(at(text, "SELECT   'ä', nam FROM t", 15), "nam FROM t; END $$");
        let twice = "DO $$ BEGIN PERFORM a;\n  PERFORM a; END $$";
        assert_eq!(at(twice, "SELECT a", 8), "PERFORM a; END $$", "its line, as it is there twice");
        assert_eq!(at(text, "SELECT built", 8), "PERFORM  'ä', nam FROM t; END $$");
    }
}
