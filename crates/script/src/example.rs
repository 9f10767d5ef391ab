//! An example: a row, and the value that the rules must give it.

use leora_host::GivenAnswers;
use leora_report::Place;
use leora_rule::Expr;

/// An example, as `example(...)` declares it.
#[derive(Clone, Debug)]
pub struct Example {
    pub(crate) label: String,
    pub(crate) row: Vec<(String, Expr)>,
    /// The column that is checked, as `Table.column` where rules of several tables set one of this name.
    pub(crate) column: String,
    pub(crate) expected: Expr,
    pub(crate) given: GivenAnswers,
    pub(crate) place: Option<Place>,
}
