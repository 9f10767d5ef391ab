//! For random rules and data, every strategy gives the same rows, the same journal and the same undo.

use serde_json::Value;

use crate::plan_property::{SORTS, TABLE, rows, rule};
use crate::support::{Database, Project, Random};

const CASES: u64 = 40;

const STRATEGIES: [&str; 3] = ["update", "rewrite", "batches"];

const ROWS: &str = "SELECT i::text FROM \"Item\" i ORDER BY id";

/// What the last run journalled, row by row.
const JOURNAL: &str = "SELECT unnest(keys_bigint) AS key, column_name, old_value, new_value FROM leora_run.transition \
    WHERE run = (SELECT id FROM leora_run.run ORDER BY number DESC LIMIT 1) ORDER BY 1, 2";

/// What a strategy came to: the changes of the report, the rows and the journal of the run, and the rows after its undo.
fn outcome(
    project: &Project,
    database: &Database,
    strategy: &str,
    data: &str,
) -> (Value, Vec<Vec<Vec<String>>>) {
    database.run(data);
    let manifest = "scripts/try/leora.toml";
    for other in STRATEGIES {
        let text = std::fs::read_to_string(project.path(manifest)).expect("a manifest");
        project.write(manifest, &text.replace(other, strategy));
    }
    let report =
        project.run(database, "scripts/try --format json --as-of 2025-07-01").exits(0).json();
    let changes = report["steps"][0]["changes"].clone();
    let after = database.rows(ROWS);
    if all(&changes).iter().all(|change| change["changed"] == 0) {
        return (changes, vec![after]);
    }
    let journal = database.rows(JOURNAL);
    project.run(database, "undo").exits(0);
    (changes, vec![after, journal, database.rows(ROWS)])
}

fn all(changes: &Value) -> &Vec<Value> {
    changes.as_array().expect("a list")
}

#[test]
fn every_strategy_gives_the_same_rows_journal_and_undo() {
    let (project, database) = (Project::new(), Database::empty());
    database.run(TABLE);
    let writes: Vec<String> =
        SORTS.iter().flat_map(|sort| [1, 2].map(|n| format!("\"Item.{sort}{n}\""))).collect();
    project.script(&format!("writes = [{}]\nstrategy = \"update\"", writes.join(", ")), "");
    let (mut taken, mut several) = ([0; 3], 0);
    for seed in 1..=CASES {
        let mut random = Random::of(seed);
        let (data, script) = (rows(&mut random), rule(&mut random));
        project.write("scripts/try/01_step.rhai", &script);
        let found = STRATEGIES.map(|strategy| outcome(&project, &database, strategy, &data));
        several += u64::from(all(&found[0].0).len() > 1);
        for (place, (changes, rows)) in found.iter().enumerate() {
            assert_eq!(rows, &found[0].1, "seed {seed}: {}\n{script}", STRATEGIES[place]);
            for (change, first) in all(changes).iter().zip(all(&found[0].0)) {
                for same in ["rows", "changed", "transitions", "left_out", "unmatched", "same"] {
                    assert_eq!(change[same], first[same], "seed {seed}: {same}\n{script}");
                }
                let really = change["strategy"] == STRATEGIES[place] && change["changed"] != 0;
                taken[place] += u64::from(really);
            }
        }
    }
    // Where a strategy is never taken, it would prove nothing.
    assert!(taken.iter().all(|taken| *taken >= 10), "{taken:?}");
    assert!(several >= 8, "{several} with several columns");
}
