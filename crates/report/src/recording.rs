//! What recording a migration did.

/// What recording a migration did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It is recorded now.
    Now,
    /// It was recorded already, at this time.
    Before(String),
    /// There was nothing to take back.
    Never,
}

/// What became of a migration in Prisma's record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrismaRecord {
    /// The database has none: it is left so. With one row in it, a deploy would run every older migration again.
    Unmanaged,
    /// The folder does not say what Prisma's migration.sql is, so nothing was written.
    NoFile,
    /// The migration is there now as applied, or its rollback.
    Now,
    /// It was there already.
    Before,
    /// It was there already, applied from another migration.sql.
    OtherFile,
    /// There is nothing to take back.
    Never,
}

/// What recording a migration did, here and in Prisma's record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// In the history of leora-run.
    pub history: Recorded,
    /// In Prisma's record.
    pub prisma: PrismaRecord,
}

impl Recording {
    /// What a migration or rollback gives that nobody has recorded, where Prisma has no record.
    pub const NEW: Self = Self { history: Recorded::Now, prisma: PrismaRecord::Unmanaged };
}
