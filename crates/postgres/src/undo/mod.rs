//! Undoing a run of the past, rule by rule: each value goes back where the row still holds what the run wrote.

mod conflicts;
mod journalled_key;
mod put_back;
mod report;
mod value_now;

use leora_report::{DatabaseError, PastRule, PastRun, PutBack};
use leora_rule::{KeyBy, Table};

use crate::undo::put_back::{RuleToUndo, put_back};
use crate::{Catalog, Session};

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

    /// Puts back what one of the rules changed. The rules are newest first; those before `index` are put back already.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server; then the transaction must be rolled back.
    pub fn put_back(&mut self, rules: &[PastRule], index: usize) -> Result<PutBack, DatabaseError> {
        let rule = &rules[index];
        let schema = self.session.target().schema.clone();
        if rule.schema != schema {
            return Ok(gone(
                rule,
                format!("{} is in schema {}, and this is {schema}", rule.table, rule.schema),
            ));
        }
        let Some(mut table) = Catalog::new(self.session).table(&rule.table)? else {
            return Ok(gone(rule, format!("{} is gone", rule.table)));
        };
        let key = key_columns(rule);
        if table.key.is_empty() && key.iter().all(|name| table.column(name).is_some()) {
            // The run took it from its manifest: it is checked again.
            (table.key, table.key_by) = (key, KeyBy::Declared);
        }
        if let Some(reason) = mismatch(rule, &table) {
            return Ok(gone(rule, reason));
        }
        let (past, newer, run) = (self.past, self.newer, self.run.as_str());
        put_back(self.session, &table, &RuleToUndo { past, rules, index, newer, run })
    }
}

fn mismatch(rule: &PastRule, table: &Table) -> Option<String> {
    if table.column(&rule.column).is_none() {
        return Some(format!("{}.{} is gone", rule.table, rule.column));
    }
    (key_columns(rule) != table.key).then(|| format!("{} has another primary key now", rule.table))
}

fn key_columns(rule: &PastRule) -> Vec<String> {
    serde_json::from_str(&rule.key).unwrap_or_default()
}

fn gone(rule: &PastRule, reason: String) -> PutBack {
    let (table, column) = (rule.table.clone(), rule.column.clone());
    PutBack { table, column, gone: Some(reason), ..PutBack::default() }
}
