//! What the steps of a run do to the database: predicted by a plan, and done by a run.

use std::fmt;

use leora_rule::Transition;
use serde::{Deserialize, Serialize};

use crate::{MigrationRecord, ObjectChange, PrismaRecord, Recorded};

/// What one step does to the database.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepEffects {
    /// The step's name, as `01_classify_customers`.
    pub step: String,
    /// What it does, in order.
    pub effects: Vec<Effect>,
}

/// One thing that a step does to the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "does", rename_all = "snake_case", deny_unknown_fields)]
pub enum Effect {
    /// A rule sets a column.
    Rule {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// The SHA-256 of the rule: which rows it takes, and what it gives.
        rule: String,
        /// The rows whose value changes, by old and new value.
        transitions: Vec<Transition>,
    },
    /// An SQL file runs.
    Sql {
        /// Its name.
        file: String,
        /// The objects that it creates, changes or drops.
        objects: Vec<ObjectChange>,
    },
    /// Rows are inserted into a table.
    Insert {
        /// The table.
        table: String,
        /// How many.
        rows: u64,
    },
    /// Rows of a table are deleted.
    Delete {
        /// The table.
        table: String,
        /// How many.
        rows: u64,
    },
    /// A migration is recorded, or its rollback.
    Migration {
        /// Its name.
        name: String,
        /// Whether it is its rollback.
        rollback: bool,
        /// Whether that is new to the history.
        recorded: bool,
        /// What becomes of it in Prisma's record.
        prisma: PrismaRecord,
    },
    /// A plan knows nothing of the rest of the step.
    NotPredicted {
        /// Why not.
        reason: String,
    },
}

impl StepEffects {
    /// Why a plan knows nothing of the rest of the step, where that is so.
    pub fn not_predicted(&self) -> Option<&str> {
        self.effects.iter().find_map(|effect| match effect {
            Effect::NotPredicted { reason } => Some(reason.as_str()),
            _ => None,
        })
    }
}

impl Effect {
    /// The effect of recording a migration or its rollback.
    pub fn of_recording(name: &str, rollback: bool, record: &MigrationRecord) -> Self {
        Self::Migration {
            name: name.to_owned(),
            rollback,
            recorded: record.history == Recorded::New,
            prisma: record.prisma.clone(),
        }
    }

    /// Whether nothing is different afterwards.
    pub fn is_none(&self) -> bool {
        match self {
            Self::Rule { transitions, .. } => transitions.is_empty(),
            Self::Insert { rows, .. } | Self::Delete { rows, .. } => *rows == 0,
            Self::Sql { .. } | Self::Migration { .. } | Self::NotPredicted { .. } => false,
        }
    }

    /// Whether it does the same sort of thing to the same object.
    pub fn is_alike(&self, other: &Self) -> bool {
        use Effect::{Delete, Insert, Migration, Rule, Sql};
        match (self, other) {
            (Rule { table, column, .. }, Rule { table: other, column: other_column, .. }) => {
                (table, column) == (other, other_column)
            }
            (Sql { file, .. }, Sql { file: other, .. }) => file == other,
            (Insert { table, .. }, Insert { table: other, .. })
            | (Delete { table, .. }, Delete { table: other, .. }) => table == other,
            (
                Migration { name, rollback, .. },
                Migration { name: other, rollback: other_rollback, .. },
            ) => (name, rollback) == (other, other_rollback),
            _ => false,
        }
    }
}

/// The object, in words: `Customer.accountType`, `phase2.sql`.
impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rule { table, column, .. } => write!(f, "{table}.{column}"),
            Self::Sql { file, .. } => f.write_str(file),
            Self::Insert { table, .. } => write!(f, "inserts into {table}"),
            Self::Delete { table, .. } => write!(f, "deletes from {table}"),
            Self::Migration { name, rollback: false, .. } => write!(f, "migration {name}"),
            Self::Migration { name, rollback: true, .. } => {
                write!(f, "rollback of migration {name}")
            }
            Self::NotPredicted { reason } => f.write_str(reason),
        }
    }
}
