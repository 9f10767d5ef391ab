//! What Phase 2 leaves in the schema, written down once more for the tests, and how each part can be missing or bent.

mod bent;
mod bent_columns;
mod bent_indexes;
mod missing;
mod spec;

pub use bent::{Bent, bent, further, other_kinds};
pub use missing::missing;
pub use spec::{COLUMNS, ENUMS, FOREIGN_KEYS, INDEXES, TABLES, create, every_object};

use crate::support::Database;

/// The SQL file of the migration.
pub const MIGRATION: &str = include_str!("../../sql/phase2-migration.sql");

/// The sample without its customers and call plans, which no test of the schema needs.
pub fn unmigrated() -> Database {
    let database = Database::sample();
    database.run("DELETE FROM \"Customer\"; DELETE FROM \"CallPlan\"");
    database
}

/// The same with the schema of Phase 2.
pub fn migrated() -> Database {
    let database = unmigrated();
    database.run(MIGRATION);
    database
}
