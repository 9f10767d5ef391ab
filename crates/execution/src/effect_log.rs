//! Notes what each step does to the database, for a plan to keep and for an approved run to be compared with.

use leora_folder::sha256_hex;
use leora_host::HostError;
use leora_report::{Effect, PastRule, StepEffects};
use leora_rule::{Change, Kind, Rule, Table, Transition};

use crate::RunContext;

#[derive(Debug, Default)]
pub(crate) struct EffectLog {
    steps: Vec<StepEffects>,
}

impl EffectLog {
    /// What follows is done by this step, counted from 1.
    pub(crate) fn enter_step(&mut self, step: usize, context: &RunContext) {
        let step = step.checked_sub(1).and_then(|index| context.folder.steps.get(index));
        let step = step.map(|step| step.name.clone()).unwrap_or_default();
        self.steps.push(StepEffects { step, effects: vec![] });
    }

    /// The name of the step that is at work.
    pub(crate) fn step(&self) -> &str {
        self.steps.last().map_or("", |step| &step.step)
    }

    /// Rows that are inserted into a table one by one are counted together.
    pub(crate) fn note(&mut self, effect: Effect) {
        let Some(step) = self.steps.last_mut() else { return };
        if let Effect::Insert { rows: more, .. } | Effect::Delete { rows: more, .. } = &effect
            && let Some(Effect::Insert { rows, .. } | Effect::Delete { rows, .. }) =
                step.effects.iter_mut().find(|known| known.is_alike(&effect))
        {
            *rows += more;
            return;
        }
        step.effects.push(effect);
    }

    /// Puts what the rule of this number, from 1, has written in the place of what it was to write.
    pub(crate) fn correct_rule(&mut self, number: usize, written: Effect) {
        let effects = self.steps.iter_mut().flat_map(|step| &mut step.effects);
        let mut rules = effects.filter(|effect| matches!(effect, Effect::Rule { .. }));
        if let Some(known) = rules.nth(number.saturating_sub(1)) {
            *known = written;
        }
    }

    /// Notes an effect, unless the plan that was approved does not have it.
    pub(crate) fn note_approved(
        &mut self,
        effect: Effect,
        context: &RunContext,
    ) -> Result<(), HostError> {
        self.note(effect);
        match (&context.approval, self.steps.last()) {
            (Some(approval), Some(step)) => approval.check_so_far(step),
            _ => Ok(()),
        }
    }

    pub(crate) fn check_next(&self, next: &Effect, context: &RunContext) -> Result<(), HostError> {
        match (&context.approval, self.steps.last()) {
            (Some(approval), Some(step)) => approval.check_next(step, next),
            _ => Ok(()),
        }
    }

    pub(crate) fn so_far(&self) -> &[StepEffects] {
        &self.steps
    }

    pub(crate) fn take(&mut self) -> Vec<StepEffects> {
        std::mem::take(&mut self.steps)
    }
}

pub(crate) fn rule_effect(rule: &Rule, change: &Change, table: &Table) -> Effect {
    let is_decimal = |name: &str| {
        table.column(name).is_some_and(|column| matches!(column.data_type.kind, Kind::Decimal))
    };
    let value = |text: &Option<String>| match is_decimal(&change.column) {
        true => text.as_deref().map(|text| decimal(text).to_owned()),
        false => text.clone(),
    };
    let transition = |one: &Transition| Transition {
        old: value(&one.old),
        new: value(&one.new),
        rows: one.rows,
    };
    Effect::Rule {
        table: change.table.clone(),
        column: change.column.clone(),
        rule: sha256_hex(rule.meaning().as_bytes()),
        transitions: change.transitions.iter().map(transition).collect(),
    }
}

/// Adds to the effects of what is left of a run those that it has had already, by the journal of its rules.
pub fn add_written(steps: &mut [StepEffects], written: &[PastRule]) {
    let effects = steps.iter_mut().flat_map(|step| &mut step.effects);
    let rules = effects.filter(|effect| matches!(effect, Effect::Rule { .. }));
    for (index, effect) in rules.enumerate() {
        add_rows(effect, written, index + 1);
    }
}

/// Adds the rows that the rule of this number has written.
pub(crate) fn add_rows(effect: &mut Effect, written: &[PastRule], rule: usize) {
    let Effect::Rule { transitions, .. } = effect else { return };
    let is_same = |one: &Option<String>, other: &Option<String>| {
        one.as_deref().map(decimal) == other.as_deref().map(decimal)
    };
    let of_rule = written.iter().filter(|one| one.rule as usize == rule);
    for more in of_rule.flat_map(|one| &one.transitions) {
        let known = transitions
            .iter_mut()
            .find(|one| is_same(&one.old, &more.old) && is_same(&one.new, &more.new));
        match known {
            Some(known) => known.rows += more.rows,
            None => transitions.push(more.clone()),
        }
    }
}

/// 1.5 for 1.50: of equal numbers the server shows now one, now the other.
fn decimal(text: &str) -> &str {
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use leora_report::Effect;

    use super::{EffectLog, StepEffects, decimal};

    #[test]
    fn equal_numbers_are_one() {
        for (text, plain) in [("1.50", "1.5"), ("10", "10"), ("2.00", "2"), ("NaN", "NaN")] {
            assert_eq!(decimal(text), plain);
        }
    }

    #[test]
    fn rows_of_a_table_are_counted_together() {
        let mut log = EffectLog { steps: vec![StepEffects::default()] };
        for table in ["A", "B", "A"] {
            log.note(Effect::Insert { table: table.into(), rows: 1 });
        }
        let insert = |table: &str, rows| Effect::Insert { table: table.into(), rows };
        assert_eq!(log.take()[0].effects, [insert("A", 2), insert("B", 1)]);
    }
}
