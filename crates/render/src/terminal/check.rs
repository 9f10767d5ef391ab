//! What `check` found, and the settings of folders.

use leora_report::{
    ArmPlace, CheckReport, DecidedBy, ExampleOutcome, ExampleResult, FolderCheck, Place,
    SettingReport,
};

use crate::numbers::format_count;
use crate::terminal::diagnostic::render_finding;
use crate::terminal::layout::{detail, display_width, hang, indent, pad, success};
use crate::terminal::style::{Style, Tone};
use crate::text::sanitize;

type Sources<'a> = dyn Fn(&str) -> Option<&'a str> + 'a;

pub(crate) fn render_check(
    report: &CheckReport,
    sources: &Sources<'_>,
    style: Style,
) -> Vec<String> {
    let mut lines = Vec::new();
    for finding in &report.findings {
        lines.extend(render_finding(finding, None, style));
    }
    for folder in &report.folders {
        lines.extend(render_folder(folder, sources, style));
        lines.push(String::new());
    }
    lines.extend(render_verdict(report, style));
    lines
}

fn render_folder(found: &FolderCheck, sources: &Sources<'_>, style: Style) -> Vec<String> {
    let title = match found.title.as_str() {
        "" => found.folder.clone(),
        title => format!("{}: {title}", found.folder),
    };
    let mut lines = indent(0, &title, Tone::Heading, style);
    let findings: Vec<Vec<String>> = found
        .findings
        .iter()
        .map(|finding| {
            let source = finding.place.as_ref().and_then(|place| sources(&place.file));
            render_finding(finding, source, style)
        })
        .collect();
    lines.extend(findings.join(&String::new()));
    if found.findings.is_empty() {
        let scripts = format_count(found.scripts as u64, "script");
        lines.extend(success(&format!("{scripts}, nothing to find fault with"), style));
        lines.extend(
            why_no_examples(found).map(|text| format!("    {}", style.paint(Tone::Dim, text))),
        );
    }
    if let Some(prepared) = found.prepared.filter(|prepared| *prepared > 0) {
        let statements = format_count(prepared as u64, "statement");
        lines.extend(success(&format!("{statements} prepared by the database"), style));
    }
    let widest = found.examples.iter().map(|example| display_width(&example.label)).max();
    let width = widest.unwrap_or(0).min(style.width / 2);
    lines.extend(found.examples.iter().flat_map(|example| render_example(example, width, style)));
    if !found.unreached.is_empty() {
        lines.push("    No example reaches".into());
        lines.extend(found.unreached.iter().flat_map(|arm| detail(&describe_arm(arm), style)));
    }
    lines
}

fn why_no_examples(found: &FolderCheck) -> Option<&'static str> {
    match (found.examples.len(), found.rules) {
        (0, 0) => Some("no rules, so there is nothing for examples to try"),
        (0, _) => Some("no examples try its rules: add them in examples/*.rhai"),
        _ => None,
    }
}

fn render_example(example: &ExampleResult, width: usize, style: Style) -> Vec<String> {
    let place = example.place.as_ref().map(|place| format!("{}:{}", place.file, place.line));
    let (passed, result, more) = match &example.outcome {
        ExampleOutcome::Run { got, passed: true, by, .. } => {
            (true, format!("{got}, {}", describe_decided_by(by)), vec![])
        }
        ExampleOutcome::Run { expected, got, by, .. } => {
            let result = format!("expected {expected}, got {got}");
            (
                false,
                result,
                vec![Some(describe_decided_by(by)), example.outcome.describe_read(), place],
            )
        }
        ExampleOutcome::NotRun { message, help } => {
            let result = "could not be tried".to_owned();
            (false, result, vec![Some(message.clone()), help.clone(), place])
        }
    };
    let (mark, tone) = if passed { ("✓", Tone::Good) } else { ("✗", Tone::Bad) };
    let label = pad(&sanitize(&example.label), width);
    let head = format!("  {} {label}  ", style.paint(tone, mark));
    let mut lines = hang(&head, width + 6, &result, Tone::Plain, style);
    lines.extend(more.iter().flatten().flat_map(|line| detail(line, style)));
    lines
}

/// A place without the folder, which stands above.
fn describe_place(place: &Place) -> String {
    let file = place.file.rsplit('/').next().unwrap_or(&place.file);
    format!("{file}:{}", place.line)
}

fn in_brackets(place: Option<&Place>) -> String {
    place.map_or_else(String::new, |place| format!(" ({})", describe_place(place)))
}

fn describe_decided_by(by: &DecidedBy) -> String {
    format!("{}{}", by.describe(), in_brackets(by.place()))
}

fn describe_arm(arm: &ArmPlace) -> String {
    let value = arm.value.as_ref().map(|value| format!(" → {value}")).unwrap_or_default();
    let place = in_brackets(arm.place.as_ref());
    format!("{}, {}{value}{place}", arm.column, arm.describe())
}

fn render_verdict(report: &CheckReport, style: Style) -> Vec<String> {
    let findings = report.all_findings().count();
    let (examples, failed) = report.examples();
    let folders = format_count(report.folders.len() as u64, "folder");
    let all = format_count(examples as u64, "example");
    let found = format_count(findings as u64, "finding");
    let verb = if failed == 1 { "does" } else { "do" };
    let hold = if examples == 1 { "holds" } else { "hold" };
    let text = match (findings, failed) {
        (0, 0) if examples == 0 => format!("Nothing found in {folders}; there are no examples."),
        (0, 0) => format!("Nothing found in {folders}; {all} {hold}."),
        (0, failed) => format!("{failed} of {all} {verb} not hold."),
        (_, 0) => format!("{found} in {folders}."),
        (_, failed) => format!("{found} in {folders}, and {failed} of {all} {verb} not hold."),
    };
    let tone = if findings + failed == 0 { Tone::Good } else { Tone::Bad };
    [indent(0, &text, tone, style), render_no_database(report, style)].concat()
}

/// Without a database, names of columns and labels of enums are taken as they stand.
fn render_no_database(report: &CheckReport, style: Style) -> Vec<String> {
    if report.exit_code() != 0 || report.folders.iter().any(|folder| folder.prepared.is_some()) {
        return vec![];
    }
    let text = "No database was asked whether the columns and values exist: --sandbox or --database-url does.";
    indent(0, text, Tone::Dim, style)
}

pub(crate) fn render_settings(settings: &[SettingReport], style: Style) -> Vec<String> {
    if settings.is_empty() {
        return vec!["There are no settings.".into()];
    }
    let mut lines = Vec::new();
    let mut last_folder = "";
    for SettingReport { folder, setting, set } in settings {
        if last_folder != folder {
            last_folder = folder;
            lines.push(style.paint(Tone::Heading, &sanitize(folder)));
        }
        let value = match set {
            Some(set) => format!("{set}, by --set; its default is {}", setting.default),
            None => setting.default.clone(),
        };
        lines.push(format!("  {} = {}", sanitize(&setting.name), sanitize(&value)));
        let place = describe_place(&setting.place);
        let about = match &setting.comment {
            Some(comment) if !comment.is_empty() => format!("{comment} ({place})"),
            _ => place,
        };
        lines.extend(detail(&about, style));
    }
    lines
}
