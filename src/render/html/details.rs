//! The steps with what they did and said, and what was expected.

use leora_report::{
    Entry, Expectation, ObjectVerb, Outcome, Report, ShownTable, SqlRun, StepReport,
};
use maud::{Markup, html};

use crate::render::html::numbers::{format_number, time};
use crate::render::html::{chart, section};
use crate::render::{entries, migrations};

/// The most rows of a table, and findings of an expectation, that are shown.
const LISTED: usize = 100;

pub(crate) fn expectations(report: &Report) -> Markup {
    let all: Vec<&Expectation> = report
        .steps
        .iter()
        .flat_map(|step| &step.entries)
        .filter_map(|entry| match entry {
            Entry::Expectation(one) => Some(one),
            _ => None,
        })
        .collect();
    let inside = html! {
        @if !all.is_empty() { ul.expectations { @for one in all { (expectation(one)) } } }
    };
    section("expectations", "Expectations", &inside)
}

fn expectation(one: &Expectation) -> Markup {
    let (class, word) = match (one.held, one.warning) {
        (true, _) => ("good", "held"),
        (false, true) => ("warn", "warning"),
        (false, false) => ("bad", "did not hold"),
    };
    html! {
        li {
            span class=(format!("pill small {class}")) { (word) } " " (one.label)
            @if !one.findings.is_empty() {
                ul.findings {
                    @for finding in one.findings.iter().take(LISTED) { li { (finding) } }
                    @if one.findings.len() > LISTED { li.dim { "and " (one.findings.len() - LISTED) " more" } }
                }
            }
        }
    }
}

pub(crate) fn steps(report: &Report) -> Markup {
    let planned = report.outcome == Outcome::Planned;
    let inside = html! {
        @if !report.steps.is_empty() {
            ol.steps { @for step in &report.steps { (self::step(step, planned)) } }
        }
        @if let Some(plan) = &report.plan {
            @if !plan.locks.is_empty() {
                p.dim {
                    "A run takes these locks first, for about " (time(std::time::Duration::from_millis(plan.about_ms))) ": "
                    @for (at, lock) in plan.locks.iter().enumerate() {
                        @if at > 0 { ", " } (lock.table) " (" (lock.mode) ")"
                    }
                }
            }
        }
    };
    section("steps", "Steps", &inside)
}

fn step(step: &StepReport, planned: bool) -> Markup {
    let (class, word) = match step.outcome {
        Outcome::Done if planned => ("calm", "planned"),
        Outcome::Done => ("good", "done"),
        Outcome::Refused => ("bad", "refused"),
        Outcome::Interrupted => ("warn", "stopped"),
        _ => ("bad", "failed"),
    };
    let told: Vec<Markup> =
        step.entries.iter().map(entry).filter(|told| !told.0.is_empty()).collect();
    html! {
        li {
            p.step {
                span.title { (step.title) }
                span class=(format!("pill small {class}")) { (word) }
                span.dim { (format_number(step.changed())) " changed · " (time(step.elapsed)) }
            }
            @if !told.is_empty() { details open { summary { "What it did and said" } @for one in &told { (one) } } }
        }
    }
}

/// What a step did or said; the rules and the expectations have sections of their own.
fn entry(entry: &Entry) -> Markup {
    match entry {
        Entry::Note(text) => html! { p.note { (text) } },
        Entry::Table(table) => rows(table),
        Entry::Distribution { title, distribution } => {
            let title = title
                .clone()
                .unwrap_or_else(|| format!("{}.{}", distribution.table, distribution.column));
            chart::shares(&title, &distribution.values)
        }
        Entry::Sql { file, ran } => objects(file, ran),
        Entry::Migration { name, recording, rollback } => {
            let told = migrations::told(name, recording, *rollback, entries::Tense::Done);
            html! { p.note { (told.join("; ")) } }
        }
        Entry::Unpredicted(reason) => html! { p.note { "Not predicted: " (reason) } },
        Entry::PutBack(back) => html! {
            @if let Some(gone) = &back.gone { p.note { (gone) } }
            @if back.edited + back.deleted > 0 {
                p.note { "Left " (format_number(back.edited)) " that were edited since and " (format_number(back.deleted)) " that were deleted since." }
            }
        },
        _ => html! {},
    }
}

fn rows(table: &ShownTable) -> Markup {
    html! {
        div.scroll tabindex="0" {
            table.rows {
                thead { tr { @for name in &table.columns { th scope="col" { (name) } } } }
                tbody { @for row in table.rows.iter().take(LISTED) { tr { @for cell in row { td { (cell) } } } } }
            }
        }
        @if table.rows.len() > LISTED { p.dim { "and " (table.rows.len() - LISTED) " more rows" } }
    }
}

fn objects(file: &str, ran: &SqlRun) -> Markup {
    let word = |verb: &ObjectVerb| match verb {
        ObjectVerb::Created => "created",
        ObjectVerb::Changed => "changed",
        ObjectVerb::Dropped => "dropped",
    };
    html! {
        p.note { code { (file) } ": " @if ran.objects.is_empty() { "nothing to create, change or drop" } @else { (ran.objects.len()) " objects" } }
        @if !ran.objects.is_empty() {
            ul.objects { @for one in &ran.objects { li { span.dim { (word(&one.verb)) " " (one.kind) " " } (one.name) } } }
        }
        @if let Some(later) = entries::later(ran) { p.note { "Indexes: " (later) "." } }
    }
}
