//! The transitions that the manifest forbids, compared by value: the server says which texts are equal values of a column.

use std::collections::BTreeSet;

use leora_folder::ForbiddenTransition;
use leora_host::{HostError, guard};
use leora_postgres::{Reader, Session};
use leora_rule::{Change, Column, Table};

use crate::RunContext;
use crate::read::DatabaseReader;

impl DatabaseReader {
    /// Checks that the values in the guards of the manifest are some that their columns can have, of all columns that there
    /// are: each once, and before anything is written.
    pub(crate) fn check_forbidden_values(&mut self) -> Result<(), HostError> {
        let context = std::sync::Arc::clone(&self.context);
        for guard in &context.manifest().forbid {
            let column = match self.find_relation(&guard.table)? {
                Some(relation) => relation.table.column(&guard.column).cloned(),
                None => None,
            };
            let name = (guard.table.clone(), guard.place.line, guard.place.column);
            let Some(column) = column.filter(|_| !self.checked_guards.contains(&name)) else {
                continue;
            };
            for label in [&guard.old, &guard.new].into_iter().flatten() {
                check_label(&mut self.session, guard, &column, label)?;
            }
            self.checked_guards.insert(name);
        }
        Ok(())
    }
}

fn check_label(
    session: &mut Session,
    guard: &ForbiddenTransition,
    column: &Column,
    label: &str,
) -> Result<(), HostError> {
    let place = format!("{}.{}", guard.table, guard.column);
    let (reason, help) = match column.data_type.check_label(label, &place) {
        Err(error) => (error.to_string(), error.help()),
        Ok(()) => match Reader::new(session).refusal_of_value(&column.data_type, label)? {
            Some(reason) => (format!("{place} can't have the value {label}: {reason}"), None),
            None => return Ok(()),
        },
    };
    Err(HostError::WrongManifest {
        message: reason,
        help: help.unwrap_or_else(|| "write a value that the column can have".into()),
        place: guard.place.clone(),
    })
}

/// Refuses a change that a guard of the manifest forbids, unless the run lets it pass.
pub(crate) fn check_guards(
    session: &mut Session,
    context: &RunContext,
    change: &Change,
    table: &Table,
) -> Result<(), HostError> {
    if context.allow_large_change {
        return Ok(());
    }
    let manifest = context.manifest();
    let own =
        |guard: &&ForbiddenTransition| guard.table == change.table && guard.column == change.column;
    let labels = manifest.forbid.iter().filter(own).flat_map(|one| [&one.old, &one.new]).flatten();
    let labels: Vec<&str> =
        labels.map(String::as_str).collect::<BTreeSet<_>>().into_iter().collect();
    let values: Vec<&str> = distinct_values(change);
    let mut equal = Vec::new();
    if let Some(column) = table.column(&change.column).filter(|_| !labels.is_empty()) {
        let found = Reader::new(session).equal_values(&column.data_type, &values, &labels)?;
        equal.extend(found.unwrap_or_default());
    }
    let is_equal = |value: &str, label: &str| {
        value == label || equal.iter().any(|(at, of)| values[*at] == value && labels[*of] == label)
    };
    guard::check_change(manifest, change, is_equal)
}

/// The values in the transitions, each once.
pub(crate) fn distinct_values(change: &Change) -> Vec<&str> {
    let values = change.transitions.iter().flat_map(|one| [&one.old, &one.new]).flatten();
    values.map(String::as_str).collect::<BTreeSet<_>>().into_iter().collect()
}
