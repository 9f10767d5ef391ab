//! What failed, as annotations that GitHub Actions shows on the lines of a change.

use leora_report::{
    CheckReport, CheckVerdict, DoctorReport, Entry, ExampleOutcome, Failure, FailureKind,
    FormatMode, FormatReport, Place, Report,
};

use crate::text::sanitize_lines;

#[derive(Clone, Copy)]
enum AnnotationLevel {
    Error,
    Warning,
}

impl AnnotationLevel {
    fn of(only_warns: bool) -> Self {
        if only_warns { Self::Warning } else { Self::Error }
    }
}

fn annotation(level: AnnotationLevel, place: Option<&Place>, title: &str, message: &str) -> String {
    let level = match level {
        AnnotationLevel::Error => "error",
        AnnotationLevel::Warning => "warning",
    };
    let mut properties = Vec::new();
    if let Some(place) = place {
        properties.push(format!("file={}", escape_property(&place.file)));
        properties.push(format!("line={},col={}", place.line, place.column));
    }
    properties.push(format!("title={}", escape_property(title)));
    format!("::{level} {}::{}", properties.join(","), escape_message(message))
}

/// A message is one line of the log; what would drive a terminal in it becomes visible.
fn escape_message(text: &str) -> String {
    sanitize_lines(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property ends at a comma, and the properties at a colon.
fn escape_property(text: &str) -> String {
    escape_message(text).replace(':', "%3A").replace(',', "%2C")
}

fn with_help(message: &str, help: Option<&str>) -> String {
    help.map_or_else(|| message.to_owned(), |help| format!("{message}\n{help}"))
}

fn annotate_failure(failure: &Failure) -> String {
    let message = with_help(&failure.message, failure.help.as_deref());
    let title = failure.kind.word();
    annotation(AnnotationLevel::Error, failure.place.as_ref(), title, &message)
}

/// Each expectation of a run or plan that did not hold, and why it failed.
pub(crate) fn annotate_report(report: &Report) -> Vec<String> {
    let entries = report.steps.iter().flat_map(|step| &step.entries);
    let unmet = entries.filter_map(|entry| match entry {
        Entry::Expectation(one) if !one.held => Some(one),
        _ => None,
    });
    let (mut annotations, mut failed) = (Vec::new(), false);
    for one in unmet {
        failed |= !one.warning;
        let level = AnnotationLevel::of(one.warning);
        let message = with_help(&one.label, Some(&one.findings.join("\n")));
        annotations.push(annotation(level, one.place.as_ref(), "expectation", message.trim_end()));
    }
    // Expectations that failed have an annotation each.
    let repeats = |failure: &&Failure| failed && failure.kind == FailureKind::Expectation;
    let failure = report.error.as_ref().filter(|failure| !repeats(failure));
    annotations.extend(failure.map(annotate_failure));
    annotations
}

/// Each finding of a check, and each example that does not hold.
pub(crate) fn annotate_check(report: &CheckReport) -> Vec<String> {
    let findings = report.all_findings().map(|finding| {
        let level = AnnotationLevel::of(finding.kind.only_warns());
        let message = with_help(&finding.message, finding.help.as_deref());
        annotation(level, finding.place.as_ref(), finding.kind.word(), &message)
    });
    let examples = report.folders.iter().flat_map(|folder| &folder.examples);
    let examples = examples.filter(|example| !example.outcome.passed()).map(|example| {
        let result = match &example.outcome {
            ExampleOutcome::Run { expected, got, .. } => format!("expected {expected}, got {got}"),
            ExampleOutcome::NotRun { message, .. } => format!("could not be tried: {message}"),
        };
        let message = format!("{}: {result}", example.label);
        annotation(AnnotationLevel::Error, example.place.as_ref(), "example", &message)
    });
    findings.chain(examples).collect()
}

/// Each script that does not compile, and each that is not formatted.
pub(crate) fn annotate_format(report: &FormatReport) -> Vec<String> {
    let findings = report.findings.iter().map(|finding| {
        let message = with_help(&finding.message, finding.help.as_deref());
        annotation(AnnotationLevel::Error, finding.place.as_ref(), finding.kind.word(), &message)
    });
    let unformatted = report.changed().filter(|_| report.mode == FormatMode::Check).map(|file| {
        let place = Place { file: file.file.clone(), line: 1, column: 1 };
        let message = format!("it is not formatted\nleora-run fmt {}", file.file);
        annotation(AnnotationLevel::Error, Some(&place), "format", &message)
    });
    findings.chain(unformatted).collect()
}

/// Each check of a doctor that failed or warns.
pub(crate) fn annotate_doctor(report: &DoctorReport) -> Vec<String> {
    let annotate = report.checks.iter().filter_map(|check| {
        let level = match check.verdict {
            CheckVerdict::Ok => return None,
            CheckVerdict::Warn => AnnotationLevel::Warning,
            CheckVerdict::Fail => AnnotationLevel::Error,
        };
        let message = with_help(&check.message, check.remedy.as_deref());
        Some(annotation(level, None, &format!("doctor: {}", check.name), &message))
    });
    annotate.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_property_or_a_message_is_escaped() {
        let place = Place { file: "a,b:c.rhai".into(), line: 3, column: 7 };
        assert_eq!(
            annotation(AnnotationLevel::Error, Some(&place), "x: y", "100 %\nof it"),
            "::error file=a%2Cb%3Ac.rhai,line=3,col=7,title=x%3A y::100 %25%0Aof it"
        );
    }

    #[test]
    fn a_failure_has_its_kind_as_title() {
        let failure = Failure::new(FailureKind::Lock, "locked", Some("wait".into()));
        let report = Report { error: Some(failure), ..Report::default() };
        assert_eq!(annotate_report(&report), ["::error title=lock::locked%0Await"]);
    }
}
