//! What recording a migration did, here and in Prisma's record.

use serde::{Deserialize, Serialize};

/// What recording a migration did, here and in Prisma's record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationRecord {
    /// In the history of leora-run.
    pub history: Recorded,
    /// In Prisma's record.
    pub prisma: PrismaRecord,
}

impl MigrationRecord {
    /// A migration or rollback that was not recorded before, where Prisma has no record.
    pub const NEW: Self = Self { history: Recorded::New, prisma: PrismaRecord::Unmanaged };
}

/// What recording a migration did in the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It is recorded now.
    New,
    /// It was recorded already, at this time (UTC).
    Already(String),
    /// It was not recorded, so its rollback takes nothing back.
    NotRecorded,
}

/// What became of a migration in Prisma's record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrismaRecord {
    /// The database has none: it is left so. With one row in it, a deploy would run every older migration again.
    Unmanaged,
    /// The folder does not say what Prisma's migration.sql is, so nothing was written.
    NoFile,
    /// The migration is there now as applied, or its rollback.
    New,
    /// It was there already.
    #[serde(rename = "before")]
    Already,
    /// It was there already, applied from another migration.sql.
    OtherFile,
    /// It was not there, so its rollback takes nothing back.
    #[serde(rename = "never")]
    NotRecorded,
}
