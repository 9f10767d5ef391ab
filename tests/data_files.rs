//! `data("overrides.csv")`: sheets as people keep them, in a folder's `data/`.

use crate::support::{Database, Output, Project};

const RULE: &str = "update(\"Customer\")\n    .set(\"city\", data(\"cities.csv\").lookup(\"accountNumber\", \"city\"));";

/// A folder with a sheet, and what its rule does.
fn project(script: &str, sheet: &str) -> (Project, Database) {
    let (project, database) = (Project::new(), Database::sample());
    project.script("writes = [\"Customer.city\", \"Customer.orderingPaceDays\"]", script);
    project.write("scripts/try/data/cities.csv", sheet);
    (project, database)
}

fn planned(script: &str, sheet: &str) -> Output {
    let (project, database) = project(script, sheet);
    project.run(&database, "plan scripts/try")
}

#[test]
fn a_sheet_gives_its_rows_their_values() {
    let sheet = "accountNumber,city,agreed with\nAC-000001,Reno,Sales\nAC-000002,,\n\"AC-000003\",\"Paso, Robles\",x\n";
    let (project, database) = project(RULE, sheet);
    let before = database.fingerprint();
    project.run(&database, "scripts/try --rows rows.csv").exits(0).says("2 of 5,394 rows changed");
    let cities = database.rows(
        "SELECT city FROM \"Customer\" WHERE \"accountNumber\" IN ('AC-000001', 'AC-000003') ORDER BY \"accountNumber\"",
    );
    assert_eq!(cities.concat(), ["Reno", "Paso, Robles"]);
    // A list names the line of the sheet.
    let rows = std::fs::read_to_string(project.path("rows.csv")).expect("a list");
    assert!(rows.contains("scripts/try/data/cities.csv:4"), "{rows}");
    project.run(&database, "why scripts/try AC-000001").exits(0).says("Reno");
    project.run(&database, "undo").exits(0);
    assert_eq!(database.fingerprint(), before);
}

#[test]
fn sheets_are_read_as_people_save_them() {
    for sheet in [
        "\u{feff}accountNumber;city\r\nAC-000001;Reno\r\n\r\n",
        "\u{feff}\"accountNumber\",\"city\"\n\"AC-000001\",\"Reno\"",
        "city , accountNumber \n Reno , AC-000001 \n",
    ] {
        planned(RULE, sheet).exits(0).says("1 of 5,394 rows would change");
    }
}

#[test]
fn numbers_are_values_of_the_column_that_is_set() {
    let script = "update(\"Customer\").set(\"orderingPaceDays\", data(\"cities.csv\").lookup(\"accountNumber\", \"days\"));";
    planned(script, "accountNumber,days\nAC-000001,99\n").exits(0).says("99");
    planned(script, "accountNumber,days\nAC-000001,99\nAC-000002,many\n")
        .exits(2)
        .tells("\"many\" is a text (scripts/try/data/cities.csv:3:1)");
}

#[test]
fn columns_and_rows_are_lists() {
    let script = "let sheet = data(\"cities.csv\");\n\
        note(`${table(\"Customer\").count(col(\"accountNumber\").is_one_of(sheet.column(\"accountNumber\")))} listed`);\n\
        for row in sheet.rows() { note(`${row.accountNumber} ${row.city == ()}`); }";
    planned(script, "accountNumber,city\nAC-000001,Reno\nAC-000002,\n")
        .exits(0)
        .says("2 listed")
        .says("AC-000001 false")
        .says("AC-000002 true");
}

#[test]
fn mistakes_are_told_at_their_line() {
    for (sheet, message) in [
        ("accountNumber,city\nAC-1,a\nAC-1,b\n", "cities.csv: AC-1 stands twice, lines 2 and 3"),
        ("accountNumber,city\n,a\n", "cities.csv:2: this row has no accountNumber"),
        ("accountNumber,town\nAC-1,a\n", "cities.csv has no column city"),
        ("accountNumber,city\nAC-1,\n", "cities.csv has no city, so nothing would be set"),
        ("accountNumber,city\nAC-1\n", "cities.csv:2: this row has 1 cell, and the header 2"),
        ("accountNumber,accountNumber\n", "cities.csv:1: two columns are called accountNumber"),
        ("", "cities.csv:1: it has no header"),
    ] {
        planned(RULE, sheet).exits(2).tells(message);
    }
    planned("data(\"citys.csv\");", "a\n1\n").exits(2).tells("did you mean cities.csv?");
    let (project, database) = project(RULE, "accountNumber,city\nAC-000001,Reno\n");
    project.write("scripts/try/data/notes.txt", "x");
    project.run(&database, "plan scripts/try").exits(2).tells("its name does not end in .csv");
}

