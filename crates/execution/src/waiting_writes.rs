//! Rules that are judged and journalled, and whose writing waits for more of their table. Until then reads see the rows as
//! they would leave them.

use leora_host::HostError;
use leora_postgres::{JoinedError, Journaling, JudgedRules, Session, Writer};
use leora_report::{Effect, Place};
use leora_rule::{Access, Change, Rule, Strategy};

use crate::approved_values::spell_as_approved;
use crate::effect_log::rule_effect;
use crate::read::DatabaseReader;
use crate::run_context::RunContext;

/// The sets of rules that wait, by their table, in the order in which the first of each came.
#[derive(Debug, Default)]
pub(crate) struct WaitingWrites {
    tables: Vec<(String, Vec<JudgedRules>)>,
    pub(crate) revised: Vec<RevisedRule>,
}

/// What writing has changed of what was reported of a rule.
#[derive(Debug)]
pub struct RevisedRule {
    /// Its number in the run, from 1.
    pub number: usize,
    /// What it changed.
    pub change: Change,
    pub(crate) effect: Effect,
}

impl WaitingWrites {
    pub(crate) fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }

    pub(crate) fn has_table(&self, table: &str) -> bool {
        self.tables.iter().any(|(name, _)| name == table)
    }

    pub(crate) fn tables(&self) -> impl Iterator<Item = &str> {
        self.tables.iter().map(|(name, _)| name.as_str())
    }

    /// Those of all tables.
    pub(crate) fn rules(&self) -> Vec<Rule> {
        let sets = self.tables.iter().flat_map(|(_, sets)| sets);
        sets.flat_map(JudgedRules::rules).cloned().collect()
    }

    fn take(&mut self, table: &str) -> Vec<JudgedRules> {
        match self.tables.iter().position(|(name, _)| name == table) {
            Some(at) => self.tables.remove(at).1,
            None => vec![],
        }
    }

    fn add(&mut self, table: &str, judged: JudgedRules) {
        match self.tables.iter_mut().find(|(name, _)| name == table) {
            Some((_, sets)) => sets.push(judged),
            None => self.tables.push((table.to_owned(), vec![judged])),
        }
    }
}

/// The writer of a run's rules.
pub(crate) fn writer<'s>(session: &'s mut Session, context: &RunContext) -> Writer<'s> {
    let manifest = context.manifest();
    let journal = match manifest.access {
        Access::RolledBack => Journaling::Off,
        Access::ReadOnly | Access::ReadWrite => Journaling::On,
    };
    Writer::new(session, &context.run, context.as_of, journal, manifest.strategy)
}

impl DatabaseReader {
    /// Lets the writing of these rules wait, with others of the table where they can be written together; the others are
    /// written first where they can't.
    pub(crate) fn wait_to_write(&mut self, judged: JudgedRules) -> Result<(), HostError> {
        let Some(first) = judged.rules().first() else { return Ok(()) };
        let table = first.table.clone();
        let waiting = self.waiting.tables.iter().find(|(name, _)| *name == table);
        let joins = waiting.is_none_or(|(_, sets)| JudgedRules::may_be_joined(sets, &judged));
        if !joins {
            self.write_waiting_of(&table)?;
        }
        let rules = judged.rules().to_vec();
        self.waiting.add(&table, judged);
        self.assume_applied(&rules)
    }

    /// Writes all that waits.
    pub(crate) fn write_waiting(&mut self) -> Result<(), HostError> {
        let tables: Vec<String> = self.waiting.tables().map(str::to_owned).collect();
        tables.iter().try_for_each(|table| self.write_waiting_of(table))
    }

    /// Writes what waits for this table.
    pub(crate) fn write_waiting_of(&mut self, table: &str) -> Result<(), HostError> {
        let sets = self.waiting.take(table);
        if sets.is_empty() {
            return Ok(());
        }
        self.forget_pending(table);
        let stored = self.relation(table)?;
        let Self { session, context, .. } = self;
        let written = writer(session, context).write_joined(&sets, &stored).map_err(in_writing)?;
        if self.context.manifest().strategy == Strategy::Batches {
            let rules = sets.iter().flat_map(|set| set.rules().iter().zip(set.places()));
            self.list_written(&stored, rules)?;
        }
        let judged =
            sets.iter().flat_map(|set| set.rules().iter().zip(set.places()).zip(set.changes()));
        for (((rule, place), judged), change) in judged.zip(written) {
            if *judged != change {
                let (number, mut effect) = (place.rule, rule_effect(rule, &change, &stored.table));
                spell_as_approved(&mut effect, &mut self.session, &self.context, &stored.table)?;
                self.waiting.revised.push(RevisedRule { number, change, effect });
            }
        }
        Ok(())
    }
}

fn in_writing(JoinedError { error, location }: JoinedError) -> HostError {
    let place = location.map(|rule| Place { file: rule.file, line: rule.line, column: 1 });
    match (HostError::from(error), place) {
        (HostError::Database(error), Some(place)) => HostError::Writing { place, error },
        (error, _) => error,
    }
}
