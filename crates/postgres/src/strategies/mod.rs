//! Writing a rule: judged first, journalled, then written.

pub(crate) mod batch_run;
pub(crate) mod batches;
pub(crate) mod key;
pub(crate) mod pace;
pub(crate) mod page_ranges;
pub(crate) mod preview;
pub(crate) mod rewrite;
pub(crate) mod rewrite_obstacle;
pub(crate) mod update;
pub(crate) mod verify_written;

pub use rewrite_obstacle::{reason_against_batches, reason_against_rewrite, rewrite_obstacle};

pub(crate) use crate::undo::put_back::{Undone, put_back};

use jiff::civil::Date;
use leora_report::{DatabaseError, Lock, WriteError};
use leora_rule::{
    Change, Fallback, Relation, Rule, Sql, Strategy, Table, compile_changes, compile_new_value,
    compile_preview, compile_row_states, compile_update,
};

use crate::Session;
use crate::journal::{JournalEntry, RulePlace};
use crate::session::locks::table_lock_holders;
use crate::strategies::rewrite::Rewritten;

/// Whether old values are kept, to go back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Journaling {
    /// They are kept with the run.
    On,
    /// They are not: everything is rolled back, and the tables for them need not be there.
    Off,
}

/// Whether a change is going to be written, or only foretold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writing {
    Done,
    Foretold,
}

/// Writes rules in a session's transaction, under the table's lock, with their journal.
#[derive(Debug)]
pub struct Writer<'s> {
    session: &'s mut Session,
    journaling: Journaling,
    strategy: Strategy,
    run: String,
    as_of: Date,
}

impl<'s> Writer<'s> {
    /// For the rules of this run, written in this way where nothing stands against it.
    pub fn new(
        session: &'s mut Session,
        run: &str,
        as_of: Date,
        journaling: Journaling,
        strategy: Strategy,
    ) -> Self {
        Self { session, journaling, strategy, run: run.to_owned(), as_of }
    }

    /// Applies a rule: computes what it would change, lets `check` refuse that, then journals and writes it. `place` says
    /// where in the run the rule stands.
    ///
    /// # Errors
    /// The error of `check`, or a [`WriteError`]; either way the transaction must be rolled back, since some of the
    /// change may be journalled already.
    pub fn apply<E: From<WriteError>>(
        &mut self,
        rule: &Rule,
        relation: &Relation,
        place: RulePlace,
        check: impl FnOnce(&Change) -> Result<(), E>,
    ) -> Result<Change, E> {
        let planned = self.plan(rule, relation, place)?;
        check(&planned.change)?;
        Ok(self.write(rule, relation, planned, place)?)
    }

    /// Computes what a rule would change. Where the table is locked already its rows are journalled in the same pass.
    fn plan(
        &mut self,
        rule: &Rule,
        relation: &Relation,
        place: RulePlace,
    ) -> Result<PlannedChange, WriteError> {
        let table = &*relation.table;
        key::trust(self.session, table, &rule.column)?;
        let in_one_pass = self.journaling == Journaling::On && self.strategy != Strategy::Batches;
        let rows = if in_one_pass {
            let (run, column) = (self.run.as_str(), rule.column.as_str());
            let entry = JournalEntry { run, place, table, column };
            let judged = compile_row_states(rule, relation, self.as_of)?;
            crate::journal::judge(self.session, entry, &judged)?
        } else {
            self.session.connection.fetch(&compile_preview(rule, relation, self.as_of)?)?
        };
        let mut change = preview::read(rule, rows);
        let journalled = in_one_pass.then(|| change.changed());
        rewrite_obstacle::decide(
            self.session,
            self.strategy,
            rule,
            table,
            Writing::Done,
            &mut change,
        )?;
        Ok(PlannedChange { change, journalled })
    }

    /// Keeps other writers out of a table that was not locked first, since it was to be written in batches. Nothing is
    /// written yet in this transaction.
    fn lock(&mut self, table: &Table) -> Result<(), DatabaseError> {
        let (schema, table) = (table.schema.clone(), table.name.clone());
        let mode = "SHARE ROW EXCLUSIVE".to_owned();
        self.session.take_locks(&[Lock { schema, table, mode }])
    }

