//! What a script's `query` may say: one SELECT that calls only functions of a list, and reads no secrets.
//!
//! This judges the text alone. The server is asked in a transaction that can't write, and about functions that the text
//! does not show as calls.

use crate::sql::lexer::{SqlToken, SqlTokenKind, lex};

/// The functions that a query may call: they read nothing but their arguments, and change nothing.
const FUNCTIONS: &str = "abs age array_agg array_length avg bit_length bool_and bool_or btrim cardinality ceil ceiling \
    char_length coalesce concat concat_ws count cume_dist date_part date_trunc dense_rank every exp extract \
    first_value floor greatest initcap json_agg json_build_object lag last_value lead least left length ln log lower \
    ltrim make_date max md5 min mod mode nth_value ntile nullif octet_length overlay percent_rank \
    percentile_cont percentile_disc position power rank regexp_replace replace reverse right round row_number \
    rtrim sign split_part sqrt stddev stddev_pop stddev_samp string_agg strpos substr substring sum \
    to_char to_date to_number to_timestamp translate trim trunc unnest upper var_pop var_samp variance width_bucket";

/// Words that may stand before a parenthesis without being a function.
const WORDS: &str = "all and any array as between by case cast check distinct else end except exists filter from full \
    group grouping having ilike in inner intersect interval is join lateral left like limit not of offset on or order \
    outer over partition right row rows select sets similar some then union using values when where window with within \
    numeric decimal varchar char character timestamp time bit";

/// Relations of the server itself that a query may read. The others show passwords, files and what others do.
const SYSTEM: &str = "pg_catalog pg_class pg_namespace pg_attribute pg_attrdef pg_type pg_enum pg_index pg_indexes pg_constraint \
    pg_trigger pg_policies pg_tables pg_views pg_matviews pg_sequences pg_description";

/// Other relations that show passwords.
const SECRETS: &str = "user_mapping_options foreign_server_options";

/// The number of parameters that a query of a script takes.
///
/// # Errors
/// What the query says that none may, such as "a query can't use the function pg_sleep".
pub fn judge_query(sql: &str) -> Result<usize, String> {
    let tokens = lex(sql).map_err(|unreadable| cannot_use(unreadable.what))?;
    check_statement(&tokens)?;
    for (index, token) in tokens.iter().enumerate() {
        check_names(&tokens, index)?;
        check_position(token, tokens.get(index + 1))?;
    }
    check_brackets(&tokens)?;
    Ok(tokens.iter().filter_map(SqlToken::parameter).max().unwrap_or(0))
}

fn cannot_use(what: &str) -> String {
    format!("a query can't use {what}")
}

/// Refuses what is no SELECT, and what writes in a part of one.
fn check_statement(tokens: &[SqlToken<'_>]) -> Result<(), String> {
    let starts = ["SELECT", "WITH", "VALUES", "TABLE"];
    if let Some(first) = tokens.first().filter(|first| first.kind == SqlTokenKind::Word)
        && !starts.iter().any(|start| first.is_word(start))
    {
        let first = first.text.to_ascii_uppercase();
        return Err(format!("a query starts with SELECT, not with {first}"));
    }
    let writes = ["INSERT", "UPDATE", "DELETE", "MERGE"];
    let written = tokens
        .windows(2)
        .filter(|pair| pair[0].is_symbol("("))
        .find_map(|pair| writes.into_iter().find(|write| pair[1].is_word(write)));
    written.map_or(Ok(()), |write| Err(cannot_use(write)))
}

/// Refuses a function that is not on the list, and a relation that is closed to queries.
fn check_names(tokens: &[SqlToken<'_>], index: usize) -> Result<(), String> {
    let token = &tokens[index];
    let is_called = tokens.get(index + 1).is_some_and(|next| next.is_symbol("("));
    let is_qualified = index > 0 && tokens[index - 1].is_symbol(".");
    let is_allowed = match token.kind {
        SqlTokenKind::Word => {
            !is_qualified && (is_listed(FUNCTIONS, token.text) || is_listed(WORDS, token.text))
        }
        SqlTokenKind::QuotedName | SqlTokenKind::Number | SqlTokenKind::Parameter => false,
        SqlTokenKind::String | SqlTokenKind::Operator | SqlTokenKind::Symbol => true,
    };
    if is_called && !is_allowed {
        return Err(cannot_use(&format!("the function {}", token.text)));
    }
    match token.identifier().filter(|name| is_closed(name)) {
        Some(name) => Err(format!("a query can't read {name}")),
        None => Ok(()),
    }
}

fn is_listed(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|known| known.eq_ignore_ascii_case(word))
}

/// Whether the server's own relation of this name is closed to queries.
fn is_closed(name: &str) -> bool {
    let is_system = name.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("pg_"));
    is_system && !is_listed(SYSTEM, name) || is_listed(SECRETS, name)
}

/// Refuses a second statement, names in escapes, and a name after a value, which may be a function's.
fn check_position(token: &SqlToken<'_>, next: Option<&SqlToken<'_>>) -> Result<(), String> {
    let before_dot = next.is_some_and(|next| next.is_symbol("."));
    let refused = match token.kind {
        SqlTokenKind::Symbol => match token.text {
            ";" => Some("a semicolon"),
            "\\" => Some("a backslash command"),
            "$" => Some("a $ without a number"),
            ")" | "]" if before_dot => Some("a name after a value, as in (...).name"),
            _ => None,
        },
        SqlTokenKind::Parameter if before_dot => Some("a name after a value, as in $1.name"),
        // An error from PostgreSQL 15 on.
        SqlTokenKind::Parameter if runs_into_word(token, next) => {
            Some("a parameter that runs into a word")
        }
        SqlTokenKind::QuotedName | SqlTokenKind::String if token.has_unicode_escapes() => {
            Some("names or texts with U& escapes")
        }
        SqlTokenKind::Word if token.is_word("UESCAPE") => Some("UESCAPE"),
        _ => None,
    };
    refused.map_or(Ok(()), |what| Err(cannot_use(what)))
}

