//! What a role needs to run an SQL file: nobody can read that off the file itself.

use serde::Deserialize;

/// What a role needs to run an SQL file, as `[privileges."file.sql"]` of the manifest says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SqlNeeds {
    /// Whether it makes tables, types or indexes in the schema.
    pub create: bool,
    /// The tables and types that it alters or drops, where they are there: the role must own them.
    pub own: Vec<String>,
    /// The tables that its new foreign keys refer to.
    pub references: Vec<String>,
    /// The tables that it reads.
    pub select: Vec<String>,
    /// The tables that it inserts into.
    pub insert: Vec<String>,
    /// The tables whose rows it changes.
    pub update: Vec<String>,
    /// The tables that it deletes from.
    pub delete: Vec<String>,
}
