//! The history in schema `leora_run`: the runs, their steps, and the migrations that were recorded. This file writes it,
//! `past` reads the runs.

pub(crate) mod past;

use leora_report::{DatabaseError, Outcome, Recorded};
use leora_rule::{Sql, SqlToken, lex, quote_identifier, statements};

use crate::connection::Cells;
use crate::session::remember_part_committed;
use crate::{Session, TableVerb};

/// The tables of the history.
const SCHEMA: &str = include_str!("../../../../sql/leora_run.sql");

/// The privileges that a role needs on each table, to run folders, to undo them and to show what ran.
pub const HISTORY_NEEDS: [(&str, &[TableVerb]); 4] = {
    use TableVerb::{Delete, Insert, Select, Update};
    [
        ("run", &[Select, Insert, Update]),
        ("step", &[Select]),
        ("transition", &[Select, Insert, Delete]),
        ("migration", &[Select, Insert, Update]),
    ]
};

/// The script that creates the schema of the history, for a role that may create schemas.
pub const HISTORY_SCHEMA: &str = SCHEMA;

/// The statements that create the history, a line each, to be run by a role that may create schemas.
pub fn history_schema_statements() -> Vec<String> {
    let tokens = lex(SCHEMA).unwrap_or_default();
    statements(&tokens)
        .into_iter()
        .map(|statement| format!("{};", on_one_line(statement)))
        .collect()
}

/// A statement without its comments, and with a space where white space was.
fn on_one_line(statement: &[SqlToken<'_>]) -> String {
    let mut line = String::new();
    for (at, token) in statement.iter().enumerate() {
        if at > 0 && statement[at - 1].end() < token.start {
            line.push(' ');
        }
        line.push_str(token.text);
    }
    line
}

/// The statements that let a role use the history, to be run by its owner.
pub fn history_grants(role: &str) -> Vec<String> {
    let role = quote_identifier(role);
    let granted = HISTORY_NEEDS.iter().map(|(table, verbs)| {
        let verbs: Vec<&str> = verbs.iter().map(|verb| verb.sql()).collect();
        format!("GRANT {} ON leora_run.{table} TO {role};", verbs.join(", "))
    });
    std::iter::once(format!("GRANT USAGE ON SCHEMA leora_run TO {role};")).chain(granted).collect()
}

/// A run in batches of the folder `$1` that can be resumed: it was not undone, and the folder has not run since.
const UNFINISHED: &str = "\
outcome = 'partial' AND folder = $1::text AND NOT EXISTS (
  SELECT FROM leora_run.run AS later WHERE later.number > run.number AND later.outcome IN ('done', 'partial')
     AND (later.undoes = run.id OR later.undoes IS NULL AND later.folder = run.folder))";

/// A run as it is recorded when it starts.
#[derive(Clone, Debug)]
pub struct RunRecord {
    /// The run's id.
    pub id: String,
    /// The folder, as it was given.
    pub folder: String,
    /// The folder's title.
    pub title: String,
    /// The checksums of its files, as JSON.
    pub checksums: String,
    /// The settings in force, as JSON.
    pub settings: String,
    /// The business date.
    pub as_of: String,
    /// The operating system's user and machine.
    pub started_from: String,
    /// The checksums of its files without comments, white space and line endings, as JSON.
    pub meanings: String,
    /// The run that it undoes.
    pub undoes: Option<String>,
    /// When it started, RFC 3339.
    pub started_at: String,
    /// How many runs keep their journal when it is done; all of them when `None`.
    pub keep_runs: Option<u32>,
}

/// A step as it is recorded when it is done.
#[derive(Clone, Debug)]
pub struct StepRecord {
    /// Its place in the run, from 1.
    pub number: usize,
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// How long it took, in milliseconds.
    pub ms: u128,
    /// How many rows it changed.
    pub changed: u64,
}

/// Writes the history, in the session's transaction.
#[derive(Debug)]
pub struct History<'s> {
    pub(crate) session: &'s mut Session,
}

