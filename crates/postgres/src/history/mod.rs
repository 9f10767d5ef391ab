//! The history in schema `leora_run`: the runs, their steps, and the migrations that were recorded. This file writes it,
//! `past` reads the runs.

pub(crate) mod past;
mod schema;

use leora_report::{DatabaseError, Outcome, Recorded};
use leora_rule::Sql;

use crate::Session;
use crate::connection::Cells;

pub use schema::{HISTORY_SCHEMA, HISTORY_UPGRADE, HistoryState};

/// The tables and views that a role reads, to run folders, to undo them and to show what ran. Its functions write.
pub const HISTORY_READS: [&str; 4] = ["run", "step", "transition", "migration"];

/// The functions that record migrations, which only folders with `records` call.
pub(crate) const HISTORY_RECORDERS: [&str; 2] = ["record_migration", "record_rollback"];

/// The functions of the history that every run calls.
pub(crate) fn history_functions() -> Vec<&'static str> {
    let defined = HISTORY_SCHEMA.lines().filter_map(|line| line.strip_prefix("CREATE FUNCTION "));
    let names = defined.filter_map(|line| line.split('(').next());
    let records = |name: &&str| HISTORY_RECORDERS.iter().any(|recorder| name.ends_with(recorder));
    names.filter(|name| !records(name)).collect()
}

