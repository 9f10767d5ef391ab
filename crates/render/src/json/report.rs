//! The document of `run`, `plan`, `undo`, `why` and `what-if`.

use std::collections::BTreeMap;

use leora_report::{
    Failure, FileChange, FileReport, Lock, Outcome, PlanReport, Report, StrategyEstimate,
    TargetReport,
};
use serde::Serialize;

use crate::json::document::{milliseconds, render_document};
use crate::json::step::StepDocument;
use crate::json::what_if::WhatIfDocument;
use crate::json::why::WhyDocument;
use crate::wording::describe_waiting;

/// The document of a run, plan, undo, `why` or `what-if`.
pub fn render_json(report: &Report) -> String {
    render_document(&ReportDocument {
        outcome: report.outcome,
        run: &report.run,
        folder: &report.folder,
        undoes: report.undoes.as_deref(),
        title: &report.title,
        as_of: &report.as_of,
        target: &report.target,
        settings: &report.settings,
        committed: report.committed,
        steps: report.steps.iter().map(StepDocument::new).collect(),
        plan: report.plan.as_ref().map(PlanDocument::new),
        files: report.files.iter().map(FileDocument::new).collect(),
        error: &report.error,
        why: report.why.as_ref().map(WhyDocument::new),
        what_if: report.what_if.as_ref().map(WhatIfDocument::new),
    })
}

#[derive(Serialize)]
struct ReportDocument<'r> {
    outcome: Outcome,
    run: &'r str,
    folder: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    undoes: Option<&'r str>,
    title: &'r str,
    as_of: &'r str,
    target: &'r Option<TargetReport>,
    settings: &'r BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    committed: Option<u64>,
    steps: Vec<StepDocument<'r>>,
    plan: Option<PlanDocument<'r>>,
    files: Vec<FileDocument<'r>>,
    error: &'r Option<Failure>,
    #[serde(flatten)]
    why: Option<WhyDocument<'r>>,
    #[serde(flatten)]
    what_if: Option<WhatIfDocument<'r>>,
}

#[derive(Serialize)]
struct PlanDocument<'r> {
    locks: &'r [Lock],
    only_read: &'r [String],
    about_ms: u64,
    strategies: Vec<StrategyDocument<'r>>,
    held_ms: Option<u64>,
}

impl<'r> PlanDocument<'r> {
    fn new(plan: &'r PlanReport) -> Self {
        let strategy = |estimate: &'r StrategyEstimate| StrategyDocument {
            estimate,
            waits: describe_waiting(estimate.strategy),
        };
        Self {
            locks: &plan.locks,
            only_read: &plan.only_read,
            about_ms: plan.about_ms,
            strategies: plan.strategies.iter().map(strategy).collect(),
            held_ms: plan.held.map(milliseconds),
        }
    }
}

#[derive(Serialize)]
struct StrategyDocument<'r> {
    #[serde(flatten)]
    estimate: &'r StrategyEstimate,
    waits: &'static str,
}

#[derive(Serialize)]
struct FileDocument<'r> {
    path: &'r str,
    change: &'static str,
    reason: Option<&'r str>,
}

impl<'r> FileDocument<'r> {
    fn new(file: &'r FileReport) -> Self {
        let (change, reason) = match &file.change {
            FileChange::Written => ("written", None),
            FileChange::Same => ("same", None),
            FileChange::Planned => ("foreseen", None),
            FileChange::Failed { reason, .. } => ("failed", Some(reason.as_str())),
        };
        Self { path: &file.path, change, reason }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use leora_report::{Entry, FailureKind, PutBack, StepReport};
    use serde_json::{Value, json};

    use super::*;

    fn rendered(report: &Report) -> Value {
        serde_json::from_str(&render_json(report)).unwrap()
    }

    #[test]
    fn a_failure_without_a_place_has_its_keys_all_the_same() {
        let failure = Failure::new(FailureKind::NotConfirmed, "nobody confirmed it", None);
        let outcome = failure.kind.outcome();
        assert_eq!(
            rendered(&Report { outcome, error: Some(failure), ..Report::default() }),
            json!({
                "outcome": "refused", "run": "", "folder": "", "title": "", "as_of": "", "target": null,
                "settings": {}, "steps": [], "plan": null, "files": [],
                "error": {
                    "kind": "not_confirmed", "message": "nobody confirmed it", "file": null, "line": null,
                    "column": null, "sqlstate": null, "details": [], "help": null,
                },
            })
        );
    }

    #[test]
    fn a_plan_says_who_waits_for_each_strategy() {
        let strategy = leora_rule::Strategy::Rewrite;
        let lock = Lock { schema: "public".into(), table: "T".into(), mode: "SHARE".into() };
        let plan = PlanReport {
            locks: vec![lock],
            only_read: vec!["U".into()],
            about_ms: 40,
            strategies: vec![StrategyEstimate {
                strategy,
                about_ms: 7,
                chosen: true,
                against: None,
            }],
            held: Some(Duration::from_millis(12)),
        };
        let report = Report { plan: Some(plan), ..Report::default() };
        assert_eq!(
            rendered(&report)["plan"],
            json!({
                "locks": [{ "table": "T", "mode": "SHARE" }], "only_read": ["U"], "about_ms": 40, "held_ms": 12,
                "strategies": [{
                    "strategy": "rewrite", "about_ms": 7, "chosen": true, "against": null,
                    "waits": "everybody else waits, readers too",
                }],
            })
        );
    }

    #[test]
    fn what_a_step_did_stands_by_kind() {
        let entries = vec![
            Entry::Note("a note".into()),
            Entry::Unpredicted("who knows".into()),
            Entry::PutBack(PutBack {
                table: "T".into(),
                column: "c".into(),
                edited: 2,
                ..PutBack::default()
            }),
        ];
        let step = StepReport {
            name: "01_a".into(),
            title: "A".into(),
            outcome: Outcome::Done,
            elapsed: Duration::from_micros(1_900),
            entries,
        };
        let report = Report { steps: vec![step], ..Report::default() };
        assert_eq!(
            rendered(&report)["steps"][0],
            json!({
                "name": "01_a", "title": "A", "outcome": "done", "ms": 1, "expectations": [], "distributions": [],
                "objects": [], "migrations": [], "notes": ["a note"], "not_predicted": ["who knows"],
                "changes": [{
                    "table": "T", "column": "c", "strategy": "undo", "rows": 2, "changed": 0, "transitions": [],
                    "edited": 2, "deleted": 0, "left": [], "gone": null,
                }],
            })
        );
    }
}
