//! Whether the schema of the history is as this program makes it.

use leora_postgres::HistoryState;
use leora_report::{DatabaseError, DoctorCheck};

use crate::commands::doctor::examined::ExaminedServer;

const HISTORY: &str = "history";

/// Says nothing where the history is of this version, or not made yet.
pub(crate) fn history(server: &ExaminedServer) -> Vec<DoctorCheck> {
    match &server.history {
        Err(DatabaseError::Inconsistent { message, help }) => {
            vec![DoctorCheck::fail(HISTORY, message.clone(), help.clone())]
        }
        Ok(HistoryState::Old { owner, .. }) => vec![DoctorCheck::warn(
            HISTORY,
            "the schema leora_run is of an older version",
            format!("the next run as {owner}, or as a member of that role, upgrades it"),
        )],
        _ => vec![],
    }
}
