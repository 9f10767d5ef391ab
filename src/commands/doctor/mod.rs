//! `doctor`: whether a run would work here, and what is missing. It only reads, and creates nothing.
//!
//! What is checked, in order, is in `checks`; `examine` reads what the checks look at.

mod checks;
mod derive_privileges;
mod examine;
mod examined;
mod grants;
mod new_objects;
mod required_privileges;
mod script_access;

use std::path::Path;

use leora_report::CheckVerdict;

use crate::commands::context::Context;

pub(crate) fn doctor(folder: Option<&Path>, role: Option<&str>, context: &Context) -> u8 {
    match examine::examine(folder, role, context) {
        Ok(report) => {
            context.screen().show_doctor(&report);
            u8::from(report.verdict() == CheckVerdict::Fail)
        }
        Err(failure) => context.fail(failure),
    }
}

pub(crate) fn grants(folder: &Path, role: Option<&str>, context: &Context) -> u8 {
    match grants::list_grants(folder, role, context) {
        Ok(list) => {
            context.screen().show_grants(&list);
            0
        }
        Err(failure) => context.fail(failure),
    }
}
