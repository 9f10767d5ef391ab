//! Scripts, folders, names and addresses made to hurt. Each is refused or ends in good order: exit code 0, 2 or 4, no
//! panic, no abort, in time, and with the database as it was.

mod allowlist;
mod files;
mod integrity;
mod kept_out;
mod limits;
mod names;
mod numbers;
mod property;
mod roles;
mod scripts;
mod secrets;
mod seeds;
mod sql_text;
mod terminal;

use std::time::{Duration, Instant};

use crate::support::{Database, Output, Project, attacked};

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
        let started = Instant::now();
        let output = self.project.run(&self.database, "scripts/try");
        let took = started.elapsed();
        let told = format!("{name}: exit {}\n{}\n{}", output.code, output.stdout, output.stderr);
        assert!([0, 1, 2, 3, 4].contains(&output.code), "{told}");
        assert!(!output.stdout.contains("engine fail"), "{told}");
        assert!(!output.stderr.contains("panicked"), "{told}");
        // The limit of a second, one more, and what a busy machine takes to start a process.
        assert!(took < Duration::from_secs(6), "{name} took {took:?}");
        output
    }

    /// Nothing of all that changed the database.
    #[track_caller]
    fn unchanged(&self) {
        assert_eq!(self.database.fingerprint(), self.before);
    }
}
