//! A migration that was recorded, or its rollback.

use leora_report::MigrationRecord;

use crate::terminal::layout::{detail, success};
use crate::terminal::style::Style;
use crate::wording::{Tense, describe_migration};

pub(crate) fn render_migration(
    name: &str,
    recording: &MigrationRecord,
    rollback: bool,
    tense: Tense,
    style: Style,
) -> Vec<String> {
    let [history, prisma] = describe_migration(name, recording, rollback, tense);
    [success(&history, style), detail(&prisma, style)].concat()
}
