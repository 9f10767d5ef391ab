//! The document of `fmt`.

use leora_report::{FormatReport, FormattedFile};
use serde::Serialize;

use crate::json::check::FindingDocument;
use crate::json::document::render_document;

pub(crate) fn render_format(report: &FormatReport) -> String {
    #[derive(Serialize)]
    struct FormatDocument<'r> {
        outcome: &'static str,
        files: &'r [FormattedFile],
        findings: Vec<FindingDocument<'r>>,
    }
    render_document(&FormatDocument {
        outcome: if report.exit_code() == 0 { "done" } else { "failed" },
        files: &report.files,
        findings: report.findings.iter().map(FindingDocument::new).collect(),
    })
}
