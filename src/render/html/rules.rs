//! What the rules changed, one after the other: before and after, what went where, and the thresholds to turn.

use leora_report::{Entry, Outcome, Report, RuleStatistics};
use leora_rule::{Strategy, Transition, UnchangedRows};
use maud::{Markup, html};

use crate::render::html::chart::before_and_after;
use crate::render::html::figure::Figure;
use crate::render::html::numbers::{format_count, format_number};
use crate::render::html::{flow, section, threshold_model, value};

/// A change of the report, as the page shows it.
pub(crate) struct Shown<'r> {
    step: &'r str,
    pub(crate) name: String,
    pub(crate) strategy: Strategy,
    transitions: &'r [Transition],
    unchanged: Option<UnchangedRows>,
    pub(crate) study: Option<&'r RuleStatistics>,
}

pub(crate) fn rules(report: &Report) -> Markup {
    let inside = html! {
        @for (number, shown) in shown(report).iter().enumerate() { (rule(shown, number, report)) }
    };
    let title = match report.outcome {
        Outcome::Planned => "What would change",
        Outcome::Done => "What changed",
        _ => "What was changed, and taken back",
    };
    section("changes", title, &inside)
}

/// The changes of all steps, each with its study.
pub(crate) fn shown(report: &Report) -> Vec<Shown<'_>> {
    let mut studies = report.statistics.iter();
    let mut all = Vec::new();
    for step in &report.steps {
        for entry in &step.entries {
            let (name, strategy, transitions, unchanged) = match entry {
                Entry::Change { change, .. } => {
                    let name = format!("{}.{}", change.table, change.column);
                    (name, change.strategy, &change.transitions, Some(change.unchanged))
                }
                Entry::PutBack(back) => {
                    let name = format!("{}.{}", back.table, back.column);
                    (name, Strategy::Update, &back.transitions, None)
                }
                _ => continue,
            };
            let study = studies.next().and_then(Option::as_ref);
            all.push(Shown { step: &step.title, name, strategy, transitions, unchanged, study });
        }
    }
    all
}

fn rule(shown: &Shown<'_>, number: usize, report: &Report) -> Markup {
    let before = shown.study.map_or(&[][..], |study| &study.before);
    let figure = Figure::of(before, shown.transitions);
    let changed: u64 = shown.transitions.iter().map(|one| one.rows).sum();
    let words = match report.outcome {
        Outcome::Planned => ["Now", "Then"],
        _ => ["Before", "After"],
    };
    html! {
        article.rule {
            h3 { code { (shown.name) } }
            p.dim { @if shown.step != shown.name { (shown.step) } }
            p { (sentence(changed, shown.unchanged.as_ref(), report.outcome)) }
            @if !figure.standings.is_empty() {
                (before_and_after(&figure, words))
                (flow::flow(&figure))
                (transitions(shown.transitions, changed))
            }
            @if let Some(thresholds) = shown.study.and_then(|study| study.thresholds.as_ref()) {
                (threshold_model::render(number, &shown.name, thresholds, report))
            }
        }
    }
}

fn sentence(changed: u64, unchanged: Option<&UnchangedRows>, outcome: Outcome) -> String {
    let verb = if outcome == Outcome::Planned { "would change" } else { "changed" };
    let mut told = match unchanged {
        Some(unchanged) => {
            let all = changed + unchanged.left_out + unchanged.unmatched + unchanged.same;
            format!("{} of {} {verb}.", format_number(changed), format_count(all, "row"))
        }
        None => format!("{} put back.", format_count(changed, "value")),
    };
    if let Some(words) = unchanged.and_then(crate::render::entries::describe_unchanged) {
        told += &format!(" Left alone: {}.", words.replace('`', ""));
    }
    told
}

/// The same as the picture, in numbers.
fn transitions(transitions: &[Transition], changed: u64) -> Markup {
    html! {
        @if !transitions.is_empty() {
            table.transitions {
                thead { tr { th scope="col" { "From" } th scope="col" { "To" } th.right scope="col" { "Rows" } th.right scope="col" { "Share" } } }
                tbody {
                    @for one in transitions.iter().take(LISTED) {
                        tr {
                            td { (value(one.old.as_deref())) }
                            td { (value(one.new.as_deref())) }
                            td.right { (format_number(one.rows)) }
                            td.right.dim { (crate::render::html::numbers::share(one.rows, changed)) }
                        }
                    }
                }
            }
            @if transitions.len() > LISTED { p.dim { "and " (transitions.len() - LISTED) " more transitions" } }
        }
    }
}

/// The most transitions that are listed one by one.
const LISTED: usize = 40;