/// Refuses brackets that would lead out of those in which the query is sent.
fn check_brackets(tokens: &[SqlToken<'_>]) -> Result<(), String> {
    let mut depth = 0_i64;
    for token in tokens {
        depth += i64::from(token.is_symbol("(")) - i64::from(token.is_symbol(")"));
        if depth < 0 {
            return Err(cannot_use("a bracket that closes nothing"));
        }
    }
    if depth > 0 { Err(cannot_use("a bracket that is not closed")) } else { Ok(()) }
}

fn runs_into_word(token: &SqlToken<'_>, next: Option<&SqlToken<'_>>) -> bool {
    next.is_some_and(|next| next.kind == SqlTokenKind::Word && next.start == token.end())
}

#[cfg(test)]
mod tests {
    use super::judge_query;

    fn refusal(sql: &str) -> String {
        judge_query(sql).expect_err(sql)
    }

    #[test]
    fn the_parameters_are_counted_where_the_server_reads_them() {
        assert_eq!(judge_query("SELECT 1"), Ok(0));
        assert_eq!(judge_query("SELECT $2::int + $1 AS \"$9\", '$8', $$ $7 $$ -- $6"), Ok(2));
        assert_eq!(judge_query("SELECT a$3 FROM (SELECT $1 AS a$3) AS q"), Ok(1));
        assert_eq!(judge_query("SELECT $99999999999999999999"), Ok(usize::MAX));
    }

    #[test]
    fn only_listed_functions_are_called() {
        assert_eq!(judge_query("SELECT COUNT(*), lower('a') FROM t WHERE a IN (1)"), Ok(0));
        assert_eq!(
            refusal("SELECT pg_sleep /* */ -- x\n (1)"),
            "a query can't use the function pg_sleep"
        );
        assert_eq!(refusal("SELECT pg_catalog.lower('a')"), "a query can't use the function lower");
        assert_eq!(refusal("SELECT \"lower\"('a')"), "a query can't use the function \"lower\"");
        assert_eq!(refusal("SELECT 1(2)"), "a query can't use the function 1");
    }

    #[test]
    fn what_the_server_reads_as_code_is_judged() {
        // A carriage return ends the comment, the first string goes on with its escapes, and a$$ is a name.
        for hidden in [
            "SELECT 1 -- \r, pg_sleep(1)",
            "SELECT E'a'\n'\\'', pg_sleep(1) --'",
            "SELECT 1 AS a$$, pg_sleep(1) AS b$$",
            "SELECT 1 AS \u{a0}$$, pg_sleep(1) AS \u{a0}$$",
            "SELECT 1 AS \u{1f600}$$, pg_sleep(1) AS \u{1f600}$$",
        ] {
            assert_eq!(refusal(hidden), "a query can't use the function pg_sleep", "{hidden}");
        }
        assert_eq!(
            refusal("SELECT 0x1F$$, pg_sleep(1) AS a$$"),
            "a query can't use a number that runs into a word"
        );
        assert_eq!(refusal("SELECT $1a"), "a query can't use a parameter that runs into a word");
        assert_eq!(refusal("SELECT 'a"), "a query can't use a string without its closing quote");
    }

    #[test]
    fn content_is_not_judged() {
        for sql in [
            "SELECT 'pg_sleep(1); \\'",
            "SELECT $x$ $$; DELETE FROM t $x$",
            "SELECT E'\\'; DELETE'",
            "SELECT /* /* */ pg_sleep(1) */ 1 -- ;",
            "SELECT u & 1 FROM (SELECT 1 AS u) AS q",
            "(SELECT 1)",
        ] {
            assert_eq!(judge_query(sql), Ok(0), "{sql}");
        }
    }

    #[test]
    fn a_query_stays_one_select_in_its_parentheses() {
        assert_eq!(refusal("DELETE FROM t"), "a query starts with SELECT, not with DELETE");
        assert_eq!(refusal("WITH x AS (delete FROM t) SELECT 1"), "a query can't use DELETE");
        assert_eq!(refusal("SELECT 1; SELECT 2"), "a query can't use a semicolon");
        assert_eq!(refusal("SELECT 1 \\gexec"), "a query can't use a backslash command");
        assert_eq!(
            refusal("SELECT 1) AS a, (SELECT 2"),
            "a query can't use a bracket that closes nothing"
        );
        assert_eq!(refusal("SELECT (1"), "a query can't use a bracket that is not closed");
        assert_eq!(
            refusal("SELECT (a).b"),
            "a query can't use a name after a value, as in (...).name"
        );
        assert_eq!(refusal("SELECT $1.b"), "a query can't use a name after a value, as in $1.name");
        assert_eq!(refusal("SELECT U&'a'"), "a query can't use names or texts with U& escapes");
        assert_eq!(refusal("SELECT * FROM \"PG_authid\""), "a query can't read PG_authid");
    }
}
