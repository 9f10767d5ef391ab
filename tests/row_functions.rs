//! Functions of one row's values on a real database: what they make of odd values, in each strategy, in `why` and `what-if`.

use crate::support::{Database, Project};

/// A folder that sets columns of `Item` with this script.
fn project(script: &str) -> Project {
    let project = Project::new();
    let columns = ["a", "b", "at", "given", "word", "flag"];
    let writes: Vec<String> = columns.map(|name| format!("\"Item.{name}\"")).into();
    project.script(&format!("writes = [{}]", writes.join(", ")), script);
    project
}

const ITEM: &str = "\
CREATE COLLATION any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false); \
CREATE TABLE \"Item\" (id int PRIMARY KEY, seen timestamptz, day date, pace numeric, speed double precision, \
  name text, spelt text COLLATE any_case, padded char(6), a int, b int, at timestamp, given boolean, word text, flag boolean); ";

/// What a rule that sets a column leaves in it, row by row.
fn left(rows: &str, column: &str, value: &str) -> Vec<String> {
    let database = Database::empty();
    database.run(&format!("{ITEM} INSERT INTO \"Item\" {rows}"));
    let script = format!("update(\"Item\").set(\"{column}\", {value});");
    project(&script).run(&database, "scripts/try --as-of 2025-10-25").exits(0);
    let sql = format!("SELECT coalesce({column}::text, '-') FROM \"Item\" ORDER BY id");
    database.rows(&sql).into_iter().map(|mut row| row.remove(0)).collect()
}

#[test]
fn a_count_that_is_no_period_gives_no_date_and_no_error() {
    let rows = "(id, pace, speed) VALUES (1, 7.9, 7.9), (2, 0, 0), (3, -1, -0.5), (4, 1e40, 'Infinity'), \
                (5, 'NaN', 'NaN'), (6, NULL, NULL), (7, 739548, 739548), (8, 739549, 739549)";
    let days = [
        "2025-10-18 00:00:00",
        "2025-10-25 00:00:00",
        "-",
        "-",
        "-",
        "-",
        "0001-01-01 00:00:00",
        "-",
    ];
    assert_eq!(left(rows, "at", "ago(days(col(\"pace\")))"), days);
    assert_eq!(left(rows, "at", "ago(days(col(\"speed\")))"), days);
    let months = left(
        "(id, pace) VALUES (1, 8), (2, 0.9), (3, -1), (4, 24297), (5, 24298)",
        "at",
        "ago(months(col(\"pace\")))",
    );
    assert_eq!(
        months,
        ["2025-02-25 00:00:00", "2025-10-25 00:00:00", "-", "0001-01-25 00:00:00", "-"]
    );
}

#[test]
fn months_of_a_row_are_clipped_as_those_of_a_rule() {
    let database = Database::empty();
    database.run(&format!(
        "{ITEM} INSERT INTO \"Item\" (id, pace) SELECT n, n FROM generate_series(0, 40) AS n"
    ));
    let project = project("update(\"Item\").set(\"at\", ago(months(col(\"pace\"))));");
    project.run(&database, "scripts/try --as-of 2024-03-31").exits(0);
    for months in 0..=40 {
        let at = database.value(&format!("SELECT at FROM \"Item\" WHERE id = {months}"));
        let wanted =
            database.value(&format!("SELECT timestamp '2024-03-31' - interval '{months} months'"));
        assert_eq!(at, wanted);
    }
}

#[test]
fn an_infinite_date_has_no_parts_and_no_distance() {
    let rows = "(id, seen, day) VALUES (1, 'infinity', '-infinity'), (2, '2025-10-25 23:30+00', '2025-10-20'), \
                (3, '0044-03-15 00:00+00 BC', '2024-02-29'), (4, NULL, NULL)";
    let shown = |value: &str| left(rows, "a", value);
    assert_eq!(shown("col(\"seen\").year()"), ["-", "2025", "-44", "-"]);
    assert_eq!(shown("col(\"day\").quarter()"), ["-", "4", "1", "-"]);
    assert_eq!(shown("col(\"day\").month()"), ["-", "10", "2", "-"]);
    // A Saturday by UTC, a Monday and a Thursday.
    assert_eq!(shown("col(\"seen\").weekday()")[1], "6");
    assert_eq!(shown("col(\"day\").weekday()"), ["-", "1", "4", "-"]);
    assert_eq!(shown("days_since(col(\"day\"))"), ["-", "5", "604", "-"]);
    assert_eq!(shown("days_since(col(\"seen\"))")[1], "0");
    assert_eq!(shown("days_between(col(\"seen\"), col(\"day\"))")[1], "-5");
}