impl<'s> History<'s> {
    /// The history that this session writes.
    pub fn new(session: &'s mut Session) -> Self {
        Self { session }
    }

    /// Creates the tables of the history where they are missing.
    ///
    /// # Errors
    /// [`DatabaseError`], such as a role that may not create a schema.
    pub fn create_tables(&mut self) -> Result<(), DatabaseError> {
        if self.exists()? { Ok(()) } else { self.session.connection.execute_text(SCHEMA) }
    }

    /// Whether there is a history that this role may read.
    pub(crate) fn is_readable(&mut self) -> Result<bool, DatabaseError> {
        let found = self.session.connection.fetch_text(
            "SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE n.nspname = 'leora_run' AND c.relname = 'run' \
             AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'))::text",
        )?;
        Ok(Cells::of_first(found).flag())
    }

    /// Whether there is a history.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn exists(&mut self) -> Result<bool, DatabaseError> {
        let found =
            self.session.connection.fetch_text("SELECT to_regclass('leora_run.run')::text")?;
        Ok(Cells::of_first(found).optional().is_some())
    }

    fn write(&mut self, text: &str, parameters: Vec<Option<String>>) -> Result<u64, DatabaseError> {
        self.session.connection.execute_inlined(&Sql { text: text.to_owned(), parameters })
    }

    /// Records that a run has started; it is seen by others when the run commits.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn record_start(&mut self, run: &RunRecord) -> Result<(), DatabaseError> {
        let text = "INSERT INTO leora_run.run (id, folder, title, checksums, settings, as_of, started_by, \
             started_from, tool, started_at, outcome, meanings, undoes) \
             VALUES ($1::text::uuid, $2, $3, $4::text::jsonb, $5::text::jsonb, $6::text::date, session_user, \
             $7, $8, $9::text::timestamptz, 'running', $10::text::jsonb, $11::text::uuid)";
        let tool = env!("CARGO_PKG_VERSION").to_owned();
        let parameters = [
            &run.id,
            &run.folder,
            &run.title,
            &run.checksums,
            &run.settings,
            &run.as_of,
            &run.started_from,
            &tool,
            &run.started_at,
            &run.meanings,
        ];
        let parameters = parameters.into_iter().cloned().map(Some).chain([run.undoes.clone()]);
        self.write(text, parameters.collect()).map(|_| ())
    }

    /// Records a step that is done, in the transaction of its writes.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn record_step(&mut self, run: &str, step: &StepRecord) -> Result<(), DatabaseError> {
        let StepRecord { number, name, title, ms, changed } = step;
        let step = serde_json::json!({"name": name, "title": title, "ms": ms, "changed": changed});
        let steps = serde_json::json!({number.to_string(): step}).to_string();
        // A run in batches that goes on comes to a step again.
        let text =
            "UPDATE leora_run.run SET steps = steps || $2::text::jsonb WHERE id = $1::text::uuid";
        self.write(text, vec![Some(run.to_owned()), Some(steps)]).map(|_| ())
    }

    /// The id and business date of the newest run of the folder, if it is one in batches that this run resumes: it has not
    /// ended, and its scripts and settings were the same.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn find_resumable(
        &mut self,
        run: &RunRecord,
    ) -> Result<Option<(String, String)>, DatabaseError> {
        let text = format!(
            "SELECT id::text, as_of::text FROM leora_run.run AS run WHERE {UNFINISHED} \
               AND meanings = $2::text::jsonb AND settings = $3::text::jsonb ORDER BY number DESC LIMIT 1"
        );
        let parameters = [run.folder.as_str(), &run.meanings, &run.settings];
        let rows = self.session.connection.fetch_inlined(&text, &parameters)?;
        Ok(rows.into_iter().next().map(|row| {
            remember_part_committed();
            let mut cells = Cells::new(row);
            (cells.text(), cells.text())
        }))
    }

    /// The id of a run in batches of this folder that has not ended, whatever its scripts and settings were.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn find_unfinished(&mut self, folder: &str) -> Result<Option<String>, DatabaseError> {
        let text = format!(
            "SELECT id::text FROM leora_run.run AS run WHERE {UNFINISHED} ORDER BY number DESC LIMIT 1"
        );
        let rows = self.session.connection.fetch_inlined(&text, &[folder])?;
        Ok(Cells::of_first(rows).optional())
    }

    /// Records that a run can be resumed: from its first batch on, until it is done.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn record_partial(&mut self, run: &str, error: Option<&str>) -> Result<(), DatabaseError> {
        let text = "UPDATE leora_run.run SET outcome = 'partial', finished_at = clock_timestamp(), error = $2 \
             WHERE id = $1::text::uuid";
        self.write(text, vec![Some(run.to_owned()), error.map(str::to_owned)]).map(|_| ())
    }

    /// Records how a run ended, with the settings as its scripts asked for them, and drops the journals
    /// of runs that are further back than it keeps.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn record_end(
        &mut self,
        run: &RunRecord,
        outcome: Outcome,
        error: Option<&str>,
    ) -> Result<(), DatabaseError> {
        let text = "UPDATE leora_run.run SET finished_at = clock_timestamp(), outcome = $2, error = $3, \
             settings = $4::text::jsonb WHERE id = $1::text::uuid";
        let parameters = vec![
            Some(run.id.clone()),
            Some(outcome.word().to_owned()),
            error.map(str::to_owned),
            Some(run.settings.clone()),
        ];
        let Some(keep) = run.keep_runs else { return self.write(text, parameters).map(|_| ()) };
        let both = format!(
            "{text}; DELETE FROM leora_run.transition WHERE run IN (SELECT id FROM leora_run.run \
             WHERE EXISTS (SELECT FROM leora_run.transition t WHERE t.run = run.id) \
             ORDER BY number DESC OFFSET {keep})"
        );
        self.write(&both, parameters).map(|_| ())
    }

    /// When a migration was recorded, in UTC to the minute; `None` where it is not, or was rolled back.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn migration_recorded_at(&mut self, name: &str) -> Result<Option<String>, DatabaseError> {
        if self.is_readable()? { self.recorded_when(name) } else { Ok(None) }
    }

    fn recorded_when(&mut self, name: &str) -> Result<Option<String>, DatabaseError> {
        let text = "SELECT to_char(recorded_at, 'YYYY-MM-DD HH24:MI') FROM leora_run.migration \
             WHERE name = $1::text AND rolled_back_at IS NULL";
        let rows = self.session.connection.fetch_inlined(text, &[name])?;
        Ok(Cells::of_first(rows).optional())
    }

    /// Records a migration's name, once.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn record_migration(&mut self, name: &str, run: &str) -> Result<Recorded, DatabaseError> {
        let text = "INSERT INTO leora_run.migration AS known (name, run, recorded_at) \
             VALUES ($1::text, $2::text::uuid, clock_timestamp()) ON CONFLICT (name) DO UPDATE \
             SET run = excluded.run, recorded_at = excluded.recorded_at, rolled_back_at = NULL \
             WHERE known.rolled_back_at IS NOT NULL";
        match self.write(text, vec![Some(name.to_owned()), Some(run.to_owned())])? {
            0 => Ok(Recorded::Already(self.recorded_when(name)?.unwrap_or_default())),
            _ => Ok(Recorded::New),
        }
    }

    /// Records that a migration was rolled back.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn record_rollback(&mut self, name: &str) -> Result<Recorded, DatabaseError> {
        let text = "UPDATE leora_run.migration SET rolled_back_at = clock_timestamp() \
             WHERE name = $1::text AND rolled_back_at IS NULL";
        let touched = self.write(text, vec![Some(name.to_owned())])?;
        Ok(if touched > 0 { Recorded::New } else { Recorded::NotRecorded })
    }
}
