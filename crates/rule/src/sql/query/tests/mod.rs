mod clock;
mod functions;
mod limits;

use super::Query;

fn refusal(sql: &str) -> String {
    Query::judge(sql).expect_err(sql)
}

fn sent(sql: &str) -> String {
    Query::judge(sql).expect(sql).statement(&[])
}

fn parameters(sql: &str) -> usize {
    Query::judge(sql).expect(sql).parameters()
}

#[test]
fn the_parameters_are_counted_where_the_server_reads_them() {
    assert_eq!(parameters("SELECT 1"), 0);
    assert_eq!(parameters("SELECT $2::int + $1 AS \"$9\", '$8', $$ $7 $$ -- $6"), 2);
    assert_eq!(parameters("SELECT a$3 FROM (SELECT $1 AS a$3) AS q"), 1);
    assert_eq!(
        refusal("SELECT $99999999999999999999"),
        "a query can't use more than 65,535 parameters"
    );
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
        assert_eq!(parameters(sql), 0, "{sql}");
    }
}

#[test]
fn a_query_stays_one_select_in_its_parentheses() {
    assert_eq!(refusal("DELETE FROM t"), "a query starts with SELECT, not with DELETE");
    assert_eq!(refusal("WITH x AS (delete FROM t) SELECT 1"), "a query can't use DELETE");
    assert_eq!(refusal("SELECT 1; SELECT 2"), "a query can't use a semicolon");
    assert_eq!(refusal("(SELECT 1) SELECT 2"), "a query is one SELECT");
    assert_eq!(refusal("SELECT 1 \\gexec"), "a query can't use a backslash command");
    assert_eq!(
        refusal("SELECT 1) AS a, (SELECT 2"),
        "a query can't use a bracket that closes nothing"
    );
    assert_eq!(refusal("SELECT (1"), "a query can't use a bracket that is not closed");
    assert_eq!(refusal("SELECT U&'a'"), "a query can't use names or texts with U& escapes");
    assert_eq!(
        refusal("SELECT a FROM"),
        "the query is no SELECT that can be read: expected from item, got EOF"
    );
}

#[test]
fn other_constructs_are_refused_by_name() {
    for (sql, what) in [
        ("SELECT 1 FROM t FOR UPDATE", "FOR UPDATE or FOR SHARE"),
        ("SELECT 1 INTO x", "SELECT INTO"),
        ("SELECT 1 OPERATOR(pg_catalog.+) 2", "OPERATOR(...)"),
        ("SELECT * FROM t TABLESAMPLE system (1)", "TABLESAMPLE"),
        ("SELECT * FROM ROWS FROM (unnest(a))", "ROWS FROM"),
        ("SELECT ARRAY(SELECT 1)", "ARRAY(SELECT ...), which array_agg can say"),
        ("SELECT concat(a => 1)", "arguments by name"),
        ("SELECT json_object('a': 1)", "JSON OBJECT"),
        ("SELECT (a).b", "a name after a value, as in (...).name"),
        ("SELECT $1.b", "a name after a value, as in $1.name"),
    ] {
        assert_eq!(refusal(sql), format!("a query can't use {what}"), "{sql}");
    }
}

#[test]
fn relations_of_the_server_are_closed_unless_listed() {
    for (sql, name) in [
        ("SELECT * FROM \"PG_authid\"", "PG_authid"),
        ("SELECT * FROM pg_catalog.pg_shadow", "pg_catalog.pg_shadow"),
        ("SELECT 1 FROM t, postgres.pg_catalog.pg_authid", "postgres.pg_catalog.pg_authid"),
        ("TABLE ONLY pg_stats", "pg_stats"),
        (
            "SELECT * FROM information_schema._pg_user_mappings",
            "information_schema._pg_user_mappings",
        ),
        (
            "SELECT * FROM information_schema.user_mapping_options",
            "information_schema.user_mapping_options",
        ),
        ("SELECT * FROM (t JOIN leora_run.run ON true) AS j", "leora_run.run"),
        ("SELECT * FROM \"leora_run\".\"run\"", "leora_run.run"),
        // The name of a CTE opens no relation outside of it.
        ("SELECT * FROM pg_authid, (WITH pg_authid AS (SELECT 1) SELECT 2) AS q", "pg_authid"),
    ] {
        assert_eq!(refusal(sql), format!("a query can't read {name}"), "{sql}");
    }
    for sql in [
        "SELECT * FROM pg_class, pg_catalog.pg_type, information_schema.columns",
        "SELECT pg_thing, c.user_mapping_options AS pg_authid FROM \"Customer\" c",
    ] {
        assert_eq!(parameters(sql), 0, "{sql}");
    }
}

#[test]
fn the_server_is_asked_about_names() {
    let query = Query::judge(
        "SELECT c.nickname, s.\"T\".*, x::\"Kind\", -a, q.b::pg_catalog.int8 FROM s.\"T\", c \
         WHERE a IN (1) AND b->>'x' LIKE 'y' AND a<-1 AND a BETWEEN 1 AND 2",
    );
    let query = query.expect("a query");
    let names = query.names();
    assert_eq!(format!("{:?}", names.fields), r#"{"b", "nickname"}"#);
    assert_eq!(format!("{:?}", names.types), r#"{"Kind", "int8"}"#);
    assert_eq!(
        format!("{:?}", names.operators),
        r#"{"!~~", "-", "->>", "<", "<-", "<=", "<>", "=", ">", ">=", "~~"}"#
    );
}

#[test]
fn the_server_is_asked_about_each_operator_of_a_run() {
    let operators = |sql: &str| format!("{:?}", Query::judge(sql).expect(sql).names().operators);
    assert_eq!(operators("SELECT 1+-a"), r#"{"+", "+-", "-"}"#);
    assert_eq!(operators("SELECT 1*+-+a"), r#"{"*", "*+-+", "+", "-"}"#);
    assert_eq!(operators("SELECT a[1:+-b]"), r#"{"+", "+-", "-"}"#);
    assert_eq!(operators("SELECT a NOT IN (1)"), r#"{"<>", "="}"#);
    assert_eq!(operators("SELECT a NOT BETWEEN SYMMETRIC b AND c"), r#"{"<", "<=", ">", ">="}"#);
}

#[test]
fn functions_without_brackets_are_no_relations() {
    for word in [
        "current_date",
        "CURRENT_TIME",
        "Current_Timestamp",
        "localtime",
        "localtimestamp",
        "current_user",
        "session_user",
        "system_user",
        "user",
        "current_role",
        "current_catalog",
        "current_schema",
    ] {
        let told = format!("a query can't use {} in the place of a relation", word.to_uppercase());
        for rest in [
            "{}",
            "{} d",
            "{} AS d(a)",
            "t, {} d",
            "t JOIN {} d ON true",
            "t CROSS JOIN {}",
            "LATERAL {} d",
            "t LEFT JOIN LATERAL {} d ON true",
            "(t JOIN {} d ON true)",
            "ONLY {}",
            "(SELECT * FROM {}) q",
            "t WHERE EXISTS (SELECT FROM {})",
        ] {
            let sql = format!("SELECT * FROM {}", rest.replace("{}", word));
            assert_eq!(refusal(&sql), told, "{sql}");
        }
    }
    assert_eq!(parameters("SELECT * FROM \"current_date\", s.current_date"), 0);
}
