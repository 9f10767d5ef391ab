//! Reading the runs of the past, and which of them are undone.

use std::collections::HashSet;
use std::path::Path;

use leora_report::{DatabaseError, PastOutcome, PastRule, PastRun, PastStep};
use leora_rule::Transition;

use crate::connection::{Cells, TextRow};
use crate::session::locks::{RUN_LOCK, advisory_lock, advisory_lock_of_run};
use crate::{History, HistoryState};

const RUNS: &str = "\
SELECT r.id::text, r.number::text, r.folder, r.title, r.as_of::text, {OUTCOME},
       to_char(r.started_at, 'YYYY-MM-DD HH24:MI'), r.started_by || ', ' || r.started_from,
       coalesce(round(extract(epoch FROM r.finished_at - r.started_at) * 1000), 0)::bigint::text,
       coalesce((SELECT sum(t.rows) FROM leora_run.transition t WHERE t.run = r.id),
                (SELECT sum(s.changed) FROM leora_run.step s WHERE s.run = r.id), 0)::text,
       coalesce((SELECT sum(pg_column_size(t.*)) FROM leora_run.transition t WHERE t.run = r.id), 0)::text,
       r.undoes::text, r.error, r.settings::text, r.checksums::text, r.meanings::text,
       to_char(r.started_at, 'YYYY-MM-DD HH24:MI:SS.US'),
       (SELECT sum((rule.value ->> 'planned')::bigint)::text FROM jsonb_each(r.batched) AS rule),
       CASE WHEN r.started_by <> session_user AND NOT EXISTS (
         SELECT FROM pg_roles ran JOIN pg_namespace own ON own.nspname = 'leora_run' AND pg_has_role(ran.oid, own.nspowner, 'USAGE')
          WHERE ran.rolname = r.started_by) THEN r.started_by END
  FROM leora_run.run r ORDER BY r.number DESC";

/// The runs by which their roles could gain nothing if they made them up: a role may set, in the schema `$1`, all columns that
/// its run could set, and the columns `$2`.
const BELIEVED: &str = "\
SELECT r.id::text FROM leora_run.run r JOIN pg_roles ran ON ran.rolname = r.started_by
 WHERE r.outcome = 'done' AND r.writes <> '[]' AND NOT EXISTS (
   SELECT FROM jsonb_array_elements_text(r.writes || $2::text::jsonb) AS settable (name) WHERE NOT EXISTS (
     SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
      WHERE n.nspname = $1::text AND c.relname || '.' || a.attname = settable.name AND NOT a.attisdropped
        AND has_column_privilege(ran.oid, c.oid, a.attnum, 'UPDATE')))";

/// A run in batches counts as partial from its first commit on. It is at work as long as a session holds the lock of runs
/// and shows this one.
fn outcome() -> String {
    let shown = advisory_lock("shown", advisory_lock_of_run("r.id::text"));
    format!(
        "CASE WHEN r.outcome = 'partial' AND EXISTS (SELECT FROM pg_locks AS held JOIN pg_locks AS shown USING (pid) \
           WHERE {} AND {shown}) THEN 'running' ELSE r.outcome END",
        advisory_lock("held", RUN_LOCK)
    )
}

