//! What a rule would do, by counting: one GROUP BY over old and new value.

use leora_rule::{Change, RowState, Rule, Strategy, Transition, UnchangedRows};

/// What the rule would change and what it would leave alone, by what a preview's statement returns.
pub(crate) fn read(rule: &Rule, rows: Vec<Vec<Option<String>>>) -> Change {
    let (mut transitions, mut unchanged) = (Vec::new(), UnchangedRows::default());
    for row in rows {
        let [state, old, new, rows, valued] =
            <[Option<String>; 5]>::try_from(row).unwrap_or_default();
        let number = |text: Option<String>| text.and_then(|text| text.parse().ok()).unwrap_or(0);
        let rows = number(rows);
        let state = RowState::from_text(&state.unwrap_or_default()).unwrap_or(RowState::Changed);
        match state {
            RowState::LeftOut => unchanged.left_out += rows,
            RowState::Unmatched => unchanged.unmatched += rows,
            RowState::Same => unchanged.same += rows,
            RowState::Changed => {
                transitions.push(Transition { old, new, rows });
                continue;
            }
        }
        unchanged.with_value += number(valued);
    }
    let (table, column) = (rule.table.clone(), rule.column.clone());
    let (strategy, fallback, preview) = (Strategy::Update, None, None);
    Change { table, column, strategy, fallback, transitions, unchanged, preview }
}
