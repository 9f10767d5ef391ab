//! What a broken script says: the file, line and caret, what is wrong, and what to do. Nothing is changed by it.

mod columns;
mod comparisons;
mod conditions;
mod functions;
mod language;
mod limits;
mod modules;
mod other_languages;
mod other_rows;
mod permissions;
mod queries;
mod row_functions;
mod rules;
mod settings;
mod syntax;

use expect_test::Expect;

use crate::support::{Database, Project};

/// A project and a database to try broken scripts on.
struct Desk {
    project: Project,
    database: Database,
    before: String,
}

/// What the shortest manifest says further.
const WRITES: &str = "writes = [\"Customer.accountType\"]";

impl Desk {
    fn new() -> Self {
        let (project, database) = (Project::new(), Database::sample());
        let before = database.fingerprint();
        Self { project, database, before }
    }

    /// A desk whose database has these further objects.
    fn with_objects(sql: &str) -> Self {
        let desk = Self::new();
        desk.database.run(sql);
        let before = desk.database.fingerprint();
        Self { before, ..desk }
    }

    /// A further file of the folder.
    fn file(self, path: &str, text: &str) -> Self {
        self.project.write(&format!("scripts/try/{path}"), text);
        self
    }

    /// The script is found to be wrong before its first step runs.
    #[track_caller]
    fn stops_early(&self, script: &str, told: Expect) -> &Self {
        self.stops_early_with("", script, told)
    }

    /// The script is found to be wrong before its first step runs, with these arguments.
    #[track_caller]
    fn stops_early_with(&self, arguments: &str, script: &str, told: Expect) -> &Self {
        self.compare(WRITES, arguments, script, told, "Nothing was changed.\n")
    }

    /// The script fails while it runs.
    #[track_caller]
    fn fails(&self, script: &str, told: Expect) -> &Self {
        self.fails_with(WRITES, "", script, told)
    }

    /// The script fails while it runs, under this manifest and with these arguments.
    #[track_caller]
    fn fails_with(&self, manifest: &str, arguments: &str, script: &str, told: Expect) -> &Self {
        let read_only = manifest.contains("read-only");
        let verdict =
            if read_only { "" } else { "Everything was rolled back: nothing was changed.\n" };
        self.compare(manifest, arguments, script, told, verdict)
    }

    #[track_caller]
    fn compare(
        &self,
        manifest: &str,
        arguments: &str,
        script: &str,
        told: Expect,
        verdict: &str,
    ) -> &Self {
        self.project.script(manifest, script);
        let output = self.project.run(&self.database, &format!("scripts/try {arguments}")).exits(2);
        let start = output.stdout.find("error: ").expect("an error is told");
        let block = output.stdout[start..].strip_suffix(verdict).expect("the verdict ends it");
        told.assert_eq(block);
        assert_eq!(output.stderr, "");
        self
    }

    /// Nothing of all that changed the database.
    #[track_caller]
    fn unchanged(&self) {
        assert_eq!(self.database.fingerprint(), self.before);
    }
}
