//! The list of an undo: what it puts back, and what it leaves since somebody edited it.

use super::{cells, lines};
use crate::support::{Database, Project};

#[test]
fn an_undo_lists_what_it_leaves_with_both_values() {
    let (project, database) = (Project::new(), Database::sample());
    project.script(
        "writes = [\"Customer.city\"]",
        "update(\"Customer\").where(col(\"city\") == \"Napa\").set(\"city\", \"Sonoma\");",
    );
    project.run(&database, "scripts/try --rows run.csv").exits(0);
    let run = cells(&project, "run.csv", &["key", "name"]);
    let (edited, deleted) = (&run[0][0], &run[1][0]);
    database.run(&format!(
        "UPDATE \"Customer\" SET city = 'Calistoga' WHERE id = '{edited}'; DELETE FROM \"Customer\" WHERE id = '{deleted}'"
    ));
    project.run(&database, "undo --dry-run --rows dry.csv").exits(0).says("dry.csv lists");
    project.run(&database, "undo --rows undo.csv").exits(0);
    let columns = ["key", "name", "old", "new", "outcome", "run_old", "run_new"];
    let listed = cells(&project, "undo.csv", &columns);
    assert_eq!(cells(&project, "dry.csv", &columns), listed);
    assert_eq!(listed.len(), run.len());
    for line in &listed {
        let [key, name, old, new, outcome, run_old, run_new] =
            line.iter().map(String::as_str).collect::<Vec<_>>()[..]
        else {
            panic!("{line:?}")
        };
        assert_eq!((run_old, run_new), ("Napa", "Sonoma"));
        match () {
            () if key == edited => {
                assert_eq!((old, new, outcome), ("Calistoga", "Calistoga", "edited"))
            }
            () if key == deleted => assert_eq!((name, old, new, outcome), ("", "", "", "deleted")),
            () => assert_eq!((old, new, outcome), ("Sonoma", "Napa", "put back")),
        }
    }
    assert_eq!(database.value("SELECT count(*) FROM \"Customer\" WHERE city = 'Calistoga'"), "1");
}

#[test]
fn the_list_of_an_undo_is_that_of_its_journal() {
    let (project, database) = Project::after_phase2();
    let done = project.run(&database, "undo --format json --rows undo.csv").exits(0).json();
    let id = done["run"].as_str().expect("an id").to_owned();
    project.run(&database, &format!("status {id} --rows status.csv")).exits(0);
    let columns = ["step", "table", "key", "accountNumber", "column", "old", "new"];
    assert_eq!(cells(&project, "undo.csv", &columns), cells(&project, "status.csv", &columns));
    assert!(lines(&project, "undo.csv").iter().all(|line| line["outcome"] == "put back"));
}
