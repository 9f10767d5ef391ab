//! What a step did and found, in lines.

use std::collections::BTreeSet;

use leora_report::{
    Entry, Expectation, ObjectChange, ObjectOwnership, ObjectVerb, PutBack, SqlRun,
};
use leora_rule::{Change, UnchangedRows};

use crate::render::chart::bars;
use crate::render::numbers::{format_count, format_number};
use crate::render::style::{Style, Tone};
use crate::render::text::{padded, plain, wrapped};
use crate::render::{matrix, migrations, plan as forecast, summary};

/// How far the details of a result stand in.
const INDENT: usize = 6;
/// The most findings, groups or rows that are listed; the rest is counted.
const LISTED: usize = 20;
/// The most objects of a kind that are told by name.
const NAMED: usize = 6;

/// Whether what is told was done, or is only foretold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tense {
    Done,
    Planned,
}

/// The lines of one entry.
pub(crate) fn lines(entry: &Entry, tense: Tense, style: Style) -> Vec<String> {
    match entry {
        Entry::Change { change, switches } => change_lines(change, switches, style),
        Entry::Distribution { title, distribution } => {
            let heading = title
                .clone()
                .unwrap_or_else(|| format!("{}.{}", distribution.table, distribution.column));
            let rows: Vec<(String, u64)> =
                distribution.values.iter().map(|share| (value(&share.value), share.rows)).collect();
            let mut lines = vec![format!("    {}", plain(&heading))];
            lines.extend(limited(bars(&rows, distribution.total(), INDENT, style), "value", style));
            lines
        }
        Entry::PutBack(put_back) => put_back_lines(put_back, tense, style),
        Entry::Unpredicted(reason) => {
            let told = format!("not predicted: {}", plain(reason));
            let mut told = wrapped(&told, style.width - 4).into_iter();
            let mark = style.paint(Tone::Warning, "?");
            let first = format!("  {mark} {}", told.next().unwrap_or_default());
            std::iter::once(first).chain(told.map(|line| format!("    {line}"))).collect()
        }
        Entry::Table(table) => summary::rows(table, style),
        Entry::Note(text) => text
            .lines()
            .flat_map(|line| wrapped(&plain(line), style.width - 4))
            .map(|line| format!("    {line}"))
            .collect(),
        Entry::Expectation(expectation) => expectation_lines(expectation, style),
        Entry::Sql { file, ran } => sql_lines(file, ran, tense, style),
        Entry::Migration { name, recording, rollback } => {
            migrations::lines(name, recording, *rollback, tense, style)
        }
    }
}

pub(crate) fn good(text: &str, style: Style) -> String {
    format!("  {} {}", style.paint(Tone::Good, "✓"), plain(text))
}

pub(crate) fn detail(text: &str, style: Style) -> Vec<String> {
    let room = style.width.saturating_sub(INDENT);
    wrapped(&plain(text), room)
        .iter()
        .map(|line| format!("{:INDENT$}{}", "", style.paint(Tone::Dim, line)))
        .collect()
}

/// At most as many lines as are worth reading, and how many more there are.
fn limited(mut lines: Vec<String>, noun: &str, style: Style) -> Vec<String> {
    if lines.len() > LISTED {
        let more = lines.len() - LISTED;
        lines.truncate(LISTED);
        lines.extend(detail(&format!("and {} more", format_count(more as u64, noun)), style));
    }
    lines
}

fn value(text: &Option<String>) -> String {
    text.clone().unwrap_or_else(|| "(none)".into())
}

fn change_lines(
    change: &Change,
    switches: &[(String, Option<String>)],
    style: Style,
) -> Vec<String> {
    let Change { table, column, transitions, unchanged, .. } = change;
    let changed = change.changed();
    if changed == 0 {
        return unchanged_lines(change, switches, style);
    }
    let total = change.taken() + unchanged.left_out;
    let verb = if change.preview.is_some() { "would change" } else { "changed" };
    let head = format!(
        "{table}.{column}: {} of {} {verb}",
        format_number(changed),
        format_count(total, "row")
    );
    let mut lines = vec![good(&head, style)];
    let old_width = transitions
        .iter()
        .map(|one| crate::render::text::columns(&value(&one.old)))
        .max()
        .unwrap_or(0);
    let label = |old: &Option<String>, new: &Option<String>| {
        format!("{} → {}", padded(&plain(&value(old)), old_width), value(new))
    };
    let rows: Vec<(String, u64)> =
        transitions.iter().map(|one| (label(&one.old, &one.new), one.rows)).collect();
    let listed = || limited(bars(&rows, changed, INDENT, style), "transition", style);
    let planned = change.preview.as_ref().and_then(|_| matrix::lines(change, style));
    lines.extend(planned.unwrap_or_else(listed));
    if let Some(told) = describe_unchanged(unchanged) {
        lines.extend(detail(&format!("left alone: {told}"), style));
    }
    if let Some(fallback) = &change.fallback {
        let told =
            format!("by {}, not {}: {}", change.strategy, fallback.requested, fallback.reason);
        lines.extend(detail(&told, style));
    }
    if let Some(preview) = &change.preview {
        lines.extend(forecast::rows(change, preview, style));
    }
    lines
}

pub(crate) fn describe_unchanged(unchanged: &UnchangedRows) -> Option<String> {
    let parts = [
        (unchanged.left_out, "that `where` leaves out"),
        (unchanged.unmatched, "that no arm matches"),
        (unchanged.same, "that had the value already"),
    ];
    let told: Vec<String> = parts
        .iter()
        .filter(|(rows, _)| *rows > 0)
        .map(|(rows, why)| format!("{} {why}", format_count(*rows, "row")))
        .collect();
    (!told.is_empty()).then(|| told.join(", "))
}

