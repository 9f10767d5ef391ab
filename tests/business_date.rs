//! The business date is the clock of scripts, also in texts and in queries.

use crate::support::{Database, Project};

#[test]
fn the_business_date_is_a_text_and_a_parameter_of_a_query() {
    let (project, database) = (Project::new(), Database::empty());
    let script = "//! Dates\nlet row = query(\"SELECT $1::date - 7 AS week, $2::timestamp AS since, date '2025-01-01' < $1::date AS later\", [today(), ago(months(6))])[0];\n\
                  note(`${row.week} ${row.since} ${row.later} ${today()} ${ago(days(1))}`);\n\
                  note(\"on \" + `${today()}`);";
    project.script("access = \"read-only\"\n", script);
    let ran = project.run(&database, "scripts/try --as-of 2025-10-25").exits(0);
    ran.tells("2025-10-18 2025-04-25T00:00:00 true 2025-10-25 2025-10-24 00:00:00")
        .tells("on 2025-10-25");
    project.run(&database, "check scripts/try").exits(0);
}

#[test]
fn a_folder_is_known_by_any_spelling_of_its_path() {
    let (project, database) = (Project::new(), Database::empty());
    database.run("CREATE TABLE \"T\" (id int PRIMARY KEY, c int); INSERT INTO \"T\" VALUES (1, 1)");
    let manifest = "access = \"read-write\"\nwrites = [\"T.c\"]\n";
    project.script(manifest, "//! Try\nupdate(\"T\").set(\"c\", 2);");
    project.run(&database, "plan ./scripts/../scripts/try/ --out plan.json").exits(0);
    project.run(&database, "run scripts/./try --approved plan.json").exits(0).says("1 of 1");
    let listed = project.run(&database, "status").exits(0);
    listed.says("scripts/try").says_not("./try");
}
