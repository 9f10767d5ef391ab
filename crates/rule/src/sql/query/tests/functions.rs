use crate::sql::query::Query;
use crate::sql::query::tests::{parameters, refusal, sent};

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
fn a_function_in_from_has_only_its_columns() {
    let message = "a query can't use q.pg_sleep, which is no column of a function";
    assert_eq!(refusal("SELECT q.pg_sleep FROM unnest(ARRAY[1.0]) AS q"), message);
    assert_eq!(refusal("SELECT q.pg_sleep FROM unnest(ARRAY[1.0]) AS q(a)"), message);
    let sql = "SELECT q.a, u.unnest, u.ordinality FROM unnest(ARRAY[1.0]) AS q(a), unnest(b) WITH ORDINALITY AS u";
    assert_eq!(refusal(sql), "a query can't use u.unnest, which is no column of a function");
    let sql = "SELECT q.a, u.u, u.ordinality FROM unnest(b) q(a), unnest(b) WITH ORDINALITY u";
    assert_eq!(parameters(sql), 0);
    // A column of one source is none of another.
    let column =
        |source: &str| format!("a query can't use {source}, which is no column of a function");
    for (from, source) in [
        ("unnest(b) u, unnest(b) v(f)", "u.f"),
        ("unnest(b) u(f), unnest(b) v", "v.f"),
        ("unnest(b) u(f), unnest(b) v", "u.u"),
        ("unnest(b, c) u", "u.u"),
        ("unnest(b) u, unnest(c) WITH ORDINALITY v", "u.ordinality"),
        ("unnest(b) u(f), (SELECT 1 FROM unnest(b) u(g)) v", "u.g"),
    ] {
        assert_eq!(refusal(&format!("SELECT {source} FROM {from}")), column(source), "{from}");
    }
    assert_eq!(parameters("SELECT u.unnest FROM unnest(b, c) u, unnest(b) v"), 0);
}

#[test]
fn what_is_gathered_is_counted() {
    let room = |values: &str| {
        format!(
            "case when pg_catalog.current_setting('leora_run.gathered') operator(pg_catalog.~~) '-%' then false else \
             pg_catalog.set_config('leora_run.gathered', (pg_catalog.current_setting('leora_run.gathered')::pg_catalog.int8 \
             operator(pg_catalog.-) (32::pg_catalog.int8{values}))::pg_catalog.text, true) operator(pg_catalog.!~~) '-%' end"
        )
    };
    let size = |value: &str| {
        format!(
            " operator(pg_catalog.+) greatest(pg_catalog.octet_length(pg_catalog.concat({value})), \
             pg_catalog.pg_column_size({value}), 0)"
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
