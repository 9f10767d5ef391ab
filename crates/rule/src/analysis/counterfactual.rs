//! Counterfactuals: other values of single columns with which a rule might give a row another value.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use rust_decimal::Decimal;

use crate::analysis::threshold::Threshold;
use crate::distinct::distinct;
use crate::sql::own_names::operation;
use crate::sql::table::AS_TEXT;
use crate::{
    Aggregate, Assignment, Column, Expr, Figure, FigureSource, Function, Kind, Node, Rank,
    Relation, Rule, RuleError, Sql, SqlBuilder, Value, midnight, parse_decimal, parse_moment,
    quote_identifier,
};

const MAX_TRIED: usize = 60;
/// The most days between two dates that are tried.
const MAX_DISTANCE: i64 = 366 * 1_000;

/// Another value of one column.
#[derive(Clone, Debug, PartialEq)]
pub struct Counterfactual {
    /// The column.
    pub column: String,
    value: TriedValue,
}

/// The value that it would have.
#[derive(Clone, Debug, PartialEq)]
enum TriedValue {
    /// A constant.
    Given(Value),
    /// So many steps from what the row has elsewhere: days, whole numbers or hundredths.
    Beside(Expr, i64),
}

impl Counterfactual {
    fn given(column: &str, value: Value) -> Self {
        Self { column: column.to_owned(), value: TriedValue::Given(value) }
    }

    /// Whether the value depends on the row, so that the server may be unable to compute it.
    pub fn is_computed(&self) -> bool {
        matches!(self.value, TriedValue::Beside(..))
    }

    /// The value, of which the statement of [`Rule::compile_counterfactuals`] gives this text; none where the row has nothing
    /// to compute it from.
    pub fn value(&self, text: Option<&str>, source: &Relation) -> Option<Value> {
        if let TriedValue::Given(value) = &self.value {
            return Some(value.clone());
        }
        let kind = &source.table.column(&self.column)?.data_type.kind;
        match kind {
            Kind::Integer { .. } => text?.parse().ok().map(Value::Integer),
            kind if kind.is_moment() => parse_moment(text?).map(Value::Timestamp),
            _ => parse_decimal(text?).map(Value::Decimal),
        }
    }
}

impl Rule {
    /// Values of single columns, beside the one that the rule sets, that may make another arm win.
    pub fn counterfactuals(&self, source: &Relation, as_of: Date) -> Vec<Counterfactual> {
        let mut found = Vec::new();
        if let Assignment::Lookup { column, pairs } = &self.assignment
            && let Some(known) = source.table.column(column)
        {
            let keys = pairs.iter().take(MAX_TRIED).map(|pair| pair.key.clone());
            let one = |value| Counterfactual::given(column, value);
            found.extend(keys.chain(all_values(known)).map(one));
            return self.tried(found);
        }
        for condition in self.arms().iter().filter_map(|arm| arm.condition.as_ref()) {
            collect(condition, source, as_of, &mut found);
        }
        self.tried(found)
    }

    /// Whether the figure of this column can be such a number: a count is none below 0. Of other columns nothing is known.
    pub fn can_have(&self, column: &str, value: &Value) -> bool {
        let expressions = self.expressions();
        let mut figures = expressions.iter().flat_map(Expr::figures);
        let figure = figures.find(|figure| figure.name() == column);
        let (Some(figure), Some(number)) = (figure, value.number()) else { return true };
        let (least, most) = match figure.source() {
            FigureSource::Related {
                aggregate: Aggregate::Count | Aggregate::CountDistinct(_),
                ..
            } => (Decimal::ZERO, Decimal::MAX),
            FigureSource::Rank { rank: Rank::Rank, .. } => (Decimal::ONE, Decimal::MAX),
            FigureSource::Rank { rank: Rank::Ntile(most), .. } => (Decimal::ONE, (*most).into()),
            FigureSource::Rank { rank: Rank::PercentRank, .. } => (Decimal::ZERO, Decimal::ONE),
            _ => (Decimal::MIN, Decimal::MAX),
        };
        (least..=most).contains(&number)
    }

    /// Whether the figure of this column is a number of other rows.
    pub fn is_number_of_rows(&self, column: &str) -> bool {
        let expressions = self.expressions();
        let mut figures = expressions.iter().flat_map(Expr::figures);
        let figure = figures.find(|figure| figure.name() == column);
        let counts = |figure: &Figure| {
            matches!(figure.source(), FigureSource::Related { aggregate: Aggregate::Count, .. })
        };
        figure.is_some_and(counts)
    }

    fn tried(&self, found: Vec<Counterfactual>) -> Vec<Counterfactual> {
        let mut others = distinct(found.into_iter().filter(|one| one.column != self.column));
        others.truncate(MAX_TRIED);
        others
    }

    /// Reads what the arms give the row of this key under each counterfactual: its number, from 0, what is given, and the
    /// value that was tried. A value that can't be computed of these rows is left out.
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
            let Some(column) = source.table.column(&one.column) else { continue };
            let cast = &column.data_type.cast;
            let value = match &one.value {
                TriedValue::Given(value) => sql.bind(value.to_sql_text(), cast),
                TriedValue::Beside(other, step) => {
                    match beside(&mut sql, other, *step, &column.data_type.kind) {
                        Some(value) => format!("({value})::{cast}"),
                        None => continue,
                    }
                }
            };
            let column = |name: &str| match name == one.column {
                true => format!("{value} AS {}", quote_identifier(name)),
                false => quote_identifier(name),
            };
            let columns: Vec<String> = source.table.column_names().map(column).collect();
            let (given, pairs) = (sql.rule_value(self)?, sql.joined_pairs(self)?);
            parts.push(format!(
                "SELECT '{number}'{AS_TEXT}, {given}{AS_TEXT}, {}{AS_TEXT} FROM (SELECT {} FROM {} AS earlier WHERE {}) AS rows{pairs}",
                quote_identifier(&one.column),
                columns.join(", "),
                source.text(),
                sql.key_condition(key)?,
            ));
        }
        if parts.is_empty() {
            return Ok(
                sql.finish(format!("SELECT ''{AS_TEXT}, ''{AS_TEXT}, ''{AS_TEXT} WHERE false"))
            );
        }
        Ok(sql.finish(parts.join(" UNION ALL ")))
    }
}

