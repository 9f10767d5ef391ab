//! The runs of the past: what there is to tell, and what can be undone.

use std::collections::HashMap;
use std::path::Path;

use leora_report::{DatabaseError, PastOutcome, PastRule, PastRun, PastStep};
use leora_rule::{Sql, Transition};

use crate::History;
use crate::connection::TextRow;

const RUNS: &str = "\
SELECT r.id::text, r.number::text, r.folder, r.title, r.as_of::text, r.outcome,
       to_char(r.started_at, 'YYYY-MM-DD HH24:MI'), r.started_by || ', ' || r.started_from,
       coalesce(round(extract(epoch FROM r.finished_at - r.started_at) * 1000), 0)::bigint::text,
       coalesce((SELECT sum(t.rows) FROM leora_run.transition t WHERE t.run = r.id),
                (SELECT sum(s.changed) FROM leora_run.step s WHERE s.run = r.id), 0)::text,
       coalesce((SELECT sum(pg_column_size(t.*)) FROM leora_run.transition t WHERE t.run = r.id), 0)::text,
       r.undoes::text, r.error, r.settings::text, r.checksums::text, r.meanings::text,
       to_char(r.started_at, 'YYYY-MM-DD HH24:MI:SS.US')
  FROM leora_run.run r ORDER BY r.number DESC";

impl History<'_> {
    /// Every run, newest first; none where there is no history.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn runs(&mut self) -> Result<Vec<PastRun>, DatabaseError> {
        // Where it may not be read the server says so: "nothing has run" would be wrong.
        if !self.exists()? {
            return Ok(vec![]);
        }
        let rows = self.ask(RUNS, vec![])?;
        let mut runs: Vec<PastRun> = rows.into_iter().map(run).collect();
        let undone = undone(&runs);
        for run in &mut runs {
            run.undone = undone.get(&run.id).copied().unwrap_or(false);
        }
        Ok(runs)
    }

    /// The last run of a folder that is done and not undone; none where this role may read no history.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn last_run(&mut self, folder: &str) -> Result<Option<PastRun>, DatabaseError> {
        if !self.readable()? {
            return Ok(None);
        }
        let is_last = |run: &PastRun| {
            run.is_done()
                && !run.undone
                && run.undoes.is_none()
                && Path::new(&run.folder).ends_with(folder)
        };
        Ok(self.runs()?.into_iter().find(is_last))
    }

    /// The rules of a run, newest first.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn rules(&mut self, run: &str) -> Result<Vec<PastRule>, DatabaseError> {
        let text = "SELECT rule::text, table_schema, table_name, to_json(key_columns)::text, column_name, old_value, new_value, sum(rows)::text \
             FROM leora_run.transition WHERE run = $1::text::uuid \
             GROUP BY rule, table_schema, table_name, key_columns, column_name, old_value, new_value \
             ORDER BY leora_run.transition.rule DESC, old_value NULLS FIRST, new_value NULLS FIRST";
        let mut rules: Vec<PastRule> = Vec::new();
        for row in self.ask(text, vec![run.to_owned()])? {
            let mut cells = row.into_iter();
            let mut next = || cells.next().flatten();
            let place = number(next()) as u32;
            let mut text = || next().unwrap_or_default();
            let (schema, table, key, column) = (text(), text(), text(), text());
            let transition = Transition { old: next(), new: next(), rows: number(next()) };
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
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn count_journalled(&mut self, run: &str) -> Result<u64, DatabaseError> {
        let text = "SELECT sum(rows)::text FROM leora_run.transition WHERE run = $1::text::uuid";
        let rows = self.ask(text, vec![run.to_owned()])?;
        Ok(number(rows.into_iter().flatten().flatten().next()))
    }

    /// The steps of a run, in order.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn steps(&mut self, run: &str) -> Result<Vec<PastStep>, DatabaseError> {
        let text = "SELECT number::text, title, ms::text, changed::text FROM leora_run.step \
             WHERE run = $1::text::uuid ORDER BY leora_run.step.number";
        let rows = self.ask(text, vec![run.to_owned()])?;
        let step = |row: TextRow| {
            let mut cells = row.into_iter();
            let mut next = || cells.next().flatten();
            PastStep {
                number: number(next()),
                title: next().unwrap_or_default(),
                ms: number(next()),
                changed: number(next()),
            }
        };
        Ok(rows.into_iter().map(step).collect())
    }

    pub(crate) fn ask(
        &mut self,
        text: &str,
        parameters: Vec<String>,
    ) -> Result<Vec<TextRow>, DatabaseError> {
        let parameters = parameters.into_iter().map(Some).collect();
        self.session.connection.fetch_inlined(&Sql { text: text.to_owned(), parameters })
    }
}

fn number(text: Option<String>) -> u64 {
    text.and_then(|text| text.parse().ok()).unwrap_or(0)
}

fn run(row: TextRow) -> PastRun {
    let mut cells = row.into_iter();
    let mut next = || cells.next().flatten();
    let mut text = || next().unwrap_or_default();
    PastRun {
        id: text(),
        number: text().parse().unwrap_or(0),
        folder: text(),
        title: text(),
        as_of: text(),
        outcome: PastOutcome::from_word(&text()),
        started: text(),
        who: text(),
        ms: text().parse().unwrap_or(0),
        changed: text().parse().unwrap_or(0),
        journal_bytes: text().parse().unwrap_or(0),
        undoes: Some(text()).filter(|id| !id.is_empty()),
        undone: false,
        error: Some(text()).filter(|error| !error.is_empty()),
        settings: text(),
        checksums: text(),
        meanings: text(),
        started_at: text(),
    }
}

/// Which runs are undone: those with an undo that is done, and not undone itself. An undo is always later than what
/// it undoes, so the newest are decided first.
fn undone(newest_first: &[PastRun]) -> HashMap<String, bool> {
    let mut undone: HashMap<String, bool> = HashMap::new();
    for run in newest_first {
        let stands = run.is_done() && !undone.get(&run.id).copied().unwrap_or(false);
        if let (Some(other), true) = (&run.undoes, stands) {
            undone.insert(other.clone(), true);
        }
    }
    undone
}
