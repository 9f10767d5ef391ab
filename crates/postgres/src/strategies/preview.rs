//! What a rule would do, by counting: one GROUP BY over old and new value.

use leora_rule::{CHANGED, Change, Kept, LEFT_OUT, Rule, SAME, Strategy, Transition, UNMATCHED};

/// What the rule would change and what it would leave alone, by what a preview's statement returns.
pub(crate) fn read(rule: &Rule, rows: Vec<Vec<Option<String>>>) -> Change {
    let (mut transitions, mut kept) = (Vec::new(), Kept::default());
    for row in rows {
        let [state, old, new, rows, valued] =
            <[Option<String>; 5]>::try_from(row).unwrap_or_default();
        let number = |text: Option<String>| text.and_then(|text| text.parse().ok()).unwrap_or(0);
        let rows = number(rows);
        let state = state.and_then(|state| state.parse().ok()).unwrap_or(CHANGED);
        if state != CHANGED {
            kept.valued += number(valued);
        }
        match state {
            LEFT_OUT => kept.left_out += rows,
            UNMATCHED => kept.unmatched += rows,
            SAME => kept.same += rows,
            _ => transitions.push(Transition { old, new, rows }),
        }
    }
    let (table, column) = (rule.table.clone(), rule.column.clone());
    let (strategy, instead, foreseen) = (Strategy::Update, None, None);
    Change { table, column, strategy, instead, transitions, kept, foreseen }
}
