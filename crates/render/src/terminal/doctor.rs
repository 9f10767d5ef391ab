//! What `doctor` found.

use leora_report::{CheckVerdict, DoctorCheck, DoctorReport};

use crate::numbers::format_count;
use crate::terminal::layout::{hang, indent, pad};
use crate::terminal::style::{Style, Tone};
use crate::text::sanitize;

/// The columns that a verdict and a name take.
const MARK: usize = 6;
const NAME: usize = 13;

pub(crate) fn render_doctor(report: &DoctorReport, style: Style) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(target) = &report.target {
        let text = format!("{} (from {})", sanitize(&target.name), target.from);
        lines.push(style.paint(Tone::Heading, &text));
    }
    lines.extend(report.checks.iter().flat_map(|check| render_doctor_check(check, style)));
    lines.push(String::new());
    let verdict = describe_doctor_verdict(report);
    lines.push(style.paint(tone_of(report.verdict()), &verdict));
    lines
}

fn tone_of(verdict: CheckVerdict) -> Tone {
    match verdict {
        CheckVerdict::Ok => Tone::Good,
        CheckVerdict::Warn => Tone::Warning,
        CheckVerdict::Fail => Tone::Bad,
    }
}

fn describe_doctor_verdict(report: &DoctorReport) -> String {
    let count = |verdict| report.checks.iter().filter(|check| check.verdict == verdict).count();
    let what = report.folder.as_deref().map_or_else(|| "A run".to_owned(), sanitize);
    let warnings = match count(CheckVerdict::Warn) {
        0 => String::new(),
        some => format!(", with {}", format_count(some as u64, "warning")),
    };
    match report.verdict() {
        CheckVerdict::Fail => {
            let failed = format_count(count(CheckVerdict::Fail) as u64, "check");
            format!("{what} would not work: {failed} failed{warnings}.")
        }
        CheckVerdict::Warn | CheckVerdict::Ok => format!("{what} would work{warnings}."),
    }
}

fn render_doctor_check(check: &DoctorCheck, style: Style) -> Vec<String> {
    let mark = style.paint(tone_of(check.verdict), &pad(check.verdict.word(), MARK));
    let head = format!("{mark}{}", pad(check.name, NAME));
    let mut lines = hang(&head, MARK + NAME, &check.message, Tone::Plain, style);
    // A remedy may be a statement or a command to copy: its lines stay apart from the message's.
    for line in check.remedy.iter().flat_map(|text| text.lines()) {
        lines.extend(indent(MARK + NAME, &format!("→ {line}"), Tone::Dim, style));
    }
    lines
}
