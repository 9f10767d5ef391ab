//! What `check` found.

use leora_report::{
    ArmPlace, CheckReport, DecidedBy, ExampleOutcome, ExampleResult, Finding, FolderCheck, Place,
    SettingReport,
};
use serde_json::{Value, json};

use crate::render::diagnostic::{self, Severity};
use crate::render::numbers::format_count;
use crate::render::style::{Style, Tone};
use crate::render::text::{padded, plain, wrapped};

/// Finds the text of a file, to show a line of it.
pub(crate) type Texts<'a> = dyn Fn(&str) -> Option<&'a str> + 'a;

/// The lines of a check.
pub(crate) fn lines(report: &CheckReport, texts: &Texts<'_>, style: Style) -> Vec<String> {
    let mut lines = Vec::new();
    for finding in &report.findings {
        lines.extend(told(finding, texts, style));
    }
    for folder in &report.folders {
        lines.extend(of_folder(folder, texts, style));
        lines.push(String::new());
    }
    lines.extend(verdict(report, style));
    lines
}

fn of_folder(found: &FolderCheck, texts: &Texts<'_>, style: Style) -> Vec<String> {
    let title = match found.title.as_str() {
        "" => found.folder.clone(),
        title => format!("{}: {title}", found.folder),
    };
    let mut lines: Vec<String> = wrapped(&plain(&title), style.width)
        .iter()
        .map(|line| style.paint(Tone::Heading, line))
        .collect();
    let findings: Vec<Vec<String>> =
        found.findings.iter().map(|finding| told(finding, texts, style)).collect();
    lines.extend(findings.join(&String::new()));
    if found.findings.is_empty() {
        let scripts = format_count(found.scripts as u64, "script");
        lines.push(format!(
            "  {} {scripts}, nothing to find fault with",
            style.paint(Tone::Good, "✓")
        ));
        lines.extend(untried(found).map(|text| format!("    {}", style.paint(Tone::Dim, text))));
    }
    if let Some(prepared) = found.prepared {
        let statements = format_count(prepared as u64, "statement");
        lines.push(format!(
            "  {} {statements} prepared by the database",
            style.paint(Tone::Good, "✓")
        ));
    }
    let width = found
        .examples
        .iter()
        .map(|example| crate::render::text::columns(&example.label))
        .max()
        .unwrap_or(0);
    for example in &found.examples {
        lines.extend(tried(example, width.min(style.width / 2), style));
    }
    if !found.unreached.is_empty() {
        lines.push("    No example reaches".into());
        lines.extend(found.unreached.iter().flat_map(|arm| detail(&arm_told(arm), 6, style)));
    }
    lines
}

/// Why a folder in which nothing was found shows no examples.
fn untried(found: &FolderCheck) -> Option<&'static str> {
    match (found.examples.len(), found.rules) {
        (0, 0) => Some("no rules, so there is nothing for examples to try"),
        (0, _) => Some("no examples try its rules: add them in examples/*.rhai"),
        _ => None,
    }
}

fn told(finding: &Finding, texts: &Texts<'_>, style: Style) -> Vec<String> {
    let source = finding.place.as_ref().and_then(|place| texts(&place.file));
    let severity = if finding.kind.only_warns() { Severity::Warning } else { Severity::Error };
    diagnostic::finding(finding, severity, source, style)
}

fn detail(text: &str, indent: usize, style: Style) -> Vec<String> {
    wrapped(&plain(text), style.width - indent)
        .iter()
        .map(|line| format!("{:indent$}{}", "", style.paint(Tone::Dim, line)))
        .collect()
}

