//! Equal values with several texts are one transition, with each strategy.

use crate::support::{Database, Project};

#[test]
fn every_strategy_counts_equal_values_together() {
    let cases = [
        ("text COLLATE any_case", "a", "A", "\"b\""),
        ("citext", "a", "A", "()"),
        ("numeric", "1.5", "1.50", "2"),
        ("interval", "1 day", "24:00:00", "()"),
        ("jsonb", "1", "1.0", "()"),
        ("double precision", "0", "-0", "1"),
        ("char(3)", "a", "a  ", "\"b\""),
    ];
    for (name, own, other, new) in cases {
        let (project, database) = (Project::new(), Database::empty());
        database.run(&format!(
            "CREATE EXTENSION citext; \
             CREATE COLLATION any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false); \
             CREATE TABLE \"T\" (id int PRIMARY KEY, c {name}); \
             INSERT INTO \"T\" SELECT n, CASE WHEN n % 2 = 0 THEN '{own}'::{plain} ELSE '{other}' END FROM generate_series(1, 10) n",
            plain = name.split(" COLLATE").next().expect("a type"),
        ));
        let mut first = None;
        for strategy in ["update", "rewrite", "batches"] {
            let before = database.session().rows_hash("\"T\"", "");
            project.script(
                &format!("writes = [\"T.c\"]\nstrategy = \"{strategy}\""),
                &format!("update(\"T\").set(\"c\", {new});"),
            );
            let planned = project.run(&database, "plan scripts/try --format json").exits(0).json();
            let run = project.run(&database, "scripts/try --format json").exits(0).json();
            let [planned, done] =
                [planned, run].map(|one| one["steps"][0]["changes"][0]["transitions"].clone());
            let expected = first.get_or_insert_with(|| done.clone());
            assert_eq!(done.as_array().expect("a list").len(), 1, "{name} {strategy}: {done:#}");
            assert_eq!((&done, &planned), (&*expected, &*expected), "{name} {strategy}");
            project.run(&database, "undo").exits(0).says("Put back 10 values.");
            assert_eq!(database.session().rows_hash("\"T\"", ""), before, "{name} {strategy}");
        }
    }
}
