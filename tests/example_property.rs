//! What a run does to rows is what examples of these rows say.

use crate::plan_property;
use crate::support::{Database, Project, Random};

/// The letters of a column's name.
fn sort(column: &str) -> &str {
    column.trim_end_matches(|digit: char| digit.is_ascii_digit())
}

/// Scripts whose examples are what a run really did.
const SCRIPTS: u64 = 12;

/// A stored value, as an example writes it.
fn written(value: &str, column: &str) -> String {
    match (value, sort(column)) {
        ("(null)", _) => "()".into(),
        (value, "size" | "price" | "flag") => value.into(),
        (value, _) => format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"")),
    }
}

/// Every row, in order.
fn stored_rows(database: &Database) -> Vec<Vec<String>> {
    let columns =
        plan_property::SORTS.iter().flat_map(|sort| [format!("{sort}1"), format!("{sort}2")]);
    let texts: Vec<String> =
        columns.map(|name| format!("coalesce({name}::text, '(null)')")).collect();
    database.rows(&format!("SELECT {} FROM \"Item\" ORDER BY id", texts.join(", ")))
}

const TYPES: &str = r#"given(#{
    table: #{ Item: #{
        mood1: "Mood", mood2: "Mood", note1: "text collate C", note2: "text collate C", size1: "integer", size2: "integer",
        price1: "numeric(9,2)", price2: "numeric", day1: "date", day2: "date",
        seen1: "timestamp(3) without time zone", seen2: "timestamp without time zone", flag1: "boolean", flag2: "boolean",
    } },
    enum_values: #{ Mood: ["low", "so \"so\"", "HIGH"] },
});
"#;

#[test]
fn what_a_run_does_to_rows_is_what_examples_of_them_say() {
    let (project, database) = (Project::new(), Database::empty());
    let text = "note1 text, note2 text";
    assert!(plan_property::TABLE.contains(text));
    let collated = "note1 text COLLATE \"C\", note2 text COLLATE \"C\"";
    database.run(&plan_property::TABLE.replace(text, collated));
    let names: Vec<String> = plan_property::SORTS
        .iter()
        .flat_map(|sort| [format!("{sort}1"), format!("{sort}2")])
        .collect();
    let writes: Vec<String> = names.iter().map(|name| format!("\"Item.{name}\"")).collect();
    let mut given = 0;
    for seed in 5_001..5_001 + SCRIPTS {
        let mut random = Random::of(seed);
        database.run(&plan_property::rows(&mut random));
        let rule = plan_property::rule(&mut random);
        project.script(&format!("writes = [{}]", writes.join(", ")), &rule);
        // The first column of the rule, which may be one of several in a map.
        let set = rule.split(".set(").nth(1).expect("what it sets");
        let set = set.trim_start_matches(['#', '{', '\n', '"']);
        let target = set.split(['"', ':']).next().expect("a column");
        let at = names.iter().position(|name| name == target).expect("one of them");
        let before = stored_rows(&database);
        project.run(&database, "scripts/try --as-of 2025-07-01").exits(0);
        let after = stored_rows(&database);
        given += before.iter().zip(&after).filter(|(before, after)| before != after).count();
        // Only what the rule reads or sets: the rest would be told as misspelt.
        let reads: Vec<usize> =
            (0..names.len()).filter(|index| rule.contains(&names[*index])).collect();
        let example = |row: usize, expected: &str| {
            let cell = |index: &usize| {
                format!("{}: {}", names[*index], written(&before[row][*index], &names[*index]))
            };
            let cells: Vec<String> = reads.iter().map(cell).collect();
            format!(
                "example(\"row {row}\", #{{ {} }}, \"{target}\", {expected});\n",
                cells.join(", ")
            )
        };
        let right: String =
            (0..before.len()).map(|row| example(row, &written(&after[row][at], target))).collect();
        let wrong: String = (0..before.len())
            .map(|row| example(row, &written(other(&after[row][at], target), target)))
            .collect();
        let check = |examples: &str| {
            project.write("scripts/try/examples/these.rhai", &format!("{TYPES}{examples}"));
            let mut command = project.command("check scripts/try --as-of 2025-07-01 --format json");
            let report = project.output(&mut command).json();
            let tried = report["examples"].as_array().expect("a list").clone();
            let passed = tried.iter().filter(|one| one["passed"] == true).count();
            (tried.len(), passed, format!("{report:#}"))
        };
        let (tried, passed, report) = check(&right);
        assert_eq!((tried, passed), (before.len(), before.len()), "seed {seed}\n{rule}\n{report}");
        let (tried, passed, report) = check(&wrong);
        assert_eq!((tried, passed), (before.len(), 0), "seed {seed}\n{rule}\n{report}");
    }
    assert!(given > 40, "only {given} rows changed");
}

/// Another value than this one.
fn other(value: &str, column: &str) -> &'static str {
    let [one, two] = match sort(column) {
        "mood" => ["low", "HIGH"],
        "note" => ["a", "none of these"],
        "size" | "price" => ["17", "18"],
        "day" | "seen" => ["2019-01-01", "2018-01-01"],
        _ => ["true", "false"],
    };
    if value == one { two } else { one }
}
