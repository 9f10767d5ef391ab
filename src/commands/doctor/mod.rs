//! `doctor`: whether a run would work, and what is missing. It reads only, and creates nothing.

mod access_survey;
mod activity;
mod connection;
mod examination;
mod grants;
mod needs;
mod outsiders;
mod ownership;
mod privileges;
mod tables;

use leora_report::{CheckVerdict, Report};

use crate::cli::DoctorRequest;
use crate::commands::Context;

/// Looks, and shows what it found; returns the exit code.
pub(crate) fn doctor(request: &DoctorRequest, context: &Context) -> u8 {
    let role = request.role.as_deref();
    let shown = match (&request.folder, request.grants) {
        (Some(folder), true) => grants::grants(folder, role, context).map(|list| {
            context.screen().grants(&list);
            0
        }),
        (folder, _) => examination::examine(folder.as_deref(), role, context).map(|checkup| {
            context.screen().checkup(&checkup);
            u8::from(checkup.verdict() == CheckVerdict::Fail)
        }),
    };
    shown.unwrap_or_else(|failure| {
        let (code, outcome) = (failure.kind.exit_code(), failure.kind.outcome());
        context.screen().end(&Report { error: Some(failure), outcome, ..Report::default() });
        code
    })
}
