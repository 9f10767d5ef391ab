//! Writing beside rules: rows, SQL files, the record of migrations.

mod record_migration;
mod rows;
mod run_sql;

use crate::api::reference::Group;

pub(crate) const GROUP: Group = Group {
    title: "Other writes",
    about: "The manifest must allow them: inserts by a table in `writes` or a rolled-back folder, SQL files by `sql`.",
    primitives: &[rows::PRIMITIVE, run_sql::PRIMITIVE, record_migration::PRIMITIVE],
};
