use crate::sql::query::Query;
use crate::sql::query::tests::{parameters, refusal};

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
