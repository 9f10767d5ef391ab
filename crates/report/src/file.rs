//! Files beside the database.

/// A file beside the database, such as Prisma's migration.sql.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileReport {
    /// Its path, as people know it.
    pub path: String,
    /// What became of it.
    pub change: FileChange,
}

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileChange {
    /// It was written.
    Written,
    /// The same file was there already.
    Same,
    /// A run would write it.
    Planned,
    /// It could not be written, when everything else was done.
    Failed {
        /// Why.
        reason: String,
        /// What to do instead.
        help: String,
    },
}
