//! What scripts do with the objects of a database.

/// What a script does with an object of the database.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ObjectAccess {
    /// It reads rows of this table.
    Read(String),
    /// It sets a column of this table.
    Set(String),
    /// It keeps what a rule decided by other rows, in a temporary table.
    KeepDecisions,
    /// It inserts rows into this table.
    Insert(String),
    /// It deletes rows of this table.
    Delete(String),
    /// It runs this SQL file.
    RunSql(String),
    /// It asks when a folder ran last.
    ReadHistory,
    /// It records this migration.
    RecordMigration(String),
    /// It records that this migration was rolled back.
    RecordRollback(String),
}
