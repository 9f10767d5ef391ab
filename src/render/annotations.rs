//! What failed, as annotations that GitHub Actions shows on the lines of a change.

use leora_report::{
    CheckReport, CheckVerdict, DoctorReport, Entry, ExampleOutcome, Failure, Place, Report,
};

/// How much an annotation stops.
#[derive(Clone, Copy)]
enum Level {
    Error,
    Warning,
}

/// One annotation: a command in the workflow's log.
fn annotation(level: Level, place: Option<&Place>, title: &str, message: &str) -> String {
    let level = match level {
        Level::Error => "error",
        Level::Warning => "warning",
    };
    let mut properties = Vec::new();
    if let Some(place) = place {
        properties.push(format!("file={}", property(&place.file)));
        properties.push(format!("line={},col={}", place.line, place.column));
    }
    properties.push(format!("title={}", property(title)));
    format!("::{level} {}::{}", properties.join(","), data(message))
}

/// A message: one line of the log.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property, which ends at a comma, and the properties at a colon.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

fn with_help(message: &str, help: Option<&str>) -> String {
    help.map_or_else(|| message.to_owned(), |help| format!("{message}\n{help}"))
}

fn failed(failure: &Failure) -> String {
    let message = with_help(&failure.message, failure.help.as_deref());
    annotation(Level::Error, failure.place.as_ref(), failure.kind.word(), &message)
}

/// Of a run or plan: each expectation that did not hold, and why it failed.
pub(crate) fn of_report(report: &Report) -> Vec<String> {
    let entries = report.steps.iter().flat_map(|step| &step.entries);
    let mut all: Vec<String> = entries
        .filter_map(|entry| match entry {
            Entry::Expectation(one) if !one.held => {
                let level = if one.warning { Level::Warning } else { Level::Error };
                let message = with_help(&one.label, Some(&one.findings.join("\n")));
                Some(annotation(level, one.place.as_ref(), "expectation", message.trim_end()))
            }
            _ => None,
        })
        .collect();
    // The failure of expectations is told by each of them.
    let told = all.iter().any(|one| one.starts_with("::error"));
    let failure = report.error.as_ref();
    all.extend(failure.filter(|one| !told || one.kind.word() != "expectation").map(failed));
    all
}

/// Of a check: each finding, and each example that does not hold.
pub(crate) fn of_check(report: &CheckReport) -> Vec<String> {
    let findings = report.all_findings().map(|finding| {
        let level = if finding.kind.only_warns() { Level::Warning } else { Level::Error };
        let message = with_help(&finding.message, finding.help.as_deref());
        annotation(level, finding.place.as_ref(), finding.kind.word(), &message)
    });
    let examples = report.folders.iter().flat_map(|folder| &folder.examples);
    let examples = examples.filter(|example| !example.outcome.passed()).map(|example| {
        let message = match &example.outcome {
            ExampleOutcome::Run { expected, got, .. } => {
                format!("{}: expected {expected}, got {got}", example.label)
            }
            ExampleOutcome::NotRun { message, .. } => {
                format!("{}: could not be tried: {message}", example.label)
            }
        };
        annotation(Level::Error, example.place.as_ref(), "example", &message)
    });
    findings.chain(examples).collect()
}

/// Of a doctor: each check that failed or warns.
pub(crate) fn of_checkup(checkup: &DoctorReport) -> Vec<String> {
    let told = checkup.checks.iter().filter_map(|check| {
        let level = match check.verdict {
            CheckVerdict::Ok => return None,
            CheckVerdict::Warn => Level::Warning,
            CheckVerdict::Fail => Level::Error,
        };
        let message = with_help(&check.message, check.remedy.as_deref());
        Some(annotation(level, None, &format!("doctor: {}", check.name), &message))
    });
    told.collect()
}
