//! What would give a row another value: a day to come, or another value of one column that a rule reads.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use rust_decimal::Decimal;

use crate::analysis::breakpoints::{threshold, threshold_moment};
use crate::analysis::row_explanation::at_key;
use crate::{
    Column, Expr, Kind, Node, Relation, Rule, RuleError, Sql, SqlBuilder, Value, midnight,
    quote_identifier,
};

/// The most values of one column, and of all, that are tried.
const MOST_TRIED: usize = 60;

/// How far ahead a day is looked for, in days: four centuries.
const HORIZON: i64 = 400 * 366;

/// Another value of one column.
#[derive(Clone, Debug, PartialEq)]
pub struct Counterfactual {
    /// The column.
    pub column: String,
    /// The value it would have.
    pub value: Value,
}

/// A comparison of a column with a moment that moves with the business date.
struct Moving {
    column: String,
    at: Box<dyn Fn(Date) -> DateTime>,
}

impl Rule {
    /// The days after `as_of` on which a condition of this rule says something else of a row than the day before;
    /// `value` tells the row's value of a column.
    pub fn future_change_days(
        &self,
        source: &Relation,
        value: &dyn Fn(&str) -> Option<String>,
        as_of: Date,
    ) -> BTreeSet<Date> {
        let mut moving = Vec::new();
        for expr in self.conditions() {
            collect_moving(&expr, source, &mut moving);
        }
        let mut days = BTreeSet::new();
        for one in moving {
            let Some(stored) = value(&one.column).as_deref().and_then(parse_moment) else {
                continue;
            };
            days.extend(first_day(as_of, |day| (one.at)(day) >= stored));
            days.extend(first_day(as_of, |day| (one.at)(day) > stored));
        }
        days
    }

    /// Whether a condition looks at how long ago something is.
    pub fn time_dependent_columns(&self, source: &Relation) -> Vec<String> {
        let mut moving = Vec::new();
        for expr in self.conditions() {
            collect_moving(&expr, source, &mut moving);
        }
        let mut names: Vec<String> = Vec::new();
        for one in moving {
            if !names.contains(&one.column) {
                names.push(one.column);
            }
        }
        names
    }

    /// `where` and the conditions of the arms.
    fn conditions(&self) -> Vec<Expr> {
        let arms = self.arms();
        self.filter
            .iter()
            .cloned()
            .chain(arms.into_iter().filter_map(|arm| arm.condition))
            .collect()
    }

    /// Values of single columns, beside the one that the rule sets, that may make another arm win.
    pub fn counterfactuals(&self, source: &Relation, as_of: Date) -> Vec<Counterfactual> {
        let mut found = Vec::new();
        for condition in self.arms().iter().filter_map(|arm| arm.condition.as_ref()) {
            suppose(condition, source, as_of, &mut found);
        }
        let mut kept: Vec<Counterfactual> = Vec::new();
        for one in found {
            if one.column != self.column && !kept.contains(&one) {
                kept.push(one);
            }
        }
        kept.truncate(MOST_TRIED);
        kept
    }

    /// Asks what the arms give the row of this key under each supposition: its number, from 0, and the value.
    ///
    /// # Errors
    /// [`RuleError`] when the rule means nothing on this table.
    pub fn compile_counterfactuals(
        &self,
        suppositions: &[Counterfactual],
        source: &Relation,
        key: &[String],
        as_of: Date,
    ) -> Result<Sql, RuleError> {
        let mut sql = SqlBuilder::new(source, as_of);
        let mut parts = Vec::new();
        for (number, one) in suppositions.iter().enumerate() {
            let cast =
                source.table.column(&one.column).map_or("text", |column| &column.data_type.cast);
            let value = sql.bind(one.value.to_sql_text(), cast);
            let column = |name: &str| match name == one.column {
                true => format!("{value} AS {}", quote_identifier(name)),
                false => quote_identifier(name),
            };
            let columns: Vec<String> = source.table.column_names().map(column).collect();
            parts.push(format!(
                "SELECT '{number}'::text, ({})::text FROM (SELECT {} FROM {} AS earlier WHERE {}) AS rows",
                sql.rule_value(self)?,
                columns.join(", "),
                source.text(),
                at_key(source, key, &mut sql)?,
            ));
        }
        Ok(sql.finish(parts.join(" UNION ALL ")))
    }
}

/// The first day after this one on which something holds, that holds on every later day.
fn first_day(as_of: Date, holds: impl Fn(Date) -> bool) -> Option<Date> {
    let day = |number: i64| as_of.saturating_add(number.days());
    if holds(as_of) || !holds(day(HORIZON)) {
        return None;
    }
    let (mut before, mut after) = (0, HORIZON);
    while after - before > 1 {
        let middle = (before + after) / 2;
        if holds(day(middle)) { after = middle } else { before = middle }
    }
    Some(day(after))
}

