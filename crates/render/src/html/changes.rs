//! What the rules changed, one after the other: before and after, what went where, and the thresholds to move.

use leora_report::{Entry, FirstRows, Outcome, Report, RuleStatistics};
use leora_rule::{Strategy, Transition, UnchangedRows};
use maud::{Markup, html};

use crate::html::bar_chart::render_before_and_after;
use crate::html::chart_data::ChartData;
use crate::html::row_list::render_rows;
use crate::html::sankey::render_sankey;
use crate::html::section::render_section;
use crate::html::threshold_model::render_threshold_model;
use crate::numbers::{format_count, format_number, format_share};
use crate::wording::{describe_unchanged, describe_value};

/// The most transitions that are listed one by one.
const LISTED: usize = 40;

pub(crate) struct ShownChange<'r> {
    step: &'r str,
    /// The column, as `Table.column`.
    pub(crate) name: String,
    pub(crate) strategy: Strategy,
    transitions: &'r [Transition],
    unchanged: Option<UnchangedRows>,
    pub(crate) statistics: Option<&'r RuleStatistics>,
    /// The first of its rows.
    rows: Option<&'r FirstRows>,
}

pub(crate) fn render_changes(report: &Report) -> Markup {
    let inside = html! {
        @for (number, one) in shown_changes(report).iter().enumerate() { (render_change(one, number, report)) }
    };
    let title = match report.outcome {
        Outcome::Planned => "What would change",
        Outcome::Done => "What changed",
        _ => "What was changed, and taken back",
    };
    render_section("changes", title, &inside)
}

pub(crate) fn shown_changes(report: &Report) -> Vec<ShownChange<'_>> {
    let mut statistics = report.statistics.iter();
    let mut rows = report.first_rows.iter().peekable();
    let mut all = Vec::new();
    for step in &report.steps {
        for entry in &step.entries {
            let (table, column, strategy, transitions, unchanged) = match entry {
                Entry::Change { change, .. } => (
                    &change.table,
                    &change.column,
                    change.strategy,
                    &change.transitions,
                    Some(change.unchanged),
                ),
                Entry::PutBack(back) => {
                    (&back.table, &back.column, Strategy::Update, &back.transitions, None)
                }
                _ => continue,
            };
            let name = format!("{table}.{column}");
            // Only changes of some rows have a list.
            let is_own = |listed: &&FirstRows| {
                (&listed.rule.table, &listed.rule.column) == (table, column)
                    && !transitions.is_empty()
            };
            let rows = rows.next_if(is_own);
            let statistics = statistics.next().and_then(Option::as_ref);
            let step = &step.title;
            let change =
                ShownChange { step, name, strategy, transitions, unchanged, statistics, rows };
            all.push(change);
        }
    }
    all
}

fn render_change(change: &ShownChange<'_>, number: usize, report: &Report) -> Markup {
    let before = change.statistics.map_or(&[][..], |statistics| &statistics.before);
    let chart = ChartData::new(before, change.transitions);
    let changed: u64 = change.transitions.iter().map(|one| one.rows).sum();
    let headings = match report.outcome {
        Outcome::Planned => ["Now", "Then"],
        _ => ["Before", "After"],
    };
    html! {
        article.rule {
            h3 { code { (change.name) } }
            p.dim { @if change.step != change.name { (change.step) } }
            p { (describe_change(changed, change.unchanged.as_ref(), report.outcome)) }
            @if !chart.values.is_empty() {
                (render_before_and_after(&chart, headings))
                (render_sankey(&chart))
                (render_transitions(change.transitions, changed))
                (render_rows(change.rows, change.transitions, report))
            }
            @if let Some(thresholds) = change.statistics.and_then(|one| one.thresholds.as_ref()) {
                (render_threshold_model(number, &change.name, thresholds, report))
            }
        }
    }
}

fn describe_change(changed: u64, unchanged: Option<&UnchangedRows>, outcome: Outcome) -> String {
    let verb = if outcome == Outcome::Planned { "would change" } else { "changed" };
    let Some(unchanged) = unchanged else {
        return format!("{} put back.", format_count(changed, "value"));
    };
    let all = changed + unchanged.left_out + unchanged.unmatched + unchanged.same;
    let text = format!("{} of {} {verb}.", format_number(changed), format_count(all, "row"));
    match describe_unchanged(unchanged) {
        Some(unchanged) => format!("{text} Left alone: {}.", unchanged.replace('`', "")),
        None => text,
    }
}

fn render_transitions(transitions: &[Transition], changed: u64) -> Markup {
    html! {
        @if !transitions.is_empty() {
            table.transitions {
                thead { tr { th scope="col" { "From" } th scope="col" { "To" } th.right scope="col" { "Rows" } th.right scope="col" { "Share of these" } } }
                tbody {
                    @for one in transitions.iter().take(LISTED) {
                        tr {
                            td { (describe_value(&one.old)) }
                            td { (describe_value(&one.new)) }
                            td.right { (format_number(one.rows)) }
                            td.right.dim { (format_share(one.rows, changed)) }
                        }
                    }
                }
            }
            @if transitions.len() > LISTED { p.dim { "and " (format_count((transitions.len() - LISTED) as u64, "more transition")) } }
        }
    }
}
