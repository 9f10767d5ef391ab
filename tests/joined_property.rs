//! For random rules, data, reads and SQL files, rules that are written together do what they do when each is written by itself.

use serde_json::{Value, json};

use crate::plan_property::{SORTS, TABLE, rows, rule};
use crate::support::{Database, Project, Random};

const CASES: u64 = 40;

const STRATEGIES: [&str; 3] = ["update", "rewrite", "batches"];

const ROWS: &str = "SELECT 'I' || i::text FROM \"Item\" i UNION ALL SELECT 'S' || s::text FROM \"Second\" s ORDER BY 1";

/// What the last run journalled, row by row, rule by rule.
const JOURNAL: &str = "SELECT rule, table_name, column_name, unnest(keys_bigint) AS key, old_value, new_value FROM leora_run.transition \
    WHERE run = (SELECT id FROM leora_run.run ORDER BY number DESC LIMIT 1) ORDER BY 1, 2, 3, 4";

/// Forces what waits to be written.
const WRITE_FIRST: &str = "query(\"SELECT count(*) AS n FROM \\\"Item\\\", \\\"Second\\\"\");\n";

/// Files that may run between rules; all of them can run again.
const FILES: [&str; 4] = [
    "ALTER TABLE \"Item\" ADD COLUMN IF NOT EXISTS added text",
    "CREATE TABLE IF NOT EXISTS seen (n bigint); INSERT INTO seen SELECT count(mood1) FROM \"Item\"",
    "CREATE INDEX IF NOT EXISTS notes ON \"Second\" (note1)",
    "COMMENT ON TABLE \"Item\" IS 'things'",
];

/// The steps of a folder, without what forces a write.
fn steps(random: &mut Random) -> Vec<String> {
    let mut steps = Vec::new();
    for _ in 0..2 + random.below(3) {
        let mut step = rule(random);
        if random.one_in(4) {
            step = step.replace("\"Item\"", "\"Second\"");
        }
        match random.below(4) {
            0 => step.push_str("show(table(\"Item\").distribution(\"mood1\"));\n"),
            1 => step.push_str(
                "note(`${table(\"Second\").rows([\"id\", \"note1\", \"price2\"], 3)}`);\n",
            ),
            2 => step.push_str(&format!("run_sql(\"file{}.sql\");\n", random.below(4))),
            _ => {}
        }
        steps.push(step);
    }
    steps
}

fn without_files(step: &str) -> String {
    step.split_inclusive('\n').filter(|line| !line.starts_with("run_sql")).collect()
}

/// What a report says of its steps, beside their times.
fn told(report: &Value) -> Value {
    let mut steps = report["steps"].clone();
    for step in steps.as_array_mut().expect("a list") {
        step["ms"] = json!(0);
    }
    steps
}

/// The report, the rows and the journal of the run, and the rows after its undo.
fn outcome(
    project: &Project,
    database: &Database,
    data: &str,
    steps: &[String],
) -> (Value, Vec<Vec<Vec<String>>>) {
    database.run("DROP TABLE IF EXISTS seen; DROP INDEX IF EXISTS notes; ALTER TABLE \"Item\" DROP COLUMN IF EXISTS added");
    database.run(data);
    database.run(&data.replace("\"Item\"", "\"Second\""));
    for (place, step) in steps.iter().enumerate() {
        project.write(&format!("scripts/try/0{}_step.rhai", place + 1), step);
    }
    let report =
        project.run(database, "scripts/try --format json --as-of 2025-07-01").exits(0).json();
    let after = database.rows(ROWS);
    let seen = match database.value("SELECT to_regclass('seen') IS NOT NULL").as_str() {
        "t" | "true" => database.rows("SELECT n FROM seen ORDER BY 1"),
        _ => vec![],
    };
    if report["changed"] == 0 {
        return (told(&report), vec![after, seen]);
    }
    let journal = database.rows(JOURNAL);
    project.run(database, "undo").exits(0);
    (told(&report), vec![after, seen, journal, database.rows(ROWS)])
}

/// Whether two rules of a table set the same column, which batches refuse.
fn is_set_twice(report: &Value) -> bool {
    let changes = report.as_array().into_iter().flatten();
    let changes = changes.flat_map(|step| step["changes"].as_array().into_iter().flatten());
    let mut columns: Vec<String> =
        changes.map(|one| format!("{}.{}", one["table"], one["column"])).collect();
    let all = columns.len();
    columns.sort();
    columns.dedup();
    columns.len() < all
}

fn cases(first: u64) -> [u64; 3] {
    let (project, database) = (Project::new(), Database::empty());
    database.run(TABLE);
    database.run("CREATE TABLE \"Second\" (LIKE \"Item\" INCLUDING ALL)");
    for (number, file) in FILES.iter().enumerate() {
        project.write(&format!("sql/file{number}.sql"), file);
    }
    let columns = SORTS.iter().flat_map(|sort| [1, 2].map(|n| format!("{sort}{n}")));
    let columns: Vec<String> = columns.collect();
    let writes: Vec<String> = ["Item", "Second"]
        .iter()
        .flat_map(|table| columns.iter().map(move |column| format!("\"{table}.{column}\"")))
        .collect();
    let mut taken = [0; 3];
    for seed in first..first + CASES / 2 {
        let mut random = Random::of(seed);
        let (data, steps) = (rows(&mut random), steps(&mut random));
        for number in steps.len()..5 {
            let _ = std::fs::remove_file(
                project.path(&format!("scripts/try/0{}_step.rhai", number + 1)),
            );
        }
        let mut set_twice = false;
        for (place, strategy) in STRATEGIES.iter().enumerate() {
            if set_twice && *strategy == "batches" {
                continue;
            }
            let writes = format!("writes = [{}]\nstrategy = \"{strategy}\"", writes.join(", "));
            let files = (0..FILES.len()).map(|number| format!("\"file{number}.sql\""));
            let files = files.collect::<Vec<_>>().join(", ");
            let in_batches = *strategy == "batches";
            let manifest = match in_batches {
                true => writes,
                false => format!(
                    "{writes}\nsql = [{files}]\n[locks]\nItem = \"exclusive\"\nSecond = \"exclusive\""
                ),
            };
            // Batches run no SQL files.
            let steps: Vec<String> = match in_batches {
                true => steps.iter().map(|step| without_files(step)).collect(),
                false => steps.clone(),
            };
            let apart: Vec<String> =
                steps.iter().map(|step| format!("{step}{WRITE_FIRST}")).collect();
            project.script(&manifest, "");
            let shown = || format!("seed {seed}, {strategy}\n{}", steps.join("\n"));
            let (told_apart, found_apart) = outcome(&project, &database, &data, &apart);
            let (told_together, found_together) = outcome(&project, &database, &data, &steps);
            assert_eq!(told_together, told_apart, "{}", shown());
            assert_eq!(found_together, found_apart, "{}", shown());
            set_twice = is_set_twice(&told_apart);
            taken[place] += u64::from(found_apart.len() > 2);
        }
    }
    taken
}

#[test]
fn rules_written_together_do_what_each_does_by_itself() {
    let (one, other) = std::thread::scope(|scope| {
        let one = scope.spawn(|| cases(1));
        let other = scope.spawn(|| cases(1_001));
        (one.join().expect("it holds"), other.join().expect("it holds"))
    });
    for place in 0..3 {
        // Where nothing is written, it would prove nothing.
        assert!(one[place] + other[place] >= 10, "{one:?} {other:?}");
    }
}
