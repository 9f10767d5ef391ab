//! The result of each example: the expected and the actual value, and the arm that gave it.

use leora_rule::Value;
use serde::{Serialize, Serializer};

use crate::Place;

/// The result of one example.
#[derive(Clone, Debug, Serialize)]
pub struct ExampleResult {
    /// The example's label.
    pub label: String,
    /// The column that it checks, as `Table.column`.
    pub column: String,
    /// Where the example is written.
    #[serde(flatten, serialize_with = "crate::place::file_line")]
    pub place: Option<Place>,
    /// How it ended.
    #[serde(flatten)]
    pub outcome: ExampleOutcome,
}

/// How an example ended.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum ExampleOutcome {
    /// The rules ran on its row.
    Run {
        /// The value that the example expects.
        #[serde(serialize_with = "sql_text")]
        expected: Value,
        /// The value that the rules gave.
        #[serde(serialize_with = "sql_text")]
        got: Value,
        /// Whether the two are equal.
        #[serde(skip)]
        passed: bool,
        /// What decided the value.
        #[serde(rename = "arm", serialize_with = "deciding_arm")]
        by: DecidedBy,
        /// What the deciding rule read of the row, where the example does not hold.
        read: Vec<ValueRead>,
    },
    /// The rules could not run on its row.
    NotRun {
        /// Why not.
        message: String,
        /// What to do.
        help: Option<String>,
    },
}

/// A value that a rule read.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ValueRead {
    /// What it is, as the script writes it: a column, or what other rows give.
    pub name: String,
    /// The value.
    #[serde(serialize_with = "sql_text")]
    pub value: Value,
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
    #[serde(flatten, serialize_with = "crate::place::file_line")]
    pub place: Option<Place>,
}

impl DecidedBy {
    /// What decided, in words: `by arm 2`, `as it was: no arm matches`.
    pub fn describe(&self) -> String {
        match self {
            Self::Arm(arm) => format!("by {}", arm.describe()),
            Self::LeftOut(_) => "as it was: `where` leaves it out".to_owned(),
            Self::Unmatched(_) => "as it was: no arm matches".to_owned(),
        }
    }

    /// Where that is written.
    pub fn place(&self) -> Option<&Place> {
        match self {
            Self::Arm(arm) => arm.place.as_ref(),
            Self::LeftOut(place) | Self::Unmatched(place) => place.as_ref(),
        }
    }
}

impl ArmPlace {
    /// Which arm it is, in words: `arm 2`, `lookup of ACTIVE`.
    pub fn describe(&self) -> String {
        match &self.key {
            Some(key) => format!("lookup of {key}"),
            None => format!("arm {}", self.arm),
        }
    }
}

impl ExampleOutcome {
    /// What the deciding rule read, in words: `it read city = Napa, orders = (none)`.
    pub fn describe_read(&self) -> Option<String> {
        let Self::Run { read, .. } = self else { return None };
        let values: Vec<String> =
            read.iter().map(|ValueRead { name, value }| format!("{name} = {value}")).collect();
        (!values.is_empty()).then(|| format!("it read {}", values.join(", ")))
    }

    /// Whether the example ran and holds.
    pub fn passed(&self) -> bool {
        matches!(self, Self::Run { passed: true, .. })
    }
}

fn sql_text<S: Serializer>(value: &Value, serializer: S) -> Result<S::Ok, S::Error> {
    value.to_sql_text().serialize(serializer)
}

fn deciding_arm<S: Serializer>(by: &DecidedBy, serializer: S) -> Result<S::Ok, S::Error> {
    match by {
        DecidedBy::Arm(arm) => arm.serialize(serializer),
        DecidedBy::LeftOut(_) | DecidedBy::Unmatched(_) => serializer.serialize_none(),
    }
}
