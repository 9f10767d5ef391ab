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
        Node::Arithmetic(_, a, b) if is_float_expression(expr, table) => {
            let sides = [a, b].into_iter().filter(|side| !matches!(side.node(), Node::Literal(_)));
            let all_real = sides
                .map(|side| expr_type(side, table))
                .all(|one| one.as_ref().is_some_and(is_real));
            let name = if all_real { "real" } else { "double precision" };
            Some(DataType::built_in(name, Kind::Float))
        }
        Node::Arithmetic(..) => Some(DataType::built_in("numeric", Kind::Decimal)),
        Node::Today => Some(DataType::built_in("date", Kind::Date)),
        Node::Ago(_) => Some(DataType::built_in("timestamp", Kind::Timestamp)),
        Node::Coalesce(all) => common_type(all, table),
        Node::Call(function, arguments) => match function.returns() {
            Returns::Text => Some(DataType::built_in("text", Kind::Text)),
            Returns::Whole => value_type(&Value::Integer(0)),
            Returns::Number if is_float_expression(expr, table) => {
                Some(DataType::built_in("double precision", Kind::Float))
            }
            Returns::Number => Some(DataType::built_in("numeric", Kind::Decimal)),
            Returns::Truth => value_type(&Value::Bool(true)),
            Returns::Moment => Some(DataType::built_in("timestamp", Kind::Timestamp)),
            Returns::AsGiven => common_type(arguments, table),
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

/// The type of several values together, to which PostgreSQL converts each of them: the first one's, or a wider one. A text
/// that is written takes the type of the others.
fn common_type(all: &[Expr], table: &Table) -> Option<DataType> {
    let is_text = |one: &&Expr| matches!(one.node(), Node::Literal(Value::Text(_)));
    let (texts, others): (Vec<&Expr>, Vec<&Expr>) = all.iter().partition(is_text);
    let types = others.into_iter().filter_map(|one| expr_type(one, table));
    let wider = |known: DataType, next: DataType| {
        if width(&next) > width(&known) { next } else { known }
    };
    types.reduce(wider).or_else(|| texts.into_iter().find_map(|one| expr_type(one, table)))
}

/// Types of one family by what they can hold: each is converted to those after it.
fn width(data_type: &DataType) -> i64 {
    match data_type.kind {
        Kind::Integer { max, .. } => max / 4,
        Kind::Decimal => i64::MAX - 2,
        Kind::Float if is_real(data_type) => i64::MAX - 1,
        Kind::Float => i64::MAX,
        Kind::Date => 1,
        Kind::Timestamp => 2,
        Kind::TimestampTz => 3,
        _ => 0,
    }
}

fn is_real(data_type: &DataType) -> bool {
    data_type.base.display == "real"
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
        let together = |all| expr(Node::Coalesce(all));
        let half = || Value::Decimal("0.5".parse().expect("a number"));
        let cases = [
            (Expr::literal("x".into()), "text"),
            (Expr::literal(5.into()), "bigint"),
            (col("seen"), "timestamp(3) without time zone"),
            (col("orders").greater(5), "boolean"),
            (coalesced, "numeric(9,2)"),
            (together(vec![col("orders"), Expr::literal(half())]), "numeric"),
            (together(vec![col("amount"), Expr::literal(half())]), "numeric(9,2)"),
            (together(vec![col("born"), col("seen")]), "timestamp(3) without time zone"),
            (together(vec![Expr::literal("2025-01-01".into()), col("born")]), "date"),
            (Expr::literal(Value::Null), "text"),
        ];
        for (value, expected) in cases {
            let column = set("new", Assignment::Value(value.clone())).inferred_column(&table());
            assert_eq!(column.data_type.display, expected, "{value}");
        }
        assert_eq!(priority([(None, "LOW")]).inferred_column(&table()).name, "priority");
    }
}
