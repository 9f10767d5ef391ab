//! Undoing a run of the past, rule by rule.

use super::write::put_back;
use super::{Catalog, DatabaseError, PastRule, PastRun, PutBack, Session};

/// Puts back what a run of the past changed, in a session's transaction.
#[derive(Debug)]
pub struct Undoing<'s> {
    session: &'s mut Session,
    past: &'s PastRun,
    newer: &'s [PastRun],
    run: String,
}

impl<'s> Undoing<'s> {
    /// Undoes `past` as the run `run`; `newer` are the runs since.
    pub fn of(
        session: &'s mut Session,
        past: &'s PastRun,
        newer: &'s [PastRun],
        run: &str,
    ) -> Self {
        Self { session, past, newer, run: run.to_owned() }
    }

    /// Puts back what one rule changed, where the row still holds what it wrote; `place` is its place in this undo.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server; then the transaction must be rolled back.
    pub fn put_back(&mut self, rule: &PastRule, place: usize) -> Result<PutBack, DatabaseError> {
        match Catalog::of(self.session).table(&rule.table)? {
            Some(table) => {
                put_back(self.session, self.past, rule, &table, self.newer, (&self.run, place))
            }
            None => Ok(PutBack {
                table: rule.table.clone(),
                column: rule.column.clone(),
                gone: Some(format!("{} is gone", rule.table)),
                ..PutBack::default()
            }),
        }
    }
}
