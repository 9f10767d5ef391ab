//! The values of a run in the words of the plan that was approved: of equal values with several texts, such as 1.5 and 1.50,
//! the server shows now one, now another.

use std::collections::BTreeSet;

use leora_host::HostError;
use leora_postgres::{Reader, Session};
use leora_report::Effect;
use leora_rule::{Table, Transition};

use crate::RunContext;

/// Writes the values of a rule's transitions as the plan has them, where they are equal.
pub(crate) fn spell_as_approved(
    effect: &mut Effect,
    session: &mut Session,
    context: &RunContext,
    table: &Table,
) -> Result<(), HostError> {
    let Some(approval) = &context.approval else { return Ok(()) };
    let Effect::Rule { column, rule, transitions, .. } = &*effect else { return Ok(()) };
    let Some(column) = table.column(column).filter(|it| !it.data_type.has_one_text()) else {
        return Ok(());
    };
    let planned =
        approval.steps.iter().flat_map(|step| &step.effects).filter_map(|one| match one {
            Effect::Rule { transitions, rule: other, .. }
                if one.is_alike(effect) && other == rule =>
            {
                Some(transitions)
            }
            _ => None,
        });
    let planned: BTreeSet<&str> = planned.flat_map(|all| values(all)).collect();
    let other: BTreeSet<&str> =
        values(transitions).filter(|text| !planned.contains(text)).collect();
    if planned.is_empty() || other.is_empty() {
        return Ok(());
    }
    let (planned, other): (Vec<&str>, Vec<&str>) =
        (planned.into_iter().collect(), other.into_iter().collect());
    let equal = Reader::new(session).equal_values(&column.data_type, &other, &planned)?;
    let pairs = equal.unwrap_or_default().into_iter();
    let pairs: Vec<(String, String)> =
        pairs.map(|(own, of)| (other[own].to_owned(), planned[of].to_owned())).collect();
    let Effect::Rule { transitions, .. } = effect else { return Ok(()) };
    let cells = transitions.iter_mut().flat_map(|one| [&mut one.old, &mut one.new]).flatten();
    for text in cells {
        if let Some((_, spelt)) = pairs.iter().find(|(own, _)| own == text) {
            text.clone_from(spelt);
        }
    }
    Ok(())
}

fn values(transitions: &[Transition]) -> impl Iterator<Item = &str> {
    transitions.iter().flat_map(|one| [&one.old, &one.new]).flatten().map(String::as_str)
}
