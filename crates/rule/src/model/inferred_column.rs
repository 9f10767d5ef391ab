//! Infers the column that a rule sets, where the table does not have it yet.

use crate::model::function::Returns;
use crate::model::types::is_float_expression;
use crate::{Column, DataType, Expr, Kind, Node, Rule, Table, Value};

impl Rule {
    /// The column that this rule needs, with a type inferred from its values; text where they have none.
    pub fn inferred_column(&self, table: &Table) -> Column {
        let data_type = self.arms().iter().find_map(|arm| expr_type(&arm.value, table));
        let data_type = data_type.unwrap_or_else(|| DataType::built_in("text", Kind::Text));
        Column::nullable(&self.column, data_type)
    }
}

/// The type of an expression; `None` of one that has no value.
pub(crate) fn expr_type(expr: &Expr, table: &Table) -> Option<DataType> {
    match expr.node() {
        Node::Literal(value) => value_type(value),
        Node::Column(name) => table.column(name).map(|column| column.data_type.clone()),
        Node::Figure(figure) => table.column(figure.name()).map(|column| column.data_type.clone()),
        Node::ColumnOr(name, value) => match table.column(name) {
            Some(column) => Some(column.data_type.clone()),
            None => value_type(value),
        },
        Node::Arithmetic(..) => Some(DataType::built_in("numeric", Kind::Decimal)),
        Node::Today => Some(DataType::built_in("date", Kind::Date)),
        Node::Ago(_) => Some(DataType::built_in("timestamp", Kind::Timestamp)),
        Node::Coalesce(all) => all.iter().find_map(|one| expr_type(one, table)),
        Node::Call(function, arguments) => match function.returns() {
            Returns::Text => Some(DataType::built_in("text", Kind::Text)),
            Returns::Whole => value_type(&Value::Integer(0)),
            Returns::Number if is_float_expression(expr, table) => {
                Some(DataType::built_in("double precision", Kind::Float))
            }
            Returns::Number => Some(DataType::built_in("numeric", Kind::Decimal)),
            Returns::Truth => value_type(&Value::Bool(true)),
            Returns::Moment => Some(DataType::built_in("timestamp", Kind::Timestamp)),
            Returns::AsGiven => arguments.iter().find_map(|one| expr_type(one, table)),
        },
        Node::Compare(..)
        | Node::And(..)
        | Node::Or(..)
        | Node::Not(_)
        | Node::IsNull(_)
        | Node::IsOneOf(..)
        | Node::Within(..) => Some(DataType::built_in("boolean", Kind::Bool)),
    }
}

fn value_type(value: &Value) -> Option<DataType> {
    let (name, kind) = match value {
        Value::Null => return None,
        Value::Text(_) => ("text", Kind::Text),
        Value::Bool(_) => ("boolean", Kind::Bool),
        Value::Integer(_) => ("bigint", Kind::Integer { min: i64::MIN, max: i64::MAX }),
        Value::Decimal(_) => ("numeric", Kind::Decimal),
        Value::Date(_) => ("date", Kind::Date),
        Value::Timestamp(_) => ("timestamp", Kind::Timestamp),
    };
    Some(DataType::built_in(name, kind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Assignment;
    use crate::fixtures::{col, expr, priority, set, table};

    #[test]
    fn a_missing_column_has_the_type_of_what_the_rule_gives() {
        let coalesced = expr(Node::Coalesce(vec![Expr::literal(Value::Null), col("amount")]));
        let cases = [
            (Expr::literal("x".into()), "text"),
            (Expr::literal(5.into()), "bigint"),
            (col("seen"), "timestamp(3) without time zone"),
            (col("orders").greater(5), "boolean"),
            (coalesced, "numeric(9,2)"),
            (Expr::literal(Value::Null), "text"),
        ];
        for (value, expected) in cases {
            let column = set("new", Assignment::Value(value.clone())).inferred_column(&table());
            assert_eq!(column.data_type.display, expected, "{value}");
        }
        assert_eq!(priority([(None, "LOW")]).inferred_column(&table()).name, "priority");
    }
}
