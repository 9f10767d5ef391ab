//! What ran here.

use std::collections::BTreeMap;
use std::time::Duration;

use leora_report::{FolderStatus, PastOutcome, PastRun, RunStatus, Status, shell_argument};

use crate::numbers::{format_count, format_number, format_size, format_time};
use crate::terminal::layout::{hang, indent};
use crate::terminal::style::{Style, Tone};
use crate::text::sanitize;
use crate::wording::describe_value;

pub(crate) fn render_status(status: &Status, style: Style) -> Vec<String> {
    match status {
        Status::Runs(runs) => render_runs(runs, style),
        Status::Run(run) => render_run(run, style),
        Status::Folder(folder) => render_folder_status(folder),
    }
}

/// How many characters of an id are shown: they are the time in milliseconds, and runs of one database do not overlap.
const ID: usize = 13;

fn short(id: &str) -> &str {
    id.get(..ID).unwrap_or(id)
}

fn describe_outcome(run: &PastRun) -> String {
    let since = match (run.undone, &run.undoes) {
        (true, _) => ", undone".to_owned(),
        (false, Some(other)) => format!(", undid {}", short(other)),
        (false, None) => String::new(),
    };
    format!("{}{since}", run.outcome)
}

fn render_runs(runs: &[PastRun], style: Style) -> Vec<String> {
    if runs.is_empty() {
        return vec!["Nothing has run here.".into()];
    }
    let mut lines: Vec<String> =
        runs.iter().flat_map(|run| render_listed_run(run, style)).collect();
    lines.push(String::new());
    lines.extend(describe_undoable(runs));
    lines
}

fn describe_undoable(runs: &[PastRun]) -> Vec<String> {
    let can: Vec<&PastRun> = runs.iter().filter(|run| run.can_be_undone()).collect();
    let Some(first) = can.last() else { return vec!["There is nothing to undo.".into()] };
    let next = match can.iter().find(|run| run.undoes.is_none()) {
        Some(run) => format!("leora-run undo would take back run {}.", short(&run.id)),
        None => {
            let undo = shell_argument(short(&can[0].id));
            format!("leora-run undo {undo} would take back the undo.")
        }
    };
    let reach = format!("Undo reaches back to run {}, of {} UTC.", short(&first.id), first.started);
    vec![next, reach]
}

fn render_listed_run(run: &PastRun, style: Style) -> Vec<String> {
    let took = format_time(Duration::from_millis(run.ms));
    let changed = match run.planned.filter(|_| run.outcome == PastOutcome::Running) {
        Some(planned) => {
            format!("{} of {}", format_number(run.changed), format_count(planned, "value"))
        }
        None => format_count(run.changed, "value"),
    };
    let journal = match run.journal_bytes {
        0 => String::new(),
        bytes => format!(", journal {}", format_size(bytes)),
    };
    let head = format!("{}  ", style.paint(Tone::Heading, short(&run.id)));
    let when = format!("{} UTC  {}", run.started, describe_outcome(run));
    let what = format!("{}, as of {}: {changed} changed, {took}{journal}", run.folder, run.as_of);
    let who = format!("by {}", run.who);
    let below = |text: &str| indent(ID + 2, text, Tone::Plain, style);
    [hang(&head, ID + 2, &when, Tone::Plain, style), below(&what), below(&who)].concat()
}

fn render_run(status: &RunStatus, style: Style) -> Vec<String> {
    let RunStatus { run, steps, rules } = status;
    let mut lines = vec![style.paint(Tone::Heading, &sanitize(&run.title))];
    let mut add = |name: &str, text: &str| {
        lines.extend(hang(&format!("  {name:<10}  "), 14, text, Tone::Plain, style));
    };
    let took = format_time(Duration::from_millis(run.ms));
    add("run", &run.id);
    add("folder", &run.folder);
    add("when", &format!("{} UTC, took {took}", run.started));
    add("who", &run.who);
    add("as of", &run.as_of);
    add("result", &describe_outcome(run));
    if let Some(error) = &run.error {
        add("error", error);
    }
    for (name, value) in parse_texts(&run.settings) {
        add("setting", &format!("{name} = {value}"));
    }
    for step in steps {
        let took = format_time(Duration::from_millis(step.ms));
        let changed = format_count(step.changed, "value");
        add("step", &format!("{} {}: {changed} changed, {took}", step.number, step.title));
    }
    for rule in rules {
        for one in &rule.transitions {
            let arrow = format!("{} → {}", describe_value(&one.old), describe_value(&one.new));
            let rows = format_count(one.rows, "row");
            add("changed", &format!("{}.{} {arrow}: {rows}", rule.table, rule.column));
        }
    }
    for (path, sum) in parse_texts(&run.checksums) {
        add("file", &format!("{path} {}", sum.get(..12).unwrap_or(&sum)));
    }
    lines
}

/// A JSON object of texts.
fn parse_texts(json: &str) -> BTreeMap<String, String> {
    serde_json::from_str(json).unwrap_or_default()
}

fn render_folder_status(status: &FolderStatus) -> Vec<String> {
    let FolderStatus { folder, last, changed } = status;
    let folder = sanitize(folder);
    let Some(last) = last else { return vec![format!("{folder} has not run here.")] };
    let ran = format!("{folder} last ran on {} UTC, as run {}.", last.started, short(&last.id));
    if changed.is_empty() {
        return vec![ran, "No file has changed since.".into()];
    }
    let listed = changed.iter().map(|path| format!("  {}", sanitize(path)));
    [ran, "Changed since:".into()].into_iter().chain(listed).collect()
}
