//! The documents of `doctor` and `doctor --grants`.

use leora_report::{CheckVerdict, DoctorReport, GrantList};
use serde::Serialize;

use crate::json::document::render_document;

pub(crate) fn render_doctor(report: &DoctorReport) -> String {
    #[derive(Serialize)]
    struct DoctorDocument<'r> {
        verdict: CheckVerdict,
        #[serde(flatten)]
        report: &'r DoctorReport,
    }
    render_document(&DoctorDocument { verdict: report.verdict(), report })
}

pub(crate) fn render_grants(list: &GrantList) -> String {
    render_document(list)
}
