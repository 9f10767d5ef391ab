//! What the rules of one `.set` decide: read from their table each time, or from the temporary table in which it is kept.

use jiff::civil::Date;
use leora_report::{DatabaseError, WriteError};
use leora_rule::{
    DecidedRows, Relation, Rule, RuleError, Sql, Table, compile_changes, compile_preview,
    compile_row_states, compile_update,
};

use crate::Session;
use crate::journal::{JournalEntry, RulePlace};

/// The rules, and the statements that tell their decisions.
pub(super) struct Decisions<'a> {
    pub(super) rules: &'a [Rule],
    pub(super) relation: &'a Relation,
    /// The place of the first rule in the run.
    first: RulePlace,
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

impl<'a> Decisions<'a> {
    pub(super) fn new(
        rules: &'a [Rule],
        relation: &'a Relation,
        first: RulePlace,
        as_of: Date,
    ) -> Self {
        Self { rules, relation, first, as_of, kept: None }
    }

    pub(super) fn table(&self) -> &'a Table {
        &self.relation.table
    }

    /// The place in the run of the rule of this place among these.
    pub(super) fn place(&self, at: usize) -> RulePlace {
        RulePlace { step: self.first.step, rule: self.first.rule + at }
    }

    pub(super) fn journal_entry<'e>(&self, at: usize, run: &'e str) -> JournalEntry<'e>
    where
        'a: 'e,
    {
        let (place, column) = (self.place(at), &self.rules[at].column);
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
        let kept = DecidedRows::of_rule(self.first.rule);
        let (rules, relation) = (self.rules, self.relation);
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
            (None, RowsRead::Each) => compile_row_states(rule, self.relation, self.as_of),
            (None, RowsRead::Counted) => compile_preview(rule, self.relation, self.as_of),
        }
    }

    /// The rows that the rule of this place changes.
    pub(super) fn changes(&self, at: usize) -> Result<Sql, RuleError> {
        match &self.kept {
            Some(kept) => Ok(kept.changes(at, self.table())),
            None => compile_changes(&self.rules[at], self.relation, self.as_of),
        }
    }

    /// The UPDATE of all columns.
    pub(super) fn update(&self) -> Result<Sql, RuleError> {
        match &self.kept {
            Some(kept) => Ok(kept.update(self.rules, 0..self.rules.len(), self.table())),
            None => compile_update(self.rules, self.relation, self.as_of),
        }
    }

    /// The UPDATE of the column of this place alone; of several only when they are kept.
    pub(super) fn update_one(&self, at: usize) -> Result<Sql, RuleError> {
        match &self.kept {
            Some(kept) => Ok(kept.update(self.rules, at..at + 1, self.table())),
            None => self.update(),
        }
    }
}
