//! What an SQL file did.

use serde::{Deserialize, Serialize};

use crate::Lock;

/// What an SQL file did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SqlRun {
    /// The objects that it created, changed or dropped.
    pub objects: Vec<ObjectChange>,
    /// Locks that it took on tables that existed before it, stronger than a writer's, and that the manifest does not name.
    pub undeclared_locks: Vec<Lock>,
    /// The indexes, among the objects, that are built after the rows are written.
    pub deferred_indexes: Vec<DeferredIndex>,
    /// Who owns what it made.
    pub ownership: ObjectOwnership,
    /// Statements that let those who work with the tables around the new ones use these too.
    pub grants_for_others: Vec<String>,
}

/// What became of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectVerb {
    /// It is new.
    Created,
    /// Its definition differs.
    Changed,
    /// It is gone.
    Dropped,
}

/// An object that an SQL file created, changed or dropped.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectChange {
    /// What became of it.
    #[serde(rename = "change")]
    pub verb: ObjectVerb,
    /// Its sort: `table`, `column`, `index`, `enum`, `constraint`, `view`, `trigger`, `function`.
    pub kind: String,
    /// Its name; a column's with its table.
    pub name: String,
}

/// An index that is built after the rows are written.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeferredIndex {
    /// Its name.
    pub index: String,
    /// The table, which a rule of the folder may write.
    pub table: String,
    /// What follows `USING`.
    pub definition: String,
}

/// Who owns what an SQL file made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ObjectOwnership {
    /// The role that ran it, as it should be.
    #[default]
    Unchanged,
    /// The owner of the related tables: it was reassigned to that role.
    Reassigned {
        /// The owner.
        owner: String,
    },
    /// The role that ran it, which may not reassign it.
    NotReassigned {
        /// The role.
        role: String,
        /// The owner of the related tables.
        owner: String,
        /// What reassigns it to that owner.
        statements: Vec<String>,
    },
}
