//! What a step did and found.

use leora_report::{Distribution, Entry, Expectation};

use crate::terminal::bars::render_bars;
use crate::terminal::change::render_change;
use crate::terminal::layout::{DETAIL, detail, indent, limit, marked};
use crate::terminal::migration::render_migration;
use crate::terminal::sql_file::render_sql_file;
use crate::terminal::style::{Style, Tone};
use crate::terminal::table::render_shown_table;
use crate::terminal::undo::render_put_back;
use crate::text::sanitize;
use crate::wording::{Tense, describe_value};

/// The most values and findings that are listed; the rest is counted.
const LISTED: usize = 20;

pub(crate) fn render_entry(entry: &Entry, tense: Tense, style: Style) -> Vec<String> {
    match entry {
        Entry::Change { change, switches } => render_change(change, switches, style),
        Entry::Distribution { title, distribution } => {
            render_distribution(title.as_deref(), distribution, style)
        }
        Entry::PutBack(put_back) => render_put_back(put_back, tense, style),
        Entry::Unpredicted(reason) => {
            marked("?", Tone::Warning, &format!("not predicted: {reason}"), style)
        }
        Entry::Table(table) => render_shown_table(table, style),
        Entry::Note(text) => {
            text.lines().flat_map(|line| indent(4, line, Tone::Plain, style)).collect()
        }
        Entry::Expectation(expectation) => render_expectation(expectation, style),
        Entry::Sql { file, ran } => render_sql_file(file, ran, tense, style),
        Entry::Migration { name, recording, rollback } => {
            render_migration(name, recording, *rollback, tense, style)
        }
    }
}

fn render_distribution(
    title: Option<&str>,
    distribution: &Distribution,
    style: Style,
) -> Vec<String> {
    let Distribution { table, column, values } = distribution;
    let heading = title.map_or_else(|| format!("{table}.{column}"), str::to_owned);
    let rows: Vec<(String, u64)> =
        values.iter().map(|one| (describe_value(&one.value).to_owned(), one.rows)).collect();
    let mut lines = vec![format!("    {}", sanitize(&heading))];
    lines.extend(limit(
        render_bars(&rows, distribution.total(), DETAIL, style),
        LISTED,
        "value",
        style,
    ));
    lines
}

fn render_expectation(expectation: &Expectation, style: Style) -> Vec<String> {
    let (mark, tone) = match (expectation.held, expectation.warning) {
        (true, _) => ("✓", Tone::Good),
        (false, true) => ("!", Tone::Warning),
        (false, false) => ("✗", Tone::Bad),
    };
    let mut lines = marked(mark, tone, &expectation.label, style);
    let findings = expectation.findings.iter().map(|finding| detail(finding, style));
    lines.extend(limit(findings.collect(), LISTED, "finding", style));
    lines
}
