//! What was approved, compared with what a run does: while it goes on, and once more before it commits.

use leora_host::HostError;
use leora_report::{Effect, StepEffects};

use crate::effect_comparison::Comparison;

/// The effects that were approved.
#[derive(Clone, Debug)]
pub struct Approval {
    /// What each step does, in order.
    pub steps: Vec<StepEffects>,
    /// By how many percent a count may differ.
    pub tolerance: f64,
    /// Whether what the run does stays.
    pub commits: bool,
    /// What to do when the run is another.
    pub help: String,
}

impl Approval {
    /// Compares what a run has done, or would do, with what was approved; a line for each difference.
    pub fn differences(&self, done: &[StepEffects]) -> Vec<String> {
        let none = StepEffects::default();
        let counterpart = |steps: &'_ [StepEffects], name: &str| {
            steps.iter().find(|one| one.step == name).cloned().unwrap_or_default()
        };
        let mut lines = Vec::new();
        for planned in &self.steps {
            let done = counterpart(done, &planned.step);
            lines.extend(self.step_differences(&planned.step, planned, &done, true));
        }
        let unknown = |step: &&StepEffects| !self.steps.iter().any(|one| one.step == step.step);
        for step in done.iter().filter(unknown) {
            lines.extend(self.step_differences(&step.step, &none, step, true));
        }
        lines
    }

    /// What the step has not done yet is no difference.
    pub(crate) fn check_so_far(&self, done: &StepEffects) -> Result<(), HostError> {
        let none = StepEffects::default();
        let planned = self.steps.iter().find(|one| one.step == done.step).unwrap_or(&none);
        let differences = self.step_differences(&done.step, planned, done, false);
        match differences.is_empty() {
            true => Ok(()),
            false => Err(HostError::NotApproved { differences, help: self.help.clone() }),
        }
    }

    /// Refuses what the plan of a step does not have next, before it is done: a rollback does not take back everything, such as
    /// the numbers of a sequence.
    pub(crate) fn check_next(&self, done: &StepEffects, next: &Effect) -> Result<(), HostError> {
        let planned = self.steps.iter().find(|one| one.step == done.step);
        let count =
            |step: &StepEffects| step.effects.iter().filter(|one| one.is_alike(next)).count();
        if planned.is_some_and(|planned| count(planned) > count(done)) {
            return Ok(());
        }
        let mut with_next = done.clone();
        with_next.effects.push(next.clone());
        self.check_so_far(&with_next)
    }

    fn step_differences(
        &self,
        step: &str,
        planned: &StepEffects,
        done: &StepEffects,
        ended: bool,
    ) -> Vec<String> {
        let mut comparison = Comparison::new(step, self.tolerance);
        let mut left: Vec<(usize, &Effect)> = planned.effects.iter().enumerate().collect();
        let (mut order, mut unplanned) = (Vec::new(), false);
        for effect in &done.effects {
            match left.iter().position(|(_, one)| one.is_alike(effect)) {
                Some(at) => {
                    let (place, planned) = left.remove(at);
                    comparison.compare(planned, effect);
                    order.push((place, effect));
                }
                None if !self.may_be_unplanned(planned, effect) => {
                    comparison.add_unplanned(effect);
                    unplanned = true;
                }
                None => {}
            }
        }
        if let Some(reason) = planned.not_predicted().filter(|_| unplanned) {
            comparison.lines.push(format!(
                "the plan knows nothing of {step} after: {reason}; put what follows into a step of its own"
            ));
        }
        comparison.compare_order(&order);
        if ended {
            left.iter().for_each(|(_, planned)| comparison.add_missing(planned));
        }
        comparison.lines
    }

    /// Whether a run may do this without a plan of it: a plan knows which step inserts rows, and the manifest the tables, but
    /// nobody knows before which rows. What is rolled back may follow those.
    fn may_be_unplanned(&self, planned: &StepEffects, effect: &Effect) -> bool {
        let follows = planned.not_predicted().is_some();
        effect.is_none()
            || matches!(effect, Effect::NotPredicted { .. })
            || follows && (!self.commits || matches!(effect, Effect::Insert { .. }))
    }
}

#[cfg(test)]
mod tests {
    use leora_report::{Effect, StepEffects};
    use leora_rule::Transition;

