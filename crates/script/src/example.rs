//! Examples of what the rules give.

use leora_host::GivenAnswers;
use leora_report::Place;
use leora_rule::Expr;

/// A row, and what a column of it must be when the steps are done.
#[derive(Clone, Debug)]
pub struct Example {
    /// What it shows.
    pub label: String,
    /// The row's values, by column.
    pub row: Vec<(String, Expr)>,
    /// The column, with its table before a dot where rules of several tables set such a column.
    pub column: String,
    /// The value that it must have.
    pub expected: Expr,
    /// What the database would answer, and the settings that it is tried with.
    pub given: GivenAnswers,
    /// Where it is written.
    pub place: Option<Place>,
}
