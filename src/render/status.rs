//! What ran here.

use std::time::Duration;

use leora_report::{FolderStatus, PastRun, RunStatus, Status};
use serde_json::{Value, json};

use crate::render::numbers::{format_count, time};
use crate::render::style::{Style, Tone};
use crate::render::text::{plain, wrapped};

/// The lines of a status.
pub(crate) fn lines(status: &Status, style: Style) -> Vec<String> {
    match status {
        Status::Runs(runs) => all(runs, style),
        Status::Run(one) => run(one, style),
        Status::Folder(folder) => changes(folder),
    }
}

fn short(id: &str) -> &str {
    // They are the time in milliseconds, and runs of one database do not overlap.
    id.get(..13).unwrap_or(id)
}

fn result(run: &PastRun) -> String {
    let fate = match (run.undone, &run.undoes) {
        (true, _) => ", undone".to_owned(),
        (false, Some(other)) => format!(", undid {}", short(other)),
        (false, None) => String::new(),
    };
    format!("{}{fate}", run.outcome)
}

fn all(runs: &[PastRun], style: Style) -> Vec<String> {
    if runs.is_empty() {
        return vec!["Nothing has run here.".into()];
    }
    let mut lines: Vec<String> = runs.iter().flat_map(|run| listed(run, style)).collect();
    lines.push(String::new());
    lines.extend(undoable(runs));
    lines
}

/// What `undo` would take back, and how far back it reaches.
fn undoable(runs: &[PastRun]) -> Vec<String> {
    let can: Vec<&PastRun> = runs.iter().filter(|run| run.can_be_undone()).collect();
    let Some(first) = can.last() else { return vec!["There is nothing to undo.".into()] };
    let next = match can.iter().find(|run| run.undoes.is_none()) {
        Some(run) => format!("leora-run undo would take back run {}.", short(&run.id)),
        None => format!("leora-run undo {} would take back the undo.", short(&can[0].id)),
    };
    let reach = format!("Undo reaches back to run {}, of {} UTC.", short(&first.id), first.started);
    vec![next, reach]
}

/// A run of the list: when and how it ended, then what it was, and who started it.
fn listed(run: &PastRun, style: Style) -> Vec<String> {
    let id = style.paint(Tone::Heading, short(&run.id));
    let took = time(Duration::from_millis(run.ms));
    let changed = format!(
        "{}, as of {}: {} changed, {took}",
        run.folder,
        run.as_of,
        format_count(run.changed, "value")
    );
    let journal = match run.journal_bytes {
        0 => String::new(),
        bytes => format!(", journal {}", size(bytes)),
    };
    let told = [
        format!("{} UTC  {}", run.started, result(run)),
        format!("{changed}{journal}"),
        format!("by {}", run.who),
    ];
    let room = style.width.saturating_sub(15);
    let told = told.iter().flat_map(|text| wrapped(&plain(text), room));
    let heads = std::iter::once(id).chain(std::iter::repeat_with(|| " ".repeat(13)));
    heads.zip(told).map(|(head, line)| format!("{head}  {line}")).collect()
}

/// A size in bytes as people read it.
fn size(bytes: u64) -> String {
    match bytes {
        0 => String::new(),
        1..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

fn run(status: &RunStatus, style: Style) -> Vec<String> {
    let RunStatus { run, steps, rules } = status;
    let mut lines = vec![style.paint(Tone::Heading, &plain(&run.title))];
    let mut say = |name: &str, text: String| {
        let told = wrapped(&plain(&text), style.width.saturating_sub(14));
        let names = std::iter::once(name).chain(std::iter::repeat(""));
        lines.extend(names.zip(told).map(|(name, line)| format!("  {name:<10}  {line}")));
    };
    say("run", run.id.clone());
    say("folder", run.folder.clone());
    say("when", format!("{} UTC, took {}", run.started, time(Duration::from_millis(run.ms))));
    say("who", run.who.clone());
    say("as of", run.as_of.clone());
    say("result", result(run));
    if let Some(error) = &run.error {
        say("error", error.clone());
    }
    for (name, value) in entries(&run.settings) {
        say("setting", format!("{name} = {value}"));
    }
    for step in steps {
        let took = time(Duration::from_millis(step.ms));
        say(
            "step",
            format!(
                "{} {}: {} changed, {took}",
                step.number,
                step.title,
                format_count(step.changed, "value")
            ),
        );
    }
    for rule in rules {
        for one in &rule.transitions {
            let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "(none)".into());
            let arrow = format!("{} → {}", text(&one.old), text(&one.new));
            say(
                "changed",
                format!(
                    "{}.{} {arrow}: {}",
                    rule.table,
                    rule.column,
                    format_count(one.rows, "row")
                ),
            );
        }
    }
    for (path, sum) in entries(&run.checksums) {
        say("file", format!("{path} {}", sum.get(..12).unwrap_or(&sum)));
    }
    lines
}

/// The entries of a JSON object of texts.
fn entries(json: &str) -> Vec<(String, String)> {
    let map: std::collections::BTreeMap<String, String> =
        serde_json::from_str(json).unwrap_or_default();
    map.into_iter().collect()
}

fn changes(status: &FolderStatus) -> Vec<String> {
    let FolderStatus { folder, last, changed } = status;
    let Some(last) = last else {
        return vec![format!("{} has not run here.", plain(folder))];
    };
    let ran =
        format!("{} last ran on {} UTC, as run {}.", plain(folder), last.started, short(&last.id));
    if changed.is_empty() {
        return vec![ran, "No file has changed since.".into()];
    }
    let listed = changed.iter().map(|path| format!("  {}", plain(path)));
    [ran, "Changed since:".into()].into_iter().chain(listed).collect()
}

/// The status as JSON.
pub(crate) fn document(status: &Status) -> String {
    let value = match status {
        Status::Runs(runs) => json!({ "runs": runs.iter().map(past).collect::<Vec<_>>() }),
        Status::Folder(folder) => json!({
            "folder": folder.folder, "last": folder.last.as_ref().map(past), "changed": folder.changed,
        }),
        Status::Run(status) => {
            let steps: Vec<Value> = status
                .steps
                .iter()
                .map(|step| json!({ "number": step.number, "title": step.title, "ms": step.ms, "changed": step.changed }))
                .collect();
            let rules = status.rules.iter().flat_map(|rule| {
                rule.transitions.iter().map(move |one| {
                    json!({ "table": rule.table, "column": rule.column, "old": one.old, "new": one.new, "rows": one.rows })
                })
            });
            json!({ "run": past(&status.run), "steps": steps, "transitions": rules.collect::<Vec<_>>() })
        }
    };
    crate::render::text::written(&serde_json::to_string_pretty(&value).unwrap_or_default())
}

fn past(run: &PastRun) -> Value {
    let parsed = |text: &str| serde_json::from_str::<Value>(text).unwrap_or(Value::Null);
    json!({
        "run": run.id, "folder": run.folder, "title": run.title, "as_of": run.as_of, "outcome": run.outcome.to_string(),
        "started": run.started, "who": run.who, "ms": run.ms, "changed": run.changed,
        "journal_bytes": run.journal_bytes, "undoes": run.undoes, "undone": run.undone,
        "can_be_undone": run.can_be_undone(), "error": run.error,
        "settings": parsed(&run.settings), "checksums": parsed(&run.checksums),
    })
}
