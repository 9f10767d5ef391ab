//! Writing a rule: judged first, journalled, then written.

mod journal;
mod preview;
mod standing;
mod stored;
mod undo;
mod update;

pub use undo::PutBack;
pub(super) use undo::{Undone, put_back};

use std::sync::Arc;

use jiff::civil::Date;

use super::locks::{Lock, table_holders};
use super::{DatabaseError, Session};
use crate::rule::{Change, Rule, RuleError, RuleStatements, Source, Sql, Strategy, Table};

/// Why a rule was not written.
#[derive(Clone, Debug, thiserror::Error)]
pub enum WriteError {
    /// The rule means nothing on this table.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// The database refused.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// Whether old values are kept, to go back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Journal {
    /// They are kept with the run.
    Kept,
    /// They are not: everything is rolled back, and the tables for them need not be there.
    NotNeeded,
}

/// Writes rules in a session's transaction, under the table's lock, with their journal.
#[derive(Debug)]
pub struct Writer<'s> {
    session: &'s mut Session,
    journal: Journal,
    run: String,
    as_of: Date,
}

impl<'s> Writer<'s> {
    /// For the rules of this run.
    pub fn of(session: &'s mut Session, run: &str, as_of: Date, journal: Journal) -> Self {
        Self { session, journal, run: run.to_owned(), as_of }
    }

    /// Judges what a rule would do, without writing.
    ///
    /// # Errors
    /// [`WriteError`]; then the transaction must be rolled back.
    pub fn foretell(&mut self, rule: &Rule, source: &Source) -> Result<Foretold, WriteError> {
        let statements = RuleStatements::compile(rule, source, self.as_of)?;
        let change = preview::judge(&mut self.session.link, rule, &statements.preview)?;
        Ok(Foretold { table: Arc::clone(&source.table), statements, change })
    }

    /// Writes a rule as it was foretold: `place` is its step, from 1, and its own place in the run.
    ///
    /// # Errors
    /// [`WriteError`]; then the transaction must be rolled back.
    pub fn write(
        &mut self,
        rule: &Rule,
        foretold: Foretold,
        place: (usize, usize),
    ) -> Result<Change, WriteError> {
        let Foretold { table, statements, change } = foretold;
        if change.changed() == 0 {
            return Ok(change);
        }
        let journalled = match self.journal {
            Journal::NotNeeded => change.changed(),
            Journal::Kept => journal::keep(
                self.session,
                &rule.column,
                &table,
                &statements.changes,
                &self.run,
                place,
            )?,
        };
        let written = match change.strategy {
            Strategy::Update => update::write(self.session, rule, &table, &statements),
        };
        let written = written.map_err(|error| self.told_who_locks(&table, error))?;
        agree(&change, journalled, written)?;
        if self.journal == Journal::Kept {
            stored::check(self.session, &table, &rule.column, (&self.run, place.1))?;
        }
        Ok(change)
    }
}

impl Writer<'_> {
    /// A row that somebody else has locked: who that may be. The transaction is at its end either way.
    fn told_who_locks(&mut self, table: &Table, error: DatabaseError) -> DatabaseError {
        if error.code() != Some("55P03") {
            return error;
        }
        // Whatever lock they hold on the table, also the weak one of a row lock.
        let mode = "ACCESS EXCLUSIVE".to_owned();
        let lock = Lock { schema: table.schema.clone(), table: table.name.clone(), mode };
        self.session.roll_back();
        match table_holders(&mut self.session.link, &lock) {
            Ok(holders) => {
                let mode = "a lock on one of its rows".into();
                DatabaseError::LockTimeout { table: lock.table, mode, holders }
            }
            Err(_) => error,
        }
    }
}

/// Counts what a rule would do, given its preview.
///
/// # Errors
/// [`DatabaseError`] of the server.
pub fn foretell(
    session: &mut Session,
    rule: &Rule,
    preview: &Sql,
) -> Result<Change, DatabaseError> {
    preview::judge(&mut session.link, rule, preview)
}

/// What a rule would do, and the statements that do it.
#[derive(Debug)]
pub struct Foretold {
    table: Arc<Table>,
    statements: RuleStatements,
    change: Change,
}

impl Foretold {
    /// What the rule would do.
    pub fn change(&self) -> &Change {
        &self.change
    }
}

/// The rows foretold, journalled and written must be the same: nobody else can write meanwhile, so a
/// difference means that a trigger or rule of the table interferes.
fn agree(change: &Change, journalled: u64, written: u64) -> Result<(), DatabaseError> {
    let foretold = change.changed();
    if foretold == journalled && journalled == written {
        return Ok(());
    }
    let Change { table, column, .. } = change;
    Err(DatabaseError::Inconsistent {
        message: format!(
            "{table}.{column}: {foretold} rows should change, {journalled} were journalled and {written} written"
        ),
        help: format!(
            "a BEFORE trigger or a rule on {table} interferes; disable it for the run, or set {column} another way"
        ),
    })
}
