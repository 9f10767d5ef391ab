//! Which rows an undo leaves alone, as SQL: those that later runs have changed, and those that were reported already.

use leora_report::{PastRule, PastRun};
use leora_rule::{operation, quote_literal};

use crate::undo::journalled_key::JournalledKey;

/// The keys of the rows whose column a later run has changed, as a SELECT; none when no later run did. A change that
/// was undone does not count, unless that undo was undone too.
pub(crate) fn changed_since(
    rule: &PastRule,
    keys: &JournalledKey,
    newest_first: &[PastRun],
) -> Option<String> {
    let committed: Vec<&PastRun> = newest_first.iter().filter(|run| run.has_changed()).collect();
    let ids: Vec<String> = committed.iter().map(|run| uuid(&run.id)).collect();
    let is = |column: &str, text: &str| operation(column, "=", &quote_literal(text));
    let is_known = |id: &str| committed.iter().any(|run| run.id == id);
    let mut parts = vec![format!(
        "changed AS (SELECT run, {} AS key FROM (SELECT run, pg_catalog.unnest({}) AS key FROM leora_run.transition WHERE {} \
           AND {} AND {} AND {}) AS journalled)",
        keys.written_now,
        keys.array,
        operation("run", "=", &format!("ANY (ARRAY[{}]::pg_catalog.uuid[])", ids.join(", "))),
        is("table_schema", &rule.schema),
        is("table_name", &rule.table),
        is("column_name", &rule.column),
    )];
    let mut counted = Vec::new();
    for (at, run) in committed.iter().enumerate() {
        // What undid it is newer, so it comes before it in this list.
        let undone =
            committed.iter().enumerate().filter(|(_, undo)| undo.undoes.as_ref() == Some(&run.id));
        let except: String =
            undone.map(|(undo, _)| format!(" EXCEPT SELECT key FROM counted{undo}")).collect();
        parts.push(format!(
            "counted{at} AS (SELECT key FROM changed WHERE {}{except})",
            operation("run", "=", &uuid(&run.id))
        ));
        if !run.undoes.as_ref().is_some_and(|other| is_known(other)) {
            counted.push(format!("SELECT key FROM counted{at}"));
        }
    }
    let any = !counted.is_empty();
    any.then(|| format!("WITH {} {}", parts.join(", "), counted.join(" UNION ALL ")))
}

/// The keys of the rows that a later rule of the same run changed too, and that were left or deleted when that one was put
/// back, as a SELECT: they are reported already. None when there is no such rule. `rules` are newest first; those before
/// `index` were put back by the run `undo` as its rules 1, 2, ...
pub(crate) fn reported_before(
    past: &PastRun,
    rules: &[PastRule],
    index: usize,
    undo: &str,
    keys: &JournalledKey,
) -> Option<String> {
    let rule = &rules[index];
    let keys = |run: &str, place: usize| {
        format!(
            "SELECT {} AS key FROM (SELECT pg_catalog.unnest({}) AS key FROM leora_run.transition WHERE {} AND {}) AS journalled",
            keys.written_now,
            keys.array,
            operation("run", "=", &uuid(run)),
            operation("rule", "=", &place.to_string())
        )
    };
    let parts: Vec<String> = rules[..index]
        .iter()
        .enumerate()
        .filter(|(_, later)| (&later.table, &later.column) == (&rule.table, &rule.column))
        .map(|(at, later)| {
            format!("({} EXCEPT {})", keys(&past.id, later.rule as usize), keys(undo, at + 1))
        })
        .collect();
    (!parts.is_empty()).then(|| parts.join(" UNION "))
}

fn uuid(id: &str) -> String {
    format!("'{id}'::pg_catalog.uuid")
}

#[cfg(test)]
mod tests {
    use leora_report::{Outcome, PastOutcome, PastRule, PastRun};

    use super::{JournalledKey, changed_since, reported_before};

    fn keys() -> JournalledKey {
        JournalledKey { array: "keys_bigint", is_same_type: true, written_now: "key".into() }
    }

    fn rule(number: u32, column: &str) -> PastRule {
        PastRule {
            rule: number,
            schema: "public".into(),
            table: "Item".into(),
            key: "[\"id\"]".into(),
            column: column.into(),
            transitions: vec![],
        }
    }

    fn run(id: &str, undoes: Option<&str>) -> PastRun {
        PastRun {
            id: id.into(),
            outcome: PastOutcome::Ended(Outcome::Done),
            changed: 1,
            undoes: undoes.map(str::to_owned),
            ..PastRun::default()
        }
    }

    #[test]
    fn without_later_changes_nothing_is_in_the_way() {
        assert_eq!(changed_since(&rule(1, "note"), &keys(), &[]), None);
        let failed = PastRun { outcome: PastOutcome::from_word("failed"), ..run("f", None) };
        assert_eq!(changed_since(&rule(1, "note"), &keys(), &[failed]), None);
    }

    #[test]
    fn a_change_that_was_undone_does_not_count() {
        let newest_first = [run("b", Some("a")), run("a", None)];
        let sql = changed_since(&rule(1, "note"), &keys(), &newest_first).expect("a SELECT");
        assert!(sql.contains(
            "WHERE (run OPERATOR(pg_catalog.=) 'a'::pg_catalog.uuid) EXCEPT SELECT key FROM counted0"
        ), "{sql}");
        assert!(sql.ends_with(" SELECT key FROM counted1"), "{sql}");
    }

    #[test]
    fn rows_that_a_later_rule_left_are_reported_once() {
        let rules = [rule(3, "note"), rule(2, "mood"), rule(1, "note")];
        assert_eq!(reported_before(&run("p", None), &rules, 1, "u", &keys()), None);
        let sql = reported_before(&run("p", None), &rules, 2, "u", &keys());
        let sql = sql.expect("a SELECT");
        assert!(
            sql.contains(
                "'p'::pg_catalog.uuid) AND (rule OPERATOR(pg_catalog.=) 3)) AS journalled EXCEPT"
            ),
            "{sql}"
        );
        assert!(sql.contains("'u'::pg_catalog.uuid) AND (rule OPERATOR(pg_catalog.=) 1)"), "{sql}");
    }
}
