//! The database privileges that a role needs to run an SQL file, as the manifest lists them: they can't be read off the file.

use serde::Deserialize;

/// What a role needs to run an SQL file: `[privileges."file.sql"]` of the manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SqlPrivileges {
    /// Whether it creates tables, types or indexes in the schema.
    pub create: bool,
    /// The tables and types that it alters or drops, where they exist: the role must own them.
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
