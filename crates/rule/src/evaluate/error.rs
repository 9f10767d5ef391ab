//! Why a rule can't be evaluated on a row in memory.

use crate::RuleError;

/// A rule that can't be evaluated on a row in memory. The text says why; [`EvaluationError::help`] what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvaluationError {
    /// The rule means nothing on this row.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// Two texts whose order or equality depends on the type of their column, which is not known.
    #[error("whether \"{left}\" {relation} \"{right}\" depends on the type of their column")]
    Untyped {
        /// The left text.
        left: String,
        /// What is asked: `comes before` or `equals`.
        relation: &'static str,
        /// The right text.
        right: String,
    },
    /// Two texts whose order or equality depends on a collation.
    #[error(
        "whether \"{left}\" {relation} \"{right}\" depends on {collation}, which can't be tried in memory"
    )]
    Collation {
        /// The left text.
        left: String,
        /// What is asked: `comes before` or `equals`.
        relation: &'static str,
        /// The right text.
        right: String,
        /// The collation, in words.
        collation: String,
    },
    /// A function of a text whose result depends on a collation that is not known.
    #[error("{function} of \"{text}\" depends on {on}, which can't be tried in memory")]
    TextFunction {
        /// The function, as messages name it: `lower(...)`.
        function: String,
        /// The text.
        text: String,
        /// What it depends on, in words.
        on: String,
    },
    /// A function of a text with blanks at its end, which the type of its column may drop.
    #[error(
        "{function} of \"{text}\" depends on the type of its column: char(n) has no blanks at the end"
    )]
    BlanksAtTheEnd {
        /// The function, as messages name it: `length(...)`.
        function: String,
        /// The text.
        text: String,
    },
    /// A column that is set to texts of other collations than its own.
    #[error(
        "{column} is set to texts of another collation than its own, which can't be tried in memory"
    )]
    OtherCollation {
        /// The column.
        column: String,
    },
    /// Values of a type that has no evaluation in memory.
    #[error("{name} is of type {type_name}, whose values can't be compared in memory")]
    UntriedType {
        /// The column or expression.
        name: String,
        /// Its type.
        type_name: String,
    },
    /// A division by zero, on which PostgreSQL fails.
    #[error("division by zero")]
    DivisionByZero,
    /// A value that PostgreSQL refuses to store or to compute.
    #[error("{value} {reason}")]
    Refused {
        /// The value.
        value: String,
        /// Why, as in `is out of range for smallint`.
        reason: String,
    },
    /// Rows of equal value would be divided by their key, which is not known.
    #[error(
        "other rows have the same {value}, and are divided by their key, which can't be tried in memory"
    )]
    TiedRows {
        /// What they are ranked by.
        value: String,
    },
    /// A number too long for the evaluation in memory; PostgreSQL may manage it.
    #[error("a number here has more than 28 digits, which can't be tried in memory")]
    TooManyDigits,
    /// One side of `and` or `or` settles it, and the other fails.
    #[error(
        "one side of `{operator}` settles it, and the other fails: {error}; PostgreSQL may compute either side first"
    )]
    OtherSide {
        /// `and` or `or`.
        operator: &'static str,
        /// Why the other side fails.
        error: Box<Self>,
    },
    /// A part of the rule that is the same for every row, and fails.
    #[error(
        "a value of the rule fails whatever the row: {error}; PostgreSQL may compute it for none"
    )]
    Constant {
        /// Why it fails.
        error: Box<Self>,
    },
}

impl EvaluationError {
    pub(crate) fn out_of_range(value: impl ToString, type_name: &str) -> Self {
        let reason = format!("is out of range for {type_name}");
        Self::Refused { value: value.to_string(), reason }
    }

    /// Whether a run on this row would fail too. Otherwise it can only not be tried in memory.
    pub fn is_certain(&self) -> bool {
        match self {
            Self::Rule(_) | Self::DivisionByZero | Self::Refused { .. } => true,
            Self::Untyped { .. }
            | Self::Collation { .. }
            | Self::TextFunction { .. }
            | Self::BlanksAtTheEnd { .. }
            | Self::OtherCollation { .. }
            | Self::UntriedType { .. }
            | Self::TooManyDigits
            | Self::TiedRows { .. }
            | Self::OtherSide { .. }
            | Self::Constant { .. } => false,
        }
    }

    /// What to do about it, where there is something to say.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Rule(error) => error.help(),
            Self::Untyped { .. } | Self::BlanksAtTheEnd { .. } => Some(
                "add it above the example: given(#{ table: #{ Customer: #{ grade: \"Grade\" } }, enum_values: #{ Grade: [\"C\", \"B\", \"A\"] } }), or another type".into(),
            ),
            Self::Collation { .. } | Self::TextFunction { .. } => Some(
                "try it with plan on a database; for a column whose collation is \"C\", write its type as \"text collate C\"".into(),
            ),
            Self::UntriedType { .. } | Self::OtherCollation { .. } => Some("try it with plan on a database".into()),
            Self::DivisionByZero | Self::OtherSide { .. } => {
                Some("test for it in an arm above, or in `where`".into())
            }
            Self::Refused { .. } => Some("a run would end with this value; exclude such rows in `where`".into()),
            Self::Constant { error } => error.help(),
            Self::TiedRows { .. } => Some("give the row a value of its own".into()),
            Self::TooManyDigits => Some("try it with smaller numbers, or with plan on a database".into()),
        }
    }
}
