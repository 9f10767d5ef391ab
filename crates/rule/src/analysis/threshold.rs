//! A comparison of one column with a constant.

use std::cmp::Ordering;

use jiff::civil::{Date, DateTime};

use crate::{Column, Comparison, Expr, Node, Value};

pub(crate) struct Threshold<'e> {
    pub(crate) column: &'e str,
    pub(crate) value: Value,
    comparison: Comparison,
}

impl<'e> Threshold<'e> {
    pub(crate) fn from_condition(condition: &'e Expr, as_of: Date) -> Option<Self> {
        let constant = |side: &Expr| side.constant(as_of).filter(|value| *value != Value::Null);
        match condition.node() {
            Node::Within(a, period) => {
                let value = Value::Timestamp(period.before(as_of));
                Some(Self {
                    column: a.column_name()?,
                    value,
                    comparison: Comparison::GreaterOrEqual,
                })
            }
            Node::Compare(comparison, a, b) => match (a.column_name(), b.column_name()) {
                (Some(column), None) => {
                    Some(Self { column, value: constant(b)?, comparison: *comparison })
                }
                (None, Some(column)) => {
                    let comparison = comparison.mirrored();
                    Some(Self { column, value: constant(a)?, comparison })
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether the constant itself compares otherwise than what follows it, as with `>` and `==`.
    pub(crate) fn is_isolated(&self) -> bool {
        self.comparison.holds(Ordering::Equal) != self.comparison.holds(Ordering::Greater)
    }

    /// The moment that the constant is, where the column holds dates.
    pub(crate) fn moment(&self, column: &Column) -> Option<DateTime> {
        self.value.moment().filter(|_| column.data_type.kind.is_moment())
    }
}
