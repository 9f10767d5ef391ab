//! Writing a rule: counted first, journalled, then written.

use jiff::civil::Date;
use leora_report::{DatabaseError, Lock, WriteError};
use leora_rule::{
    Change, DecidedRows, Fallback, Relation, Rule, Strategy, Table, compile_changes,
    compile_new_value, compile_preview, compile_row_states, compile_update,
};

use crate::connection::TextRow;
use crate::foresight::foresee;
use crate::journal::touched_rows::TouchedRows;
use crate::journal::verify_written::verify_written;
use crate::journal::{self, JournalEntry, RulePlace};
use crate::session::locks::table_lock_holders;
use crate::strategies::batch_progress::BatchProgress;
use crate::strategies::batches::{self, BatchedRule};
use crate::strategies::choice::{Purpose, choose_strategy};
use crate::strategies::preview::{find_moves, find_moves_of, read_change};
use crate::strategies::rewrite::{self, Rewritten};
use crate::strategies::update::{self, Pieces};
use crate::unique_moves::UniqueMoves;
use crate::{Session, Transaction, declared_key};

/// Whether old values are journalled, for an undo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Journaling {
    /// They are kept with the run.
    On,
    /// Everything is rolled back, and the tables of the journal need not exist.
    Off,
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
    /// For the rules of this run, written with this strategy where nothing speaks against it.
    pub fn new(
        session: &'s mut Session,
        run: &str,
        as_of: Date,
        journaling: Journaling,
        strategy: Strategy,
    ) -> Self {
        Self { session, journaling, strategy, run: run.to_owned(), as_of }
    }

    /// Applies a rule: computes what it would change, lets `check` refuse that, then journals and writes it. `place` is
    /// the rule's place in the run.
    ///
    /// # Errors
    /// The error of `check`, or a [`WriteError`]; either way the transaction must be rolled back, since some of the
    /// change may be journalled already.
    pub fn apply<E: From<WriteError>>(
        &mut self,
        rule: &Rule,
        relation: &Relation,
        place: RulePlace,
        check: impl FnOnce(&mut Session, &Change) -> Result<(), E>,
    ) -> Result<Change, E> {
        let planned = self.plan(rule, relation, place)?;
        check(self.session, &planned.change)?;
        let change = &planned.change;
        // What the server refuses in one of several batches would leave the others committed.
        if change.strategy == Strategy::Batches && change.changed() > 0 {
            foresee(self.session, rule, relation, self.as_of)?;
        }
        Ok(self.write(rule, relation, place, planned)?)
    }

    /// Where the table is locked already its rows are journalled in the same pass.
    fn plan(
        &mut self,
        rule: &Rule,
        relation: &Relation,
        place: RulePlace,
    ) -> Result<PlannedChange, WriteError> {
        let table = &*relation.table;
        let in_one_pass = self.journaling == Journaling::On && self.strategy != Strategy::Batches;
        let compile = if in_one_pass { compile_row_states } else { compile_preview };
        let mut statement = compile(rule, relation, self.as_of)?;
        declared_key::check(self.session, table, &rule.column)?;
        let may_batch = self.strategy == Strategy::Batches
            && self.journaling == Journaling::On
            && !relation.table.may_call();
        if self.strategy == Strategy::Batches && !may_batch && relation.has_figures() {
            self.lock(table)?;
        }
        let decided = if may_batch { None } else { self.decide(rule, relation, place)? };
        if let Some(decided) = &decided {
            let data_type = &table.require_column(&rule.column)?.data_type;
            statement = if in_one_pass { decided.row_states() } else { decided.preview(data_type) };
        }
        let moves = match &decided {
            Some(decided) => find_moves_of(self.session, rule, table, &decided.changes(table))?,
            None => find_moves(self.session, rule, relation, self.as_of)?,
        };
        let rows = if in_one_pass {
            let entry = JournalEntry { run: &self.run, place, table, column: &rule.column };
            journal::write_and_count(self.session, entry, &statement)?
        } else {
            self.session.connection.fetch(&statement)?
        };
        let journalled = in_one_pass.then(|| journalled_rows(&rows));
        let mut change = read_change(rule, rows);
        let (strategy, purpose) = (self.strategy, Purpose::Write);
        choose_strategy(self.session, strategy, rule, table, purpose, moves.as_ref(), &mut change)?;
        Ok(PlannedChange { change, journalled, moves, decided })
    }

    /// Keeps what the rule decides, where other rows give it something that may change from statement to statement. A batch
    /// sees one snapshot.
    fn decide(
        &mut self,
        rule: &Rule,
        relation: &Relation,
        place: RulePlace,
    ) -> Result<Option<DecidedRows>, WriteError> {
        if !relation.has_figures() {
            return Ok(None);
        }
        let decided = DecidedRows::of_rule(place.rule);
        if relation.table.may_call() {
            let (create, fill) = decided.create_and_fill(rule, relation, self.as_of)?;
            self.session.connection.execute_text(&create)?;
            self.session.fill_read_only(&fill)?;
        } else {
            let create = decided.create(rule, relation, self.as_of)?;
            self.session.connection.execute_text(&create)?;
        }
        Ok(Some(decided))
    }

    fn write(
        &mut self,
        rule: &Rule,
        relation: &Relation,
        place: RulePlace,
        planned: PlannedChange,
    ) -> Result<Change, WriteError> {
        let table = &*relation.table;
        let PlannedChange { mut change, journalled, moves, decided } = planned;
        if change.strategy == Strategy::Batches && self.journaling == Journaling::On {
            return self.write_in_batches(rule, relation, place, change);
        }
        if change.changed() == 0 {
            return Ok(change);
        }
        if self.strategy == Strategy::Batches && change.strategy == Strategy::Update {
            self.lock(table)?;
        }
        let decided = match decided {
            Some(decided) => Some(decided),
            None => self.decide(rule, relation, place)?,
        };
        let journalled = match (journalled, self.journaling) {
            (Some(rows), _) => rows,
            (None, Journaling::Off) => change.changed(),
            (None, Journaling::On) => {
                let entry = JournalEntry { run: &self.run, place, table, column: &rule.column };
                let changes = match &decided {
                    Some(decided) => decided.changes(table),
                    None => compile_changes(rule, relation, self.as_of)?,
                };
                journal::write(self.session, entry, &changes)?
            }
        };
        if !self.rewrite(rule, relation, &mut change)? {
            let planned = PlannedChange { change, journalled: Some(journalled), moves, decided };
            return self.write_by_update(rule, relation, place, planned);
        }
        check_counts(&change, journalled, journalled)?;
        self.session.build_deferred_indexes(Some(&table.name))?;
        Ok(change)
    }

    fn write_by_update(
        &mut self,
        rule: &Rule,
        relation: &Relation,
        place: RulePlace,
        planned: PlannedChange,
    ) -> Result<Change, WriteError> {
        let table = &*relation.table;
        let touched = TouchedRows::count(self.session, table)?;
        let written = self.update(rule, relation, &planned)?;
        let PlannedChange { change, journalled, decided, .. } = planned;
        let journalled = journalled.unwrap_or_default();
        if let Some(decided) = decided {
            self.session.connection.execute_text(&decided.drop())?;
        }
        check_counts(&change, journalled, written.rows)?;
        if self.journaling == Journaling::On {
            verify_written(self.session, table, &rule.column, &self.run, place.rule)?;
        }
        touched.verify(self.session, &rule.column, written.versions)?;
        self.session.build_deferred_indexes(Some(&table.name))?;
        Ok(change)
    }

    /// Keeps other writers out of a table that was not locked first, since it was to be written in batches. Nothing is
    /// written yet in this transaction.
    fn lock(&mut self, table: &Table) -> Result<(), DatabaseError> {
        let (schema, table) = (table.schema.clone(), table.name.clone());
        let mode = "SHARE ROW EXCLUSIVE".to_owned();
        self.session.take_locks(&[Lock { schema, table, mode }])
    }

    /// Writes a rule in batches, or what is left of it. What the run has written so far is committed before, and the
    /// session is in a new transaction afterwards.
    fn write_in_batches(
        &mut self,
        rule: &Rule,
        relation: &Relation,
        place: RulePlace,
        change: Change,
    ) -> Result<Change, WriteError> {
        let table = &*relation.table;
        let run = self.run.as_str();
        let progress = match BatchProgress::load(self.session, run, place.rule)? {
            Some(progress) => progress,
            None if change.changed() == 0 => return Ok(change),
            None => BatchProgress::start(self.session, run, place.rule, &change)?,
        };
        let mut left = 0;
        if !progress.finished {
            self.session.commit_part(run, place.rule)?;
            let (began, as_of) = (progress.began, self.as_of);
            let batched = BatchedRule { rule, relation, table, run, place, began, as_of };
            left = batches::write(self.session, &batched)?;
            self.session.begin(Transaction::ReadWrite)?;
            BatchProgress::finish(self.session, run, place.rule)?;
        }
        let cast =
            table.column(&rule.column).map_or("pg_catalog.text", |column| &column.data_type.cast);
        let transitions = journal::transitions(self.session, cast, run, place.rule)?;
        Ok(Change { transitions, unchanged: progress.unchanged, left, ..change })
    }

    /// Writes the rows by UPDATE: all at once, or one after the other where a unique value passes from row to row.
    fn update(
        &mut self,
        rule: &Rule,
        relation: &Relation,
        planned: &PlannedChange,
    ) -> Result<Written, WriteError> {
        let table = &*relation.table;
        let PlannedChange { moves, decided, journalled, .. } = planned;
        let journalled = journalled.unwrap_or_default();
        if let Some(moves) = moves {
            let column = table.require_column(&rule.column)?;
            let changes = match decided {
                Some(decided) => decided.changes(table),
                None => compile_changes(rule, relation, self.as_of)?,
            };
            let further = moves
                .write(self.session, table, column, &changes)
                .map_err(|error| self.with_lock_holders(table, error))?;
            if let Some(further) = further {
                return Ok(Written { rows: journalled, versions: journalled + further });
            }
        }
        let update = match decided {
            Some(decided) => decided.update(rule, table),
            None => compile_update(rule, relation, self.as_of)?,
        };
        let in_one = moves.is_some() || decided.is_some();
        let pieces = if in_one { Pieces::One } else { Pieces::Ranges };
        let rows = update::write(self.session, rule, table, &update, pieces)
            .map_err(|error| self.with_lock_holders(table, error))?;
        Ok(Written { rows, versions: rows })
    }

    /// Rewrites the table, if that is the strategy of the change and there is room for it; returns whether it did.
    fn rewrite(
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

    /// The error with the sessions that may hold the lock of a row, where that is what it is about. The transaction can't
    /// go on either way.
    fn with_lock_holders(&mut self, table: &Table, error: DatabaseError) -> DatabaseError {
        if error.code() != Some("55P03") || self.session.roll_back().is_err() {
            return error;
        }
        // Whatever lock they hold on the table, also the weak one of a row lock.
        let mode = "ACCESS EXCLUSIVE".to_owned();
        let lock = Lock { schema: table.schema.clone(), table: table.name.clone(), mode };
        match table_lock_holders(&mut self.session.connection, &lock) {
            Ok(holders) => {
                let mode = "a lock on one of its rows".into();
                DatabaseError::LockTimeout { table: lock.table, mode, holders }
            }
            Err(_) => error,
        }
    }
}

