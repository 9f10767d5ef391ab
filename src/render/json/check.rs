//! The documents of `check` and `check --settings`.

use leora_report::{
    ArmPlace, CheckReport, DecidedBy, ExampleOutcome, ExampleResult, Finding, FolderCheck, Place,
    SettingReport,
};
use serde::Serialize;

use crate::render::json::document::render_document;

pub(crate) fn render_check(report: &CheckReport) -> String {
    let examples = report.folders.iter().flat_map(|folder| {
        folder.examples.iter().map(|example| ExampleDocument::new(&folder.folder, example))
    });
    let unreached = report.folders.iter().flat_map(|folder| &folder.unreached);
    render_document(&CheckDocument {
        outcome: if report.exit_code() == 0 { "done" } else { "failed" },
        as_of: &report.as_of,
        folders: &report.folders,
        findings: report.all_findings().map(FindingDocument::new).collect(),
        examples: examples.collect(),
        unreached: unreached.map(ArmDocument::new).collect(),
    })
}

#[derive(Serialize)]
struct CheckDocument<'r> {
    outcome: &'static str,
    as_of: &'r str,
    folders: &'r [FolderCheck],
    findings: Vec<FindingDocument<'r>>,
    examples: Vec<ExampleDocument<'r>>,
    unreached: Vec<ArmDocument<'r>>,
}

#[derive(Serialize)]
struct FindingDocument<'r> {
    severity: &'static str,
    #[serde(flatten)]
    finding: &'r Finding,
}

impl<'r> FindingDocument<'r> {
    fn new(finding: &'r Finding) -> Self {
        let severity = if finding.kind.only_warns() { "warning" } else { "error" };
        Self { severity, finding }
    }
}

/// A file and line, both null where there is no place.
#[derive(Serialize)]
struct LineDocument<'r> {
    file: Option<&'r str>,
    line: Option<usize>,
}

impl<'r> LineDocument<'r> {
    fn new(place: &'r Option<Place>) -> Self {
        let place = place.as_ref();
        Self { file: place.map(|place| place.file.as_str()), line: place.map(|place| place.line) }
    }
}

#[derive(Serialize)]
struct ExampleDocument<'r> {
    folder: &'r str,
    label: &'r str,
    column: &'r str,
    passed: bool,
    #[serde(flatten)]
    line: LineDocument<'r>,
    #[serde(flatten)]
    outcome: OutcomeDocument<'r>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum OutcomeDocument<'r> {
    Run { expected: Option<String>, got: Option<String>, arm: Option<ArmDocument<'r>> },
    NotRun { message: &'r str, help: &'r Option<String> },
}

impl<'r> ExampleDocument<'r> {
    fn new(folder: &'r str, example: &'r ExampleResult) -> Self {
        let ExampleResult { label, column, place, outcome } = example;
        Self {
            folder,
            label,
            column,
            passed: outcome.passed(),
            line: LineDocument::new(place),
            outcome: OutcomeDocument::new(outcome),
        }
    }
}

impl<'r> OutcomeDocument<'r> {
    fn new(outcome: &'r ExampleOutcome) -> Self {
        match outcome {
            ExampleOutcome::Run { expected, got, by, .. } => Self::Run {
                expected: expected.to_sql_text(),
                got: got.to_sql_text(),
                arm: match by {
                    DecidedBy::Arm(arm) => Some(ArmDocument::new(arm)),
                    DecidedBy::LeftOut(_) | DecidedBy::Unmatched(_) => None,
                },
            },
            ExampleOutcome::NotRun { message, help } => Self::NotRun { message, help },
        }
    }
}

#[derive(Serialize)]
struct ArmDocument<'r> {
    column: &'r str,
    arm: usize,
    key: &'r Option<String>,
    value: &'r Option<String>,
    #[serde(flatten)]
    line: LineDocument<'r>,
}

impl<'r> ArmDocument<'r> {
    fn new(place: &'r ArmPlace) -> Self {
        let ArmPlace { column, arm, key, value, place } = place;
        Self { column, arm: *arm, key, value, line: LineDocument::new(place) }
    }
}

pub(crate) fn render_settings(settings: &[SettingReport]) -> String {
    #[derive(Serialize)]
    struct SettingsDocument<'r> {
        settings: Vec<SettingDocument<'r>>,
    }
    render_document(&SettingsDocument {
        settings: settings.iter().map(SettingDocument::new).collect(),
    })
}

#[derive(Serialize)]
struct SettingDocument<'r> {
    folder: &'r str,
    name: &'r str,
    default: &'r str,
    set: &'r Option<String>,
    #[serde(flatten)]
    place: &'r Place,
    comment: &'r Option<String>,
}

impl<'r> SettingDocument<'r> {
    fn new(report: &'r SettingReport) -> Self {
        let SettingReport { folder, setting, set } = report;
        Self {
            folder,
            name: &setting.name,
            default: &setting.default,
            set,
            place: &setting.place,
            comment: &setting.comment,
        }
    }
}

#[cfg(test)]
mod tests {
    use leora_report::FindingKind;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn an_example_that_could_not_run_says_why_in_place_of_its_value() {
        let example = ExampleResult {
            label: "a week ago".into(),
            column: "T.c".into(),
            place: Some(Place { file: "a.rhai".into(), line: 3, column: 1 }),
            outcome: ExampleOutcome::NotRun { message: "no such column".into(), help: None },
        };
        let finding = Finding {
            kind: FindingKind::UnusedSetting,
            message: "nobody reads it".into(),
            help: None,
            place: None,
        };
        let folder = FolderCheck {
            folder: "scripts/a".into(),
            scripts: 1,
            findings: vec![finding],
            examples: vec![example],
            ..FolderCheck::default()
        };
        let report = CheckReport { folders: vec![folder], ..CheckReport::default() };
        let document: Value = serde_json::from_str(&render_check(&report)).unwrap();
        assert_eq!(
            document,
            json!({
                "outcome": "failed", "as_of": "", "unreached": [],
                "folders": [{ "folder": "scripts/a", "title": "", "scripts": 1, "rules": 0, "prepared": null }],
                "findings": [{
                    "severity": "warning", "kind": "unused_setting", "message": "nobody reads it", "help": null,
                    "file": null, "line": null, "column": null,
                }],
                "examples": [{
                    "folder": "scripts/a", "label": "a week ago", "column": "T.c", "passed": false,
                    "file": "a.rhai", "line": 3, "message": "no such column", "help": null,
                }],
            })
        );
    }
}
