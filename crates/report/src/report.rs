//! What became of a run, a plan, an undo, a `why` or a `what-if`.

use std::collections::BTreeMap;

use leora_rule::Access;

use crate::{
    Failure, FileChange, FileReport, FirstRows, Outcome, PlanReport, RuleStatistics, SourceReport,
    StepEffects, StepReport, TargetReport, WhatIfReport, WhyReport,
};

/// What became of a run, a plan, an undo, a `why` or a `what-if`.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// How it ended.
    pub outcome: Outcome,
    /// Its id, a UUID; empty where nothing was started.
    pub run: String,
    /// The folder, as it was given; `undo` for an undo.
    pub folder: String,
    /// The run that it undoes, by its id; nothing for a run of a folder.
    pub undoes: Option<String>,
    /// The folder's title.
    pub title: String,
    /// The business date, as `2025-10-25`.
    pub as_of: String,
    /// Whether what it wrote stays.
    pub access: Option<Access>,
    /// The database.
    pub target: Option<TargetReport>,
    /// The settings in force, by name.
    pub settings: BTreeMap<String, String>,
    /// The steps that were started.
    pub steps: Vec<StepReport>,
    /// What the steps do to the database.
    pub effects: Vec<StepEffects>,
    /// How many steps the folder has.
    pub planned_steps: usize,
    /// Why it did not end well.
    pub error: Option<Failure>,
    /// What a plan knows beside its steps.
    pub plan: Option<PlanReport>,
    /// Why a row gets its values.
    pub why: Option<WhyReport>,
    /// What other settings would give.
    pub what_if: Option<WhatIfReport>,
    /// The files of the folder: scripts, modules and SQL.
    pub sources: Vec<SourceReport>,
    /// The comments beside the settings in the scripts, by name.
    pub setting_comments: BTreeMap<String, String>,
    /// What a page shows of each rule beside its change, in the order of the changes; empty unless a page is written.
    pub statistics: Vec<Option<RuleStatistics>>,
    /// The first rows of each change, in the order of the changes that have any; empty unless a page is written.
    pub first_rows: Vec<FirstRows>,
    /// The files that it wrote beside the database.
    pub files: Vec<FileReport>,
    /// Commands to go on with.
    pub next: Vec<String>,
    /// Commands to go back with.
    pub back: Vec<String>,
    /// How many values a run that stopped between batches has committed, where the server could still say.
    pub committed: Option<u64>,
}

impl Report {
    /// How many values a step has changed; of the one that a run in batches stopped in, those that stay.
    pub fn changed_by(&self, step: usize) -> u64 {
        let changed = |step: &StepReport| step.changed();
        let own = self.steps.get(step).map_or(0, changed);
        let is_last = step + 1 == self.steps.len();
        match self.committed.filter(|_| is_last && self.outcome == Outcome::Partial) {
            Some(all) => own.max(all.saturating_sub(self.steps[..step].iter().map(changed).sum())),
            None => own,
        }
    }

    /// The process's exit code: 1 where everything was done but a file could not be written.
    pub fn exit_code(&self) -> u8 {
        let unwritten = |file: &FileReport| matches!(file.change, FileChange::Failed { .. });
        let files = u8::from(self.files.iter().any(unwritten));
        self.error.as_ref().map_or(files, |failure| failure.kind.exit_code())
    }
}

#[cfg(test)]
mod tests {
    use super::Report;
    use crate::{Outcome, StepReport};

    #[test]
    fn what_batches_have_committed_counts_as_changed_by_the_step_that_stopped() {
        let steps = vec![StepReport::default(), StepReport::default()];
        let report = Report { steps, committed: Some(7), ..Report::default() };
        let partial = Report { outcome: Outcome::Partial, ..report.clone() };
        assert_eq!((partial.changed_by(0), partial.changed_by(1)), (0, 7));
        assert_eq!(report.changed_by(1), 0);
    }
}