/// An example: its value and the arm that gave it, or what it got instead.
fn tried(example: &ExampleResult, width: usize, style: Style) -> Vec<String> {
    let label = padded(&plain(&example.label), width);
    let (mark, rest, more) = match &example.outcome {
        ExampleOutcome::Run { got, passed: true, by, .. } => {
            (style.paint(Tone::Good, "✓"), format!("{got}, {}", by_told(by)), vec![])
        }
        ExampleOutcome::Run { expected, got, by, .. } => (
            style.paint(Tone::Bad, "✗"),
            format!("expected {expected}, got {got}"),
            vec![by_told(by), at(example.place.as_ref())],
        ),
        ExampleOutcome::NotRun { message, help } => (
            style.paint(Tone::Bad, "✗"),
            "could not be tried".into(),
            [Some(message.clone()), help.clone(), Some(at(example.place.as_ref()))]
                .into_iter()
                .flatten()
                .collect(),
        ),
    };
    let mut told = wrapped(&plain(&rest), style.width.saturating_sub(width + 6)).into_iter();
    let mut lines = vec![format!("  {mark} {label}  {}", told.next().unwrap_or_default())];
    lines.extend(told.map(|line| format!("{:1$}{line}", "", width + 6)));
    lines.extend(more.iter().flat_map(|line| detail(line, 6, style)));
    lines
}

fn at(place: Option<&Place>) -> String {
    place.map_or_else(String::new, |place| format!("{}:{}", place.file, place.line))
}

fn in_brackets(place: Option<&Place>) -> String {
    place.map_or_else(String::new, |place| format!(" ({})", short(place)))
}

/// A place without the folder, which stands above.
fn short(place: &Place) -> String {
    let file = place.file.rsplit('/').next().unwrap_or(&place.file);
    format!("{file}:{}", place.line)
}

fn by_told(by: &DecidedBy) -> String {
    match by {
        DecidedBy::Arm(arm) => format!("by {}{}", numbered(arm), in_brackets(arm.place.as_ref())),
        DecidedBy::LeftOut(place) => {
            format!("as it was: `where` leaves it out{}", in_brackets(place.as_ref()))
        }
        DecidedBy::Unmatched(place) => {
            format!("as it was: no arm matches{}", in_brackets(place.as_ref()))
        }
    }
}

fn arm_told(arm: &ArmPlace) -> String {
    let value = arm.value.as_ref().map(|value| format!(" → {value}")).unwrap_or_default();
    format!("{}, {}{value}{}", arm.column, numbered(arm), in_brackets(arm.place.as_ref()))
}

fn numbered(arm: &ArmPlace) -> String {
    match &arm.key {
        Some(key) => format!("lookup of {key}"),
        None => format!("arm {}", arm.arm),
    }
}

fn verdict(report: &CheckReport, style: Style) -> Vec<String> {
    let findings = report.all_findings().count();
    let (examples, failed) = report.examples();
    let folders = format_count(report.folders.len() as u64, "folder");
    let all = format_count(examples as u64, "example");
    let found = format_count(findings as u64, "finding");
    let verb = if failed == 1 { "does" } else { "do" };
    let text = match (findings, failed) {
        (0, 0) if examples == 0 => format!("Nothing found in {folders}; there are no examples."),
        (0, 0) => format!(
            "Nothing found in {folders}; {all} hold{}.",
            if examples == 1 { "s" } else { "" }
        ),
        (0, failed) => format!("{failed} of {all} {verb} not hold."),
        (_, 0) => format!("{found} in {folders}."),
        (_, failed) => format!("{found} in {folders}, and {failed} of {all} {verb} not hold."),
    };
    let tone = if findings + failed == 0 { Tone::Good } else { Tone::Bad };
    let told = wrapped(&text, style.width).into_iter().map(|line| style.paint(tone, &line));
    told.chain(unasked(report, style)).collect()
}

/// Without a database, names of columns and labels of enums are taken as they stand.
fn unasked(report: &CheckReport, style: Style) -> Vec<String> {
    if report.exit_code() != 0 || report.folders.iter().any(|folder| folder.prepared.is_some()) {
        return vec![];
    }
    let text = "No database was asked whether the columns and values exist: --sandbox or --database-url does.";
    wrapped(text, style.width).iter().map(|line| style.paint(Tone::Dim, line)).collect()
}

