//! What an SQL file did.

use serde::Deserialize;

/// What an SQL file did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SqlRun {
    /// The objects that it created, changed or dropped.
    pub objects: Vec<ObjectChange>,
    /// Locks on tables that existed before it, stronger than a writer's, that nobody had taken for it.
    pub undeclared: Vec<Lock>,
    /// The indexes that it has left until the rows are written, which are among the objects.
    pub later: Vec<LaterIndex>,
    /// Whose is what it made.
    pub belonging: ObjectOwnership,
    /// What lets those who work with the tables around them do so with the new tables.
    pub opening: Vec<String>,
}

/// What became of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectVerb {
    /// It is new.
    Created,
    /// Its definition differs.
    Changed,
    /// It is gone.
    Dropped,
}

/// An object that an SQL file created, changed or dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectChange {
    /// What became of it.
    pub verb: ObjectVerb,
    /// Its sort: `table`, `column`, `index`, `enum`, `constraint`, `view`, `trigger`, `function`.
    pub kind: String,
    /// Its name; a column's with its table.
    pub name: String,
}

/// A lock to be taken on an existing table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    /// The table's schema.
    pub schema: String,
    /// The table.
    pub table: String,
    /// The mode as SQL names it, such as `ACCESS EXCLUSIVE`.
    pub mode: String,
}

/// An index that is still to be built.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LaterIndex {
    /// Its name.
    pub index: String,
    /// The table, which a rule of the folder may write.
    pub table: String,
    /// What follows `USING`.
    pub definition: String,
}

/// Whose is what an SQL file made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ObjectOwnership {
    /// The role's that ran it, as it should be.
    #[default]
    Own,
    /// The owner's of the tables that it belongs with.
    Given {
        /// The owner.
        owner: String,
    },
    /// The role's that ran it, which could not give it away.
    Kept {
        /// The role.
        role: String,
        /// The owner of the tables that it belongs with.
        owner: String,
        /// What gives it to that owner.
        statements: Vec<String>,
    },
}