#[test]
fn labels_of_an_enum_are_checked_before_anything_is_written() {
    let (project, database) = Project::after_phase2();
    let before = database.fingerprint();
    project.write(
        "scripts/overrides/data/overrides.csv",
        "accountNumber,accountPriority\nAC-000001,LOW\nAC-000002,HIHG\n",
    );
    project
        .run(&database, "scripts/overrides")
        .exits(2)
        .tells("AccountPriority has no value HIHG")
        .tells("scripts/overrides/data/overrides.csv:3")
        .tells("did you mean HIGH?");
    assert_eq!(database.fingerprint(), before);
}

#[test]
fn keys_that_no_row_has_are_a_warning_that_can_be_an_error() {
    let sheet = "accountNumber,city\nAC-000001,Reno\nAC-9,Reno\nAC-8,Reno\n";
    let (project, database) = project(RULE, sheet);
    project
        .run(&database, "plan scripts/try")
        .exits(0)
        .tells("! every accountNumber of cities.csv is one of Customer")
        .tells("2 of 3 are none: AC-9, AC-8");
    project.run(&database, "plan scripts/try --strict").exits(1);
    let expects = "let sheet = data(\"cities.csv\");\nexpect(\"all accounts are known\", sheet.unmatched(\"accountNumber\", \"Customer\"));";
    project.script("writes = [\"Customer.city\"]", expects);
    project.run(&database, "plan scripts/try").exits(1).says("AC-8");
}

#[test]
fn an_approved_plan_is_not_run_with_another_sheet() {
    let (project, database) = project(RULE, "accountNumber,city\nAC-000001,Reno\n");
    project.run(&database, "plan scripts/try --out plan.json").exits(0);
    project.write("scripts/try/data/cities.csv", "accountNumber,city\nAC-000001,Elko\n");
    project
        .run(&database, "scripts/try --approved plan.json")
        .exits(4)
        .tells("scripts/try/data/cities.csv");
    project.run(&database, "scripts/try").exits(0);
    project.write("scripts/try/data/cities.csv", "accountNumber,city\nAC-000001,Reno\n");
    project.run(&database, "status scripts/try").exits(0).tells("scripts/try/data/cities.csv");
}

#[test]
fn a_sheet_is_checked_without_a_database_and_examples_use_it() {
    let (project, _) = project(RULE, "accountNumber,city\nAC-000001,Reno\n");
    project.write(
        "scripts/try/examples/cities.rhai",
        "example(\"listed\", #{ accountNumber: \"AC-000001\", city: \"Napa\" }, \"city\", \"Reno\");\n\
         example(\"not listed\", #{ accountNumber: \"AC-1\", city: \"Napa\" }, \"city\", \"Napa\");",
    );
    project.output(&mut project.command("check scripts/try")).exits(0).says("2 examples hold");
    project.write("scripts/try/data/cities.csv", "accountNumber,city\nAC-1,Reno\nAC-1,Elko\n");
    project.output(&mut project.command("check scripts/try")).exits(2).tells("AC-1 stands twice");
}

#[test]
fn a_sheet_has_no_more_rows_than_its_limit() {
    let (project, database) = project(RULE, "accountNumber,city\nAC-1,a\nAC-2,b\n");
    project.script("writes = [\"Customer.city\"]\n[limits]\ndata_rows = 1", RULE);
    project
        .run(&database, "plan scripts/try")
        .exits(2)
        .tells("cities.csv:3: it has more than 1 row");
}

#[test]
fn the_folder_of_overrides_applies_its_sheet() {
    let (project, database) = Project::after_phase2();
    let plan = project.run(&database, "plan scripts/overrides").exits(0);
    plan.says("rows would change");
    project.run(&database, "scripts/overrides").exits(0);
    let sheet = std::fs::read_to_string(project.path("scripts/overrides/data/overrides.csv"));
    for line in sheet.expect("a sheet").lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        if !cells[1].is_empty() {
            let stored = database.value(&format!(
                "SELECT \"accountPriority\" FROM \"Customer\" WHERE \"accountNumber\" = '{}'",
                cells[0]
            ));
            assert_eq!(stored, cells[1], "{line}");
        }
    }
    project.run(&database, "undo").exits(0);
}
