//! The statements of an SQL text.

use crate::sql::token::SqlToken;

/// The statements of a text, without the semicolons between them. One in parentheses or in the body of a function
/// that starts with `BEGIN ATOMIC` ends no statement.
pub fn split_statements<'a, 't>(tokens: &'a [SqlToken<'t>]) -> Vec<&'a [SqlToken<'t>]> {
    let (mut statements, mut start, mut depth, mut in_body) = (Vec::new(), 0, 0_i64, false);
    for (at, token) in tokens.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| &tokens[before]);
        let follows_word = |word| before.is_some_and(|before| before.is_word(word));
        let follows_semicolon = before.is_some_and(|before| before.is_symbol(";"));
        if token.is_symbol("(") {
            depth += 1;
        } else if token.is_symbol(")") {
            depth -= 1;
        } else if depth == 0 && token.is_word("ATOMIC") && follows_word("BEGIN") {
            in_body |= makes_routine(&tokens[start..]);
        } else if in_body && token.is_word("END") && (follows_semicolon || follows_word("ATOMIC")) {
            in_body = false;
        } else if token.is_symbol(";") && depth == 0 && !in_body {
            statements.push(&tokens[start..at]);
            start = at + 1;
        }
    }
    statements.push(&tokens[start..]);
    statements.retain(|statement| !statement.is_empty());
    statements
}

/// Whether a statement is `CREATE [OR REPLACE] FUNCTION` or `PROCEDURE`: elsewhere `begin atomic` can be two names.
fn makes_routine(statement: &[SqlToken<'_>]) -> bool {
    let is = |at: usize, word| statement.get(at).is_some_and(|token| token.is_word(word));
    let kind = if is(1, "OR") && is(2, "REPLACE") { 3 } else { 1 };
    is(0, "CREATE") && (is(kind, "FUNCTION") || is(kind, "PROCEDURE"))
}

#[cfg(test)]
mod tests {
    use super::split_statements;
    use crate::sql::lexer::lex;
    use crate::sql::token::SqlToken;

    fn split(text: &str) -> Vec<String> {
        let tokens = lex(text).expect(text);
        let written = |statement: &[SqlToken<'_>]| {
            text[statement[0].start..statement[statement.len() - 1].end()].to_owned()
        };
        split_statements(&tokens).into_iter().map(written).collect()
    }

    #[test]
    fn statements_end_with_a_semicolon() {
        assert_eq!(split("; a 'b;' ;; c $$ ; $$ -- ;\n"), ["a 'b;'", "c $$ ; $$"]);
        assert_eq!(
            split("CREATE RULE r AS ON INSERT TO t DO (a; b); c"),
            ["CREATE RULE r AS ON INSERT TO t DO (a; b)", "c"]
        );
        assert!(split(" -- a\n").is_empty());
    }

    #[test]
    fn the_body_of_a_function_is_part_of_its_statement() {
        for body in [
            "SELECT 1;",
            "SELECT CASE WHEN a THEN b END;",
            "SELECT 1 AS case; SELECT 2 AS end;",
            "",
        ] {
            let function =
                format!("create or replace function f() returns int begin atomic {body} end");
            assert_eq!(split(&format!("{function}; COMMIT")), [function.as_str(), "COMMIT"]);
        }
        // Two names, a parameter and its type.
        assert_eq!(split("SELECT begin atomic FROM t; COMMIT").len(), 2);
        assert_eq!(split("CREATE FUNCTION f(begin atomic) AS 'a'; COMMIT").len(), 2);
    }
}
