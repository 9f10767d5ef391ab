//! Scripts, folders, names and addresses made to hurt. Each is refused or ends in good order: exit code 0, 2 or 4, no
//! panic, no abort, in time, and with the database as it was.

mod allowlist;
mod files;
mod history;
mod history_of_others;
mod history_scene;
mod hostile;
mod integrity;
mod kept_out;
mod limits;
mod names;
mod numbers;
mod overloads;
mod plans;
mod printed;
mod property;
mod read_back;
mod roles;
mod scripts;
mod secrets;
mod seeds;
mod sql_text;
mod terminal;
mod workflow;
mod written_files;

use std::time::Duration;

use crate::support::{Database, Output, Project, attacked, promptly};

/// A project and a database to attack.
struct Target {
    project: Project,
    database: Database,
    before: String,
}

/// A folder that may write, insert and delete all it wants, and has a second of script time.
const ROLLED_BACK: &str = "access = \"rolled-back\"\n[limits]\ntime = 1";

impl Target {
    fn new() -> Self {
        Self::with_objects("")
    }

    /// One whose database has these further objects.
    fn with_objects(sql: &str) -> Self {
        let (project, database) = (Project::new(), Database::sample());
        database.run(sql);
        let before = database.fingerprint();
        Self { project, database, before }
    }

    /// Runs a script that attacks; whatever it does, the run ends in good order and in time.
    #[track_caller]
    fn attack(&self, name: &str, script: &str) -> Output {
        self.attack_with(ROLLED_BACK, name, script)
    }

    #[track_caller]
    fn attack_with(&self, manifest: &str, name: &str, script: &str) -> Output {
        attacked(name);
        self.project.script(manifest, script);
        // The limit of a second, one more, and the start of a process.
        let output = promptly(Duration::from_secs(6), name, || {
            self.project.run(&self.database, "scripts/try")
        });
        let told = format!("{name}: exit {}\n{}\n{}", output.code, output.stdout, output.stderr);
        assert!([0, 1, 2, 3, 4].contains(&output.code), "{told}");
        assert!(!output.stdout.contains("engine fail"), "{told}");
        assert!(!output.stderr.contains("panicked"), "{told}");
        output
    }

    /// Nothing of all that changed the database.
    #[track_caller]
    fn unchanged(&self) {
        assert_eq!(self.database.fingerprint(), self.before);
    }
}