/// The settings of folders.
pub(crate) fn settings(listed: &[SettingReport], style: Style) -> Vec<String> {
    if listed.is_empty() {
        return vec!["There are no settings.".into()];
    }
    let mut lines = Vec::new();
    let mut folder = "";
    for one in listed {
        if folder != one.folder {
            folder = &one.folder;
            lines.push(style.paint(Tone::Heading, &plain(folder)));
        }
        let value = match &one.set {
            Some(set) => format!("{set}, by --set; its default is {}", one.setting.default),
            None => one.setting.default.clone(),
        };
        lines.push(format!("  {} = {}", plain(&one.setting.name), plain(&value)));
        let comment = one.setting.comment.clone().filter(|comment| !comment.is_empty());
        let place = short(&one.setting.place);
        let told = comment.map_or_else(|| place.clone(), |comment| format!("{comment} ({place})"));
        lines.extend(detail(&told, 6, style));
    }
    lines
}

/// The settings of folders, as JSON.
pub(crate) fn settings_document(listed: &[SettingReport]) -> String {
    let setting = |one: &SettingReport| {
        json!({
            "folder": one.folder, "name": one.setting.name, "default": one.setting.default, "set": one.set,
            "file": one.setting.place.file, "line": one.setting.place.line, "column": one.setting.place.column,
            "comment": one.setting.comment,
        })
    };
    let settings: Vec<Value> = listed.iter().map(setting).collect();
    crate::render::text::written(
        &serde_json::to_string_pretty(&json!({ "settings": settings })).unwrap_or_default(),
    )
}

/// A check as JSON.
pub(crate) fn document(report: &CheckReport) -> String {
    let outcome = if report.exit_code() == 0 { "done" } else { "failed" };
    let folders: Vec<Value> = report
        .folders
        .iter()
        .map(|one| {
            json!({ "folder": one.folder, "title": one.title, "scripts": one.scripts, "rules": one.rules, "prepared": one.prepared })
        })
        .collect();
    let examples: Vec<Value> = report
        .folders
        .iter()
        .flat_map(|folder| folder.examples.iter().map(|result| example(&folder.folder, result)))
        .collect();
    let unreached: Vec<Value> =
        report.folders.iter().flat_map(|folder| &folder.unreached).map(arm_value).collect();
    let document = json!({
        "outcome": outcome,
        "as_of": report.as_of,
        "folders": folders,
        "findings": report.all_findings().map(finding).collect::<Vec<_>>(),
        "examples": examples,
        "unreached": unreached,
    });
    crate::render::text::written(&serde_json::to_string_pretty(&document).unwrap_or_default())
}

fn finding(finding: &Finding) -> Value {
    let place = finding.place.as_ref();
    json!({
        "kind": finding.kind.word(),
        "severity": if finding.kind.only_warns() { "warning" } else { "error" },
        "message": finding.message,
        "file": place.map(|place| &place.file),
        "line": place.map(|place| place.line),
        "column": place.map(|place| place.column),
        "help": finding.help,
    })
}

fn example(folder: &str, example: &ExampleResult) -> Value {
    let place = example.place.as_ref();
    let mut told = json!({
        "folder": folder, "label": example.label, "column": example.column, "passed": example.outcome.passed(),
        "file": place.map(|place| &place.file), "line": place.map(|place| place.line),
    });
    match &example.outcome {
        ExampleOutcome::Run { expected, got, by, .. } => {
            told["expected"] = json!(expected.to_sql_text());
            told["got"] = json!(got.to_sql_text());
            told["arm"] = match by {
                DecidedBy::Arm(arm) => arm_value(arm),
                DecidedBy::LeftOut(_) | DecidedBy::Unmatched(_) => Value::Null,
            };
        }
        ExampleOutcome::NotRun { message, help } => {
            told["message"] = json!(message);
            told["help"] = json!(help);
        }
    }
    told
}

fn arm_value(arm: &ArmPlace) -> Value {
    let place = arm.place.as_ref();
    json!({
        "column": arm.column, "arm": arm.arm, "key": arm.key, "value": arm.value,
        "file": place.map(|place| &place.file), "line": place.map(|place| place.line),
    })
}
