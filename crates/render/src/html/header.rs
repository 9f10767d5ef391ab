//! The top of the page: what ran, where, when, how it ended, and in numbers.

use std::time::Duration;

use leora_report::{ExpectationCounts, Failure, Outcome, Provenance, Report, StepReport};
use maud::{Markup, html};

use crate::numbers::{format_count, format_number, format_time};
use crate::terminal::{Style, render_failure};
use crate::wording::describe_stopped;

/// How a mistake is shown on its line: a phone shows this width without scrolling far.
const SNIPPET: Style = Style { color: false, width: 72 };

pub(crate) fn render_header(report: &Report, provenance: &Provenance) -> Markup {
    let Provenance { command, started, who, took } = provenance;
    html! {
        header {
            p.eyebrow { "leora-run " (command) @if !report.folder.is_empty() && *command != "undo" { " · " (report.folder) } }
            h1 { (report.title) }
            p.outcome {
                span class=(format!("pill {}", pill_class(report.outcome))) { (describe_outcome(report)) }
                " " (describe_verdict(report))
                @if warned(report) > 0 {
                    " " a.pill.warn href="#expectations" { (format_count(warned(report) as u64, "warning")) }
                }
            }
            dl.facts {
                @if let Some(target) = &report.target {
                    dt { "Where" }
                    dd { (target.name) " on " (host(&target.host)) span.dim { " (from " (target.from) ")" } }
                }
                dt { "When" } dd { time { (started) } " UTC, by " (who) }
                dt { "As of" } dd { (report.as_of) }
            }
            (render_tiles(report, *took))
        }
        @if let Some(failure) = &report.error { (render_failure_section(failure, report)) }
        (render_commands(report))
    }
}

fn host(host: &str) -> &str {
    if host.starts_with('/') { "a Unix socket" } else { host }
}

fn describe_outcome(report: &Report) -> &'static str {
    match report.outcome {
        Outcome::Planned if report.what_if.is_some() => "What if",
        Outcome::Done => "Done",
        Outcome::Planned => "Planned",
        Outcome::Refused => "Refused",
        Outcome::Interrupted => "Interrupted",
        Outcome::Unknown => "Outcome unknown",
        Outcome::Partial => "Stopped",
        _ => "Failed",
    }
}

/// How many expectations did not hold that only warn: a run that is done may have some.
fn warned(report: &Report) -> usize {
    report.steps.iter().map(|step| step.expectations().warned).sum()
}

fn pill_class(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "good",
        Outcome::Planned => "calm",
        Outcome::Unknown | Outcome::Interrupted | Outcome::Partial => "warn",
        _ => "bad",
    }
}

fn describe_verdict(report: &Report) -> String {
    let changed: u64 = report.steps.iter().map(|step| step.changed()).sum();
    match report.outcome {
        Outcome::Done => format!("{} changed.", format_count(changed, "value")),
        Outcome::Planned if report.what_if.is_some() => "Nothing was changed.".into(),
        Outcome::Planned => {
            format!("{} would change; nothing was kept.", format_count(changed, "value"))
        }
        Outcome::Unknown => "The connection was lost while it committed.".into(),
        Outcome::Partial => describe_stopped(report.committed),
        _ => "Nothing was changed.".into(),
    }
}

fn render_tiles(report: &Report, took: Duration) -> Markup {
    let changed: u64 = report.steps.iter().map(|step| step.changed()).sum();
    let changed = report.committed.unwrap_or(changed);
    let expectations: ExpectationCounts = report.steps.iter().map(StepReport::expectations).sum();
    let (held, all) = (expectations.held, expectations.all());
    let rows = match report.outcome {
        Outcome::Planned => "values would change",
        Outcome::Done => "values changed",
        Outcome::Unknown => "values changed, if it committed",
        Outcome::Partial => "values committed",
        _ => "values changed, and taken back",
    };
    let steps = report.planned_steps.max(report.steps.len());
    if let Some(what_if) = &report.what_if {
        return html! {
            ul.tiles {
                li { b { (what_if.combinations.len()) } "combinations" }
                li { b { (format_time(Duration::from_millis(what_if.reading_ms))) } "reading the data, once" }
            }
        };
    }
    html! {
        ul.tiles {
            li { b { (format_number(changed)) } (rows) }
            li { b { (report.steps.len()) @if steps > 0 { span.of { "/" (steps) } } } "steps" }
            @if all > 0 { li { b { (held) span.of { "/" (all) } } "expectations held" } }
            li { b { (format_time(took)) } "took" }
        }
    }
}

fn render_failure_section(failure: &Failure, report: &Report) -> Markup {
    let place = failure.place.as_ref();
    let source = place.and_then(|place| report.sources.iter().find(|one| one.path == place.file));
    let lines = render_failure(failure, source.map(|one| one.text.as_str()), SNIPPET);
    html! {
        section.failure id="failure" aria-label="What went wrong" { pre tabindex="0" { (lines.join("\n")) } }
    }
}

fn render_commands(report: &Report) -> Markup {
    let list = |title: &str, commands: &[String]| {
        html! {
            @if !commands.is_empty() {
                div { h3 { (title) } @for command in commands { pre tabindex="0" { code { (command) } } } }
            }
        }
    };
    html! {
        @if report.error.is_none() && !(report.next.is_empty() && report.back.is_empty()) {
            aside.commands { (list("Next", &report.next)) (list("To go back", &report.back)) }
        }
    }
}
