//! Counterfactuals: other values of single columns with which a rule might give a row another value.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use rust_decimal::Decimal;

use crate::analysis::threshold::Threshold;
use crate::distinct::distinct;
use crate::sql::table::AS_TEXT;
use crate::{
    Assignment, Column, Expr, Kind, Node, Relation, Rule, RuleError, Sql, SqlBuilder, Value,
    midnight, quote_identifier,
};

const MAX_TRIED: usize = 60;
/// The most days between two dates that are tried.
const MAX_DISTANCE: i64 = 366 * 1_000;

/// Another value of one column.
#[derive(Clone, Debug, PartialEq)]
pub struct Counterfactual {
    /// The column.
    pub column: String,
    /// The value it would have.
    pub value: Value,
}

impl Rule {
    /// Values of single columns, beside the one that the rule sets, that may make another arm win.
    pub fn counterfactuals(&self, source: &Relation, as_of: Date) -> Vec<Counterfactual> {
        let mut found = Vec::new();
        if let Assignment::Lookup { column, pairs } = &self.assignment
            && let Some(known) = source.table.column(column)
        {
            let keys = pairs.iter().take(MAX_TRIED).map(|pair| pair.key.clone());
            let one = |value| Counterfactual { column: column.clone(), value };
            found.extend(keys.chain(all_values(known)).map(one));
            return self.tried(found);
        }
        for condition in self.arms().iter().filter_map(|arm| arm.condition.as_ref()) {
            collect(condition, source, as_of, &mut found);
        }
        self.tried(found)
    }

    fn tried(&self, found: Vec<Counterfactual>) -> Vec<Counterfactual> {
        let mut others = distinct(found.into_iter().filter(|one| one.column != self.column));
        others.truncate(MAX_TRIED);
        others
    }

    /// Reads what the arms give the row of this key under each counterfactual: its number, from 0, and the value.
    ///
    /// # Errors
    /// [`RuleError`] when the rule means nothing on this table.
    pub fn compile_counterfactuals(
        &self,
        counterfactuals: &[Counterfactual],
        source: &Relation,
        key: &[String],
        as_of: Date,
    ) -> Result<Sql, RuleError> {
        let mut sql = SqlBuilder::new(source, as_of);
        let mut parts = Vec::new();
        for (number, one) in counterfactuals.iter().enumerate() {
            let cast = source
                .table
                .column(&one.column)
                .map_or("pg_catalog.text", |column| &column.data_type.cast);
            let value = sql.bind(one.value.to_sql_text(), cast);
            let column = |name: &str| match name == one.column {
                true => format!("{value} AS {}", quote_identifier(name)),
                false => quote_identifier(name),
            };
            let columns: Vec<String> = source.table.column_names().map(column).collect();
            let (given, pairs) = (sql.rule_value(self)?, sql.joined_pairs(self)?);
            parts.push(format!(
                "SELECT '{number}'{AS_TEXT}, {given}{AS_TEXT} FROM (SELECT {} FROM {} AS earlier WHERE {}) AS rows{pairs}",
                columns.join(", "),
                source.text(),
                sql.key_condition(key)?,
            ));
        }
        Ok(sql.finish(parts.join(" UNION ALL ")))
    }
}

fn collect(expr: &Expr, source: &Relation, as_of: Date, found: &mut Vec<Counterfactual>) {
    let column = |expr: &Expr| source.table.column(expr.column_name()?);
    let mut add = |column: &Column, values: Vec<Value>| {
        let one = |value| Counterfactual { column: column.name.clone(), value };
        found.extend(values.into_iter().map(one));
    };
    if let Some(threshold) = Threshold::from_condition(expr, as_of)
        && let Some(column) = source.table.column(threshold.column)
    {
        let values = match threshold.moment(column) {
            Some(at) => neighbouring_days(at),
            None => neighbouring_values(&threshold.value, column),
        };
        return add(column, values);
    }
    if let Some((date, days)) = compared_days_since(expr)
        && let Some(column) = column(date)
        && let Ok(day) = as_of.checked_sub(days.days())
    {
        return add(column, neighbouring_days(midnight(day)));
    }
    match expr.node() {
        Node::IsOneOf(a, values) => {
            if let Some(column) = column(a) {
                add(column, values.iter().take(MAX_TRIED).cloned().collect());
                add(column, all_values(column));
            }
        }
        Node::IsNull(a) => {
            if let Some(column) = column(a).filter(|column| column.nullable) {
                add(column, vec![Value::Null]);
            }
        }
        Node::Column(_) | Node::ColumnOr(..) => {
            let condition = column(expr).filter(|column| column.data_type.kind == Kind::Bool);
            if let Some(column) = condition {
                add(column, all_values(column));
            }
        }
        other => {
            other.children().into_iter().for_each(|child| collect(child, source, as_of, found));
        }
    }
}

