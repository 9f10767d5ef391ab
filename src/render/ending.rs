//! The last words of a run: what it did or left, and where to go from there.

use leora_report::{
    Entry, ExpectationCounts, FailureKind, FileChange, Outcome, Report, StepReport,
};
use leora_rule::Access;

use crate::render::style::{Style, Tone};
use crate::render::text::{plain, wrapped};
use crate::render::{numbers, plan as forecast};

/// The end of a run that failed nowhere: what it did, what to do next and how to go back.
pub(crate) fn farewell(report: &Report, style: Style) -> Vec<String> {
    if let Some(plan) = &report.plan {
        let mut lines = forecast::lines(&work(report, "would change"), plan, style);
        lines.extend(files(report));
        lines.extend(list("The plan is saved; to run it, and nothing else", &report.next));
        return lines;
    }
    let verdict = match report.access {
        _ if report.undoes.is_some() => undo_verdict(report),
        Some(Access::ReadOnly) => format!("{}.", expectations(report)),
        Some(Access::RolledBack) => {
            format!("{}; everything was rolled back.", expectations(report))
        }
        _ => format!("Done: {}, all committed.", work(report, "changed")),
    };
    let verdict = wrapped(&verdict, style.width);
    let mut lines: Vec<String> = verdict.iter().map(|line| style.paint(Tone::Good, line)).collect();
    if report.undoes.is_some() {
        lines.push(
            "  Only values were put back: tables, columns and indexes stay as they are.".into(),
        );
    }
    lines.extend(files(report));
    lines.extend(list("Next", &report.next));
    lines.extend(list("To go back", &report.back));
    lines
}

/// The files beside the database.
fn files(report: &Report) -> Vec<String> {
    let told = report.files.iter().map(|file| {
        let path = &file.path;
        match &file.change {
            FileChange::Written => format!("  Wrote {path}"),
            FileChange::Same => format!("  {path} is there already"),
            FileChange::Planned => format!("  Would write {path}"),
            FileChange::Failed { reason, help } => {
                format!("  ! {path} could not be written: {reason}; {help}")
            }
        }
    });
    told.map(|line| plain(&line)).collect()
}

fn list(heading: &str, commands: &[String]) -> Vec<String> {
    if commands.is_empty() {
        return vec![];
    }
    let told = commands.iter().map(|command| format!("    {}", plain(command)));
    std::iter::once(format!("  {heading}")).chain(told).collect()
}

/// What state a failed run leaves the database in.
pub(crate) fn aftermath(report: &Report, kind: FailureKind, style: Style) -> Vec<String> {
    let verdict = match report.outcome {
        Outcome::Unknown => "It is not known whether the run was committed.".to_owned(),
        Outcome::Partial => stopped(report.committed),
        _ if report.plan.is_some() => "A run would fail like this. Nothing was changed.".into(),
        _ if report.access == Some(Access::ReadOnly) => return vec![],
        _ if report.steps.is_empty() || kind == FailureKind::NotConfirmed => {
            "Nothing was changed.".into()
        }
        _ => "Everything was rolled back: nothing was changed.".into(),
    };
    let mut lines = vec![style.paint(Tone::Heading, &verdict)];
    if report.outcome == Outcome::Partial {
        lines.extend(list("To go on", &report.next));
        lines.extend(list("To go back", &report.back));
    }
    lines
}

/// What a run that stopped between batches leaves.
pub(crate) fn stopped(committed: Option<u64>) -> String {
    let what = match committed {
        None => "what is committed stays".into(),
        Some(1) => "1 committed value stays".into(),
        Some(values) => format!("{} committed values stay", numbers::format_number(values)),
    };
    format!("Stopped between batches: {what}.")
}

/// What an undo did, in a sentence.
fn undo_verdict(report: &Report) -> String {
    let (mut changed, mut edited, mut deleted) = (0, 0, 0);
    for entry in report.steps.iter().flat_map(|step| &step.entries) {
        if let Entry::PutBack(put_back) = entry {
            changed += put_back.changed();
            edited += put_back.edited;
            deleted += put_back.deleted;
        }
    }
    let values = numbers::format_count(changed, "value");
    let left = match (edited, deleted) {
        (0, 0) => String::new(),
        (_, 0) => format!(", left {} that your team edited since", numbers::format_number(edited)),
        (0, _) => format!(", left {} whose rows are deleted", numbers::format_number(deleted)),
        _ => format!(
            ", left {} that your team edited since and {} whose rows are deleted",
            numbers::format_number(edited),
            numbers::format_number(deleted)
        ),
    };
    match report.outcome {
        Outcome::Planned => format!("Would put back {values}{left}. Nothing was changed."),
        _ => format!("Put back {values}{left}."),
    }
}

fn expectations(report: &Report) -> String {
    let counts: ExpectationCounts = report.steps.iter().map(StepReport::expectations).sum();
    let (held, all) = (counts.held, counts.all());
    match counts.warned {
        0 => format!("{held} of {all} held"),
        warned => {
            format!("{held} of {all} held, {}", numbers::format_count(warned as u64, "warning"))
        }
    }
}

/// What a run did or would do, counted: values (a row has one in each column that was set), and objects where it made or dropped some, and warnings.
fn work(report: &Report, verb: &str) -> String {
    let changed: u64 = report.steps.iter().map(|step| step.changed()).sum();
    let objects: usize = report
        .steps
        .iter()
        .flat_map(|step| &step.entries)
        .map(|entry| match entry {
            Entry::Sql { ran, .. } => ran.objects.len(),
            _ => 0,
        })
        .sum();
    let warned: usize = report.steps.iter().map(|step| step.expectations().warned).sum();
    let values = numbers::format_count(changed, "value");
    let mut told = match objects {
        0 => format!("{values} {verb}"),
        objects => {
            format!("{values} and {} {verb}", numbers::format_count(objects as u64, "object"))
        }
    };
    if warned > 0 {
        told += &format!(", {}", numbers::format_count(warned as u64, "warning"));
    }
    told
}
