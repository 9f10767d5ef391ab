//! What a rule would do, by counting: one GROUP BY over old and new value.

use super::super::link::Link;
use crate::database::DatabaseError;
use crate::rule::{Change, Kept, Rule, Sql, Strategy, Transition};

/// Counts what the rule would change and what it would leave alone.
pub(super) fn judge(link: &mut Link, rule: &Rule, preview: &Sql) -> Result<Change, DatabaseError> {
    let (mut transitions, mut kept) = (Vec::new(), Kept::default());
    for row in link.fetch(preview)? {
        let [state, old, new, rows, valued] =
            <[Option<String>; 5]>::try_from(row).unwrap_or_default();
        let number = |text: Option<String>| text.and_then(|text| text.parse().ok()).unwrap_or(0);
        let rows = number(rows);
        if state.as_deref() != Some("changed") {
            kept.valued += number(valued);
        }
        match state.as_deref() {
            Some("left out") => kept.left_out += rows,
            Some("unmatched") => kept.unmatched += rows,
            Some("same") => kept.same += rows,
            _ => transitions.push(Transition { old, new, rows }),
        }
    }
    let (table, column) = (rule.table.clone(), rule.column.clone());
    Ok(Change {
        table,
        column,
        strategy: Strategy::Update,
        instead: None,
        transitions,
        kept,
        foreseen: None,
    })
}