/// The date whose `days_since` is compared with a number of days, and that number.
fn compared_days_since(condition: &Expr) -> Option<(&Expr, i64)> {
    let Node::Compare(_, a, b) = condition.node() else { return None };
    let date = |side: &'_ Expr| matches!(side.node(), Node::Call(call, dates) if call.is_days_since(dates));
    let (since, days) = if date(a) { (a, b) } else { (b, a) };
    match (since.node(), days.node()) {
        (Node::Call(call, dates), Node::Literal(days)) if call.is_days_since(dates) => {
            let days = i64::try_from(days.number()?.floor()).ok()?;
            (days.abs() <= MAX_DISTANCE).then_some((&dates[0], days))
        }
        _ => None,
    }
}

/// A moment, and those a day before and after it.
fn neighbouring_days(at: DateTime) -> Vec<Value> {
    [0, -1, 1].map(|days: i64| Value::Timestamp(at.saturating_add(days.days()))).to_vec()
}

/// A constant, and values of its column on either side of it.
fn neighbouring_values(value: &Value, column: &Column) -> Vec<Value> {
    let Some(number) = value.number() else {
        return std::iter::once(value.clone()).chain(all_values(column)).collect();
    };
    if let Kind::Integer { .. } = column.data_type.kind {
        let (below, above) = (number.floor(), number.ceil());
        let near = [below, above, below - Decimal::ONE, above + Decimal::ONE];
        return near
            .into_iter()
            .filter_map(|near| i64::try_from(near).ok().map(Value::Integer))
            .collect();
    }
    let step = Decimal::new(1, number.scale().max(2));
    [number, number - step, number + step].map(Value::Decimal).to_vec()
}

/// All values of an enum, or true and false; nothing for other types.
fn all_values(column: &Column) -> Vec<Value> {
    match &column.data_type.kind {
        Kind::Enum { labels, .. } => labels.iter().cloned().map(Value::Text).collect(),
        Kind::Bool => vec![Value::Bool(true), Value::Bool(false)],
        Kind::Integer { .. }
        | Kind::Decimal
        | Kind::Float
        | Kind::Text
        | Kind::Uuid
        | Kind::Date
        | Kind::Timestamp
        | Kind::TimestampTz
        | Kind::Other => vec![],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Function;
    use crate::fixtures::{AS_OF, col, customers, expr, of, priority};

    /// The values to try under a rule with this condition: `column value`.
    fn tried(condition: Expr) -> Vec<String> {
        let rule = priority([(Some(condition), "HIGH")]);
        let tried = rule.counterfactuals(&customers(), AS_OF);
        tried.iter().map(|one| format!("{} {}", one.column, one.value)).collect()
    }

    #[test]
    fn the_values_beside_each_constant_are_tried() {
        let cases = [
            (
                col("seen").within("6mo"),
                vec![
                    "seen 2025-04-25 00:00:00",
                    "seen 2025-04-24 00:00:00",
                    "seen 2025-04-26 00:00:00",
                ],
            ),
            (
                of(Function::DaysBetween, [col("born"), expr(Node::Today)]).at_most(30),
                vec![
                    "born 2025-09-25 00:00:00",
                    "born 2025-09-24 00:00:00",
                    "born 2025-09-26 00:00:00",
                ],
            ),
            (col("orders").greater(5), vec!["orders 5", "orders 4", "orders 6"]),
            (col("amount").greater(5), vec!["amount 5", "amount 4.99", "amount 5.01"]),
            (col("grade").eq_to("A"), vec!["grade A", "grade C", "grade B"]),
            (col("grade").one_of(["B"]), vec!["grade B", "grade C", "grade A"]),
            (col("name").eq_to("Ann"), vec!["name Ann"]),
            (col("active"), vec!["active true", "active false"]),
            (col("seen").missing(), vec!["seen (none)"]),
            (col("priority").eq_to("LOW"), vec![]),
        ];
        for (condition, expected) in cases {
            assert_eq!(tried(condition.clone()), expected, "{condition}");
        }
    }

    #[test]
    fn the_row_is_asked_about_each_value() {
        let rule = priority([(Some(col("orders").greater(5)), "HIGH")]);
        let tried = [Counterfactual { column: "orders".into(), value: 6.into() }];
        let key = ["6ba7b810-9dad-41d1-80b4-00c04fd430c8".to_owned()];
        let sql = rule.compile_counterfactuals(&tried, &customers(), &key, AS_OF).expect("a rule");
        assert!(
            sql.text.starts_with(
                "SELECT '0'::pg_catalog.text, (CASE WHEN (\"orders\" OPERATOR(pg_catalog.>) "
            ),
            "{}",
            sql.text
        );
        assert!(sql.text.contains("$1::pg_catalog.text::integer AS \"orders\""), "{}", sql.text);
        assert_eq!(sql.parameters[0].as_deref(), Some("6"));
        assert_eq!(sql.parameters.last(), Some(&Some(key[0].clone())));
    }
}