    fn write(
        &mut self,
        rule: &Rule,
        relation: &Relation,
        planned: PlannedChange,
        place: RulePlace,
    ) -> Result<Change, WriteError> {
        let table = &*relation.table;
        let PlannedChange { mut change, journalled } = planned;
        if change.strategy == Strategy::Batches && self.journaling == Journaling::On {
            return self.in_batches(rule, table, change, place);
        }
        if change.changed() == 0 {
            return Ok(change);
        }
        if self.strategy == Strategy::Batches && change.strategy == Strategy::Update {
            self.lock(table)?;
        }
        let journalled = match (journalled, self.journaling) {
            (Some(rows), _) => rows,
            (None, Journaling::Off) => change.changed(),
            (None, Journaling::On) => {
                let (run, column) = (self.run.as_str(), rule.column.as_str());
                let entry = JournalEntry { run, place, table, column };
                let changes = compile_changes(rule, relation, self.as_of)?;
                crate::journal::keep(self.session, entry, &changes)?
            }
        };
        let written = match self.rewritten(rule, relation, &mut change)? {
            true => journalled,
            false => {
                let update = compile_update(rule, relation, self.as_of)?;
                update::write(self.session, rule, table, &update)
                    .map_err(|error| self.told_who_locks(table, error))?
            }
        };
        agree(&change, journalled, written)?;
        // A rewrite fires no trigger, and there is none that should hear of it.
        if self.journaling == Journaling::On && change.strategy != Strategy::Rewrite {
            verify_written::check(self.session, table, &rule.column, (&self.run, place.rule))?;
        }
        self.session.build_postponed_indexes(Some(&table.name))?;
        Ok(change)
    }
}

impl Session {
    /// Does what is left for the end of the transaction, when all rules are written: indexes, and statistics.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn complete_writes(&mut self) -> Result<(), DatabaseError> {
        self.build_postponed_indexes(None)?;
        rewrite::analyze(self)
    }
}

impl Writer<'_> {
    /// Writes the table anew, if that is how the change is to be written and there is room for it.
    fn rewritten(
        &mut self,
        rule: &Rule,
        relation: &Relation,
        change: &mut Change,
    ) -> Result<bool, WriteError> {
        if change.strategy != Strategy::Rewrite {
            return Ok(false);
        }
        let value = compile_new_value(rule, relation, self.as_of)?;
        match rewrite::write(self.session, &rule.column, &relation.table, &value)? {
            Rewritten::Done => Ok(true),
            Rewritten::NoRoom(reason) => {
                change.strategy = Strategy::Update;
                change.fallback = Some(Fallback { requested: Strategy::Rewrite, reason });
                Ok(false)
            }
        }
    }

    /// A row that somebody else has locked: who that may be. The transaction is at its end either way.
    fn told_who_locks(&mut self, table: &Table, error: DatabaseError) -> DatabaseError {
        if error.code() != Some("55P03") {
            return error;
        }
        // Whatever lock they hold on the table, also the weak one of a row lock.
        let mode = "ACCESS EXCLUSIVE".to_owned();
        let lock = Lock { schema: table.schema.clone(), table: table.name.clone(), mode };
        if self.session.roll_back().is_err() {
            return error;
        }
        match table_lock_holders(&mut self.session.connection, &lock) {
            Ok(holders) => {
                let mode = "a lock on one of its rows".into();
                DatabaseError::LockTimeout { table: lock.table, mode, holders }
            }
            Err(_) => error,
        }
    }
}

/// Counts what a rule would do, given its preview, and tells how it would be written.
///
/// # Errors
/// [`WriteError`], also where the table's key can't be trusted.
pub fn preview_change(
    session: &mut Session,
    rule: &Rule,
    table: &Table,
    preview: &Sql,
    strategy: Strategy,
) -> Result<Change, WriteError> {
    key::trust(session, table, &rule.column)?;
    let mut change = preview::read(rule, session.connection.fetch(preview)?);
    rewrite_obstacle::decide(session, strategy, rule, table, Writing::Foretold, &mut change)?;
    Ok(change)
}

/// What a rule would change.
struct PlannedChange {
    change: Change,
    /// How many rows are journalled already.
    journalled: Option<u64>,
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
