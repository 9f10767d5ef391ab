//! For columns of every built-in type, of arrays and of domains, random rules and rows: a run stores the values that the rules
//! give, a second run changes nothing, undo leaves the table as it was, with each strategy; and examples in memory agree, or
//! say that they can't be tried.

use std::collections::BTreeMap;

use serde_json::Value;

use super::typed_tables::{Tried, in_script, tables};
use crate::support::{Database, Project, Random, Session};

/// Rounds of rules for each type; `LEORA_TEST_TYPE_ROUNDS` asks for more.
const ROUNDS: u64 = 1;
const STRATEGIES: [&str; 3] = ["update", "rewrite", "batches"];

fn hashes(session: &mut Session, tried: &[Tried]) -> Vec<String> {
    tried.iter().map(|one| session.rows_hash(&format!("\"{}\"", one.table), "")).collect()
}

fn changes(report: &Value) -> Vec<&Value> {
    let steps = report["steps"].as_array().expect("steps");
    steps.iter().flat_map(|step| step["changes"].as_array().expect("changes")).collect()
}

/// What a round came to.
#[derive(Debug, Default)]
struct Counted {
    cases: u64,
    changed: u64,
    taken: BTreeMap<&'static str, u64>,
    passed: u64,
    untried: u64,
}

fn round(seed: u64, counted: &mut Counted) {
    let (project, database, mut random) = (Project::new(), Database::empty(), Random::of(seed));
    let tried = tables(&database, &mut random);
    let data: String = tried.iter().map(|one| one.rows(&mut random)).collect();
    let script: String = tried.iter().map(|one| one.rules(&mut random)).collect();
    let shown: String = tried.iter().map(Tried::shown).collect();
    let writes: Vec<String> =
        tried.iter().map(|one| format!("\"{0}.a\", \"{0}.d\"", one.table)).collect();
    let mut session = database.session();
    session.run("SET TimeZone = 'UTC'");
    let mut first: Option<Vec<String>> = None;
    for strategy in STRATEGIES {
        session.run(&data);
        let (before, rows) = (
            hashes(&mut session, &tried),
            tried.iter().map(|one| one.stored(&mut session)).collect::<Vec<_>>(),
        );
        project.script(
            &format!("writes = [{}]\nstrategy = \"{strategy}\"", writes.join(", ")),
            &script,
        );
        project.write("scripts/try/02_show.rhai", &shown);
        let about = |what: &str| format!("seed {seed}, {strategy}: {what}");
        let run = |arguments: &str| {
            let output = project.run(&database, arguments);
            let text = format!("{}{}", output.stdout, output.stderr);
            assert_eq!(output.code, 0, "{}\n{text}", about(arguments));
            output.json()
        };
        let report = run("scripts/try --format json");
        for change in changes(&report) {
            counted.cases += 1;
            counted.changed += change["changed"].as_u64().expect("a count");
            // A rewrite is for more than a few of the rows.
            let taken = change["changed"] != 0 && change["strategy"] == strategy;
            *counted.taken.entry(strategy).or_default() += u64::from(taken);
        }
        let after = hashes(&mut session, &tried);
        let expected = first.get_or_insert_with(|| after.clone());
        for (one, (own, other)) in tried.iter().zip(after.iter().zip(expected.iter())) {
            assert_eq!(
                own,
                other,
                "{}",
                about(&format!("{} of {} differs from update's", one.table, one.name))
            );
        }
        if strategy == "update" {
            let stored: Vec<_> = tried.iter().map(|one| one.stored(&mut session)).collect();
            check_examples(seed, &project, &tried, &rows, &stored, counted);
        }
        for change in changes(&run("scripts/try --format json")) {
            assert_eq!(change["changed"], 0, "{}: {change:#}", about("the second run"));
        }
        assert_eq!(hashes(&mut session, &tried), after, "{}", about("the second run"));
        run(&format!("undo {} --format json", report["run"].as_str().expect("a run")));
        let now = hashes(&mut session, &tried);
        if let Some(place) = (0..tried.len()).find(|place| now[*place] != before[*place]) {
            let (one, then) = (&tried[place], &rows[place]);
            let table = format!("\"{}\"", one.table);
            let rules: Vec<&str> = script.lines().filter(|line| line.contains(&table)).collect();
            let (now, rules) = (one.stored(&mut session), rules.join("\n"));
            panic!("{}: {then:?} became {now:?}\n{rules}", about(&format!("undo of {}", one.name)));
        }
    }
}

