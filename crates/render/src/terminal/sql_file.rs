//! What an SQL file created, changed or dropped.

use leora_report::{ObjectChange, ObjectOwnership, ObjectVerb, SqlRun};

use crate::numbers::format_count;
use crate::terminal::layout::{detail, success};
use crate::terminal::style::Style;
use crate::wording::{Tense, describe_deferred_indexes};

/// The most objects of a kind that are listed by name.
const NAMED: usize = 6;

pub(crate) fn render_sql_file(file: &str, ran: &SqlRun, tense: Tense, style: Style) -> Vec<String> {
    if ran.objects.is_empty() {
        let text = format!("{file}: nothing to create, change or drop");
        return success(&text, style);
    }
    let count = format_count(ran.objects.len() as u64, "object");
    let mut lines = success(&format!("{file}: {count}"), style);
    let verbs = [
        (ObjectVerb::Created, tense.pick("created", "would create")),
        (ObjectVerb::Changed, tense.pick("changed", "would change")),
        (ObjectVerb::Dropped, tense.pick("dropped", "would drop")),
    ];
    for (verb, word) in verbs {
        for (kind, names) in by_kind(ran, verb) {
            let mut text = format!("{word} {}", describe_objects(kind, &names));
            if kind == "index"
                && verb == ObjectVerb::Created
                && let Some(deferred) = describe_deferred_indexes(ran)
            {
                text = format!("{text}, {deferred}");
            }
            lines.extend(detail(&text, style));
        }
    }
    if let ObjectOwnership::Reassigned { owner } = &ran.ownership {
        let given = tense.pick("given to", "would be given to");
        let text = format!("{given} {owner}, who owns the tables that it belongs with");
        lines.extend(detail(&text, style));
    }
    lines
}

/// The names of the objects of one verb, by kind, in the order of the first of each kind.
fn by_kind(ran: &SqlRun, verb: ObjectVerb) -> Vec<(&str, Vec<&str>)> {
    let mut kinds: Vec<(&str, Vec<&str>)> = Vec::new();
    for ObjectChange { kind, name, .. } in ran.objects.iter().filter(|one| one.verb == verb) {
        match kinds.iter_mut().find(|(known, _)| known == kind) {
            Some((_, names)) => names.push(name),
            None => kinds.push((kind, vec![name])),
        }
    }
    kinds
}

/// A few objects by name, many by number.
fn describe_objects(kind: &str, names: &[&str]) -> String {
    if names.len() > NAMED {
        let plural = if kind.ends_with('x') { "es" } else { "s" };
        return format!("{} {kind}{plural}", names.len());
    }
    format!("{kind} {}", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::describe_objects;

    #[test]
    fn a_few_objects_are_named_and_many_are_counted() {
        assert_eq!(describe_objects("table", &["A", "B"]), "table A, B");
        assert_eq!(describe_objects("index", &["i"; 7]), "7 indexes");
        assert_eq!(describe_objects("column", &["c"; 11]), "11 columns");
    }
}
