//! A migration that was recorded, or its rollback: in the history, and in Prisma's record.

use leora_report::{MigrationRecord, PrismaRecord, Recorded};

use crate::render::entries::{Tense, detail, good};
use crate::render::style::Style;

pub(crate) fn lines(
    name: &str,
    recording: &MigrationRecord,
    rollback: bool,
    tense: Tense,
    style: Style,
) -> Vec<String> {
    let [history, prisma] = told(name, recording, rollback, tense);
    std::iter::once(good(&history, style)).chain(detail(&prisma, style)).collect()
}

/// What became of it in the history, and in Prisma's record.
pub(crate) fn told(
    name: &str,
    recording: &MigrationRecord,
    rollback: bool,
    tense: Tense,
) -> [String; 2] {
    [history(name, &recording.history, rollback, tense), prisma(&recording.prisma, rollback, tense)]
}

fn history(name: &str, recorded: &Recorded, rollback: bool, tense: Tense) -> String {
    let record = ["recorded", "would record"][tense as usize];
    match (recorded, rollback) {
        (Recorded::New, false) => format!("{record} {name}"),
        (Recorded::New, true) => format!("{record} that {name} was rolled back"),
        (Recorded::Already(when), _) => format!("{name} was recorded already, on {when} UTC"),
        (Recorded::NotRecorded, _) => {
            format!("{name} was not recorded, so there is nothing to take back")
        }
    }
}

fn prisma(record: &PrismaRecord, rollback: bool, tense: Tense) -> String {
    let planned = matches!(tense, Tense::Planned);
    match (record, rollback) {
        (PrismaRecord::Unmanaged, _) => "no _prisma_migrations here, so Prisma is told nothing",
        (PrismaRecord::NoFile, _) => {
            "left _prisma_migrations alone: [prisma] in leora.toml has no migration.sql for it"
        }
        (PrismaRecord::New, false) if planned => {
            "and in _prisma_migrations, as prisma migrate deploy would"
        }
        (PrismaRecord::New, false) => {
            "and in _prisma_migrations, as prisma migrate deploy would have"
        }
        (PrismaRecord::New, true) => {
            "and in _prisma_migrations: prisma migrate deploy would apply it again"
        }
        (PrismaRecord::Already, _) => "_prisma_migrations has it already",
        (PrismaRecord::OtherFile, _) => {
            "_prisma_migrations has it already, applied from another migration.sql: left as it is; \
             keep that file in prisma/migrations, or migrate dev will ask to reset the database"
        }
        (PrismaRecord::NotRecorded, _) => "_prisma_migrations has nothing to take back",
    }
    .to_owned()
}
