//! What `fmt` did to scripts, or would do.

use leora_report::{FormatMode, FormatReport};

use crate::numbers::format_count;
use crate::terminal::diagnostic::render_finding;
use crate::terminal::style::{Style, Tone};
use crate::text::sanitize;

/// `sources` gives the text of a file by its path.
pub(crate) fn render_format<'s>(
    report: &FormatReport,
    sources: &dyn Fn(&str) -> Option<&'s str>,
    style: Style,
) -> Vec<String> {
    let mut lines = Vec::new();
    for finding in &report.findings {
        let source = finding.place.as_ref().and_then(|place| sources(&place.file));
        lines.extend(render_finding(finding, source, style));
        lines.push(String::new());
    }
    let (word, tone) = match report.mode {
        FormatMode::Write => ("formatted", Tone::Good),
        FormatMode::Check => ("would change", Tone::Warning),
    };
    let word = style.paint(tone, word);
    lines.extend(report.changed().map(|file| format!("{word} {}", sanitize(&file.file))));
    lines.push(summary(report));
    lines
}

fn summary(report: &FormatReport) -> String {
    let count = |count: usize, noun: &str| format_count(count as u64, noun);
    let changed = report.changed().count();
    let all = count(report.files.len(), "script");
    let mut text = match (report.mode, changed) {
        (_, 0) => format!("{all} formatted already"),
        (FormatMode::Write, _) => format!("{changed} of {all} formatted"),
        (FormatMode::Check, _) => {
            format!("{changed} of {all} would change: leora-run fmt formats them")
        }
    };
    if !report.findings.is_empty() {
        text += &match report.findings.len() {
            1 => "; 1 is left as it is: it does not compile".to_owned(),
            several => format!("; {several} are left as they are: they do not compile"),
        };
    }
    text + "."
}
