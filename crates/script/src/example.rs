//! An example: a row, and the value that the rules must give it.

use leora_host::GivenAnswers;
use leora_report::Place;
use leora_rule::Expr;

/// An example, as `example(...)` declares it.
#[derive(Clone, Debug)]
pub struct Example {
    pub(crate) label: String,
    pub(crate) row: ExampleRow,
    /// The column that is checked, as `Table.column` where rules of several tables set one of this name.
    pub(crate) column: String,
    pub(crate) expected: Expr,
    pub(crate) given: GivenAnswers,
    pub(crate) place: Option<Place>,
}

/// A row of an example, and the rows that belong to it.
#[derive(Clone, Debug, Default)]
pub(crate) struct ExampleRow {
    pub(crate) cells: Vec<(String, Expr)>,
    /// The rows that refer to it, by their table.
    pub(crate) related: Vec<(String, Vec<ExampleRow>)>,
    /// The rows that it refers to, by its column or by their table.
    pub(crate) parents: Vec<(String, ExampleRow)>,
    /// The other rows of its table.
    pub(crate) others: Vec<ExampleRow>,
}
