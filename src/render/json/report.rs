//! The document of `run`, `plan`, `undo`, `why` and `what-if`.

use std::collections::BTreeMap;

use leora_report::{
    Failure, FileChange, FileReport, Lock, Outcome, PlanReport, Report, StrategyEstimate,
    TargetReport,
};
use serde::Serialize;

use crate::render::json::step::StepDocument;
use crate::render::json::what_if::WhatIfDocument;
use crate::render::json::why::WhyDocument;
use crate::render::json::{milliseconds, render};
use crate::render::wording::describe_waiting;

/// The document of a run, plan, undo, `why` or `what-if`.
pub fn render_json(report: &Report) -> String {
    render(&ReportDocument {
        outcome: report.outcome,
        run: &report.run,
        folder: &report.folder,
        undoes: report.undoes.as_deref(),
        title: &report.title,
        as_of: &report.as_of,
        target: &report.target,
        settings: &report.settings,
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