/// A rule that changed nothing says why, and which switch may have left the rows out.
fn unchanged_lines(
    change: &Change,
    switches: &[(String, Option<String>)],
    style: Style,
) -> Vec<String> {
    let head = format!("{}.{}: nothing to change", change.table, change.column);
    let mut lines = vec![good(&head, style)];
    let told = describe_unchanged(&change.unchanged).unwrap_or_else(|| "the table is empty".into());
    lines.extend(detail(&told, style));
    if change.unchanged.left_out > 0 {
        for (name, comment) in switches {
            let why = comment.as_ref().map(|comment| format!(" ({comment})")).unwrap_or_default();
            lines.extend(detail(&format!("to change that: --set {name}=true{why}"), style));
        }
    }
    lines
}

fn put_back_lines(put_back: &PutBack, tense: Tense, style: Style) -> Vec<String> {
    let PutBack { table, column, transitions, edited, deleted, left, gone } = put_back;
    if let Some(gone) = gone {
        let told = format!(
            "{gone}, so there is nothing to put back; what a run creates, its own rollback folder takes back"
        );
        return vec![format!("  {} {told}", style.paint(Tone::Warning, "!"))];
    }
    let verb = ["put back", "would put back"][tense as usize];
    let mut lines = vec![good(
        &format!("{table}.{column}: {verb} {}", format_count(put_back.changed(), "value")),
        style,
    )];
    let label = |value: &Option<String>| plain(&value.clone().unwrap_or_else(|| "(none)".into()));
    let rows: Vec<(String, u64)> = transitions
        .iter()
        .map(|one| (format!("{} → {}", label(&one.old), label(&one.new)), one.rows))
        .collect();
    lines.extend(limited(bars(&rows, put_back.changed(), INDENT, style), "transition", style));
    for (rows, what) in [(edited, "edited since"), (deleted, "deleted since")] {
        if *rows > 0 {
            lines.extend(detail(
                &format!("left {} that your team {what}", format_number(*rows)),
                style,
            ));
        }
    }
    lines.extend(left.iter().map(|(key, why)| format!("        {} ({why})", plain(key))));
    lines
}

fn expectation_lines(expectation: &Expectation, style: Style) -> Vec<String> {
    let (mark, tone) = match (expectation.held, expectation.warning) {
        (true, _) => ("✓", Tone::Good),
        (false, true) => ("!", Tone::Warning),
        (false, false) => ("✗", Tone::Bad),
    };
    let label = plain(&expectation.label);
    let mut wrapped = wrapped(&label, style.width - 4).into_iter();
    let mut lines =
        vec![format!("  {} {}", style.paint(tone, mark), wrapped.next().unwrap_or_default())];
    lines.extend(wrapped.map(|line| format!("    {line}")));
    let findings: Vec<Vec<String>> =
        expectation.findings.iter().map(|finding| detail(finding, style)).collect();
    let more = findings.len().saturating_sub(LISTED);
    lines.extend(findings.into_iter().take(LISTED).flatten());
    if more > 0 {
        lines.extend(detail(&format!("and {} more", format_count(more as u64, "finding")), style));
    }
    lines
}

fn sql_lines(file: &str, ran: &SqlRun, tense: Tense, style: Style) -> Vec<String> {
    if ran.objects.is_empty() {
        return vec![good(&format!("{file}: nothing to create, change or drop"), style)];
    }
    let mut lines =
        vec![good(&format!("{file}: {}", format_count(ran.objects.len() as u64, "object")), style)];
    let verbs = [
        (ObjectVerb::Created, ["created", "would create"]),
        (ObjectVerb::Changed, ["changed", "would change"]),
        (ObjectVerb::Dropped, ["dropped", "would drop"]),
    ];
    for (verb, words) in verbs {
        let word = words[tense as usize];
        let mut kinds: Vec<&str> = Vec::new();
        for object in ran.objects.iter().filter(|object| object.verb == verb) {
            if !kinds.contains(&object.kind.as_str()) {
                kinds.push(&object.kind);
            }
        }
        for kind in kinds {
            let of_kind = |object: &&ObjectChange| object.verb == verb && object.kind == kind;
            let objects: Vec<&ObjectChange> = ran.objects.iter().filter(of_kind).collect();
            let mut told = format!("{word} {}", named(kind, &objects));
            if let Some(later) =
                later(ran).filter(|_| kind == "index" && verb == ObjectVerb::Created)
            {
                told = format!("{told}, {later}");
            }
            lines.extend(detail(&told, style));
        }
    }
    if let ObjectOwnership::Given { owner } = &ran.ownership {
        let given = ["given to", "would be given to"][tense as usize];
        let told = format!("{given} {owner}, who owns the tables that it belongs with");
        lines.extend(detail(&told, style));
    }
    lines
}

/// How many of the new indexes wait until rows are written, and of which tables.
pub(crate) fn later(ran: &SqlRun) -> Option<String> {
    let tables: BTreeSet<&str> =
        ran.deferred_indexes.iter().map(|one| one.table.as_str()).collect();
    let tables: Vec<&str> = tables.into_iter().collect();
    let verb = if tables.len() == 1 { "is" } else { "are" };
    let told = || {
        format!("{} of them once {} {verb} written", ran.deferred_indexes.len(), tables.join(", "))
    };
    (!tables.is_empty()).then(told)
}

/// A few objects by name, many by number.
fn named(kind: &str, objects: &[&ObjectChange]) -> String {
    if objects.len() > NAMED {
        let plural = if kind.ends_with('x') { format!("{kind}es") } else { format!("{kind}s") };
        return format!("{} {plural}", objects.len());
    }
    let names: Vec<&str> = objects.iter().map(|object| object.name.as_str()).collect();
    format!("{kind} {}", names.join(", "))
}