fn check_examples(
    seed: u64,
    project: &Project,
    tried: &[Tried],
    before: &[Vec<Vec<String>>],
    after: &[Vec<Vec<String>>],
    counted: &mut Counted,
) {
    let types = |one: &Tried| {
        let columns = ["a", "b", "c", "d"].map(|name| format!("{name}: {}", in_script(&one.name)));
        format!("{}: #{{ n: \"integer\", f: \"boolean\", {} }}", one.table, columns.join(", "))
    };
    let types: Vec<String> = tried.iter().map(types).collect();
    let mut text = format!("given(#{{ table: #{{ {} }} }});\n", types.join(",\n"));
    for (one, (before, after)) in tried.iter().zip(before.iter().zip(after)) {
        text.push_str(&one.examples(before, after));
    }
    project.write("scripts/try/examples/these.rhai", &text);
    let output = project.output(&mut project.command("check scripts/try --format json"));
    for example in output.json()["examples"].as_array().expect("examples") {
        match (&example["passed"], &example["got"]) {
            (Value::Bool(true), _) => counted.passed += 1,
            (_, Value::Null) if example["message"].is_string() => counted.untried += 1,
            _ => panic!("seed {seed}: {example:#}"),
        }
    }
    std::fs::remove_dir_all(project.path("scripts/try/examples")).expect("removed");
}

#[test]
fn every_type_is_stored_left_and_put_back_as_it_was() {
    let asked = std::env::var("LEORA_TEST_TYPE_ROUNDS").ok().and_then(|number| number.parse().ok());
    let rounds: u64 = asked.unwrap_or(ROUNDS);
    let mut counted = Counted::default();
    for seed in 1..=rounds {
        round(seed, &mut counted);
    }
    println!("{counted:?} in {rounds} rounds");
    // Where little changes or is tried, little is shown.
    assert!(counted.changed > 400 * rounds, "{counted:?}");
    assert!(counted.taken.values().all(|taken| *taken > 60 * rounds), "{counted:?}");
    assert!(counted.passed > counted.untried, "{counted:?}");
}

#[test]
fn values_without_an_order_or_an_equality_are_not_compared() {
    let (project, database) = (Project::new(), Database::empty());
    database.run(
        "CREATE TYPE pair AS (a int, b json); CREATE DOMAIN doc AS json; \
         CREATE TABLE \"T\" (id int PRIMARY KEY, c json, d json[], e xml, f point, g box, h pair, i doc, j xid, k xid); \
         INSERT INTO \"T\" (id, g) VALUES (1, '(0,0),(1,4)')",
    );
    let cases = [
        ("c", "==", "json"),
        ("c", "<", "json"),
        ("d", "!=", "json[]"),
        ("e", "==", "xml"),
        ("f", "==", "point"),
        // Its own operator compares areas.
        ("g", "==", "box"),
        ("h", "==", "pair"),
        ("i", "==", "doc"),
        ("j", ">", "xid"),
    ];
    for (column, comparison, name) in cases {
        let script = format!(
            "update(\"T\").where(col(\"{column}\") {comparison} col(\"{column}\")).set(\"{column}\", ());"
        );
        project.script(&format!("writes = [\"T.{column}\"]"), &script);
        let wanted = if column == "j" { "have an order" } else { "can be compared" };
        project.run(&database, "scripts/try").exits(2).tells(&format!(
            "`{comparison}` needs values that {wanted}, and {column} is a value of type {name}"
        ));
    }
    project.script(
        "writes = [\"T.k\"]",
        "update(\"T\").where(not(col(\"j\") == col(\"k\"))).set(\"k\", col(\"j\"));",
    );
    project.run(&database, "scripts/try").exits(0);
    assert_eq!(database.value("SELECT count(*) FROM \"T\" WHERE g IS NOT NULL"), "1");
}
