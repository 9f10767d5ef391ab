//! What became of the examples.

use leora_rule::Value;

use crate::Place;

/// What became of an example.
#[derive(Clone, Debug)]
pub struct ExampleResult {
    /// What it shows.
    pub label: String,
    /// The column that it looks at, as `Table.column`.
    pub column: String,
    /// Where it is written.
    pub place: Option<Place>,
    /// How it ended.
    pub ended: ExampleOutcome,
}

/// How an example ended.
#[derive(Clone, Debug)]
pub enum ExampleOutcome {
    /// With the value that was expected, or with another.
    Tried {
        /// What was expected.
        expected: Value,
        /// What it got.
        got: Value,
        /// Whether they are one.
        passed: bool,
        /// What gave it.
        by: By,
    },
    /// It could not be tried.
    Stuck {
        /// Why not.
        message: String,
        /// What to do.
        help: Option<String>,
    },
}

/// What gave a row its value.
#[derive(Clone, Debug)]
pub enum By {
    /// An arm of a rule.
    Arm(ArmPlace),
    /// The rule whose `where` leaves the row out.
    LeftOut(Option<Place>),
    /// The rule of which no arm matches.
    Unmatched(Option<Place>),
}

/// An arm of a rule, and where it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArmPlace {
    /// The column that the rule sets, as `Table.column`.
    pub column: String,
    /// The arm, from 1; a lookup's entries are its arms.
    pub arm: usize,
    /// The value that is looked up, of a lookup's entry.
    pub key: Option<String>,
    /// What it gives, where that is written there.
    pub value: Option<String>,
    /// The file and line.
    pub place: Option<Place>,
}

impl ExampleOutcome {
    /// Whether the example holds.
    pub fn passed(&self) -> bool {
        matches!(self, Self::Tried { passed: true, .. })
    }
}
