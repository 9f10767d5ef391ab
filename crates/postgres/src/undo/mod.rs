//! Undoing a run of the past: each value goes back where the row still holds what the run wrote.

mod by_rewrite;
mod conflicts;
pub(crate) mod journalled_key;
mod journalled_values;
mod listing;
mod put_back;
mod report;
mod value_now;

use std::ops::Range;

use leora_report::{DatabaseError, PastRule, PastRun, PutBack};
use leora_rule::{KeyBy, Table};

use crate::undo::put_back::{RuleToUndo, put_back};
use crate::{Catalog, Session};

pub use listing::UndoListing;

/// Puts back what a run of the past changed, in a session's transaction.
#[derive(Debug)]
pub struct Undo<'s> {
    session: &'s mut Session,
    past: &'s PastRun,
    newer: &'s [PastRun],
    run: String,
}

impl<'s> Undo<'s> {
    /// Undoes `past` as the run `run`; `newer` are the runs since, newest first.
    pub fn new(
        session: &'s mut Session,
        past: &'s PastRun,
        newer: &'s [PastRun],
        run: &str,
    ) -> Self {
        Self { session, past, newer, run: run.to_owned() }
    }

    /// Puts back what rules changed that [`rules_put_back_together`] gives, in their order. The rules are newest first; those
    /// before `places` are put back already. What becomes of each row is added to the listing.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server; then the transaction must be rolled back.
    pub fn put_back(
        &mut self,
        rules: &[PastRule],
        places: Range<usize>,
        listing: Option<&mut UndoListing<'_>>,
    ) -> Result<Vec<PutBack>, DatabaseError> {
        let found = places.clone().map(|index| find_past_table(self.session, &rules[index]));
        let found = found.collect::<Result<Vec<_>, _>>()?;
        let (past, newer, run) = (self.past, self.newer, self.run.as_str());
        let there = places.zip(&found).filter(|(_, found)| found.is_ok());
        let there: Vec<RuleToUndo<'_>> =
            there.map(|(index, _)| RuleToUndo { past, rules, index, newer, run }).collect();
        let table = found.iter().find_map(|found| found.as_ref().ok());
        let mut put_back = match table {
            Some(table) => put_back(self.session, table, &there, listing)?.into_iter(),
            None => vec![].into_iter(),
        };
        let result = |found| match found {
            Ok(_) => put_back.next().unwrap_or_default(),
            Err(gone) => gone,
        };
        Ok(found.into_iter().map(result).collect())
    }
}

/// The table of a rule, or why its values can't be put back.
pub(crate) fn find_past_table(
    session: &mut Session,
    rule: &PastRule,
) -> Result<Result<Table, PutBack>, DatabaseError> {
    let schema = session.target().schema.clone();
    if rule.schema != schema {
        return Ok(Err(gone(
            rule,
            format!("{} is in schema {}, and this is {schema}", rule.table, rule.schema),
        )));
    }
    let Some(mut table) = Catalog::new(session).table(&rule.table)? else {
        return Ok(Err(gone(rule, format!("{} is gone", rule.table))));
    };
    // As for a run: a rule of the table would do something else, with the rights of this role.
    if let Some(reason) = &table.unwritable {
        return Ok(Err(gone(rule, format!("{} can't be written: {reason}", rule.table))));
    }
    let key = past_key(rule);
    if table.key.is_empty() && key.iter().all(|name| table.column(name).is_some()) {
        // The run took it from its manifest: it is checked again.
        (table.key, table.key_by) = (key, KeyBy::Declared);
    }
    Ok(match mismatch(rule, &table) {
        Some(reason) => Err(gone(rule, reason)),
        None => Ok(table),
    })
}

/// Places of rules in their list that are put back in one statement: those of one table that follow each other and set
/// different columns.
pub fn rules_put_back_together(rules: &[PastRule]) -> Vec<Range<usize>> {
    let mut together: Vec<Range<usize>> = Vec::new();
    for (place, rule) in rules.iter().enumerate() {
        let joins = |places: &Range<usize>| {
            rules[places.clone()].iter().all(|other| {
                let of =
                    |rule: &PastRule| (rule.schema.clone(), rule.table.clone(), rule.key.clone());
                of(other) == of(rule) && other.column != rule.column
            })
        };
        match together.last_mut().filter(|places| joins(places)) {
            Some(places) => places.end = place + 1,
            None => together.push(place..place + 1),
        }
    }
    together
}

fn mismatch(rule: &PastRule, table: &Table) -> Option<String> {
    if table.column(&rule.column).is_none() {
        return Some(format!("{}.{} is gone", rule.table, rule.column));
    }
    (past_key(rule) != table.key).then(|| format!("{} has another primary key now", rule.table))
}

/// The columns of the key that the table had then.
pub(crate) fn past_key(rule: &PastRule) -> Vec<String> {
    serde_json::from_str(&rule.key).unwrap_or_default()
}

fn gone(rule: &PastRule, reason: String) -> PutBack {
    let (table, column) = (rule.table.clone(), rule.column.clone());
    PutBack { table, column, gone: Some(reason), ..PutBack::default() }
}