#[test]
fn texts_are_searched_by_their_characters() {
    let rows = "(id, name, spelt, padded) VALUES (1, 'The GRILL', 'The GRILL', 'ab'), (2, 'grill 50%', 'grill 50%', 'b'), \
                (3, NULL, NULL, NULL), (4, E' \\t\\n', E' \\t\\n', '')";
    let (yes, no, none) = ("true", "false", "-");
    let shown = |condition: &str| left(rows, "given", condition);
    for name in ["name", "spelt"] {
        let ask = |function: &str| shown(&format!("col(\"{name}\").{function}"));
        assert_eq!(ask("contains(\"GRILL\")"), [yes, no, none, no]);
        assert_eq!(ask("lower().contains(\"grill\")"), [yes, yes, none, no]);
        assert_eq!(ask("starts_with(\"The \")"), [yes, no, none, no]);
        assert_eq!(ask("ends_with(\"50%\")"), [no, yes, none, no]);
        assert_eq!(ask("like(\"%50\\\\%\")"), [no, yes, none, no]);
        assert_eq!(ask("ilike(\"%GRILL%\")"), [yes, yes, none, no]);
        assert_eq!(ask("trim().length() == 0"), [no, no, none, yes]);
    }
    // Blanks that fill up a char(n) are none of its characters.
    assert_eq!(shown("col(\"padded\").ends_with(\"b\")"), [yes, yes, none, no]);
    assert_eq!(left(rows, "a", "col(\"padded\").length()"), ["2", "1", "-", "0"]);
}

#[test]
fn each_strategy_writes_the_same() {
    let script = "update(\"Item\").where(col(\"name\").lower().contains(\"grill\") and col(\"day\").within(days(col(\"pace\") * 2)))\n\
                  .set(\"a\", greatest([days_since(col(\"day\")), round(col(\"speed\"), 0), 3]));";
    let mut seen = Vec::new();
    for strategy in ["update", "rewrite", "batches"] {
        let database = Database::empty();
        database.run(&format!(
            "{ITEM} INSERT INTO \"Item\" (id, name, day, pace, speed) SELECT n, CASE WHEN n % 3 = 0 THEN 'The Grill' ELSE 'Bar' END, \
             date '2025-10-25' - n, n % 40, n / 7.0 FROM generate_series(1, 200) AS n"
        ));
        let project = Project::new();
        project.script(&format!("writes = [\"Item.a\"]\nstrategy = \"{strategy}\""), script);
        project.run(&database, "scripts/try --as-of 2025-10-25").exits(0);
        seen.push(database.rows("SELECT id, coalesce(a::text, '-') FROM \"Item\" ORDER BY id"));
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0], seen[2]);
    let set = seen[0].iter().filter(|row| row[1] != "-").count();
    assert_eq!(set, 13);
}

#[test]
fn what_if_and_why_know_them() {
    let database = Database::sample();
    let script = "let factor = setting(\"factor\", 2);\n\
        update(\"Customer\").set(\"accountType\", [\n\
        \u{20}   [ days_since(col(\"lastOrderDate\")) <= col(\"orderingPaceDays\") * factor, \"ACTIVE\" ],\n\
        \u{20}   [ otherwise, \"PROSPECT\" ],\n\
        ]);";
    let project = Project::new();
    project.script("writes = [\"Customer.accountType\"]", script);
    let counted = |factor: u32| {
        let sql = format!(
            "SELECT count(*) FROM \"Customer\" WHERE date '2025-10-25' - \"lastOrderDate\"::date <= \"orderingPaceDays\" * {factor}"
        );
        database.value(&sql)
    };
    let what_if = project
        .run(&database, "what-if scripts/try --vary factor=1,3 --as-of 2025-10-25 --format json")
        .exits(0)
        .json();
    for (index, factor) in [1, 3].into_iter().enumerate() {
        let combination = what_if["combinations"]
            .as_array()
            .and_then(|all| all.iter().find(|one| one["settings"]["factor"] == format!("{factor}")))
            .unwrap_or_else(|| panic!("{index}: {what_if}"));
        let active = combination["distribution"]
            .as_array()
            .and_then(|all| all.iter().find(|one| one["value"] == "ACTIVE"));
        let rows = active.map_or(0, |one| one["rows"].as_u64().expect("a count"));
        assert_eq!(rows.to_string(), counted(factor), "{combination}");
    }
    database.run(
        "UPDATE \"Customer\" SET \"lastOrderDate\" = '2025-10-20 10:00', \"orderingPaceDays\" = 10 WHERE \"accountNumber\" = 'AC-000001'",
    );
    let why = project.run(&database, "why scripts/try AC-000001 --as-of 2025-10-25").exits(0);
    // 20 days after the order are 9 November.
    assert!(why.stdout.contains("2025-11-10"), "{}", why.stdout);
    assert!(
        why.stdout.contains("days_since(lastOrderDate) <= orderingPaceDays * 2"),
        "{}",
        why.stdout
    );
}