/// A run in batches of the folder `$1` that can be resumed: it was not undone, and the folder has not run since, by the same
/// role or one that may act for the owner of the history. Any other could make such a run up.
const UNFINISHED: &str = "\
outcome = 'partial' AND folder = $1::text AND NOT EXISTS (
  SELECT FROM leora_run.run AS later WHERE later.number > run.number AND later.outcome IN ('done', 'partial')
     AND (later.undoes = run.id OR later.undoes IS NULL AND later.folder = run.folder AND (later.started_by = run.started_by
       OR EXISTS (SELECT FROM pg_roles r JOIN pg_namespace n ON n.nspname = 'leora_run'
                   WHERE r.rolname = later.started_by AND pg_has_role(r.oid, n.nspowner, 'USAGE')))))";

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
    /// What its folder may set, as a JSON array of `Table.column`. An undo may set what the run could that it undoes.
    pub writes: String,
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

    pub(crate) fn is_readable(&mut self) -> Result<bool, DatabaseError> {
        Ok(match self.state()? {
            HistoryState::Missing => false,
            HistoryState::Ready { readable } | HistoryState::Old { readable, .. } => readable,
        })
    }

    fn write(&mut self, text: &str, parameters: Vec<Option<String>>) -> Result<(), DatabaseError> {
        let sql = Sql { text: text.to_owned(), parameters };
        self.session.connection.execute_inlined(&sql).map(drop)
    }

    /// Records that a run has started; it is seen by others when the run commits.
    pub fn record_start(&mut self, run: &RunRecord) -> Result<(), DatabaseError> {
        let text = "SELECT leora_run.start_run($1::text::uuid, $2::text, $3::text, $4::text::jsonb, $5::text::jsonb, \
             $6::text::date, $7::text, $8::text, $9::text::timestamptz, $10::text::jsonb, $11::text::uuid, $12::text::jsonb)";
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
        let parameters = parameters
            .into_iter()
            .cloned()
            .map(Some)
            .chain([run.undoes.clone(), Some(run.writes.clone())]);
        self.write(text, parameters.collect())
    }

    /// Records a step that is done, in the transaction of its writes.
    pub fn record_step(&mut self, run: &str, step: &StepRecord) -> Result<(), DatabaseError> {
        let StepRecord { number, name, title, ms, changed } = step;
        let step = serde_json::json!({"name": name, "title": title, "ms": ms, "changed": changed});
        let steps = serde_json::json!({number.to_string(): step}).to_string();
        // A run in batches that goes on comes to a step again.
        let text = "SELECT leora_run.record_step($1::text::uuid, $2::text::jsonb)";
        self.write(text, vec![Some(run.to_owned()), Some(steps)])
    }

    /// The id and business date of the newest run of the folder, if it is one in batches that this run resumes: it has not
    /// ended, its scripts and settings were the same, and the same role started it.
    ///
    /// # Errors
    /// [`DatabaseError::Inconsistent`] when its journal was changed, and [`DatabaseError`] of the server.
    pub fn find_resumable(
        &mut self,
        run: &RunRecord,
    ) -> Result<Option<(String, String)>, DatabaseError> {
        let text = format!(
            "SELECT id::text, as_of::text, leora_run.is_intact(id)::text FROM leora_run.run AS run WHERE {UNFINISHED} \
               AND started_by = session_user AND meanings = $2::text::jsonb AND settings = $3::text::jsonb \
             ORDER BY number DESC LIMIT 1"
        );
        let parameters = [run.folder.as_str(), &run.meanings, &run.settings];
        let rows = self.session.connection.fetch_inlined(&text, &parameters)?;
        let Some(row) = rows.into_iter().next() else { return Ok(None) };
        let mut cells = Cells::new(row);
        let (run, as_of) = (cells.text(), cells.text());
        if !cells.flag() {
            return Err(DatabaseError::Inconsistent {
                message: format!("the journal of run {run}, which would be resumed, is not what that run wrote"),
                help: "somebody has changed it since; with other settings, or another script, a new run begins".into(),
            });
        }
        self.session.remember_part_committed();
        Ok(Some((run, as_of)))
    }

    /// The id of a run in batches of this folder that has not ended, whatever its scripts and settings were.
    pub fn find_unfinished(&mut self, folder: &str) -> Result<Option<String>, DatabaseError> {
        let text = format!(
            "SELECT id::text FROM leora_run.run AS run WHERE {UNFINISHED} ORDER BY number DESC LIMIT 1"
        );
        let rows = self.session.connection.fetch_inlined(&text, &[folder])?;
        Ok(Cells::of_first(rows).optional())
    }

    /// Records that a run can be resumed: from its first batch on, until it is done.
    pub fn record_partial(&mut self, run: &str, error: Option<&str>) -> Result<(), DatabaseError> {
        let text = "SELECT leora_run.pause_run($1::text::uuid, $2::text)";
        self.write(text, vec![Some(run.to_owned()), error.map(str::to_owned)])
    }

    /// Records how a run ended, with the settings as its scripts asked for them, and drops the journals
    /// of runs that are further back than it keeps.
    pub fn record_end(
        &mut self,
        run: &RunRecord,
        outcome: Outcome,
        error: Option<&str>,
    ) -> Result<(), DatabaseError> {
        let text = "SELECT leora_run.end_run($1::text::uuid, $2::text, $3::text, $4::text::jsonb, $5::text::bigint)";
        let parameters = vec![
            Some(run.id.clone()),
            Some(outcome.word().to_owned()),
            error.map(str::to_owned),
            Some(run.settings.clone()),
            run.keep_runs.map(|keep| keep.to_string()),
        ];
        self.write(text, parameters)
    }

    /// When a migration was recorded, in UTC to the minute; `None` where it is not, or was rolled back.
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
    pub fn record_migration(&mut self, name: &str, run: &str) -> Result<Recorded, DatabaseError> {
        match self.write_record("record_migration", name, run)? {
            true => Ok(Recorded::New),
            false => Ok(Recorded::Already(self.recorded_when(name)?.unwrap_or_default())),
        }
    }

    /// Records that a migration was rolled back.
    pub fn record_rollback(&mut self, name: &str, run: &str) -> Result<Recorded, DatabaseError> {
        let written = self.write_record("record_rollback", name, run)?;
        Ok(if written { Recorded::New } else { Recorded::NotRecorded })
    }

    /// Returns whether there was something to record.
    fn write_record(
        &mut self,
        function: &str,
        name: &str,
        run: &str,
    ) -> Result<bool, DatabaseError> {
        let text = format!("SELECT leora_run.{function}($1::text::uuid, $2::text)::text");
        let rows = self.session.connection.fetch_inlined(&text, &[run, name])?;
        Ok(Cells::of_first(rows).flag())
    }
}
