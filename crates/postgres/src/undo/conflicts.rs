//! Which of the changes since stand in the way of an undo.

use leora_report::{PastRule, PastRun};
use leora_rule::quote_literal;

use crate::undo::put_back::Undone;

/// The keys of the rows whose column a later run has changed, as a SELECT; none when no later run did. A change that
/// was undone again counts for nothing, unless that undo was undone too.
pub(crate) fn since(rule: &PastRule, array: &str, newest_first: &[PastRun]) -> Option<String> {
    let done: Vec<&PastRun> = newest_first.iter().filter(|run| run.has_changed()).collect();
    let ids: Vec<String> = done.iter().map(|run| format!("'{}'::uuid", run.id)).collect();
    let known = |id: &str| done.iter().any(|run| run.id == id);
    let mut parts = vec![format!(
        "touch AS (SELECT run, unnest({array}) AS key FROM leora_run.transition WHERE run IN ({}) \
           AND table_schema = {} AND table_name = {} AND column_name = {})",
        ids.join(", "),
        quote_literal(&rule.schema),
        quote_literal(&rule.table),
        quote_literal(&rule.column),
    )];
    let mut counted = Vec::new();
    for (at, run) in done.iter().enumerate() {
        // What undid it is newer, so that it stands before it in this list.
        let undone =
            done.iter().enumerate().filter(|(_, undo)| undo.undoes.as_ref() == Some(&run.id));
        let except: String =
            undone.map(|(undo, _)| format!(" EXCEPT SELECT key FROM stands{undo}")).collect();
        parts.push(format!(
            "stands{at} AS (SELECT key FROM touch WHERE run = '{}'::uuid{except})",
            run.id
        ));
        if !run.undoes.as_ref().is_some_and(|other| known(other)) {
            counted.push(format!("SELECT key FROM stands{at}"));
        }
    }
    let any = !counted.is_empty();
    any.then(|| format!("WITH {} {}", parts.join(", "), counted.join(" UNION ALL ")))
}

/// The keys of the rows that a later rule of the same run changed too, and that were left or deleted when that one was
/// put back, as a SELECT: they are told already. None when there is no such rule.
pub(crate) fn told(undone: &Undone<'_>, array: &str) -> Option<String> {
    let rule = &undone.rules[undone.index];
    let keys = |run: &str, place: usize| {
        format!(
            "SELECT unnest({array}) AS key FROM leora_run.transition WHERE run = '{run}'::uuid AND rule = {place}"
        )
    };
    let parts: Vec<String> = undone.rules[..undone.index]
        .iter()
        .enumerate()
        .filter(|(_, later)| (&later.table, &later.column) == (&rule.table, &rule.column))
        .map(|(at, later)| {
            let (past, put_back) =
                (keys(&undone.past.id, later.rule as usize), keys(undone.run, at + 1));
            format!("({past} EXCEPT {put_back})")
        })
        .collect();
    (!parts.is_empty()).then(|| parts.join(" UNION "))
}