fn collect(expr: &Expr, source: &Relation, as_of: Date, found: &mut Vec<Counterfactual>) {
    let column = |expr: &Expr| source.table.column(expr.column_name()?);
    let mut add = |column: &Column, values: Vec<Value>| {
        found.extend(values.into_iter().map(|value| Counterfactual::given(&column.name, value)));
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
        Node::Compare(_, a, b) => {
            beside_each_other(a, b, source, found);
            beside_each_other(b, a, source, found);
            [a, b].into_iter().for_each(|side| collect(side, source, as_of, found));
        }
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

/// Values of the column that one side is, or is without a value of its own, near what the other side is.
fn beside_each_other(
    side: &Expr,
    other: &Expr,
    source: &Relation,
    found: &mut Vec<Counterfactual>,
) {
    let mut add = |column: Option<&Column>, other: Option<Expr>| {
        let (Some(column), Some(other)) = (column, other) else { return };
        let steps: &[i64] = match &column.data_type.kind {
            Kind::Integer { .. } => &[-1, 1, -2, 2],
            Kind::Decimal | Kind::Float => &[0, -1, 1],
            kind if kind.is_moment() => &[0, -1, 1],
            _ => &[],
        };
        found.extend(steps.iter().map(|step| Counterfactual {
            column: column.name.clone(),
            value: TriedValue::Beside(other.clone(), *step),
        }));
    };
    let column = |expr: &Expr| source.table.column(leading_column(expr)?);
    let call = |function, values: Vec<Expr>| Expr::new(Node::Call(function, values)).ok();
    add(column(side), Some(other.clone()));
    match side.node() {
        // A date that is compared with a period of the row's own.
        Node::Call(Function::AgoDays, days) => {
            let today = Expr::new(Node::Today).ok();
            let since =
                today.and_then(|today| call(Function::DaysBetween, vec![other.clone(), today]));
            add(days.first().and_then(column), since);
        }
        Node::Call(function, dates) if function.is_days_since(dates) => {
            add(dates.first().and_then(column), call(Function::AgoDays, vec![other.clone()]));
        }
        _ => {}
    }
}

/// The column that an expression is where it has a value.
fn leading_column(expr: &Expr) -> Option<&str> {
    match expr.node() {
        Node::Coalesce(values) => values.first()?.column_name(),
        _ => expr.column_name(),
    }
}

/// So many steps from another expression, as a value for the column; none where the expression means nothing there.
fn beside(sql: &mut SqlBuilder<'_>, other: &Expr, step: i64, kind: &Kind) -> Option<String> {
    let other = sql.try_expression(other)?;
    let number = format!("({other})::pg_catalog.numeric");
    Some(match kind {
        Kind::Integer { min, max } => {
            let whole = if step < 0 { "floor" } else { "ceil" };
            let whole = format!("pg_catalog.{whole}({number})");
            let value = operation(&whole, "+", &(step - step.signum()).to_string());
            format!("GREATEST(LEAST({value}, {max}), {min})")
        }
        kind if kind.is_moment() => {
            let days = format!("pg_catalog.make_interval(days => {step})");
            operation(&format!("({other})::timestamp"), "+", &days)
        }
        _ => operation(&number, "+", &Decimal::new(step, 2).to_string()),
    })
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
    use crate::fixtures::{AS_OF, col, customers, expr, of, priority};
    use crate::{Comparison, Function};

    /// The values to try under a rule with this condition: `column value`.
    fn tried(condition: Expr) -> Vec<String> {
        let rule = priority([(Some(condition), "HIGH")]);
        let tried = rule.counterfactuals(&customers(), AS_OF);
        let text = |one: &Counterfactual| match &one.value {
            TriedValue::Given(value) => format!("{} {value}", one.column),
            TriedValue::Beside(other, step) => format!("{} {step} from {other}", one.column),
        };
        tried.iter().map(text).collect()
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
            (
                expr(Node::Compare(
                    Comparison::GreaterOrEqual,
                    col("orders"),
                    expr(Node::Coalesce(vec![col("amount"), Expr::literal(4.into())])),
                )),
                vec![
                    "orders -1 from coalesce([amount, 4])",
                    "orders 1 from coalesce([amount, 4])",
                    "orders -2 from coalesce([amount, 4])",
                    "orders 2 from coalesce([amount, 4])",
                    "amount 0 from orders",
                    "amount -1 from orders",
                    "amount 1 from orders",
                ],
            ),
        ];
        for (condition, expected) in cases {
            assert_eq!(tried(condition.clone()), expected, "{condition}");
        }
    }

    #[test]
    fn the_row_is_asked_about_each_value() {
        let rule = priority([(Some(col("orders").greater(5)), "HIGH")]);
        let tried = [Counterfactual::given("orders", 6.into())];
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
