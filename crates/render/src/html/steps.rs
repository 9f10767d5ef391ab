//! The steps with what they did and said.

use std::time::Duration;

use leora_report::{
    Entry, ObjectVerb, Outcome, PlanReport, PutBack, Report, ShownTable, SqlRun, StepReport,
};
use maud::{Markup, html};

use crate::html::bar_chart::render_distribution;
use crate::html::section::render_section;
use crate::numbers::{format_count, format_number, format_time};
use crate::wording::{Tense, describe_deferred_indexes, describe_migration};

/// The most rows of a table that are shown.
const LISTED: usize = 100;

pub(crate) fn render_steps(report: &Report) -> Markup {
    let planned = report.outcome == Outcome::Planned;
    let inside = html! {
        @if !report.steps.is_empty() {
            ol.steps { @for (at, step) in report.steps.iter().enumerate() { (render_step(step, report.changed_by(at), planned)) } }
        }
        @if let Some(plan) = &report.plan { (render_locks(plan)) }
    };
    render_section("steps", "Steps", &inside)
}

fn render_locks(plan: &PlanReport) -> Markup {
    html! {
        @if !plan.locks.is_empty() {
            p.dim {
                "A run takes these locks first, for about " (format_time(Duration::from_millis(plan.about_ms))) ": "
                @for (at, lock) in plan.locks.iter().enumerate() {
                    @if at > 0 { ", " } (lock.table) " (" (lock.mode) ")"
                }
                @if !plan.only_read.is_empty() { ". It only reads " (plan.only_read.join(", ")) }
            }
        }
    }
}

fn render_step(step: &StepReport, changed: u64, planned: bool) -> Markup {
    let (class, word) = match step.outcome {
        Outcome::Done if planned => ("calm", "planned"),
        Outcome::Done => ("good", "done"),
        Outcome::Refused => ("bad", "refused"),
        Outcome::Interrupted => ("warn", "stopped"),
        _ => ("bad", "failed"),
    };
    let tense = if planned { Tense::Planned } else { Tense::Done };
    let entries = step.entries.iter().map(|entry| render_entry(entry, tense));
    let shown: Vec<Markup> = entries.filter(|entry| !entry.0.is_empty()).collect();
    html! {
        li {
            p.step {
                span.title { (step.title) }
                span class=(format!("pill small {class}")) { (word) }
                span.dim { (format_number(changed)) " changed · " (format_time(step.elapsed)) }
            }
            @if !shown.is_empty() { details open { summary { "What it did and said" } @for one in &shown { (one) } } }
        }
    }
}

/// The changes and the expectations have sections of their own.
fn render_entry(entry: &Entry, tense: Tense) -> Markup {
    match entry {
        Entry::Note(text) => html! { p.note { (text) } },
        Entry::Table(table) => render_table(table),
        Entry::Distribution { title, distribution } => {
            let name = || format!("{}.{}", distribution.table, distribution.column);
            render_distribution(&title.clone().unwrap_or_else(name), &distribution.values)
        }
        Entry::Sql { file, ran } => render_objects(file, ran, tense),
        Entry::Migration { name, recording, rollback } => {
            let [history, prisma] = describe_migration(name, recording, *rollback, tense);
            html! { p.note { (history) "; " (prisma) } }
        }
        Entry::Unpredicted(reason) => html! { p.note { "Not predicted: " (reason) } },
        Entry::PutBack(put_back) => render_put_back(put_back),
        Entry::Change { .. } | Entry::Expectation(_) => html! {},
    }
}

fn render_put_back(put_back: &PutBack) -> Markup {
    let PutBack { edited, deleted, gone, .. } = put_back;
    html! {
        @if let Some(gone) = gone { p.note { (gone) } }
        @if edited + deleted > 0 {
            p.note { "Left " (format_number(*edited)) " that were edited since and " (format_number(*deleted)) " that were deleted since." }
        }
    }
}

fn render_table(table: &ShownTable) -> Markup {
    html! {
        div.scroll tabindex="0" {
            table.rows {
                thead { tr { @for name in &table.columns { th scope="col" { (name) } } } }
                tbody { @for row in table.rows.iter().take(LISTED) { tr { @for cell in row { td { (cell) } } } } }
            }
        }
        @if table.rows.len() > LISTED { p.dim { "and " (format_count((table.rows.len() - LISTED) as u64, "more row")) } }
    }
}

fn render_objects(file: &str, ran: &SqlRun, tense: Tense) -> Markup {
    let word = |verb: ObjectVerb| match verb {
        ObjectVerb::Created => tense.pick("created", "would create"),
        ObjectVerb::Changed => tense.pick("changed", "would change"),
        ObjectVerb::Dropped => tense.pick("dropped", "would drop"),
    };
    html! {
        p.note { code { (file) } ": " @if ran.objects.is_empty() { "nothing to create, change or drop" } @else { (format_count(ran.objects.len() as u64, "object")) } }
        @if !ran.objects.is_empty() {
            ul.objects { @for one in &ran.objects { li { span.dim { (word(one.verb)) " " (one.kind) " " } (one.name) } } }
        }
        @if let Some(deferred) = describe_deferred_indexes(ran) { p.note { "Indexes: " (deferred) "." } }
    }
}
