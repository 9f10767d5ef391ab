//! Undo where the table no longer takes the values of before the run.

use crate::support::{Database, Project};

/// The run was right, and the table has changed since, or takes no such value anew.
#[test]
fn a_value_that_the_table_no_longer_takes_is_refused_with_its_remedy() {
    let cases = [
        ("c int UNIQUE", "INSERT INTO \"T\" VALUES (3, 1)", "T_c_key"),
        ("c int, d int", "ALTER TABLE \"T\" ADD CONSTRAINT high CHECK (c > 5)", "high"),
        ("c int, EXCLUDE USING btree (c WITH =)", "INSERT INTO \"T\" VALUES (3, 1)", "T_c_excl"),
    ];
    for strategy in ["update", "rewrite", "batches"] {
        for (column, change, constraint) in cases {
            let (project, database) = (Project::new(), Database::empty());
            database.run(&format!(
                "CREATE TABLE \"T\" (id int PRIMARY KEY, {column}); INSERT INTO \"T\" (id, c) VALUES (1, 1), (2, 2)"
            ));
            project.script(
                &format!("writes = [\"T.c\"]\nstrategy = \"{strategy}\""),
                "update(\"T\").set(\"c\", [ [col(\"id\") == 1, 11], [otherwise, 12] ]);",
            );
            project.run(&database, "scripts/try").exits(0);
            database.run(change);
            let before = database.fingerprint();
            for verb in ["undo --dry-run", "undo"] {
                let refused = project.run(&database, verb).exits(3).tells(constraint);
                refused
                    .tells("the table refuses a value of before the run")
                    .tells("drop the constraint, and undo again");
                assert_eq!(database.fingerprint(), before, "{strategy} {column}");
            }
            let remedy = match constraint {
                "high" => "ALTER TABLE \"T\" DROP CONSTRAINT high",
                _ => "DELETE FROM \"T\" WHERE id = 3",
            };
            database.run(remedy);
            project.run(&database, "undo").exits(0).says("Put back 2 values.");
        }
    }
}
