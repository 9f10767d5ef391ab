//! A list as other programs read it.

use std::fs;
use std::process::Command;

use super::cells;
use crate::support::{Database, Project};

const HOSTILE: [&str; 12] = [
    "=1+1",
    "+1",
    "+A1",
    "-2+3",
    "-5",
    "@SUM(A1)",
    "\t=1",
    "a,\"b\"",
    "two\nlines",
    "a\r\nb",
    "Größe 日本",
    " ",
];

fn project() -> (Project, Database) {
    let (project, database) = (Project::new(), Database::empty());
    let quoted = |text: &&str| format!("'{}'", text.replace('\'', "''"));
    let names: Vec<String> = HOSTILE.iter().map(quoted).collect();
    database.run(&format!(
        "CREATE TABLE \"Item\" (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text, mood text); \
         INSERT INTO \"Item\" (name) SELECT unnest(ARRAY[{}])",
        names.join(", ")
    ));
    project.script("writes = [\"Item.mood\"]", "update(\"Item\").set(\"mood\", \"=cmd()\");");
    (project, database)
}

fn names(project: &Project, file: &str) -> Vec<String> {
    cells(project, file, &["name"]).concat()
}

fn sorted(texts: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut all: Vec<String> = texts.into_iter().collect();
    all.sort();
    all
}

#[test]
fn no_cell_is_run_as_a_formula_unless_that_is_asked_for() {
    let (project, database) = project();
    project.run(&database, "plan scripts/try --rows rows.csv").exits(0);
    let formulas = ["=1+1", "+A1", "-2+3", "@SUM(A1)", "\t=1"];
    let harmless = |text: &&str| match formulas.contains(text) {
        true => format!("'{text}"),
        false => (*text).to_owned(),
    };
    assert_eq!(names(&project, "rows.csv"), sorted(HOSTILE.iter().map(harmless)));
    assert_eq!(cells(&project, "rows.csv", &["new"])[0], ["'=cmd()"]);
    project.run(&database, "plan scripts/try --rows rows.csv --csv-formulas").exits(0);
    assert_eq!(names(&project, "rows.csv"), sorted(HOSTILE.map(str::to_owned)));
}

#[test]
fn excel_gets_its_mark_when_it_is_asked_for() {
    let (project, database) = project();
    for (option, mark) in [("", &b"step"[..]), (" --csv-bom", b"\xef\xbb\xbfstep")] {
        project.run(&database, &format!("plan scripts/try --rows rows.csv{option}")).exits(0);
        assert!(fs::read(project.path("rows.csv")).expect("a list").starts_with(mark));
    }
}

#[test]
fn python_and_postgresql_read_the_same_cells() {
    let (project, database) = project();
    project.run(&database, "plan scripts/try --rows rows.csv --csv-formulas").exits(0);
    let program = "import csv,json; print(json.dumps([row['name'] for row in csv.DictReader(open('rows.csv', newline='', encoding='utf-8'))]))";
    let output = Command::new("python3")
        .args(["-c", program])
        .current_dir(project.path(""))
        .output()
        .expect("python3");
    let read: Vec<String> = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(sorted(read), sorted(HOSTILE.map(str::to_owned)));
    database.run("CREATE TABLE listed (step text, \"table\" text, key text, name text, \"column\" text, old text, new text, line text)");
    let output = Command::new("psql")
        .args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--command"])
        .arg("\\copy listed FROM 'rows.csv' WITH (FORMAT csv, HEADER)")
        .arg(database.url())
        .current_dir(project.path(""))
        .env("PGCLIENTENCODING", "UTF8")
        .output()
        .expect("psql");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let read = database.rows("SELECT name FROM listed").concat();
    assert_eq!(sorted(read), sorted(HOSTILE.map(str::to_owned)));
    assert_eq!(
        database.value("SELECT count(*) FROM listed WHERE old IS NULL AND new = '=cmd()'"),
        "12"
    );
}