impl Session {
    /// Does what is left for the end of the transaction, when all rules are written: indexes, and statistics.
    pub fn complete_writes(&mut self) -> Result<(), DatabaseError> {
        self.build_deferred_indexes(None)?;
        rewrite::analyze(self)?;
        self.connection.drop_temporary_tables()
    }
}

struct Written {
    rows: u64,
    /// How many row versions that took: a row that goes through NULL is written twice.
    versions: u64,
}

struct PlannedChange {
    change: Change,
    /// How many rows are journalled already.
    journalled: Option<u64>,
    moves: Option<UniqueMoves>,
    decided: Option<DecidedRows>,
}

/// By the last column of each row.
fn journalled_rows(rows: &[TextRow]) -> u64 {
    let last = rows.first().and_then(|row| row.last().cloned().flatten());
    last.and_then(|count| count.parse().ok()).unwrap_or_default()
}

/// The rows planned, journalled and written must be the same: no one else can write meanwhile, so a difference means that
/// a trigger or rule of the table interferes.
fn check_counts(change: &Change, journalled: u64, written: u64) -> Result<(), DatabaseError> {
    let planned = change.changed();
    if planned == journalled && journalled == written {
        return Ok(());
    }
    let Change { table, column, .. } = change;
    Err(DatabaseError::Inconsistent {
        message: format!(
            "{table}.{column}: {planned} rows should change, {journalled} were journalled and {written} written"
        ),
        help: format!(
            "a BEFORE trigger or a rule on {table} interferes; disable it for the run, or set {column} another way"
        ),
    })
}

#[cfg(test)]
mod tests {
    use leora_rule::{Change, Strategy, Transition, UnchangedRows};

    use super::check_counts;

    #[test]
    fn the_rows_planned_journalled_and_written_must_agree() {
        let change = Change {
            table: "Item".into(),
            column: "note".into(),
            strategy: Strategy::Update,
            fallback: None,
            transitions: vec![Transition { old: None, new: Some("a".into()), rows: 3 }],
            unchanged: UnchangedRows::default(),
            left: 0,
            preview: None,
        };
        assert!(check_counts(&change, 3, 3).is_ok());
        assert!(check_counts(&change, 3, 2).is_err());
        assert!(check_counts(&change, 4, 4).is_err());
    }
}
