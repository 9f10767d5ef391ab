//! `.set(#{...})`: several columns of one rule, each from the row as it was, written together.

use serde_json::{Value, json};

use crate::support::{Database, Project};

const ITEMS: &str = "\
CREATE TABLE \"Item\" (id int PRIMARY KEY, low int, high int, mood text, was text, code int UNIQUE, \
  CONSTRAINT in_order CHECK (low <= high)); \
INSERT INTO \"Item\" SELECT i, i, i + 1, CASE WHEN i % 3 > 0 THEN 'm' || i % 3 END, NULL, i FROM generate_series(1, 300) i";

/// Both read `mood`, which the first sets; neither limit may be moved alone.
const SET: &str =
    "update(\"Item\").where(col(\"mood\").is_null() or col(\"mood\") == \"m1\").set(#{
    mood: [
        [ col(\"low\") > 150, \"late\"  ],
        [ otherwise,        \"early\" ],
    ],
    was:  coalesce([col(\"mood\"), \"nothing\"]),
    low:  lookup(\"mood\", #{ m1: 1000 }),
    high: 2000,
});";

const WRITES: &str =
    "writes = [\"Item.mood\", \"Item.was\", \"Item.low\", \"Item.high\", \"Item.code\"]";

const EXPECTED: &str = "\
SELECT count(*) FROM \"Item\" WHERE ROW(mood, was, low, high) IS DISTINCT FROM ROW( \
    CASE WHEN id % 3 = 2 THEN 'm2' WHEN id > 150 THEN 'late' ELSE 'early' END, \
    CASE id % 3 WHEN 0 THEN 'nothing' WHEN 1 THEN 'm1' END, \
    CASE WHEN id % 3 = 1 THEN 1000 ELSE id END, CASE WHEN id % 3 = 2 THEN id + 1 ELSE 2000 END)";

fn items(strategy: &str, script: &str) -> (Project, Database) {
    let (project, database) = (Project::new(), Database::empty());
    database.run(ITEMS);
    project.script(&format!("{WRITES}\nstrategy = \"{strategy}\""), script);
    (project, database)
}

fn changes(report: &Value) -> Vec<(String, String, u64)> {
    let all = report["steps"][0]["changes"].as_array().expect("a list");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    all.iter()
        .map(|one| {
            (text(&one["column"]), text(&one["strategy"]), one["changed"].as_u64().unwrap_or(0))
        })
        .collect()
}

#[test]
fn each_column_comes_from_the_row_as_it_was_in_every_strategy() {
    for strategy in ["update", "rewrite", "batches"] {
        let (project, database) = items(strategy, SET);
        let before = database.fingerprint();
        let planned = project.run(&database, "plan scripts/try --format json").exits(0).json();
        assert_eq!(database.fingerprint(), before, "{strategy}");
        let done = project.run(&database, "scripts/try --format json").exits(0).json();
        let counts = [("mood", 200), ("was", 200), ("low", 100), ("high", 200)];
        let expected = counts.map(|(name, rows)| (name.to_owned(), strategy.to_owned(), rows));
        assert_eq!(changes(&planned), expected, "{strategy}");
        assert_eq!(changes(&done), expected, "{strategy}");
        assert_eq!(database.value(EXPECTED), "0", "{strategy}");
        let again = project.run(&database, "scripts/try --format json").exits(0).json();
        assert!(changes(&again).iter().all(|(.., rows)| *rows == 0), "{strategy}: {again}");
        project.run(&database, "undo").exits(0).says("Put back 700 values");
        assert_eq!(database.fingerprint(), before, "{strategy}");
    }
}

#[test]
fn a_row_is_written_once() {
    for (strategy, most) in [("update", 200), ("batches", 200)] {
        let (project, database) = items(strategy, SET);
        database.run(
            "CREATE TABLE written (id int); CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS \
             'BEGIN INSERT INTO public.written VALUES (OLD.id); RETURN NULL; END'; \
             CREATE TRIGGER note AFTER UPDATE ON \"Item\" FOR EACH ROW EXECUTE FUNCTION note()",
        );
        project.run(&database, "scripts/try").exits(0);
        let counts = database.value("SELECT count(*) || ' ' || count(DISTINCT id) FROM written");
        assert_eq!(counts, format!("{most} {most}"), "{strategy}");
    }
}

#[test]
fn what_speaks_against_a_strategy_for_one_column_does_so_for_all() {
    let (project, database) = items("rewrite", SET);
    database.run("CREATE VIEW moods AS SELECT mood FROM \"Item\"");
    for arguments in ["plan scripts/try --format json", "scripts/try --format json"] {
        let report = project.run(&database, arguments).exits(0).json();
        for change in report["steps"][0]["changes"].as_array().expect("a list") {
            assert_eq!(change["strategy"], "update", "{arguments}: {change}");
            let reason = change["instead"]["because"].as_str().unwrap_or_default();
            assert!(reason.contains("moods"), "{arguments}: {change}");
        }
    }
    assert_eq!(database.value(EXPECTED), "0");
}

#[test]
fn unique_values_may_pass_from_row_to_row_beside_other_columns() {
    let script = "update(\"Item\").where(col(\"id\") <= 2).set(#{
        code: [ [ col(\"id\") == 1, 2 ], [ col(\"id\") == 2, 1 ] ],
        was:  [ [ col(\"code\") == 1, \"one\" ], [ otherwise, \"two\" ] ],
    });";
    for strategy in ["update", "rewrite", "batches"] {
        let (project, database) = items(strategy, script);
        let before = database.fingerprint();
        project.run(&database, "scripts/try").exits(0);
        let found = "SELECT string_agg(code || was, ' ' ORDER BY id) FROM \"Item\" WHERE id <= 2";
        assert_eq!(database.value(found), "2one 1two", "{strategy}");
        project.run(&database, "undo").exits(0);
        assert_eq!(database.fingerprint(), before, "{strategy}");
    }
}

#[test]
fn columns_that_read_each_other_are_refused_before_anything_is_written() {
    let swap = "update(\"Item\").set(#{ mood: col(\"was\"), was: col(\"mood\") });";
    let (project, database) = items("update", swap);
    let message =
        "the values set for mood and was read each other, so a second run would change them again";
    for command in ["scripts/try", "plan scripts/try", "check scripts/try"] {
        project.run(&database, command).exits(2).tells(message);
    }
    assert_eq!(database.value("SELECT count(*) FROM \"Item\" WHERE was IS NOT NULL"), "0");
}

#[test]
fn a_constraint_over_several_of_them_is_judged_on_all() {
    let alone = "update(\"Item\").set(\"low\", 1000);";
    let (project, database) = items("update", alone);
    project.run(&database, "plan scripts/try").exits(3).tells("would violate the check in_order");
    project.write("scripts/try/01_step.rhai", "update(\"Item\").set(#{ low: 1000, high: 999 });");
    project.run(&database, "plan scripts/try").exits(3).tells("would violate the check in_order");
    project.write("scripts/try/01_step.rhai", "update(\"Item\").set(#{ low: 1000, high: 2000 });");
    project.run(&database, "scripts/try").exits(0);
}

#[test]
fn why_and_what_if_read_the_row_as_it_was() {
    let script = "let from = setting(\"from\", 150);
update(\"Item\").where(col(\"mood\").is_null()).set(#{
    mood: [ [ col(\"low\") > from, \"late\" ], [ otherwise, \"early\" ] ],
    was:  [ [ col(\"mood\") == \"late\", \"wrong\" ], [ col(\"low\") > from, \"right\" ] ],
});";
    let (project, database) = items("update", script);
    let why = project.run(&database, "why scripts/try 300 --format json").exits(0).json();
    let values: Vec<&Value> =
        why["rules"].as_array().expect("a list").iter().map(|rule| &rule["value"]).collect();
    assert_eq!(values, [&json!("late"), &json!("right")]);
    let what_if = "what-if scripts/try --vary from=150,240 --format json";
    let report = project.run(&database, what_if).exits(0).json();
    for (place, late) in [50, 20].into_iter().enumerate() {
        let values = report["combinations"][place]["distribution"].as_array().expect("a list");
        let count = |of: &str| values.iter().find(|one| one["value"] == of).map(|one| &one["rows"]);
        assert_eq!(count("late"), Some(&json!(late)), "{report}");
        assert_eq!(count("right"), Some(&json!(late)), "{report}");
        assert_eq!(count("wrong"), None, "{report}");
    }
}

#[test]
fn figures_of_other_rows_decide_several_columns_in_one_pass() {
    let script = "let orders = related(\"SalesOrder\", \"customerId\");
update(\"Customer\").where(col(\"accountType\").is_null()).set(#{
    accountType:  [ [ orders.count() >= 5, \"ACTIVE\" ], [ otherwise, \"PROSPECT\" ] ],
    paymentTerms: [ [ orders.sum(\"total\") > 5000 and col(\"accountType\").is_null(), \"rich\" ] ],
});";
    for strategy in ["update", "batches"] {
        let (project, database) = (Project::new(), Database::sample_with_orders());
        let writes = "writes = [\"Customer.accountType\", \"Customer.paymentTerms\"]";
        project.script(&format!("{writes}\nstrategy = \"{strategy}\""), script);
        let before = database.fingerprint();
        let planned = project.run(&database, "plan scripts/try --format json").exits(0).json();
        let done = project.run(&database, "scripts/try --format json").exits(0).json();
        let counts = |report: &Value| -> Vec<u64> {
            changes(report).into_iter().map(|(.., rows)| rows).collect()
        };
        assert_eq!(counts(&planned), counts(&done), "{strategy}");
        let wrong = database.value(
            "SELECT count(*) FROM \"Customer\" c, LATERAL (SELECT count(*) AS n, coalesce(sum(total), 0) AS s \
               FROM \"SalesOrder\" o WHERE o.\"customerId\" = c.id) o \
             WHERE c.\"accountType\"::text IS DISTINCT FROM CASE WHEN n >= 5 THEN 'ACTIVE' ELSE 'PROSPECT' END \
                OR (c.\"paymentTerms\" IS NOT DISTINCT FROM 'rich') <> (s > 5000)",
        );
        assert_eq!(wrong, "0", "{strategy}");
        project.run(&database, "undo").exits(0);
        assert_eq!(database.fingerprint(), before, "{strategy}");
    }
}
