//! Rules that are judged and not yet written: what they decide, and whether their writing may wait for that of others.

use leora_report::WriteError;
use leora_rule::{Change, Relation, Rule, RuleLocation, Strategy, Table, compile_update};

use crate::Session;
use crate::foresight::foresee;
use crate::journal::RulePlace;
use crate::strategies::decisions::Decisions;
use crate::unique_moves::UniqueMoves;

/// The longest statement that writes several sets, in bytes. Each reads what the ones before it decide, so that their
/// conditions stand in it again and again.
const MAX_STATEMENT: usize = 256 << 10;

/// The rules of one `.set`, or of several of one table, as they were judged: counted, and journalled but for batches.
#[derive(Debug)]
pub struct JudgedRules {
    pub(super) decisions: Decisions,
    /// For each rule in turn.
    pub(super) changes: Vec<Change>,
    /// How many rows are journalled already.
    pub(super) journalled: Vec<Option<u64>>,
    pub(super) moves: Vec<Option<UniqueMoves>>,
}

impl JudgedRules {
    /// What each of the rules changes.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// The place in the run of each of the rules.
    pub fn places(&self) -> &[RulePlace] {
        &self.decisions.places
    }

    /// The rules.
    pub fn rules(&self) -> &[Rule] {
        &self.decisions.rules
    }

    /// Whether they may be written later, as [`writing_may_wait`] says, and no other session can change meanwhile what they
    /// decided: its rows are journalled under the table's lock, or each batch decides anew.
    pub fn may_wait(&self) -> bool {
        let is_settled = |(change, journalled): (&Change, &Option<u64>)| {
            journalled.is_some() || change.strategy == Strategy::Batches || change.changed() == 0
        };
        writing_may_wait(self.rules(), &self.decisions.relation)
            && self.changes.iter().zip(&self.journalled).all(is_settled)
            && !self.decisions.are_kept()
            && self.moves.iter().all(Option::is_none)
    }

    /// Whether one statement can write these sets of a table and a later one.
    pub fn may_be_joined(sets: &[Self], later: &Self) -> bool {
        let Some(first) = sets.first() else { return true };
        let strategies = || sets.iter().chain([later]).filter_map(Self::strategy);
        let is_first = |strategy| Some(strategy) == strategies().next();
        if !strategies().all(is_first) {
            return false;
        }
        let mut together = first.rules().to_vec();
        for set in sets[1..].iter().chain([later]) {
            together = rules_together(&together, set.rules());
        }
        let in_batches = strategies().any(|strategy| strategy == Strategy::Batches);
        if in_batches && !Rule::are_repeatable(&together, later.table()) {
            return false;
        }
        // With rules about columns that came since, it is compiled when it is written.
        let Decisions { relation, .. } = &first.decisions;
        let update = compile_update(&together, relation, later.decisions.as_of());
        update.map_or(true, |update| update.text.len() <= MAX_STATEMENT)
    }

    /// Sets of one table that were judged in this order, as one, to be written to the rows as they are stored.
    pub(super) fn joined(sets: &[Self], stored: &Relation) -> Self {
        let (mut rules, mut places) = (vec![], vec![]);
        let (mut changes, mut journalled, mut moves) = (vec![], vec![], vec![]);
        for set in sets {
            rules = rules_together(&rules, set.rules());
            places.extend_from_slice(set.places());
            changes.extend_from_slice(&set.changes);
            journalled.extend_from_slice(&set.journalled);
            moves.extend(set.moves.iter().map(|_| None));
        }
        let as_of = sets.first().map(|set| set.decisions.as_of()).unwrap_or_default();
        Self {
            decisions: Decisions::new(rules, stored.clone(), places, as_of),
            changes,
            journalled,
            moves,
        }
    }

    /// The strategy of those that change something, if any do.
    pub(super) fn strategy(&self) -> Option<Strategy> {
        self.changes.iter().find(|change| change.changed() > 0).map(|change| change.strategy)
    }

    pub(super) fn table(&self) -> &Table {
        self.decisions.table()
    }

    /// What the server would refuse of these rules, by a read of what they decide.
    pub(crate) fn foresee(&self, session: &mut Session) -> Result<(), WriteError> {
        let Decisions { rules, relation, .. } = &self.decisions;
        foresee(session, rules, relation, self.decisions.as_of())
    }

    /// Where the first of the rules is written.
    pub fn location(&self) -> Option<&RuleLocation> {
        self.rules().first().and_then(|rule| rule.location.as_ref())
    }
}

/// Whether nothing but a later read of the table can tell when rules are written to these rows. Not where other rows decide,
/// which may change meanwhile, nor where other tables or rows depend on the column, nor in the shards of Citus, whose reads
/// this server does not count.
pub fn writing_may_wait(rules: &[Rule], relation: &Relation) -> bool {
    let table = &relation.table;
    let is_tied = |rule: &Rule| table.column(&rule.column).is_none_or(|column| column.is_tied);
    !table.is_watched
        && !table.placement.is_citus()
        && table.unwritable.is_none()
        && !relation.has_figures()
        && !rules.iter().any(is_tied)
}

fn rules_together(rules: &[Rule], later: &[Rule]) -> Vec<Rule> {
    let mut together = rules.to_vec();
    let joining = later.iter().enumerate();
    together.extend(joining.map(|(place, rule)| Rule {
        joins_previous: place > 0 && rule.joins_previous,
        ..rule.clone()
    }));
    together
}
