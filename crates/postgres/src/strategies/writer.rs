//! Writing the rules of one `.set`: counted first, journalled, then written together.

use std::sync::Arc;

use jiff::civil::Date;
use leora_report::{DatabaseError, Lock, WriteError};
use leora_rule::{
    Change, Fallback, Relation, Rule, Strategy, Table, compile_new_values, quote_identifier,
};

use crate::citus::{Gathered, GivenColumn, write_values};
use crate::connection::TextRow;
use crate::journal::touched_rows::TouchedRows;
use crate::journal::verify_written::verify_written;
use crate::journal::{self, RulePlace};
use crate::session::locks::table_lock_holders;
use crate::strategies::batch_progress::BatchProgress;
use crate::strategies::batches::{self, BatchedRules};
use crate::strategies::choice::{Purpose, choose_strategy, share_strategy};
use crate::strategies::decisions::{Decisions, RowsRead};
use crate::strategies::judged::JudgedRules;
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
    pub(super) session: &'s mut Session,
    journaling: Journaling,
    strategy: Strategy,
    pub(super) run: String,
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

    /// Judges the rules of one `.set`: computes what they would change, lets `check` refuse that, and journals it where the
    /// table is locked already. `first` is the place of the first rule in the run.
    ///
    /// # Errors
    /// The error of `check`, or a [`WriteError`]; either way the transaction must be rolled back, since some of the
    /// change may be journalled already.
    pub fn judge<E: From<WriteError>>(
        &mut self,
        rules: &[Rule],
        relation: &Relation,
        first: RulePlace,
        check: impl FnOnce(&mut Session, &[Change]) -> Result<(), E>,
    ) -> Result<JudgedRules, E> {
        let place = |at| RulePlace { step: first.step, rule: first.rule + at };
        let places = (0..rules.len()).map(place).collect();
        let decisions = Decisions::new(rules.to_vec(), relation.clone(), places, self.as_of);
        let judged = self.plan(decisions)?;
        check(self.session, &judged.changes)?;
        // What the server refuses in one of several batches would leave the others committed.
        let writes = |change: &Change| change.strategy == Strategy::Batches && change.changed() > 0;
        if judged.changes.iter().any(writes) {
            judged.foresee(self.session)?;
        }
        Ok(judged)
    }

    /// Where the table is locked already its rows are journalled in the same pass.
    fn plan(&mut self, mut decisions: Decisions) -> Result<JudgedRules, WriteError> {
        let in_one_pass = self.journaling == Journaling::On
            && self.strategy != Strategy::Batches
            && !decisions.table().placement.is_citus();
        let read = if in_one_pass { RowsRead::Each } else { RowsRead::Counted };
        for (at, rule) in decisions.rules.iter().enumerate() {
            decisions.rows(at, read)?;
            declared_key::check(self.session, decisions.table(), &rule.column)?;
        }
        let may_batch = self.strategy == Strategy::Batches
            && self.journaling == Journaling::On
            && !decisions.table().may_call();
        if !may_batch {
            if self.strategy == Strategy::Batches && decisions.relation.has_figures() {
                self.lock(decisions.table())?;
            }
            decisions.keep_if_read_from_others(self.session)?;
        }
        let (mut changes, mut all_journalled, mut all_moves) = (vec![], vec![], vec![]);
        for (at, rule) in decisions.rules.iter().enumerate() {
            let moves = self.find_moves(&decisions, at)?;
            let statement = decisions.rows(at, read)?;
            let rows = match in_one_pass {
                true => {
                    let entry = decisions.journal_entry(at, &self.run);
                    journal::write_and_count(self.session, entry, &statement)?
                }
                false => self.session.connection.fetch(&statement)?,
            };
            all_journalled.push(in_one_pass.then(|| journalled_rows(&rows)));
            let mut change = read_change(rule, rows);
            let (strategy, purpose) = (self.strategy, Purpose::Write);
            let (moving, table) = (moves.as_ref(), decisions.table());
            choose_strategy(self.session, strategy, rule, table, purpose, moving, &mut change)?;
            changes.push(change);
            all_moves.push(moves);
        }
        share_strategy(&mut changes);
        Ok(JudgedRules { decisions, changes, journalled: all_journalled, moves: all_moves })
    }

    fn find_moves(
        &mut self,
        decisions: &Decisions,
        at: usize,
    ) -> Result<Option<UniqueMoves>, WriteError> {
        let rule = &decisions.rules[at];
        match decisions.are_kept() {
            true => find_moves_of(self.session, rule, decisions.table(), &decisions.changes(at)?),
            false => find_moves(self.session, rule, &decisions.relation, self.as_of),
        }
    }

    /// Writes what is judged.
    ///
    /// # Errors
    /// [`WriteError`]; the transaction must then be rolled back.
    pub fn write(&mut self, judged: JudgedRules) -> Result<Vec<Change>, WriteError> {
        let JudgedRules { mut decisions, mut changes, journalled, moves } = judged;
        let in_batches = changes.iter().all(|change| change.strategy == Strategy::Batches);
        if in_batches && self.journaling == Journaling::On {
            return self.write_in_batches(&decisions, changes);
        }
        if changes.iter().all(|change| change.changed() == 0) {
            return Ok(changes);
        }
        if self.strategy == Strategy::Batches && !in_batches {
            self.lock(decisions.table())?;
        }
        decisions.keep_if_read_from_others(self.session)?;
        let mut counts = Vec::new();
        for (at, journalled) in journalled.into_iter().enumerate() {
            counts.push(match (journalled, self.journaling) {
                (Some(rows), _) => rows,
                (None, Journaling::Off) => changes[at].changed(),
                (None, Journaling::On) => self.journal(&decisions, at)?,
            });
        }
        check_journalled(&changes, &counts)?;
        if !self.rewrite(&decisions, &mut changes)? {
            self.write_by_update(&mut decisions, &changes, &moves)?;
        }
        self.session.build_deferred_indexes(Some(&decisions.table().name))?;
        Ok(changes)
    }

    /// Journals the rows that the rule of this place changes; returns how many.
    fn journal(&mut self, decisions: &Decisions, at: usize) -> Result<u64, WriteError> {
        let changes = decisions.changes(at)?;
        let entry = decisions.journal_entry(at, &self.run);
        if !decisions.table().placement.is_citus() || decisions.are_kept() {
            return Ok(journal::write(self.session, entry, &changes)?);
        }
        let gathered = Gathered::create(self.session, "changes to journal", &changes)?;
        let rows = journal::write(self.session, entry, &gathered.rows())?;
        gathered.drop(self.session)?;
        Ok(rows)
    }

    fn write_by_update(
        &mut self,
        decisions: &mut Decisions,
        changes: &[Change],
        moves: &[Option<UniqueMoves>],
    ) -> Result<(), WriteError> {
        let table = &Arc::clone(&decisions.relation.table);
        // A table that was locked first has no trigger that has come since its shape was read.
        if !table.is_watched && self.strategy != Strategy::Batches {
            self.update(decisions, changes, moves)?;
            return Ok(decisions.drop_kept(self.session)?);
        }
        let touched = TouchedRows::count(self.session, table)?;
        let versions = self.update(decisions, changes, moves)?;
        decisions.drop_kept(self.session)?;
        if self.journaling == Journaling::On {
            for (rule, place) in decisions.rules.iter().zip(&decisions.places) {
                verify_written(self.session, table, &rule.column, &self.run, place.rule)?;
            }
        }
        let columns: Vec<&str> = changes.iter().map(|change| change.column.as_str()).collect();
        touched.verify(self.session, &columns.join(", "), versions)?;
        Ok(())
    }

    /// Keeps other writers out of a table that was not locked first, since it was to be written in batches. Nothing is
    /// written yet in this transaction.
    fn lock(&mut self, table: &Table) -> Result<(), DatabaseError> {
        let (schema, table) = (table.schema.clone(), table.name.clone());
        let mode = "SHARE ROW EXCLUSIVE".to_owned();
        self.session.take_locks(&[Lock { schema, table, mode }])
    }

    /// Writes the rules in batches, or what is left of them. What the run has written so far is committed before, and the
    /// session is in a new transaction afterwards.
    fn write_in_batches(
        &mut self,
        decisions: &Decisions,
        changes: Vec<Change>,
    ) -> Result<Vec<Change>, WriteError> {
        let (run, table) = (self.run.as_str(), decisions.table());
        let Decisions { rules, relation, places, .. } = decisions;
        let mut all = Vec::new();
        for place in places {
            all.extend(BatchProgress::load(self.session, run, place.rule)?);
        }
        if all.is_empty() && changes.iter().all(|change| change.changed() == 0) {
            return Ok(changes);
        }
        if all.is_empty() {
            for (change, place) in changes.iter().zip(places) {
                all.push(BatchProgress::start(self.session, run, place.rule, change)?);
            }
        }
        let mut left = 0;
        if let Some(began) = all.iter().find(|progress| !progress.finished).map(|one| one.began) {
            self.session.commit_part(run, places[0].rule)?;
            let as_of = self.as_of;
            let batched = BatchedRules { rules, relation, table, run, places, began, as_of };
            left = batches::write(self.session, &batched)?;
            self.session.begin(Transaction::ReadWrite)?;
            for place in places {
                BatchProgress::finish(self.session, run, place.rule)?;
            }
        }
        let mut written = Vec::new();
        for (at, change) in changes.into_iter().enumerate() {
            let data_type = &table.require_column(&change.column)?.data_type;
            let transitions = journal::transitions(self.session, data_type, run, places[at].rule)?;
            let unchanged = all.get(at).map_or(change.unchanged, |progress| progress.unchanged);
            written.push(Change { transitions, unchanged, left, ..change });
        }
        Ok(written)
    }

    /// Writes the rows by UPDATE: all at once, or column by column where unique values pass from row to row. Returns how many
    /// row versions that took.
    fn update(
        &mut self,
        decisions: &mut Decisions,
        changes: &[Change],
        moves: &[Option<UniqueMoves>],
    ) -> Result<u64, WriteError> {
        let table = &Arc::clone(&decisions.relation.table);
        if moves.iter().all(Option::is_none) {
            let rows = self
                .write_together(decisions)?
                .map_err(|error| self.with_lock_holders(table, error))?;
            check_written(changes, rows)?;
            return Ok(rows);
        }
        // What a column is set to must not depend on which of them was written before.
        if decisions.rules.len() > 1 {
            decisions.keep(self.session)?;
        }
        let mut versions = 0;
        for (at, change) in changes.iter().enumerate().filter(|(_, change)| change.changed() > 0) {
            let further = self.write_moves(decisions, at, moves[at].as_ref())?;
            versions += match further {
                Some(further) => change.changed() + further,
                None => {
                    let update = decisions.update_one(at)?;
                    let rule = std::slice::from_ref(&decisions.rules[at]);
                    let rows = update::write(self.session, rule, table, &update, Pieces::One)
                        .map_err(|error| self.with_lock_holders(table, error))?;
                    check_written(std::slice::from_ref(change), rows)?;
                    rows
                }
            };
        }
        Ok(versions)
    }

    /// Writes all columns in one statement, or in one for each range of the table.
    fn write_together(
        &mut self,
        decisions: &Decisions,
    ) -> Result<Result<u64, DatabaseError>, WriteError> {
        let (rules, table) = (&decisions.rules, decisions.table());
        if let Some(values) = decisions.values_for_citus(0..rules.len()) {
            let mut columns = Vec::new();
            for rule in rules {
                let cast = &table.require_column(&rule.column)?.data_type.cast;
                columns.push(GivenColumn { name: quote_identifier(&rule.column), cast });
            }
            return Ok(write_values(self.session, table, &columns, &values));
        }
        let pieces = if decisions.are_kept() { Pieces::One } else { Pieces::Ranges };
        let update = decisions.update()?;
        Ok(update::write(self.session, rules, table, &update, pieces))
    }

    /// Writes a column whose values pass from row to row, where an index asks for an order; returns how many row versions that
    /// took beside one a row.
    fn write_moves(
        &mut self,
        decisions: &Decisions,
        at: usize,
        moves: Option<&UniqueMoves>,
    ) -> Result<Option<u64>, WriteError> {
        let Some(moves) = moves else { return Ok(None) };
        let table = decisions.table();
        let column = table.require_column(&decisions.rules[at].column)?;
        let changes = decisions.changes(at)?;
        let further = moves
            .write(self.session, table, column, &changes)
            .map_err(|error| self.with_lock_holders(table, error))?;
        Ok(further)
    }

    /// Rewrites the table, if that is the strategy of the changes and there is room for it; returns whether it did.
    fn rewrite(
        &mut self,
        decisions: &Decisions,
        changes: &mut [Change],
    ) -> Result<bool, WriteError> {
        let changing = || changes.iter().filter(|change| change.changed() > 0);
        if changing().any(|change| change.strategy != Strategy::Rewrite) {
            return Ok(false);
        }
        let rules = Rule::only(&decisions.rules, |place| changes[place].changed() > 0);
        let columns = compile_new_values(&rules, &decisions.relation, self.as_of)?;
        match rewrite::write(self.session, &columns, decisions.table())? {
            Rewritten::Done => Ok(true),
            Rewritten::NoRoom(reason) => {
                for change in changes.iter_mut().filter(|change| change.changed() > 0) {
                    change.strategy = Strategy::Update;
                    let reason = reason.clone();
                    change.fallback = Some(Fallback { requested: Strategy::Rewrite, reason });
                }
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

/// By the last column of each row.
fn journalled_rows(rows: &[TextRow]) -> u64 {
    let last = rows.first().and_then(|row| row.last().cloned().flatten());
    last.and_then(|count| count.parse().ok()).unwrap_or_default()
}

/// The rows planned, journalled and written must be the same: no one else can write meanwhile, so a difference means that
/// a trigger or rule of the table interferes.
fn check_journalled(changes: &[Change], journalled: &[u64]) -> Result<(), DatabaseError> {
    let differ = |(change, rows): &(&Change, &u64)| change.changed() != **rows;
    let Some((change, rows)) = changes.iter().zip(journalled).find(differ) else { return Ok(()) };
    Err(interference(change, &format!("{rows} were journalled")))
}

/// The same of the rows written: of several columns, each row once.
fn check_written(changes: &[Change], written: u64) -> Result<(), DatabaseError> {
    let counts = || changes.iter().map(Change::changed);
    let (most, all) = (counts().max().unwrap_or(0), counts().sum());
    if (most..=all).contains(&written) {
        return Ok(());
    }
    let Some(change) = changes.iter().max_by_key(|change| change.changed()) else { return Ok(()) };
    let found = format!("{} were journalled and {written} written", change.changed());
    Err(interference(change, &found))
}

fn interference(change: &Change, found: &str) -> DatabaseError {
    let (Change { table, column, .. }, planned) = (change, change.changed());
    DatabaseError::Inconsistent {
        message: format!("{table}.{column}: {planned} rows should change, {found}"),
        help: format!(
            "a BEFORE trigger or a rule on {table} interferes; disable it for the run, or set {column} another way"
        ),
    }
}

#[cfg(test)]
mod tests {
    use leora_rule::{Change, Strategy, Transition, UnchangedRows};

    use super::{check_journalled, check_written};

    fn change(column: &str, rows: u64) -> Change {
        Change {
            table: "Item".into(),
            column: column.into(),
            strategy: Strategy::Update,
            fallback: None,
            transitions: vec![Transition { old: None, new: Some("a".into()), rows }],
            unchanged: UnchangedRows::default(),
            left: 0,
            preview: None,
        }
    }

    #[test]
    fn the_rows_planned_journalled_and_written_must_agree() {
        let one = [change("note", 3)];
        assert!(check_journalled(&one, &[3]).is_ok() && check_written(&one, 3).is_ok());
        assert!(check_written(&one, 2).is_err());
        assert!(check_journalled(&one, &[4]).is_err());
        let two = [change("note", 3), change("mood", 2)];
        let accepted: Vec<u64> = (0..7).filter(|rows| check_written(&two, *rows).is_ok()).collect();
        assert_eq!(accepted, [3, 4, 5]);
    }
}
