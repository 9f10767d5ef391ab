//! The last lines of a run: what it did or left, and where to go from there.

use leora_report::{
    Entry, ExpectationCounts, FailureKind, FileChange, FileReport, Outcome, Report, StepReport,
};
use leora_rule::Access;

use crate::numbers::{format_count, format_number};
use crate::terminal::layout::indent;
use crate::terminal::plan::render_plan;
use crate::terminal::style::{Style, Tone};
use crate::text::sanitize;
use crate::wording::describe_stopped;

/// The end of what did not fail: what it did, what to do next and how to go back.
pub(crate) fn render_ending(report: &Report, style: Style) -> Vec<String> {
    if let Some(plan) = &report.plan {
        let mut lines = render_plan(&describe_work(report, "would change"), plan, style);
        lines.extend(report.files.iter().map(describe_file));
        lines.extend(render_commands(
            "The plan is saved; to run it, and nothing else",
            &report.next,
        ));
        return lines;
    }
    let verdict = match report.access {
        _ if report.undoes.is_some() => describe_undo(report),
        Some(Access::ReadOnly) => format!("{}.", describe_expectations(report)),
        Some(Access::RolledBack) => {
            format!("{}; everything was rolled back.", describe_expectations(report))
        }
        Some(Access::ReadWrite) | None => {
            format!("Done: {}, all committed.", describe_work(report, "changed"))
        }
    };
    let mut lines = indent(0, &verdict, Tone::Good, style);
    if report.undoes.is_some() {
        lines.push(
            "  Only values were put back: tables, columns and indexes stay as they are.".into(),
        );
    }
    lines.extend(report.files.iter().map(describe_file));
    lines.extend(render_commands("Next", &report.next));
    lines.extend(render_commands("To go back", &report.back));
    lines
}

fn describe_file(file: &FileReport) -> String {
    let path = &file.path;
    sanitize(&match &file.change {
        FileChange::Written => format!("  Wrote {path}"),
        FileChange::Same => format!("  {path} is there already"),
        FileChange::Planned => format!("  Would write {path}"),
        FileChange::Failed { reason, help } => {
            format!("  ! {path} could not be written: {reason}; {help}")
        }
    })
}

/// Commands to copy, which are not wrapped.
fn render_commands(heading: &str, commands: &[String]) -> Vec<String> {
    if commands.is_empty() {
        return vec![];
    }
    let lines = commands.iter().map(|command| format!("    {}", sanitize(command)));
    std::iter::once(format!("  {heading}")).chain(lines).collect()
}

pub(crate) fn render_aftermath(report: &Report, kind: FailureKind, style: Style) -> Vec<String> {
    let verdict = match report.outcome {
        Outcome::Unknown => "It is not known whether the run was committed.".to_owned(),
        Outcome::Partial => describe_stopped(report.committed),
        _ if report.plan.is_some() => "A run would fail like this. Nothing was changed.".into(),
        _ if report.access == Some(Access::ReadOnly) => return vec![],
        _ if report.steps.is_empty() || kind == FailureKind::NotConfirmed => {
            "Nothing was changed.".into()
        }
        _ => "Everything was rolled back: nothing was changed.".into(),
    };
    let mut lines = vec![style.paint(Tone::Heading, &verdict)];
    if report.outcome == Outcome::Partial {
        lines.extend(render_commands("To go on", &report.next));
        lines.extend(render_commands("To go back", &report.back));
    }
    lines
}

fn describe_undo(report: &Report) -> String {
    let (mut changed, mut edited, mut deleted) = (0, 0, 0);
    for entry in report.steps.iter().flat_map(|step| &step.entries) {
        if let Entry::PutBack(put_back) = entry {
            changed += put_back.changed();
            edited += put_back.edited;
            deleted += put_back.deleted;
        }
    }
    let values = format_count(changed, "value");
    let by_team = format!("{} that your team edited since", format_number(edited));
    let with_rows = format!("{} whose rows are deleted", format_number(deleted));
    let left = match (edited, deleted) {
        (0, 0) => String::new(),
        (_, 0) => format!(", left {by_team}"),
        (0, _) => format!(", left {with_rows}"),
        _ => format!(", left {by_team} and {with_rows}"),
    };
    match report.outcome {
        Outcome::Planned => format!("Would put back {values}{left}. Nothing was changed."),
        _ => format!("Put back {values}{left}."),
    }
}

fn describe_expectations(report: &Report) -> String {
    let counts: ExpectationCounts = report.steps.iter().map(StepReport::expectations).sum();
    format!("{} of {} held{}", counts.held, counts.all(), describe_warnings(counts))
}

/// What a run did or would do: values (a row has one in each column that was set), objects that it made, changed or
/// dropped, and warnings.
fn describe_work(report: &Report, verb: &str) -> String {
    let changed: u64 = report.steps.iter().map(StepReport::changed).sum();
    let objects = |entry: &Entry| match entry {
        Entry::Sql { ran, .. } => ran.objects.len() as u64,
        _ => 0,
    };
    let objects: u64 = report.steps.iter().flat_map(|step| &step.entries).map(objects).sum();
    let counts: ExpectationCounts = report.steps.iter().map(StepReport::expectations).sum();
    let mut work = format_count(changed, "value");
    if objects > 0 {
        work += &format!(" and {}", format_count(objects, "object"));
    }
    format!("{work} {verb}{}", describe_warnings(counts))
}

fn describe_warnings(counts: ExpectationCounts) -> String {
    match counts.warned {
        0 => String::new(),
        warned => format!(", {}", format_count(warned as u64, "warning")),
    }
}
