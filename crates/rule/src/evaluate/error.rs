//! Why a rule can't be evaluated on a row in memory.

use crate::RuleError;

/// A rule that can't be evaluated on a row in memory. The text says why; [`EvaluationError::help`] what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvaluationError {
    /// The rule means nothing on this row.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// Two texts whose order depends on the type of their column, which is not known.
    #[error("whether \"{left}\" comes before \"{right}\" depends on the type of their column")]
    Unordered {
        /// The left text.
        left: String,
        /// The right text.
        right: String,
    },
    /// A division by zero, on which PostgreSQL would fail.
    #[error("division by zero")]
    DivisionByZero,
    /// A number too long for the evaluation in memory; PostgreSQL may manage it.
    #[error("a number here has more than 28 digits")]
    TooManyDigits,
}

impl EvaluationError {
    /// What to do about it, where there is something to say.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Rule(error) => error.help(),
            Self::Unordered { .. } => Some(
                "add it above the example: given(#{ table: #{ Customer: #{ grade: \"Grade\" } }, enum_values: #{ Grade: [\"C\", \"B\", \"A\"] } }), or \"text\" for the type".into(),
            ),
            Self::DivisionByZero => {
                Some("test for 0 in an arm above, or in `where`".into())
            }
            Self::TooManyDigits => Some("try it with smaller numbers".into()),
        }
    }
}
