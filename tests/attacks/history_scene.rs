//! The scene of the attacks on the history: a role that may only run folders, beside an operator who may all.

use crate::support::{Database, Output, Project, Session, attacked};

pub(super) const FOLDER: &str = "writes = [\"Item.note\"]";
pub(super) const RULE: &str = "update(\"Item\").where(true).set(\"note\", \"new\");";

/// A database with a table that the role `runner` may write, and one that it may not read, and a run of both by the operator.
pub(super) struct Scene {
    pub(super) project: Project,
    pub(super) database: Database,
    pub(super) runner: String,
    /// The operator's run that wrote the secrets.
    pub(super) run: String,
}

impl Scene {
    pub(super) fn new() -> Self {
        let (project, database) = (Project::new(), Database::empty());
        database.run(
            "CREATE TABLE \"Item\" (id int PRIMARY KEY, note text); INSERT INTO \"Item\" VALUES (1, 'old'), (2, 'old'); \
             CREATE TABLE \"Secret\" (id int PRIMARY KEY, word text); INSERT INTO \"Secret\" VALUES (1, 'one'), (2, 'two')",
        );
        let runner = format!("{}_runner", database.name);
        database.run(&format!("CREATE ROLE {runner} LOGIN PASSWORD 'secret'"));
        project.script(
            "writes = [\"Secret.word\"]",
            "update(\"Secret\").where(col(\"id\") == 1).set(\"word\", \"changed\");",
        );
        project.run(&database, "scripts/try").exits(0);
        let run = database.value("SELECT id::text FROM leora_run.run");
        project.script(FOLDER, RULE);
        let asked = format!("doctor --grants scripts/try --role {runner}");
        let grants = project.run(&database, &asked).exits(0).stdout;
        database.run(&grants);
        Self { project, database, runner, run }
    }

    pub(super) fn operator(&self, arguments: &str) -> Output {
        self.project.run(&self.database, arguments)
    }

    pub(super) fn session(&self) -> Session {
        Session::of(&self.database.url_as(&self.runner, "secret"))
    }

    /// Tries the statements as the runner, each by itself; returns how many succeed.
    pub(super) fn attack(&self, statements: &[String]) -> usize {
        let mut session = self.session();
        let tries = statements.iter().map(|statement| {
            attacked("a statement on the history by a role that may only run folders");
            session.try_run(statement)
        });
        tries.filter(Result::is_ok).count()
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        let runner = &self.runner;
        self.database.run(&format!("DROP OWNED BY {runner} CASCADE; DROP ROLE {runner}"));
    }
}

pub(super) const OWN: &str = "'00000000-0000-0000-0000-00000000000a'";

/// A run of the attacker's own, as the table takes it and as the function does.
pub(super) fn own_run(writes: &str) -> [String; 2] {
    [
        format!(
            "INSERT INTO leora_run.run (id, folder, title, checksums, meanings, settings, as_of, started_by, started_from, tool, \
             started_at, outcome) VALUES ({OWN}, 'scripts/try', 'x', '{{}}', '{{}}', '{{}}', current_date, 'postgres', 'x', 'x', \
             now(), 'done')"
        ),
        format!(
            "SELECT leora_run.start_run({OWN}, 'scripts/try', 'x', '{{}}', '{{}}', current_date, 'x', 'x', now(), '{{}}', NULL, '{writes}')"
        ),
    ]
}