impl History<'_> {
    /// Every run, newest first; none where there is no history.
    pub fn runs(&mut self) -> Result<Vec<PastRun>, DatabaseError> {
        // Where it may not be read the server says so: "nothing has run" would be wrong.
        if self.state()? == HistoryState::Missing {
            return Ok(vec![]);
        }
        let rows = self.session.connection.fetch_text(&RUNS.replace("{OUTCOME}", &outcome()))?;
        let mut runs: Vec<PastRun> = rows.into_iter().map(past_run).collect();
        let undone = undone_runs(&runs);
        for run in &mut runs {
            run.undone = undone.contains(&run.id);
        }
        Ok(runs)
    }

    /// The last run of a folder that is done and not undone; none where this role may read no history. A run of another role
    /// counts only if that role may set these columns too, as `Table.column`: they are what is written by the answer. Where
    /// more may be written by it, which is `None`, no run counts of a role that may not act for the owner of the history.
    pub fn last_run(
        &mut self,
        folder: &str,
        settable: Option<&[String]>,
    ) -> Result<Option<PastRun>, DatabaseError> {
        if !self.is_readable()? {
            return Ok(None);
        }
        let is_last = |run: &PastRun| {
            run.is_done()
                && !run.undone
                && run.undoes.is_none()
                && Path::new(&run.folder).ends_with(folder)
        };
        let mut runs = self.runs()?;
        runs.retain(is_last);
        let believed = match settable {
            Some(columns) if runs.iter().any(|run| run.stranger.is_some()) => {
                self.believed_runs(columns)?
            }
            _ => HashSet::new(),
        };
        let counts = |run: &PastRun| run.stranger.is_none() || believed.contains(&run.id);
        Ok(runs.into_iter().find(counts))
    }

    fn believed_runs(&mut self, settable: &[String]) -> Result<HashSet<String>, DatabaseError> {
        let schema = self.session.target().schema.clone();
        let settable = serde_json::json!(settable).to_string();
        let rows = self.session.connection.fetch_inlined(BELIEVED, &[&schema, &settable])?;
        Ok(rows.into_iter().map(|row| Cells::new(row).text()).collect())
    }

    /// The rules of a run, newest first.
    pub fn rules(&mut self, run: &str) -> Result<Vec<PastRule>, DatabaseError> {
        let text = "SELECT rule::text, table_schema, table_name, to_json(key_columns)::text, column_name, old_value, new_value, sum(rows)::text \
             FROM leora_run.transition WHERE run = $1::text::uuid \
             GROUP BY rule, table_schema, table_name, key_columns, column_name, old_value, new_value \
             ORDER BY leora_run.transition.rule DESC, old_value NULLS FIRST, new_value NULLS FIRST";
        let mut rules: Vec<PastRule> = Vec::new();
        for row in self.session.connection.fetch_inlined(text, &[run])? {
            let mut cells = Cells::new(row);
            let place = cells.number() as u32;
            let (schema, table) = (cells.text(), cells.text());
            let (key, column) = (cells.text(), cells.text());
            let (old, new, rows) = (cells.optional(), cells.optional(), cells.number());
            let transition = Transition { old, new, rows };
            match rules.last_mut() {
                Some(rule) if rule.rule == place => rule.transitions.push(transition),
                _ => {
                    let transitions = vec![transition];
                    rules.push(PastRule { rule: place, schema, table, key, column, transitions });
                }
            }
        }
        Ok(rules)
    }

    /// How many values a run has changed, by its journal.
    pub fn count_journalled(&mut self, run: &str) -> Result<u64, DatabaseError> {
        let text = "SELECT sum(rows)::text FROM leora_run.transition WHERE run = $1::text::uuid";
        let rows = self.session.connection.fetch_inlined(text, &[run])?;
        Ok(Cells::of_first(rows).number())
    }

    /// The steps of a run, in order.
    pub fn steps(&mut self, run: &str) -> Result<Vec<PastStep>, DatabaseError> {
        let text = "SELECT number::text, title, ms::text, changed::text FROM leora_run.step \
             WHERE run = $1::text::uuid ORDER BY leora_run.step.number";
        let rows = self.session.connection.fetch_inlined(text, &[run])?;
        let step = |row: TextRow| {
            let mut cells = Cells::new(row);
            PastStep {
                number: cells.number(),
                title: cells.text(),
                ms: cells.number(),
                changed: cells.number(),
            }
        };
        Ok(rows.into_iter().map(step).collect())
    }
}

fn past_run(row: TextRow) -> PastRun {
    let mut cells = Cells::new(row);
    PastRun {
        id: cells.text(),
        number: cells.number(),
        folder: cells.text(),
        title: cells.text(),
        as_of: cells.text(),
        outcome: PastOutcome::from_word(&cells.text()),
        started: cells.text(),
        who: cells.text(),
        ms: cells.number(),
        changed: cells.number(),
        journal_bytes: cells.number(),
        undoes: cells.optional(),
        undone: false,
        error: cells.optional().filter(|error| !error.is_empty()),
        settings: cells.text(),
        checksums: cells.text(),
        meanings: cells.text(),
        started_at: cells.text(),
        planned: cells.optional_number(),
        stranger: cells.optional(),
    }
}

/// The ids of the runs that are undone: those with an undo that is done, and not undone itself. An undo is always later
/// than what it undoes, so the newest are decided first.
fn undone_runs(newest_first: &[PastRun]) -> HashSet<String> {
    let mut undone = HashSet::new();
    for run in newest_first {
        if let Some(other) = &run.undoes
            && run.is_done()
            && !undone.contains(&run.id)
        {
            undone.insert(other.clone());
        }
    }
    undone
}

#[cfg(test)]
mod tests {
    use leora_report::{PastOutcome, PastRun};

    use super::{past_run, undone_runs};

    fn run(id: &str, outcome: &str, undoes: Option<&str>) -> PastRun {
        PastRun {
            id: id.into(),
            outcome: PastOutcome::from_word(outcome),
            undoes: undoes.map(str::to_owned),
            ..PastRun::default()
        }
    }

    fn undone(newest_first: &[PastRun]) -> Vec<String> {
        let mut ids: Vec<String> = undone_runs(newest_first).into_iter().collect();
        ids.sort();
        ids
    }

    #[test]
    fn an_undo_counts_unless_it_was_undone_itself() {
        let first = run("a", "done", None);
        let undo = run("b", "done", Some("a"));
        let redo = run("c", "done", Some("b"));
        assert!(undone(std::slice::from_ref(&first)).is_empty());
        assert_eq!(undone(&[undo.clone(), first.clone()]), ["a"]);
        assert_eq!(undone(&[redo, undo, first]), ["b"]);
    }

    #[test]
    fn an_undo_that_failed_undoes_nothing() {
        let newest_first = [run("b", "failed", Some("a")), run("a", "done", None)];
        assert!(undone(&newest_first).is_empty());
    }

    #[test]
    fn a_run_is_an_undo_by_the_run_that_it_undoes() {
        let row = |undoes: Option<&str>| {
            let mut row = vec![Some("undo".to_owned()); 18];
            row[5] = Some("postponed".into());
            row[11] = undoes.map(str::to_owned);
            row
        };
        let run = past_run(row(None));
        assert_eq!((run.folder.as_str(), run.undoes), ("undo", None));
        assert_eq!(run.outcome, PastOutcome::Other("postponed".into()));
        assert_eq!(past_run(row(Some("a"))).undoes.as_deref(), Some("a"));
    }
}
