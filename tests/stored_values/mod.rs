//! What is stored is what the rule gives, or the run stops before its first write: with every strategy, in plain and in
//! partitioned tables.

mod assignment;
mod floats;
mod guarded;
mod offsets;

use crate::support::{Database, Output, Project};

const STRATEGIES: [&str; 3] = ["update", "rewrite", "batches"];

/// A database with a table `T`, and a folder that may set its column `to`.
struct Case {
    project: Project,
    database: Database,
    name: String,
}

impl Case {
    fn run(&self, arguments: &str) -> Output {
        self.project.run(&self.database, arguments)
    }

    fn values(&self) -> Vec<String> {
        self.database.rows("SELECT coalesce(\"to\"::text, '-') FROM \"T\" ORDER BY id").concat()
    }
}

/// The same table and script for every strategy, in a plain table and in one of two partitions.
fn everywhere(setup: &str, columns: &str, rows: &str, script: &str) -> impl Iterator<Item = Case> {
    let places =
        [false, true].map(|partitioned| STRATEGIES.map(|strategy| (strategy, partitioned)));
    places.into_iter().flatten().map(move |(strategy, partitioned)| {
        let (project, database) = (Project::new(), Database::empty());
        let by = if partitioned { "PARTITION BY RANGE (id)" } else { "" };
        database.run(&format!("{setup}; CREATE TABLE \"T\" (id int PRIMARY KEY, {columns}) {by};"));
        if partitioned {
            database.run(
                "CREATE TABLE \"T_low\" PARTITION OF \"T\" FOR VALUES FROM (0) TO (2); \
                 CREATE TABLE \"T_high\" PARTITION OF \"T\" FOR VALUES FROM (2) TO (1000)",
            );
        }
        database.run(&format!("INSERT INTO \"T\" VALUES {rows}"));
        let writes = ["to", "b", "c", "d", "e"].map(|name| format!("\"T.{name}\""));
        let manifest = format!("writes = [{}]\nstrategy = \"{strategy}\"", writes.join(", "));
        project.script(&manifest, script);
        Case { project, database, name: format!("{strategy}, partitioned: {partitioned}") }
    })
}
