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
fn only_listed_functions_are_called() {
    assert_eq!(
        sent("SELECT COUNT(*), lower('a') FROM t WHERE a IN (1)"),
        "select pg_catalog.count ( * ) , pg_catalog.lower ( 'a' ) from t where a in ( 1 )"
    );
    for (sql, name) in [
        ("SELECT pg_sleep /* */ -- x\n (1)", "pg_sleep"),
        ("SELECT pg_catalog.lower('a')", "lower"),
        ("SELECT \"lower\"('a')", "\"lower\""),
        ("SELECT 1(2)", "1"),
        ("SELECT numeric(1)", "numeric"),
        ("SELECT * FROM generate_series(1, 2)", "generate_series"),
        ("SELECT * FROM lateral (SELECT 1) q, pg_ls_dir('.') AS lower(a)", "pg_ls_dir"),
    ] {
        assert_eq!(refusal(sql), format!("a query can't use the function {name}"), "{sql}");
    }
}

#[test]
fn what_the_grammar_knows_keeps_its_form() {
    assert_eq!(
        sent(
            "SELECT extract(year FROM a), trim(a), substring(a FROM 1), substring(a, 1), overlay(a, b, 1), \
             coalesce(a, b), left(a, 1) FROM unnest(a, b) AS u(a, b)"
        ),
        "select extract ( year from a ) , trim ( a ) , substring ( a from 1 ) , pg_catalog.substring ( a , 1 ) , \
         pg_catalog.overlay ( a , b , 1 ) , coalesce ( a , b ) , pg_catalog.left ( a , 1 ) from unnest ( a , b ) as u ( a , b )"
    );
}

