//! Why a rule was not written.

use leora_rule::RuleError;

use crate::DatabaseError;

/// Why a rule was not written.
#[derive(Clone, Debug, thiserror::Error)]
pub enum WriteError {
    /// The rule means nothing on this table.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// The database refused.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}
