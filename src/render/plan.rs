//! What a plan foresees: rows, locks, time.

use std::time::Duration;

use leora_report::{PlanReport, StrategyEstimate};
use leora_rule::{Change, ChangePreview, Sample, Strategy};

use crate::render::entries::detail;
use crate::render::numbers::time;
use crate::render::style::{Style, Tone};
use crate::render::text::{plain, wrapped};

/// A few of the rows that a rule would change, a line each, and what makes it unsure.
pub(crate) fn rows(change: &Change, preview: &ChangePreview, style: Style) -> Vec<String> {
    let mut lines = Vec::new();
    if change.changed() > 0 && !preview.samples.is_empty() {
        lines.extend(detail("such as", style));
    }
    for sample in &preview.samples {
        let told = wrapped(&plain(&told(sample, preview)), style.width.saturating_sub(12));
        let indents = std::iter::once("        ").chain(std::iter::repeat("          "));
        lines.extend(indents.zip(told).map(|(indent, line)| format!("{indent}{line}")));
    }
    if let Some(unsure) = &preview.unsure {
        let text = format!(
            "  {} not predicted: what {unsure} makes of it",
            style.paint(Tone::Warning, "?")
        );
        lines.push(text);
    }
    lines
}

fn told(sample: &Sample, preview: &ChangePreview) -> String {
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "(none)".into());
    let reads = preview.columns.iter().zip(&sample.reads);
    let reads: Vec<String> = reads.map(|(name, value)| format!("{name} {}", text(value))).collect();
    let arrow = format!("{} → {}", text(&sample.old), text(&sample.new));
    let told = [sample.key.join(" "), arrow, reads.join(", ")].join(" ");
    told.trim_end().to_owned()
}

/// What the end of a plan says, given what a run would do.
pub(crate) fn lines(work: &str, plan: &PlanReport, style: Style) -> Vec<String> {
    let verdict = wrapped(&format!("Planned: {work}. Nothing was changed."), style.width);
    let mut lines: Vec<String> = verdict.iter().map(|line| style.paint(Tone::Good, line)).collect();
    if !plan.locks.is_empty() {
        let about = time(Duration::from_millis(plan.about_ms));
        lines.push(format!("  A run locks first, for about {about}:"));
        for lock in &plan.locks {
            lines.push(format!("    {:<18} {}", plain(&lock.table), weight(&lock.mode)));
        }
    }
    if !plan.strategies.is_empty() {
        lines.push("  Ways to write it (strategy in the manifest):".into());
        lines.extend(plan.strategies.iter().flat_map(|one| way(one, style)));
    }
    if let Some(held) = plan.held {
        lines.push(format!(
            "  This plan held the same locks for {}, to try the SQL files.",
            time(held)
        ));
    }
    lines
}

fn way(way: &StrategyEstimate, style: Style) -> Vec<String> {
    let mark = if way.chosen { "*" } else { " " };
    let about = time(Duration::from_millis(way.about_ms));
    let name = way.strategy.to_string();
    let mut lines = vec![format!("  {mark} {name:<8} about {about}; {}", who_waits(way.strategy))];
    if let Some(against) = &way.against {
        let told =
            wrapped(&plain(&format!("by update where {against}")), style.width.saturating_sub(13));
        lines.extend(told.iter().map(|line| format!("{:13}{line}", "")));
    }
    lines
}

/// Who waits while it is written so.
pub(crate) fn who_waits(strategy: Strategy) -> &'static str {
    match strategy {
        Strategy::Update => "others' writes wait, readers go on",
        Strategy::Rewrite => "everybody else waits, readers too",
        Strategy::Batches => "only writers of the rows being written wait",
    }
}

/// On whom a lock weighs.
fn weight(mode: &str) -> &'static str {
    match mode {
        "ACCESS EXCLUSIVE" => "everybody else waits, readers too",
        _ => "others' writes wait, readers go on",
    }
}
