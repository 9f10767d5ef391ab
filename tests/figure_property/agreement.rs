//! For random rules that read other rows: a run does what subqueries written by hand do, what the rows in memory are
//! decided to be, and what the plan says; a second run changes nothing, and undo is exact.

use serde_json::Value;

use super::random_rules::RandomRules;
use super::schema::{Rows, SET, TABLES};
use super::term::RandomRule;
use super::{in_memory, reference, schema, script};
use crate::support::{Database, Project, Random, Session};

/// Runs for each of two databases, which work side by side; `LEORA_TEST_RUNS` asks for more.
const RUNS: u64 = 6;
/// Rules in each run.
const RULES: usize = 12;

const STRATEGIES: [&str; 3] = ["update", "rewrite", "batches"];

/// What came of all cases.
#[derive(Default)]
struct Tally {
    changed: u64,
    compared: u64,
    untried: u64,
    /// Rules that set several columns at once.
    of_several: usize,
}

/// The rows after the rules as subqueries; memory decides each of them alike.
fn expected(session: &mut Session, rules: &[RandomRule], told: &str, tally: &mut Tally) -> Rows {
    session.run("BEGIN");
    let mut before = schema::read(session);
    for set in sets(rules) {
        session.run(&reference::update(set));
        let after = schema::read(session);
        set.iter().for_each(|rule| compare_in_memory(rule, [&before, &after], told, tally));
        tally.of_several += if set.len() > 1 { set.len() } else { 0 };
        before = after;
    }
    session.run("ROLLBACK");
    before
}

/// The rules, each with those that set other columns of a table with it.
fn sets(rules: &[RandomRule]) -> impl Iterator<Item = &[RandomRule]> {
    rules.chunk_by(|_, next| next.joins_previous)
}

/// Compares what memory decides of the rows before with the rows after.
fn compare_in_memory(
    rule: &RandomRule,
    [before, after]: [&Rows; 2],
    told: &str,
    tally: &mut Tally,
) {
    for (row, decided) in after[rule.table].iter().zip(in_memory::outcomes(rule, before)) {
        let shown = script::set(std::slice::from_ref(rule));
        match decided {
            Ok(decided) => {
                let (id, stored) = (&row["id"], row.get(rule.column).cloned());
                assert_eq!(decided, stored, "in memory, {} {id}\n{shown}\n{told}", rule.table);
                tally.compared += 1;
            }
            Err(error) => {
                assert!(!error.is_certain(), "{error}\n{shown}\n{told}");
                tally.untried += 1;
            }
        }
    }
}

/// What a report says of each change, beside how it was written.
fn changes(report: &Value) -> Vec<Value> {
    let all = report["steps"].as_array().into_iter().flatten();
    let changes = all.flat_map(|step| step["changes"].as_array().into_iter().flatten());
    let told =
        ["table", "column", "rows", "changed", "transitions", "left_out", "unmatched", "same"];
    changes.map(|change| told.iter().map(|key| change[*key].clone()).collect()).collect()
}

fn differences(expected: &Rows, found: &Rows) -> String {
    let mut lines = Vec::new();
    for (table, rows) in expected {
        for (row, other) in rows.iter().zip(&found[table]) {
            for (name, ..) in SET {
                if row.get(name) != other.get(name) {
                    lines.push(format!(
                        "{table} {}.{name}: expected {:?}, found {:?}",
                        row["id"],
                        row.get(name),
                        other.get(name)
                    ));
                }
            }
        }
    }
    lines.join("\n")
}

fn run(project: &Project, database: &Database, seed: u64, tally: &mut Tally) {
    let (mut random, mut session) = (Random::of(seed), database.session());
    session.run(&schema::rows(&mut random));
    let mut makes = RandomRules::new(&mut random);
    let rules = makes.rules(RULES);
    let script: String = sets(&rules).map(script::set).collect();
    let strategy = STRATEGIES[(seed % 3) as usize];
    let told = format!("seed {seed}, {strategy}\n{script}");
    let writes: Vec<String> = TABLES
        .iter()
        .flat_map(|(table, _)| SET.map(|(name, ..)| format!("\"{table}.{name}\"")))
        .collect();
    project
        .script(&format!("writes = [{}]\nstrategy = \"{strategy}\"", writes.join(", ")), &script);
    let expected = expected(&mut session, &rules, &told, tally);
    let before = database.fingerprint();
    let does = |arguments: &str| {
        let output = project.run(database, arguments);
        assert_eq!(output.code, 0, "{arguments}: {}{}\n{told}", output.stdout, output.stderr);
        output
    };
    let as_json = "--format json --as-of 2025-07-01";
    let planned = does(&format!("plan scripts/try {as_json}")).json();
    let done = does(&format!("scripts/try {as_json}")).json();
    let differences = differences(&expected, &schema::read(&mut session));
    assert!(differences.is_empty(), "{differences}\n{told}");
    assert_eq!(changes(&planned), changes(&done), "{told}");
    let again = does(&format!("plan scripts/try {as_json}")).json();
    let changed = |report: &Value| -> u64 {
        let all = report["steps"][0]["changes"].as_array().expect("changes").iter();
        all.map(|change| change["changed"].as_u64().expect("a number")).sum()
    };
    assert_eq!(changed(&again), 0, "again: {told}");
    tally.changed += changed(&done);
    if changed(&done) > 0 {
        does("undo");
        assert_eq!(database.fingerprint(), before, "undo: {told}");
    }
}

fn all_runs(first: u64, runs: u64) -> Tally {
    let (project, database) = (Project::new(), Database::empty());
    database.run(&schema::definition());
    let mut tally = Tally::default();
    for seed in first..first + runs {
        run(&project, &database, seed, &mut tally);
    }
    tally
}

#[test]
fn rules_that_read_other_rows_do_what_subqueries_and_examples_do() {
    let asked = std::env::var("LEORA_TEST_RUNS").ok().and_then(|number| number.parse().ok());
    let runs = asked.unwrap_or(RUNS);
    let (one, other) = std::thread::scope(|scope| {
        let one = scope.spawn(move || all_runs(1, runs));
        let other = scope.spawn(move || all_runs(1_001, runs));
        (one.join().expect("it holds"), other.join().expect("it holds"))
    });
    let changed = one.changed + other.changed;
    let (compared, untried) = (one.compared + other.compared, one.untried + other.untried);
    println!("{changed} values changed; in memory {compared} compared, {untried} untried");
    // Rules that change nothing, and rows that are not compared, would prove nothing.
    assert!(changed > 2_000, "{changed}");
    assert!(one.of_several > 0 && other.of_several > 0, "no rule sets several columns");
    assert!(compared > 4 * untried, "{compared} compared, {untried} untried");
}
