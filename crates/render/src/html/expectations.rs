//! What was expected, and whether it held.

use leora_report::{Entry, Expectation, Report};
use maud::{Markup, html};

use crate::html::section::render_section;

/// The most findings of an expectation that are shown.
const LISTED: usize = 100;

pub(crate) fn render_expectations(report: &Report) -> Markup {
    let entries = report.steps.iter().flat_map(|step| &step.entries);
    let all: Vec<&Expectation> = entries
        .filter_map(|entry| match entry {
            Entry::Expectation(one) => Some(one),
            _ => None,
        })
        .collect();
    let inside = html! {
        @if !all.is_empty() { ul.expectations { @for one in all { (render_expectation(one)) } } }
    };
    render_section("expectations", "Expectations", &inside)
}

fn render_expectation(one: &Expectation) -> Markup {
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
