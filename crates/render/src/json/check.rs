//! The documents of `check` and `check --settings`.

use leora_report::{ArmPlace, CheckReport, ExampleResult, Finding, FolderCheck, SettingReport};
use serde::Serialize;

use crate::json::document::render_document;

pub(crate) fn render_check(report: &CheckReport) -> String {
    let examples = report.folders.iter().flat_map(|folder| {
        folder.examples.iter().map(|example| {
            let passed = example.outcome.passed();
            ExampleDocument { folder: &folder.folder, passed, example }
        })
    });
    let unreached = report.folders.iter().flat_map(|folder| &folder.unreached);
    render_document(&CheckDocument {
        outcome: if report.exit_code() == 0 { "done" } else { "failed" },
        as_of: &report.as_of,
        folders: &report.folders,
        findings: report.all_findings().map(FindingDocument::new).collect(),
        examples: examples.collect(),
        unreached: unreached.collect(),
    })
}

#[derive(Serialize)]
struct CheckDocument<'r> {
    outcome: &'static str,
    as_of: &'r str,
    folders: &'r [FolderCheck],
    findings: Vec<FindingDocument<'r>>,
    examples: Vec<ExampleDocument<'r>>,
    unreached: Vec<&'r ArmPlace>,
}

#[derive(Serialize)]
pub(super) struct FindingDocument<'r> {
    severity: &'static str,
    #[serde(flatten)]
    finding: &'r Finding,
}

impl<'r> FindingDocument<'r> {
    pub(super) fn new(finding: &'r Finding) -> Self {
        let severity = if finding.kind.only_warns() { "warning" } else { "error" };
        Self { severity, finding }
    }
}

#[derive(Serialize)]
struct ExampleDocument<'r> {
    folder: &'r str,
    passed: bool,
    #[serde(flatten)]
    example: &'r ExampleResult,
}

pub(crate) fn render_settings(settings: &[SettingReport]) -> String {
    #[derive(Serialize)]
    struct SettingsDocument<'r> {
        settings: &'r [SettingReport],
    }
    render_document(&SettingsDocument { settings })
}

#[cfg(test)]
mod tests {
    use leora_report::{DecidedBy, ExampleOutcome, FindingKind, Place, ValueRead};
    use leora_rule::Value as RuleValue;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn an_example_names_the_arm_that_gave_its_value() {
        let place = Some(Place { file: "a.rhai".into(), line: 3, column: 9 });
        let arm = ArmPlace { column: "T.c".into(), arm: 2, key: None, value: None, place };
        let outcome = ExampleOutcome::Run {
            expected: RuleValue::Text("A".into()),
            got: RuleValue::Null,
            passed: false,
            by: DecidedBy::Arm(arm),
            read: vec![ValueRead { name: "orders".into(), value: RuleValue::Integer(3) }],
        };
        let example =
            ExampleResult { label: "never".into(), column: "T.c".into(), place: None, outcome };
        assert_eq!(
            serde_json::to_value(&example).unwrap(),
            json!({
                "label": "never", "column": "T.c", "file": null, "line": null, "expected": "A", "got": null,
                "arm": { "column": "T.c", "arm": 2, "key": null, "value": null, "file": "a.rhai", "line": 3 },
                "read": [{ "name": "orders", "value": "3" }],
            })
        );
    }

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
            fix: None,
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