#[test]
fn functions_of_an_extension_keep_their_names() {
    let query = Query::judge("SELECT max(a), min(a) FROM t").expect("a query");
    let sent = query.statement(&["max".to_owned()]);
    assert_eq!(sent, "select max ( a ) , pg_catalog.min ( a ) from t");
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
fn the_clock_is_not_read() {
    for (sql, what) in [
        ("SELECT CURRENT_DATE", "CURRENT_DATE, which reads the clock"),
        ("SELECT 1 WHERE current_timestamp > a", "CURRENT_TIMESTAMP, which reads the clock"),
        ("SELECT localtime", "LOCALTIME, which reads the clock"),
        ("SELECT age(a)", "age with one argument, which reads the clock"),
        ("SELECT 'now'::timestamp", "the text 'now', which may read the clock"),
        ("SELECT date 'Today'", "the text 'Today', which may read the clock"),
        (
            "SELECT 1 WHERE a < E' tomorrow 10:00 PM'",
            "the text ' tomorrow 10:00 PM', which may read the clock",
        ),
        ("SELECT cast($$yesterday$$ AS date)", "the text 'yesterday', which may read the clock"),
        ("SELECT current_time(3)", "the function current_time"),
    ] {
        assert_eq!(refusal(sql), format!("a query can't use {what}"), "{sql}");
    }
    let sql = "SELECT 'know', 'buy now', 1 AS current_date, t.\"current_date\" FROM t";
    assert_eq!(parameters(sql), 0);
    let query = Query::judge("SELECT $1, ($2)::timestamp, $3::date").expect("a query");
    let values = ["now", "2025-01-01", "today"].map(|text| crate::Value::Text(text.to_owned()));
    assert_eq!(query.clock_parameter(&values[1..]), Some(2));
    assert_eq!(query.clock_parameter(&values[1..2]), None);
    let query = Query::judge("SELECT $1").expect("a query");
    assert_eq!(query.clock_parameter(&values), None);
    for sql in [
        "SELECT 'today at'::date",
        "SELECT date 'on today'",
        "SELECT CAST('J today' AS pg_catalog.date)",
        "SELECT 'today 10:00 PST'::timestamptz",
        "SELECT 'today 10:00 PST'::timestamp with time zone",
        "SELECT 'today at'::time",
        "SELECT '[today,infinity]'::daterange",
        "SELECT '{today}'::date[]",
        "SELECT '{\"to\\day\"}'::_date",
        "SELECT (a.b || ' at today')::\"date\" FROM a",
        "SELECT date_trunc('day', 'today at')",
        "SELECT extract(year FROM 'today at')",
        "SELECT 'today at' AT TIME ZONE 'UTC'",
    ] {
        assert!(refusal(sql).ends_with(", which may read the clock"), "{sql}");
        let value = crate::Value::Text("today at".to_owned());
        let query = Query::judge(&sql.replace("today", "x").replace("to\\day", "x"));
        assert_eq!(query.expect(sql).clock_parameter(&[value]), Some(1), "{sql}");
    }
    assert_eq!(parameters("SELECT age(a, b) FROM t"), 0);
    assert_eq!(parameters("SELECT 'buy today', a.date FROM a WHERE b = 'now or never'"), 0);
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

#[test]
fn long_chains_are_read_in_time() {
    let start = std::time::Instant::now();
    for (start, link) in [
        ("a", ".a"),
        ("1", "::int"),
        ("1", "+1"),
        ("a", "[1]"),
        ("a", " collate \"C\""),
        ("1 from a", ",a"),
    ] {
        let sql = format!("SELECT {start}{}", link.repeat(60_000 / link.len()));
        assert_eq!(parameters(&sql), 0);
    }
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

#[test]
fn a_function_in_from_has_only_its_columns() {
    let message = "a query can't use q.pg_sleep, which is no column of a function";
    assert_eq!(refusal("SELECT q.pg_sleep FROM unnest(ARRAY[1.0]) AS q"), message);
    assert_eq!(refusal("SELECT q.pg_sleep FROM unnest(ARRAY[1.0]) AS q(a)"), message);
    let sql = "SELECT q.a, u.unnest, u.ordinality FROM unnest(ARRAY[1.0]) AS q(a), unnest(b) WITH ORDINALITY AS u";
    assert_eq!(refusal(sql), "a query can't use u.unnest, which is no column of a function");
    assert_eq!(parameters("SELECT q.a, u.u, u.ordinality FROM unnest(b) q(a), unnest(b) u"), 0);
}

#[test]
fn what_is_gathered_is_counted() {
    let room = |values: &str| {
        format!(
            "pg_catalog.set_config('leora_run.gathered', (pg_catalog.current_setting('leora_run.gathered')::pg_catalog.int8 \
             operator(pg_catalog.-) (32::pg_catalog.int8{values}))::pg_catalog.text, true) operator(pg_catalog.!~~) '-%'"
        )
    };
    let size = |value: &str| {
        format!(
            " operator(pg_catalog.+) coalesce(pg_catalog.octet_length(({value})::pg_catalog.text), 0)"
        )
    };
    assert_eq!(
        sent("SELECT string_agg(DISTINCT lower(a), ',' ORDER BY b) FROM t"),
        format!(
            "select pg_catalog.string_agg ( distinct pg_catalog.lower ( a ) , ',' order by b ) filter (where {}) from t",
            room(&(size("pg_catalog.lower ( a )") + &size("','")))
        )
    );
    assert_eq!(
        sent("SELECT array_agg(a) FILTER (WHERE lower(a) = 'x') OVER w FROM t WINDOW w AS ()"),
        format!(
            "select pg_catalog.array_agg ( a ) filter ( where case when pg_catalog.lower ( a ) = 'x' then {} else false end ) \
             over w from t window w as ( )",
            room(&size("a"))
        )
    );
    assert!(Query::judge("SELECT json_agg(t) FROM t").expect("a query").gathers());
    assert!(!Query::judge("SELECT count(a) FROM t").expect("a query").gathers());
    assert_eq!(
        refusal("SELECT array_agg((SELECT string_agg(b, '') FROM u)) FROM t"),
        "a query can't use one of array_agg, json_agg, string_agg inside of array_agg"
    );
}

#[test]
fn length_and_depth_are_limited() {
    let levels = "a query can't use more than 100 levels inside one another";
    for (start, end) in
        [("(", ")"), ("not ", ""), ("- ", ""), ("[", "]"), ("case when ", " then 1 end")]
    {
        let deep = format!("SELECT {}1{}", start.repeat(2_000), end.repeat(2_000));
        assert_eq!(refusal(&deep), levels);
    }
    let long = format!("SELECT {}1", " ".repeat(65_536));
    assert_eq!(refusal(&long), "a query has at most 65536 bytes, and this one 65544");
    let wide = format!("SELECT 1 WHERE 1 IN ({}1)", "1,".repeat(20_000));
    assert_eq!(parameters(&wide), 0);
    let ands = format!("SELECT 1 WHERE {} true", "true and ".repeat(6_000));
    assert_eq!(parameters(&ands), 0);
}
