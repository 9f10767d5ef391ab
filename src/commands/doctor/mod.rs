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

use std::path::Path;

use leora_report::CheckVerdict;

use crate::commands::context::Context;

/// Checks whether a run would work, and shows what was found; returns the exit code.
pub(crate) fn doctor(folder: Option<&Path>, role: Option<&str>, context: &Context) -> u8 {
    match examination::examine(folder, role, context) {
        Ok(checkup) => {
            context.screen().show_doctor(&checkup);
            u8::from(checkup.verdict() == CheckVerdict::Fail)
        }
        Err(failure) => context.fail(failure),
    }
}

/// Shows the grants that a role needs for a folder, as SQL; returns the exit code.
pub(crate) fn grants(folder: &Path, role: Option<&str>, context: &Context) -> u8 {
    match grants::grants(folder, role, context) {
        Ok(list) => {
            context.screen().show_grants(&list);
            0
        }
        Err(failure) => context.fail(failure),
    }
}
