//! For random rules and data, the list of a plan is that of the run, and that of the journal.

use super::cells;
use crate::plan_property::{SORTS, TABLE, rows, steps};
use crate::support::{Database, Project, Random};

const CASES: u64 = 24;

const CHANGED: [&str; 6] = ["step", "table", "key", "column", "old", "new"];

/// How many changes were listed, with a strategy of the manifest.
fn cases(strategy: &str, first: u64) -> usize {
    let (project, database) = (Project::new(), Database::empty());
    database.run(TABLE);
    let writes: Vec<String> =
        SORTS.iter().flat_map(|sort| [1, 2].map(|n| format!("\"Item.{sort}{n}\""))).collect();
    let manifest = format!("writes = [{}]\nstrategy = \"{strategy}\"", writes.join(", "));
    project.script(&manifest, "");
    (first..first + CASES).map(|seed| case(&project, &database, strategy, seed)).sum()
}

fn case(project: &Project, database: &Database, strategy: &str, seed: u64) -> usize {
    let mut random = Random::of(seed);
    database.run(&rows(&mut random));
    let steps = steps(&mut random);
    for number in 1..=3 {
        let _ = std::fs::remove_file(project.path(&format!("scripts/try/0{number}_step.rhai")));
    }
    for (index, step) in steps.iter().enumerate() {
        project.write(&format!("scripts/try/0{}_step.rhai", index + 1), step);
    }
    let shown = format!("seed {seed}, {strategy}\n{}", steps.join("\n"));
    let plan = project.run(database, "plan scripts/try --as-of 2025-07-01 --rows plan.csv");
    let run = project.run(database, "scripts/try --format json --as-of 2025-07-01 --rows run.csv");
    // An expectation may not hold, and in batches a column can't be set twice.
    if plan.code != 0 || run.code != 0 {
        assert!(plan.code == 1 || strategy == "batches", "{}{}\n{shown}", plan.stdout, run.stdout);
        return 0;
    }
    let id = run.json()["run"].as_str().expect("an id").to_owned();
    project.run(database, &format!("status {id} --rows journal.csv")).exits(0);
    let planned = cells(project, "plan.csv", &CHANGED);
    assert_eq!(planned, cells(project, "run.csv", &CHANGED), "{shown}");
    assert_eq!(planned, cells(project, "journal.csv", &CHANGED), "{shown}");
    if strategy != "batches" {
        let whole = |file: &str| {
            let text = std::fs::read_to_string(project.path(file)).expect("a list");
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
            lines.sort();
            lines
        };
        assert_eq!(whole("plan.csv"), whole("run.csv"), "{shown}");
    }
    planned.len()
}

#[test]
fn the_lists_of_plan_run_and_journal_are_the_same() {
    let listed: Vec<usize> = std::thread::scope(|scope| {
        let all = [("update", 1), ("rewrite", 2_001), ("batches", 4_001)];
        let all = all.map(|(strategy, first)| scope.spawn(move || cases(strategy, first)));
        all.into_iter().map(|one| one.join().expect("it holds")).collect()
    });
    // Cases in which nothing happens would prove nothing.
    assert!(listed.iter().all(|changes| *changes > 100), "{listed:?}");
}