    use super::Approval;

    fn rule(rows: &[(&str, u64)]) -> Effect {
        let transition = |(new, rows): &(&str, u64)| Transition {
            old: None,
            new: Some((*new).to_owned()),
            rows: *rows,
        };
        Effect::Rule {
            table: "Customer".into(),
            column: "accountType".into(),
            rule: "00".into(),
            transitions: rows.iter().map(transition).collect(),
        }
    }

    fn file(name: &str) -> Effect {
        Effect::Sql { file: name.into(), objects: vec![] }
    }

    fn insert(rows: u64) -> Effect {
        Effect::Insert { table: "CallPlan".into(), rows }
    }

    fn open() -> Effect {
        Effect::NotPredicted { reason: "it inserts into CallPlan".into() }
    }

    fn steps(effects: Vec<Effect>) -> Vec<StepEffects> {
        vec![StepEffects { step: "01_classify".into(), effects }]
    }

    fn differences(tolerance: f64, planned: Vec<Effect>, done: Vec<Effect>) -> Vec<String> {
        let help = String::new();
        let approval = Approval { steps: steps(planned), tolerance, commits: true, help };
        approval.differences(&steps(done))
    }

    #[test]
    fn a_run_does_not_differ_from_itself() {
        let all = vec![rule(&[("ACTIVE", 3_512), ("TARGET", 1)]), file("a.sql"), rule(&[])];
        assert!(differences(0.0, all.clone(), all).is_empty());
    }

    #[test]
    fn a_count_may_move_by_the_tolerance_and_by_ten_rows() {
        let moved = |planned, now| {
            differences(1.0, vec![rule(&[("ACTIVE", planned)])], vec![rule(&[("ACTIVE", now)])])
        };
        assert!(moved(1_000, 1_010).is_empty() && moved(1_000, 990).is_empty());
        assert!(moved(1, 11).is_empty());
        let line =
            "01_classify Customer.accountType (none) -> ACTIVE: planned 1,000 rows, now 1,011 rows";
        assert_eq!(moved(1_000, 1_011), [line]);
    }

    #[test]
    fn what_was_not_planned_is_never_tolerated() {
        let line = "01_classify Customer.accountType (none) -> TARGET: planned nothing, now 1 row";
        assert_eq!(differences(100.0, vec![rule(&[])], vec![rule(&[("TARGET", 1)])]), [line]);
        assert_eq!(differences(100.0, vec![], vec![rule(&[("TARGET", 1)])]), [line]);
        let line = "01_classify a.sql: planned nothing, now it runs";
        assert_eq!(differences(100.0, vec![], vec![file("a.sql")]), [line]);
    }

    #[test]
    fn what_was_planned_and_is_left_out_is_not_tolerated_either() {
        let line = "01_classify Customer.accountType (none) -> TARGET: planned 2 rows, now nothing";
        assert_eq!(differences(100.0, vec![rule(&[("TARGET", 2)])], vec![]), [line]);
        assert!(differences(0.0, vec![rule(&[])], vec![]).is_empty());
        let line = "01_classify a.sql: planned it runs, now nothing";
        assert_eq!(differences(0.0, vec![file("a.sql")], vec![]), [line]);
    }

    #[test]
    fn the_order_counts() {
        let (first, second) =
            (vec![file("a.sql"), rule(&[("A", 9)])], vec![rule(&[("A", 9)]), file("a.sql")]);
        let line = "01_classify order: planned a.sql, Customer.accountType, now Customer.accountType, a.sql";
        assert_eq!(differences(0.0, first, second), [line]);
    }

    #[test]
    fn only_rows_are_inserted_after_what_no_plan_predicts() {
        assert!(differences(0.0, vec![open()], vec![insert(3)]).is_empty());
        assert_eq!(
            differences(0.0, vec![open()], vec![insert(3), file("a.sql")]),
            [
                "01_classify a.sql: planned nothing, now it runs",
                "the plan knows nothing of 01_classify after: it inserts into CallPlan; put what follows into a step of its own",
            ]
        );
        let line = "01_classify inserts into CallPlan: planned nothing, now 3 rows";
        assert_eq!(differences(0.0, vec![], vec![insert(3)]), [line]);
    }
}
