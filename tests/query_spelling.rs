//! A query is sent in one spelling: it has the tokens that the script wrote, and means the same to the server.

use leora_rule::{Query, SqlToken, SqlTokenKind, lex};

use crate::support::{Database, Random};

/// What stands for a gap between two tokens.
const GAPS: &[&str] = &[" ", "\n", "\r", " /* ' */ ", " -- $$\r", " /* /* \" */ */\t", "  "];
const COLUMNS: &[&str] =
    &["c.name", "\"name\"", "C.\"city\"", "city", "c . \"externalId\"", "\"phone\""];
const NUMBERS: &[&str] = &["1", "1.5", "2e1", ".5", "-3", "c.\"orderingPaceDays\"", "$1::int"];
const TEXTS: &[&str] = &[
    "'a'",
    "'it''s'",
    "'\\'",
    "E'\\''",
    "e'\\\\\\n'",
    "N'x'",
    "$$ ' -- /* $$",
    "$a$ $$ $a$",
    "'a'\n'b'",
    "E'a'\n'\\''",
];
const JOINS: &[&str] = &[
    "",
    " , \"Tenant\" t",
    " JOIN \"Tenant\" t ON t.id = c.\"tenantId\"",
    " LEFT JOIN LATERAL (SELECT 1 AS one) l ON true",
    " CROSS JOIN unnest(ARRAY[1, 2]) WITH ORDINALITY AS u(v, n)",
];
const ENDS: &[&str] =
    &["", " ORDER BY 1 DESC NULLS LAST", " LIMIT 3 OFFSET 1", " FETCH FIRST 2 ROWS ONLY"];

fn number(random: &mut Random, depth: u64) -> String {
    if depth == 0 {
        return random.pick(NUMBERS);
    }
    let (left, right) = (number(random, depth - 1), number(random, depth - 1));
    let value = text(random, depth - 1);
    match random.below(9) {
        0 => format!("{left}+{right}"),
        1 => format!("({left} * {right})"),
        2 => format!("greatest({left},{right})"),
        3 => format!("length({value})"),
        4 => format!("CASE WHEN {left} < {right} THEN {left} ELSE {right} END"),
        5 => format!("coalesce({left}, {right})"),
        6 => format!("abs( - {left})"),
        7 => format!("position({value} IN {value})"),
        _ => "extract(YEAR FROM c.\"lastOrderDate\")::INT".to_owned(),
    }
}

fn text(random: &mut Random, depth: u64) -> String {
    if depth == 0 {
        return if random.one_in(2) { random.pick(TEXTS) } else { random.pick(COLUMNS) };
    }
    let (left, right) = (text(random, depth - 1), text(random, depth - 1));
    match random.below(7) {
        0 => format!("{left} || {right}"),
        1 => format!("Upper({left})"),
        2 => format!("substring({left} FROM 1 FOR 2)"),
        3 => format!("overlay({left} PLACING {right} FROM 1)"),
        4 => format!("trim(BOTH 'x' FROM {left})"),
        5 => format!("CAST({left} AS varchar(10))"),
        _ => format!("nullif({left}, {right})"),
    }
}

fn condition(random: &mut Random, depth: u64) -> String {
    let (one, other) = (text(random, depth), text(random, depth));
    match random.below(8) {
        0 => format!("{one} LIKE {other}"),
        1 => format!("{one} IS NOT NULL AND NOT ({other} = {one})"),
        2 => format!("{one} IN ({other}, {one})"),
        3 => format!("{one} BETWEEN {other} AND {one}"),
        4 => format!("{one} IS DISTINCT FROM {other}"),
        5 => format!("{one} !~ {other} OR true"),
        6 => format!("EXISTS (SELECT FROM \"Tenant\" e WHERE e.slug <> {one})"),
        _ => format!("{} >= {}", number(random, depth), number(random, depth)),
    }
}

fn select(random: &mut Random) -> String {
    let (one, two) = (number(random, 2), text(random, 2));
    let (join, end) = (random.pick(JOINS), random.pick(ENDS));
    let condition = condition(random, 1);
    match random.below(5) {
        0 => format!(
            "SELECT count(*) FILTER (WHERE {condition}) AS n, string_agg({two}, ',' ORDER BY {two}), {two} AS \"k\"\"x\" \
             FROM \"Customer\" C{join} GROUP BY {two}"
        ),
        1 => format!(
            "WITH q(a, b) AS (SELECT {one}, {two} FROM \"Customer\" c) SELECT q.*, Q.A FROM q{end}"
        ),
        2 => format!(
            "SELECT {two} AS É, row_number() OVER (PARTITION BY {two} ORDER BY {one}) FROM \"Customer\" AS c{join}{end}"
        ),
        3 => format!(
            "SELECT {two} FROM \"Customer\" c UNION ALL (SELECT {two} FROM \"Customer\" c{join}){end}"
        ),
        _ => format!(
            "SELECT DISTINCT {one} AS a, {two} FROM public.\"Customer\" c{join} WHERE {condition}{end}"
        ),
    }
}

/// The same with other gaps between its tokens.
fn with_gaps(random: &mut Random, sql: &str) -> String {
    let tokens = lex(sql).expect(sql);
    tokens.iter().map(|token| random.pick(GAPS) + token.text).collect()
}

/// What a token is, however it is written.
fn meaning(token: &SqlToken<'_>) -> String {
    match token.kind {
        SqlTokenKind::Word | SqlTokenKind::QuotedName => {
            format!("{:?}", token.identifier())
        }
        SqlTokenKind::String => "a text".to_owned(),
        _ => token.text.to_owned(),
    }
}

fn meanings(sql: &str) -> Vec<String> {
    let tokens = lex(sql).expect(sql);
    // N'x' is spelled as nchar 'x'.
    tokens.iter().filter(|token| !token.is_word("nchar")).map(meaning).collect()
}

#[test]
fn what_is_sent_is_what_was_written() {
    let database = Database::sample();
    let mut session = database.session();
    session.run("SET leora_run.gathered = 1000000");
    let mut random = Random::of(20_261_130);
    let mut accepted = 0;
    for _ in 0..600 {
        let sql = select(&mut random);
        let sql = with_gaps(&mut random, &sql);
        let query = Query::judge(&sql).unwrap_or_else(|refusal| panic!("{refusal}\n{sql}"));
        assert_eq!(meanings(query.spelled()), meanings(&sql), "{sql}");
        let sent = query.statement(&[]);
        match (session.columns(&sql), session.columns(&sent)) {
            (Ok(written), Ok(sent)) => {
                assert_eq!(written, sent, "{sql}");
                accepted += 1;
            }
            (Err(_), Err(_)) => {}
            (written, sent_columns) => panic!("{written:?}\n{sql}\n{sent_columns:?}\n{sent}"),
        }
    }
    assert!(accepted > 400, "{accepted}");
}
