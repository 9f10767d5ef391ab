//! Findings and failed examples, as the editor underlines them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gen_lsp_types as lsp;
use leora_folder::{FolderError, ScriptFolder};
use leora_report::{
    ArmPlace, ExampleOutcome, ExampleResult, Finding, FindingKind, Fix, FolderCheck, Place,
};

use crate::checker::{CheckOutcome, Checked};
use crate::positions::range_at;

/// The diagnostics of each file.
pub(crate) type FileDiagnostics = BTreeMap<PathBuf, Vec<Diagnosed>>;

/// What is underlined, and what mends it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Diagnosed {
    pub(crate) diagnostic: lsp::Diagnostic,
    pub(crate) fix: Option<Fix>,
}

impl From<lsp::Diagnostic> for Diagnosed {
    fn from(diagnostic: lsp::Diagnostic) -> Self {
        Self { diagnostic, fix: None }
    }
}

/// What the editor names as the source.
pub(crate) const SOURCE: &str = "leora-run";

/// What a check found, by file.
pub(crate) fn diagnostics(checked: &Checked) -> FileDiagnostics {
    let manifest = checked.path.join("leora.toml");
    let mut found = FileDiagnostics::new();
    match &checked.outcome {
        CheckOutcome::Checked { folder, check, .. } => {
            of_check(folder, check, &manifest, &mut found)
        }
        CheckOutcome::Refused(error) => of_refusal(error, &manifest, &mut found),
        CheckOutcome::Failed => {
            let message = "the check of this folder failed, a fault of leora-run: please report it";
            let diagnostic = at_start(FindingKind::Script.word(), message.to_owned());
            found.entry(manifest).or_default().push(diagnostic.into());
        }
    }
    let folder = format!("{}/", checked.path.display());
    for Diagnosed { diagnostic, .. } in found.values_mut().flatten() {
        shorten_paths(diagnostic, &folder);
    }
    found
}

fn of_check(
    folder: &ScriptFolder,
    check: &FolderCheck,
    manifest: &Path,
    found: &mut FileDiagnostics,
) {
    let mut put = |place: Option<&Place>, diagnostic: lsp::Diagnostic, fix: Option<&Fix>| {
        let fix = fix.cloned();
        let text = place.and_then(|place| text_of(folder, &place.file).map(|text| (place, text)));
        let Some((place, text)) = text else {
            let file = found.entry(manifest.to_owned()).or_default();
            return file.push(Diagnosed { diagnostic, fix });
        };
        let range = range_at(text, place);
        let file = found.entry(PathBuf::from(&place.file)).or_default();
        file.push(Diagnosed { diagnostic: lsp::Diagnostic { range, ..diagnostic }, fix });
    };
    for finding in &check.findings {
        put(finding.place.as_ref(), of_finding(finding), finding.fix.as_ref());
    }
    for example in &check.examples {
        if let Some(diagnostic) = of_example(example) {
            put(example.place.as_ref(), diagnostic, None);
        }
    }
    for arm in &check.unreached {
        put(arm.place.as_ref(), of_unreached(arm), None);
    }
}

fn of_refusal(error: &FolderError, manifest: &Path, found: &mut FileDiagnostics) {
    let message = with_help(&error.to_string(), error.help().as_deref());
    let diagnostic = at_start(FindingKind::Manifest.word(), message);
    let (file, diagnostic) = match error.place() {
        Some((source, place)) => {
            let range = range_at(&source.text, place);
            (PathBuf::from(&source.path), lsp::Diagnostic { range, ..diagnostic })
        }
        None => (error.file().map_or(manifest.to_owned(), PathBuf::from), diagnostic),
    };
    found.entry(file).or_default().push(Diagnosed { diagnostic, fix: error.fix().cloned() });
}

/// The text that was checked.
pub(crate) fn text_of<'f>(folder: &'f ScriptFolder, file: &str) -> Option<&'f str> {
    let mut all = folder.sources().chain(&folder.examples);
    all.find(|source| source.path == file).map(|source| source.text.as_str())
}

fn of_finding(finding: &Finding) -> lsp::Diagnostic {
    let message = with_help(&finding.message, finding.help.as_deref());
    let severity = match finding.kind.only_warns() {
        true => lsp::DiagnosticSeverity::Warning,
        false => lsp::DiagnosticSeverity::Error,
    };
    // Editors show what is not used in a paler colour.
    let unused = [FindingKind::UnusedVariable, FindingKind::UnusedSetting].contains(&finding.kind);
    let tags = unused.then(|| vec![lsp::DiagnosticTag::Unnecessary]);
    lsp::Diagnostic { severity: Some(severity), tags, ..at_start(finding.kind.word(), message) }
}

/// Of an example that does not hold.
fn of_example(example: &ExampleResult) -> Option<lsp::Diagnostic> {
    let message = match &example.outcome {
        ExampleOutcome::Run { passed: true, .. } => return None,
        ExampleOutcome::Run { expected, got, by, .. } => {
            let message = format!("expected {expected}, got {got}, {}", by.describe());
            with_help(&message, example.outcome.describe_read().as_deref())
        }
        ExampleOutcome::NotRun { message, help } => {
            with_help(&format!("it could not be tried: {message}"), help.as_deref())
        }
    };
    Some(at_start(FindingKind::Example.word(), message))
}

fn of_unreached(arm: &ArmPlace) -> lsp::Diagnostic {
    let message = format!("no example reaches {} of {}", arm.describe(), arm.column);
    let severity = Some(lsp::DiagnosticSeverity::Hint);
    lsp::Diagnostic { severity, ..at_start("unreached_arm", message) }
}

/// An error at the start of a file.
fn at_start(code: &str, message: String) -> lsp::Diagnostic {
    lsp::Diagnostic {
        range: lsp::Range::default(),
        severity: Some(lsp::DiagnosticSeverity::Error),
        code: Some(code.to_owned().into()),
        code_description: None,
        source: Some(SOURCE.into()),
        message: message.into(),
        tags: None,
        related_information: None,
        data: None,
    }
}

fn with_help(message: &str, help: Option<&str>) -> String {
    help.map_or_else(|| message.to_owned(), |help| format!("{message}\n{help}"))
}

/// Files of the folder are named as they are there.
fn shorten_paths(diagnostic: &mut lsp::Diagnostic, folder: &str) {
    if let lsp::Message::String(message) = &mut diagnostic.message {
        *message = message.replace(folder, "");
    }
}
