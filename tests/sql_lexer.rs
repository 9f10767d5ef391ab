//! The lexer reads SQL as the server does: what is code for one is code for the other.

use leora_rule::{SqlToken, lex, split_statements};

use crate::support::{Database, Random, Session};

/// Statements that a lexer may misread.
const STATEMENTS: &[&str] = &[
    "SELECT 1 -- a\r, 2 /* b /* c */ d */ , 3 /*/ e */ -- f",
    "SELECT E'a'\n'\\'' AS a, 'b'\n'\\' AS b, E'c' -- it's\n\t-- so\r '\\'' AS c",
    "SELECT 'it''s \\' AS a, e'it\\'s \\\\' AS b, N'\\' AS c, B'01' AS d, x'1F' AS e, U&'\\0061' AS f",
    "SELECT U&'!0061' UESCAPE '!' AS U&\"\\0061\", U&'a'\n'b' AS \"a\"\"b\"",
    "SELECT $$ ' -- /* $a$ $$ AS a, $a$ $$ $b$ $a $a$ AS b, $é$ ; $e$ $é$ AS c",
    "SELECT 1 AS x$tag$, 2 AS é$1$, 3 AS \u{a0}$$, 4 AS \u{1f600}$a$, 5 AS \u{feff}x$$",
    "SELECT 1+--2\n3, 4*/*5*/6, 7 /8, 9-/**/-1, -1 <@-- 2\n 3",
    "SELECT 1$$ a $$, 1.5, .5, 1., 1e5, 1.5E-5, ARRAY[1][1], 1::text",
    "SELECT 1.e5, 1.5.5, 1. .5",
    "SELECT 1a, 1e'\\'' AS b, 1ex, $1",
    "SELECT 0x1F, 1_000, 0b11, 0x, 1_, 0o8",
    "SELECT $x$ BEGIN -- $$ it's\n PERFORM '$y$'; END $x$",
];

/// How the server or the lexer reads a backslash that stands at some place of a text.
#[derive(Debug, PartialEq, Eq)]
enum Reading {
    /// As code, where it is an error.
    Code,
    /// As a part of a string, name or comment.
    Content,
    /// It leaves something open, which starts at this byte.
    Open(usize),
    /// An earlier error hides it.
    Unknown,
}

/// The server's reading of the backslash at a byte of a text, and the byte up to which it read.
fn server_reading(session: &mut Session, text: &str, at: usize) -> (Reading, usize) {
    let Err((code, message, place)) = session.try_run_at(text) else {
        return (Reading::Content, text.len());
    };
    let byte = place.and_then(|place| text.char_indices().nth(place)).map(|(byte, _)| byte);
    match byte.unwrap_or(text.len()) {
        byte if message.starts_with("unterminated ") => (Reading::Open(byte), text.len()),
        byte if byte == at && message.ends_with("at or near \"\\\"") => (Reading::Code, byte),
        // An escape that means nothing: whether the string ends is not said.
        byte if ["22025", "22021"].contains(&code.as_str()) => (Reading::Unknown, byte),
        byte if code == "42601" && byte < at => (Reading::Unknown, byte),
        byte if code == "42601" => (Reading::Content, byte),
        _ => (Reading::Content, text.len()),
    }
}

/// The lexer's reading of the backslash at a byte of a text, of which it sees as much as the server.
fn lexer_reading(text: &str, at: usize, end: usize) -> Reading {
    let (tokens, open) = match lex(text) {
        Ok(tokens) => (tokens, None),
        Err(unreadable) => {
            (lex(&text[..unreadable.start]).unwrap_or_default(), Some(unreadable.start))
        }
    };
    let is_code = |token: &SqlToken<'_>| token.start == at && token.is_symbol("\\");
    match open {
        _ if tokens.iter().any(is_code) => Reading::Code,
        // The server has the letter of N'...' as a word of its own.
        Some(start) if start < end && text[start..].starts_with(['N', 'n']) => {
            Reading::Open(start + 1)
        }
        Some(start) if start < end => Reading::Open(start),
        _ => Reading::Content,
    }
}

/// Puts a backslash at every place of a statement; returns how many of them the server had an opinion about.
fn compare(session: &mut Session, statement: &str) -> usize {
    let places = statement.char_indices().map(|(byte, _)| byte).chain([statement.len()]);
    let mut compared = 0;
    for at in places {
        let text = format!("{}\\{}", &statement[..at], &statement[at..]);
        let (server, end) = server_reading(session, &text, at);
        if server == Reading::Unknown {
            continue;
        }
        assert_eq!(lexer_reading(&text, at, end), server, "{text:?}");
        compared += 1;
    }
    compared
}

#[test]
fn code_is_code_for_the_server() {
    let database = Database::empty();
    let mut session = database.session();
    session.run("SET standard_conforming_strings = on");
    let compared: usize = STATEMENTS.iter().map(|text| compare(&mut session, text)).sum();
    assert!(compared > 350, "{compared}");
}

