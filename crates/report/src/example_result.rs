//! The result of each example: the expected and the actual value, and the arm that gave it.

use leora_rule::Value;

use crate::Place;

/// The result of one example.
#[derive(Clone, Debug)]
pub struct ExampleResult {
    /// The example's label.
    pub label: String,
    /// The column that it checks, as `Table.column`.
    pub column: String,
    /// Where the example is written.
    pub place: Option<Place>,
    /// How it ended.
    pub outcome: ExampleOutcome,
}

/// How an example ended.
#[derive(Clone, Debug)]
pub enum ExampleOutcome {
    /// The rules ran on its row.
    Run {
        /// The value that the example expects.
        expected: Value,
        /// The value that the rules gave.
        got: Value,
        /// Whether the two are equal.
        passed: bool,
        /// What decided the value.
        by: DecidedBy,
    },
    /// The rules could not run on its row.
    NotRun {
        /// Why not.
        message: String,
        /// What to do.
        help: Option<String>,
    },
}

/// What decided the value of a row's column.
#[derive(Clone, Debug)]
pub enum DecidedBy {
    /// An arm of a rule gave it.
    Arm(ArmPlace),
    /// It stayed as it was: the `where` of the rule at this place excludes the row.
    LeftOut(Option<Place>),
    /// It stayed as it was: no arm of the rule at this place matches.
    Unmatched(Option<Place>),
}

/// An arm of a rule, and where it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArmPlace {
    /// The column that the rule sets, as `Table.column`.
    pub column: String,
    /// The number of the arm, from 1; the entries of a lookup are its arms.
    pub arm: usize,
    /// The key of a lookup's entry.
    pub key: Option<String>,
    /// The value that the arm gives, where it is a constant.
    pub value: Option<String>,
    /// The file and line.
    pub place: Option<Place>,
}

impl ExampleOutcome {
    /// Whether the example ran and holds.
    pub fn passed(&self) -> bool {
        matches!(self, Self::Run { passed: true, .. })
    }
}
