//! Whether the steps come to their end, and what would help them.

use leora_report::{DoctorCheck, shell_path};

use crate::commands::doctor::examined::ExaminedFolder;
use crate::commands::doctor::script_access::{EarlyEnd, UnfinishedStep};

const NAME: &str = "scripts";

pub(crate) fn unfinished_steps(folder: &ExaminedFolder) -> Vec<DoctorCheck> {
    let check = |step: &UnfinishedStep| unfinished_step(step, &folder.path);
    folder.unfinished_steps.iter().map(check).collect()
}

/// Indexes of other tables that rules read.
pub(crate) fn missing_indexes(folder: &ExaminedFolder) -> Vec<DoctorCheck> {
    if folder.missing_indexes.is_empty() {
        return vec![];
    }
    let statements: Vec<&str> = folder.missing_indexes.iter().map(String::as_str).collect();
    let message = "rules would find their rows in other tables faster by an index";
    vec![DoctorCheck::warn("indexes", message, statements.join(" "))]
}

fn unfinished_step(unfinished: &UnfinishedStep, folder: &str) -> DoctorCheck {
    let UnfinishedStep { step, end, reason, help } = unfinished;
    let see_plan = format!("see leora-run plan {}", shell_path(folder));
    match end {
        EarlyEnd::Refuses => {
            let remedy = help.clone().unwrap_or_else(|| "see what the script asks for".into());
            DoctorCheck::fail(NAME, format!("{step} refuses: {reason}"), remedy)
        }
        EarlyEnd::Fails => {
            let remedy = help.clone().unwrap_or(see_plan);
            DoctorCheck::fail(NAME, format!("{step} fails: {reason}"), remedy)
        }
        EarlyEnd::Unknown => DoctorCheck::warn(
            NAME,
            format!("{step} could not be looked at to its end: {reason}"),
            format!("it may need more: {see_plan}"),
        ),
    }
}