fn collect_moving(expr: &Expr, source: &Relation, found: &mut Vec<Moving>) {
    let of = |expr: &Expr| match expr.node() {
        Node::Column(name) | Node::ColumnOr(name, _) => {
            source.table.column(name).map(|column| column.name.clone())
        }
        _ => None,
    };
    let at = |expr: &Expr| -> Option<Box<dyn Fn(Date) -> DateTime>> {
        match expr.node() {
            Node::Today => Some(Box::new(midnight)),
            Node::Ago(period) => {
                let period = *period;
                Some(Box::new(move |day| period.before(day)))
            }
            _ => None,
        }
    };
    match expr.node() {
        Node::Within(a, period) => {
            let period = *period;
            found.extend(
                of(a).map(|column| Moving { column, at: Box::new(move |day| period.before(day)) }),
            );
        }
        Node::Compare(_, a, b) => {
            let sides = [(of(a), at(b)), (of(b), at(a))];
            for (column, at) in sides {
                found.extend(column.zip(at).map(|(column, at)| Moving { column, at }));
            }
        }
        _ => {}
    }
    expr.node().children().into_iter().for_each(|child| collect_moving(child, source, found));
}

/// A date or timestamp as the server writes it; nothing for one that is infinite, or before the year 1.
pub fn parse_moment(text: &str) -> Option<DateTime> {
    let local = text.split('+').next().unwrap_or(text).trim();
    local.parse().ok().or_else(|| local.parse::<Date>().ok().map(midnight))
}

fn suppose(expr: &Expr, source: &Relation, as_of: Date, found: &mut Vec<Counterfactual>) {
    let column = |expr: &Expr| match expr.node() {
        Node::Column(name) | Node::ColumnOr(name, _) => source.table.column(name),
        _ => None,
    };
    let mut add = |column: &Column, value: Value| {
        found.push(Counterfactual { column: column.name.clone(), value });
    };
    if let Some(threshold) = threshold(expr, as_of)
        && let Some(column) = source.table.column(threshold.column)
    {
        match threshold_moment(&threshold, column) {
            Some(at) => around(at).into_iter().for_each(|at| add(column, at)),
            None => beside(&threshold.value, column).into_iter().for_each(|one| add(column, one)),
        }
        return;
    }
    match expr.node() {
        Node::IsOneOf(a, values) => {
            if let Some(column) = column(a) {
                values.iter().for_each(|value| add(column, value.clone()));
                others(column).into_iter().for_each(|value| add(column, value));
            }
        }
        Node::IsNull(a) => {
            if let Some(column) = column(a).filter(|column| column.nullable) {
                add(column, Value::Null);
            }
        }
        Node::Column(name) | Node::ColumnOr(name, _) => {
            let column = source.table.column(name);
            if let Some(column) = column.filter(|column| column.data_type.kind == Kind::Bool) {
                [true, false].into_iter().for_each(|truth| add(column, Value::Bool(truth)));
            }
        }
        other => {
            other.children().into_iter().for_each(|child| suppose(child, source, as_of, found));
        }
    }
}

/// A day, and those beside it.
fn around(at: DateTime) -> [Value; 3] {
    let beside = |days: i64| Value::Timestamp(at.saturating_add(days.days()));
    [Value::Timestamp(at), beside(-1), beside(1)]
}

/// A constant, and values of its column on either side of it.
fn beside(value: &Value, column: &Column) -> Vec<Value> {
    let number = match value {
        Value::Integer(number) => Decimal::from(*number),
        Value::Decimal(number) => *number,
        _ => {
            return std::iter::once(value.clone()).chain(others(column)).collect();
        }
    };
    if let Kind::Integer { .. } = column.data_type.kind {
        let whole = |number: Decimal| i64::try_from(number).ok().map(Value::Integer);
        let near = [
            number.floor(),
            number.ceil(),
            number.floor() - Decimal::ONE,
            number.ceil() + Decimal::ONE,
        ];
        return near.into_iter().filter_map(whole).collect();
    }
    let step = Decimal::new(1, number.scale().max(2));
    [number, number - step, number + step].map(Value::Decimal).to_vec()
}

/// The other values of an enum, or of true and false.
fn others(column: &Column) -> Vec<Value> {
    match &column.data_type.kind {
        Kind::Enum { labels, .. } => labels.iter().cloned().map(Value::Text).collect(),
        Kind::Bool => vec![Value::Bool(true), Value::Bool(false)],
        _ => vec![],
    }
}
