//! What rules that are written together decide: read from their table each time, or from the temporary table in which it is
//! kept.

use std::ops::Range;

use jiff::civil::Date;
use leora_report::{DatabaseError, WriteError};
use leora_rule::{
    DecidedRows, Relation, Rule, RuleError, Sql, Table, compile_changes_of, compile_preview,
    compile_row_states, compile_update,
};

use crate::Session;
use crate::journal::{JournalEntry, RulePlace};

/// The rules, and the statements that tell their decisions.
#[derive(Debug)]
pub(super) struct Decisions {
    pub(super) rules: Vec<Rule>,
    /// The rows that the first `.set` of them reads.
    pub(super) relation: Relation,
    /// The place in the run of each rule.
    pub(super) places: Vec<RulePlace>,
    as_of: Date,
    kept: Option<DecidedRows>,
}

/// How a rule's rows are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RowsRead {
    /// Each of them, to be journalled and counted.
    Each,
    /// Counted only.
    Counted,
}

impl Decisions {
    pub(super) fn new(
        rules: Vec<Rule>,
        relation: Relation,
        places: Vec<RulePlace>,
        as_of: Date,
    ) -> Self {
        Self { rules, relation, places, as_of, kept: None }
    }

    pub(super) fn as_of(&self) -> Date {
        self.as_of
    }

    pub(super) fn table(&self) -> &Table {
        &self.relation.table
    }

    pub(super) fn journal_entry<'e>(&'e self, at: usize, run: &'e str) -> JournalEntry<'e> {
        let (place, column) = (self.places[at], &self.rules[at].column);
        JournalEntry { run, place, table: self.table(), column }
    }

    /// Keeps what is decided, where other rows give the rules something that may change from statement to statement.
    pub(super) fn keep_if_read_from_others(
        &mut self,
        session: &mut Session,
    ) -> Result<(), WriteError> {
        if self.relation.has_figures() { self.keep(session) } else { Ok(()) }
    }

    /// Keeps what is decided, once.
    pub(super) fn keep(&mut self, session: &mut Session) -> Result<(), WriteError> {
        if self.kept.is_some() {
            return Ok(());
        }
        let kept = DecidedRows::of_rule(self.places.first().map_or(0, |place| place.rule));
        let (rules, relation) = (&self.rules, &self.relation);
        if relation.table.may_call() {
            let (create, fill) = kept.create_and_fill(rules, relation, self.as_of)?;
            session.connection.execute_text(&create)?;
            session.fill_read_only(&fill)?;
        } else {
            session.connection.execute_text(&kept.create(rules, relation, self.as_of)?)?;
        }
        self.kept = Some(kept);
        Ok(())
    }

    pub(super) fn drop_kept(&mut self, session: &mut Session) -> Result<(), DatabaseError> {
        match self.kept.take() {
            Some(kept) => session.connection.execute_text(&kept.drop()),
            None => Ok(()),
        }
    }

    pub(super) fn are_kept(&self) -> bool {
        self.kept.is_some()
    }

    /// The rows of the table by what the rule of this place makes of them.
    pub(super) fn rows(&self, at: usize, read: RowsRead) -> Result<Sql, RuleError> {
        let (rule, table) = (&self.rules[at], self.table());
        match (&self.kept, read) {
            (Some(kept), RowsRead::Each) => Ok(kept.row_states(at, table)),
            (Some(kept), RowsRead::Counted) => {
                Ok(kept.preview(at, table, &table.require_column(&rule.column)?.data_type))
            }
            (None, RowsRead::Each) => compile_row_states(rule, &self.relation, self.as_of),
            (None, RowsRead::Counted) => compile_preview(rule, &self.relation, self.as_of),
        }
    }

    /// The rows that the rule of this place changes.
    pub(super) fn changes(&self, at: usize) -> Result<Sql, RuleError> {
        match &self.kept {
            Some(kept) => Ok(kept.changes(at, self.table())),
            None => compile_changes_of(at, &self.rules, &self.relation, self.as_of),
        }
    }

    /// What is decided of the rows that change, for the columns of these places: only of a table that Citus keeps, which joins
    /// not every table with one of this server.
    pub(super) fn values_for_citus(&self, places: Range<usize>) -> Option<Sql> {
        let kept = self.kept.as_ref().filter(|_| self.table().placement.is_citus())?;
        Some(kept.changed_values(places, self.table()))
    }

    /// The UPDATE of all columns.
    pub(super) fn update(&self) -> Result<Sql, RuleError> {
        match &self.kept {
            Some(kept) => Ok(kept.update(&self.rules, 0..self.rules.len(), self.table())),
            None => compile_update(&self.rules, &self.relation, self.as_of),
        }
    }

    /// The UPDATE of the column of this place alone; of several only when they are kept.
    pub(super) fn update_one(&self, at: usize) -> Result<Sql, RuleError> {
        match &self.kept {
            Some(kept) => Ok(kept.update(&self.rules, at..at + 1, self.table())),
            None => self.update(),
        }
    }
}