const GAPS: &[&str] = &[
    " ",
    "\n",
    "\r",
    "\t",
    "\u{c}",
    "/**/",
    "/* ' */",
    "/* /* $$ */ \" */",
    " -- '\n",
    " -- $$\r",
    "/*/ */",
    "--\n",
];
const VALUES: &[&str] = &[
    "1",
    "1.5",
    ".5",
    "1e5",
    "1e",
    "1a",
    "0x1F",
    "$1",
    "''",
    "'a'",
    "'it''s'",
    "'\\'",
    "E'\\''",
    "e'\\\\'",
    "N'\\'",
    "B'01'",
    "x'1F'",
    "U&'a'",
    "$$ ' -- /* $$",
    "$a$ $$ $a$",
    "$é$ $e$ $é$",
    "a",
    "x$tag$",
    "\"$$ '\"",
    "é$1$",
    "\u{a0}$$",
    "\"a\"\"b\"",
    "U&\"a\"",
    "u",
    "e",
    "n",
    "_E",
    "\u{feff}x",
    "\u{1f600}",
];
const OPERATORS: &[&str] =
    &[",", ",", ",", "+", "-", "*", "/", "<", "=", "||", "<@", "~", "::", "->>", "@"];

/// A list of values and operators, with all sorts of gaps.
fn random_statement(random: &mut Random) -> String {
    let mut text = "SELECT".to_owned();
    let values = 1 + random.below(4);
    for value in 0..values {
        text += &random.pick(GAPS);
        text += &random.pick(VALUES);
        // A string may go on.
        if random.below(3) == 0 {
            text += &random.pick(GAPS);
            text += &random.pick(&["'a'", "'\\'", "'\\''"]);
        }
        if random.below(2) == 0 {
            text += &random.pick(GAPS);
        }
        if value + 1 < values {
            text += &random.pick(OPERATORS);
        }
    }
    text
}

#[test]
fn code_is_code_in_random_statements_too() {
    let database = Database::empty();
    let mut session = database.session();
    session.run("SET standard_conforming_strings = on");
    let mut random = Random::of(20_251_025);
    let texts = (0..1_000).map(|_| random_statement(&mut random)).collect::<Vec<_>>();
    let compared: usize = texts.iter().map(|text| compare(&mut session, text)).sum();
    assert!(compared > 20_000, "{compared}");
}

#[test]
fn names_are_those_that_the_server_looks_up() {
    let database = Database::empty();
    let mut session = database.session();
    let long = "Ab".repeat(30) + "éé";
    let (quoted, other) = (format!("\"{long}\""), "é".repeat(40));
    for name in [
        "Ab",
        "\"Ab\"",
        "É",
        "x$Tag$",
        "é$1$",
        "\u{a0}$$",
        "\u{feff}X",
        "\"a\"\"b\"",
        "\" \"",
        "_1",
        &long,
        &quoted,
        &other,
    ] {
        let tokens = lex(name).expect(name);
        let [token] = &tokens[..] else { panic!("{name}: {tokens:?}") };
        let sql = format!("SELECT json_object_keys(row_to_json(q)) FROM (SELECT 1 AS {name}) AS q");
        assert_eq!(token.identifier(), Some(session.one(&sql)), "{name}");
    }
}

#[test]
fn statements_are_split_as_by_the_server() {
    let database = Database::empty();
    let mut session = database.session();
    session.run("CREATE TABLE t (begin int); CREATE DOMAIN atomic AS int");
    let with_bodies = database.major() >= 14;
    let body = "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1 AS case; \
                SELECT CASE WHEN true THEN 2 END AS end; END";
    for text in [
        "; SELECT 1; SELECT ';' AS \";\" /* ; */ ;; SELECT $$ ; $$ -- ;\n;",
        "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); SELECT 1",
        "SELECT begin atomic FROM t; SELECT 1",
        "CREATE FUNCTION g(begin atomic) RETURNS int LANGUAGE sql AS 'SELECT 1;'; SELECT 1",
        &format!("{body}; SELECT 1"),
        &format!("SELECT 1; {}", body.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")),
    ] {
        if text.contains("BEGIN ATOMIC") && !with_bodies {
            continue;
        }
        let tokens = lex(text).expect(text);
        for statement in split_statements(&tokens) {
            let (start, end) = (statement[0].start, statement[statement.len() - 1].end());
            // The server prepares neither a part of a statement nor two.
            session.prepare(&text[start..end]).unwrap_or_else(|error| panic!("{error}: {text}"));
        }
    }
}

#[test]
fn a_number_that_versions_end_elsewhere_is_refused() {
    let database = Database::empty();
    let mut session = database.session();
    // Up to PostgreSQL 14 these are two statements, and from 16 on a number and a string.
    for text in ["SELECT 0x1F$$; SELECT 1 AS a$$", "SELECT 1_000$$; SELECT 1 AS a$$"] {
        let unreadable = lex(text).expect_err(text);
        assert_eq!(unreadable.what, "a number that runs into a word");
        let in_two = session.try_run(text).is_ok();
        assert_eq!(in_two, database.major() <= 14, "{text}");
    }
}
