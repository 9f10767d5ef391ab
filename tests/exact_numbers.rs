//! Numbers are exact decimals from the script to the table and back.

use crate::support::{Database, Project};

const MANIFEST: &str = "access = \"read-write\"\nwrites = [\"T.exact\"]\n";

fn project(script: &str) -> Project {
    let project = Project::new();
    project.script(MANIFEST, &format!("//! Numbers\n{script}"));
    project
}

/// A table whose column holds a number of 25 digits, 3 of them behind the point.
fn table() -> Database {
    let database = Database::empty();
    database.run("CREATE TABLE \"T\" (id int PRIMARY KEY, exact numeric(25, 3)); INSERT INTO \"T\" VALUES (1, 0)");
    database
}

#[test]
fn a_number_of_a_script_is_stored_and_compared_as_written() {
    for number in ["12345678901234567.25", "9223372036854775809", "1234567890123456.78"] {
        let database = table();
        let script = format!(
            "update(\"T\").set(\"exact\", {number});\nexpect(\"found\", table(\"T\").count(col(\"exact\") == {number}) == 1);"
        );
        let project = project(&script);
        project.run(&database, "scripts/try").exits(0);
        let stored = format!("SELECT exact = {number} FROM \"T\"");
        assert_eq!(database.value(&stored), "t", "{number}");
        project.run(&database, "scripts/try").exits(0).says("nothing to change");
    }
}

#[test]
fn a_setting_is_as_exact_as_its_default() {
    let database = table();
    let script = "let value = setting(\"value\", 0.5);\nnote(`below ${value < 0.4}`);\nupdate(\"T\").set(\"exact\", value);";
    let project = project(script);
    project.run(&database, "scripts/try").exits(0).says("below false");
    let given = "scripts/try --set value=12345678901234567.25";
    project.run(&database, given).exits(0).says("below false");
    assert_eq!(database.value("SELECT exact::text FROM \"T\""), "12345678901234567.250");
    let too_long = "scripts/try --set value=0.12345678901234567890123456789012";
    project.run(&database, too_long).exits(2).says("is longer than the");
}

#[test]
fn a_query_gives_numbers_as_the_server_has_them() {
    let database = table();
    let script = "let row = query(\"SELECT avg(n) AS mean, 12345678901234567.25::numeric AS exact FROM (SELECT unnest(ARRAY[2, 3, 2]) AS n) AS v\")[0];\n\
                  note(`below ${row.mean < 2.5}`);\nupdate(\"T\").set(\"exact\", row.exact);";
    project(script).run(&database, "scripts/try").exits(0).says("below true");
    assert_eq!(database.value("SELECT exact::text FROM \"T\""), "12345678901234567.250");
}

#[test]
fn arithmetic_of_scripts_is_decimal() {
    let script = "note(`${0.1 + 0.2 == 0.3} ${12345678901234567.25 + 1} ${7.0 / 2} ${7 / 2}`);";
    project(script).run(&table(), "scripts/try").exits(0).says("true 12345678901234568.25 3.5 3");
}

#[test]
fn a_number_that_would_be_rounded_is_refused_at_its_place() {
    let project = project("note(`${0.12345678901234567890123456789012}`);");
    let refused = project.output(&mut project.command("check scripts/try")).exits(2);
    refused.says("has more digits than a number can have").says("a number has at most 28 digits");
}
