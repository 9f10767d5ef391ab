//! The end of a plan: what a run would do, which locks it would take, and what each strategy would cost.

use std::time::Duration;

use leora_report::{PlanReport, StrategyEstimate};
use leora_rule::Strategy;

use crate::numbers::format_time;
use crate::terminal::layout::indent;
use crate::terminal::style::{Style, Tone};
use crate::text::sanitize;
use crate::wording::describe_waiting;

/// `work` is what a run would do.
pub(crate) fn render_plan(work: &str, plan: &PlanReport, style: Style) -> Vec<String> {
    let verdict = format!("Planned: {work}. Nothing was changed.");
    let mut lines = indent(0, &verdict, Tone::Good, style);
    if !plan.locks.is_empty() {
        let about = format_time(Duration::from_millis(plan.about_ms));
        lines.push(format!("  A run locks first, for about {about}:"));
        for lock in &plan.locks {
            let waits = describe_lock(&lock.mode);
            lines.push(format!("    {:<18} {waits}", sanitize(&lock.table)));
        }
    }
    if !plan.only_read.is_empty() {
        let read = plan.only_read.join(", ");
        let text = format!("It only reads {read}: who reads or writes there does not wait.");
        lines.extend(indent(2, &text, Tone::Plain, style));
    }
    if !plan.strategies.is_empty() {
        lines.push("  Ways to write it (strategy in the manifest):".into());
        lines.extend(plan.strategies.iter().flat_map(|one| render_estimate(one, style)));
    }
    if let Some(held) = plan.held {
        let held = format_time(held);
        lines.push(format!("  This plan held the same locks for {held}, to try the SQL files."));
    }
    lines
}

fn render_estimate(estimate: &StrategyEstimate, style: Style) -> Vec<String> {
    let mark = if estimate.chosen { "*" } else { " " };
    let about = format_time(Duration::from_millis(estimate.about_ms));
    let name = estimate.strategy.to_string();
    let waits = describe_waiting(estimate.strategy);
    let mut lines = vec![format!("  {mark} {name:<8} about {about}; {waits}")];
    if let Some(against) = &estimate.against {
        lines.extend(indent(13, &format!("by update where {against}"), Tone::Plain, style));
    }
    lines
}

/// Who waits for a lock.
fn describe_lock(mode: &str) -> &'static str {
    describe_waiting(match mode {
        "ACCESS EXCLUSIVE" => Strategy::Rewrite,
        _ => Strategy::Update,
    })
}
