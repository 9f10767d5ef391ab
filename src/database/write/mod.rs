//! Writing a rule: judged first, journalled, then written.

mod journal;
mod preview;
mod standing;
mod undo;
mod update;

pub use undo::PutBack;
pub(super) use undo::{Undone, put_back};

use std::sync::Arc;

use jiff::civil::Date;

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

/// Writes rules in a session's transaction, under the table's lock, with their journal.
#[derive(Debug)]
pub struct Writer<'s> {
    session: &'s mut Session,
    run: String,
    as_of: Date,
}

impl<'s> Writer<'s> {
    /// For the rules of this run.
    pub fn of(session: &'s mut Session, run: &str, as_of: Date) -> Self {
        Self { session, run: run.to_owned(), as_of }
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
        let journalled = journal::keep(
            self.session,
            &rule.column,
            &table,
            &statements.changes,
            &self.run,
            place,
        )?;
        let written = match change.strategy {
            Strategy::Update => update::write(self.session, rule, &table, &statements)?,
        };
        agree(&change, journalled, written)?;
        Ok(change)
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
