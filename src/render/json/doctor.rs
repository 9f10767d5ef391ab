//! The documents of `doctor` and `doctor --grants`.

use leora_report::{CheckVerdict, DoctorReport, GrantList};
use serde::Serialize;

use crate::render::json::render;

pub(crate) fn render_doctor(report: &DoctorReport) -> String {
    #[derive(Serialize)]
    struct DoctorDocument<'r> {
        verdict: CheckVerdict,
        #[serde(flatten)]
        report: &'r DoctorReport,
    }
    render(&DoctorDocument { verdict: report.verdict(), report })
}

pub(crate) fn render_grants(list: &GrantList) -> String {
    render(list)
}
