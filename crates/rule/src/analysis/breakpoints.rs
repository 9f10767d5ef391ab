//! The constants with which rules compare each column. Rows whose values lie between the same breakpoints are alike to
//! every rule.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, DateTime};
use rust_decimal::Decimal;

use crate::analysis::threshold::Threshold;
use crate::{Column, Expr, Kind, Node, Rule, Value, midnight};

/// With more of them the values themselves are fewer classes than what lies between, or hardly more.
const MAX_BREAKPOINTS: usize = 1_000;

#[derive(Clone, Debug, Default)]
pub(crate) struct Breakpoints {
    as_of: Date,
    columns: BTreeMap<String, ColumnUse>,
}

#[derive(Clone, Debug, Default)]
struct ColumnUse {
    /// Something needs the value itself.
    exact: bool,
    breakpoints: Vec<Breakpoint>,
}

#[derive(Clone, Debug, PartialEq)]
struct Breakpoint {
    value: Value,
    /// Whether the constant itself compares otherwise than what follows it.
    isolated: bool,
}

/// How finely the values of a column must be told apart.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Granularity {
    Exact,
    Presence,
    Moments(Bounds<DateTime>),
    Numbers(Bounds<Decimal>),
    /// Each of these texts by itself, and all others together.
    Texts(BTreeSet<String>),
}

/// The lower bounds of ranges, and those of them that are a range of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bounds<T: Ord> {
    pub(crate) all: BTreeSet<T>,
    pub(crate) isolated: BTreeSet<T>,
}

impl Breakpoints {
    pub(crate) fn new(as_of: Date) -> Self {
        Self { as_of, columns: BTreeMap::new() }
    }

    /// The names of the columns that rules read or set.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.keys().map(String::as_str)
    }

    /// The column that the rule sets is needed as it is.
    pub(crate) fn add_rule(&mut self, rule: &Rule) {
        self.column(&rule.column).exact = true;
        rule.filter.iter().for_each(|filter| self.add(filter));
        for arm in rule.arms() {
            arm.condition.iter().for_each(|condition| self.add(condition));
            self.add(&arm.value);
        }
    }

    pub(crate) fn add_moment(&mut self, column: &str, at: DateTime) {
        let breakpoint = Breakpoint { value: Value::Timestamp(at), isolated: false };
        self.column(column).breakpoints.push(breakpoint);
    }

    fn column(&mut self, name: &str) -> &mut ColumnUse {
        self.columns.entry(name.to_owned()).or_default()
    }

    fn add(&mut self, expr: &Expr) {
        if let Some(name) = expr.column_name() {
            self.column(name).exact = true;
        } else if let Some((column, breakpoints)) = breakpoints(expr, self.as_of) {
            self.column(column).breakpoints.extend(breakpoints);
        } else {
            expr.node().children().into_iter().for_each(|child| self.add(child));
        }
    }

    pub(crate) fn granularity(&self, column: &Column) -> Granularity {
        let Some(used) = self.columns.get(&column.name).filter(|used| !used.exact) else {
            return Granularity::Exact;
        };
        let known = &used.breakpoints;
        if known.len() > MAX_BREAKPOINTS {
            return Granularity::Exact;
        }
        let finest = match &column.data_type.kind {
            Kind::Bool | Kind::Uuid | Kind::Enum { .. } | Kind::Other => None,
            _ if known.is_empty() => Some(Granularity::Presence),
            Kind::Timestamp | Kind::TimestampTz => {
                bounds(known, Value::moment).map(Granularity::Moments)
            }
            // A day is on one side of a moment only when that is a midnight.
            Kind::Date => bounds(known, midnight_of).map(Granularity::Moments),
            Kind::Integer { .. } | Kind::Decimal | Kind::Float => {
                bounds(known, Value::number).map(Granularity::Numbers)
            }
            Kind::Text => texts(known).map(Granularity::Texts),
        };
        finest.unwrap_or(Granularity::Exact)
    }
}

fn breakpoints(condition: &Expr, as_of: Date) -> Option<(&str, Vec<Breakpoint>)> {
    match condition.node() {
        Node::IsNull(a) => Some((a.column_name()?, vec![])),
        Node::IsOneOf(a, values) => {
            let isolated = |value: &Value| Breakpoint { value: value.clone(), isolated: true };
            Some((a.column_name()?, values.iter().map(isolated).collect()))
        }
        _ => {
            let threshold = Threshold::from_condition(condition, as_of)?;
            let isolated = threshold.is_isolated();
            Some((threshold.column, vec![Breakpoint { value: threshold.value, isolated }]))
        }
    }
}

fn bounds<T: Ord + Copy>(
    breakpoints: &[Breakpoint],
    read: impl Fn(&Value) -> Option<T>,
) -> Option<Bounds<T>> {
    let mut bounds = Bounds { all: BTreeSet::new(), isolated: BTreeSet::new() };
    for one in breakpoints {
        let value = read(&one.value)?;
        bounds.all.insert(value);
        if one.isolated {
            bounds.isolated.insert(value);
        }
    }
    Some(bounds)
}

/// Texts that are only tested for being equal.
fn texts(breakpoints: &[Breakpoint]) -> Option<BTreeSet<String>> {
    let text = |one: &Breakpoint| match &one.value {
        Value::Text(text) if one.isolated => Some(text.clone()),
        _ => None,
    };
    breakpoints.iter().map(text).collect()
}

fn midnight_of(value: &Value) -> Option<DateTime> {
    value.moment().filter(|at| *at == midnight(at.date()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Comparison;
    use crate::fixtures::{AS_OF, col, expr, priority, table};

    /// The granularity of a column under a rule with this condition.
    fn granularity(condition: Expr, column: &str) -> Granularity {
        let mut breakpoints = Breakpoints::new(AS_OF);
        breakpoints.add_rule(&priority([(Some(condition), "HIGH")]));
        breakpoints.granularity(table().column(column).expect(column))
    }

    fn numbers(all: &[i64], isolated: &[i64]) -> Granularity {
        let set = |numbers: &[i64]| numbers.iter().map(|&number| number.into()).collect();
        Granularity::Numbers(Bounds { all: set(all), isolated: set(isolated) })
    }

    fn moments(all: &[&str], isolated: &[&str]) -> Granularity {
        let set = |texts: &[&str]| texts.iter().map(|text| text.parse().expect(text)).collect();
        Granularity::Moments(Bounds { all: set(all), isolated: set(isolated) })
    }

    #[test]
    fn each_comparison_says_whether_its_constant_stands_alone() {
        let orders = || col("orders");
        let cases = [
            (orders().at_least(5), numbers(&[5], &[])),
            (orders().less(5), numbers(&[5], &[])),
            (orders().greater(5), numbers(&[5], &[5])),
            (orders().at_most(5), numbers(&[5], &[5])),
            (orders().eq_to(5), numbers(&[5], &[5])),
            (orders().not_eq(5), numbers(&[5], &[5])),
            (orders().at_least(5).and(orders().greater(9)), numbers(&[5, 9], &[9])),
        ];
        for (condition, expected) in cases {
            assert_eq!(granularity(condition.clone(), "orders"), expected, "{condition}");
        }
    }

    #[test]
    fn a_comparison_written_the_other_way_round_means_the_same() {
        let five = Expr::literal(5.into());
        let mirrored = |comparison| expr(Node::Compare(comparison, five.clone(), col("orders")));
        assert_eq!(granularity(mirrored(Comparison::LessOrEqual), "orders"), numbers(&[5], &[]));
        assert_eq!(granularity(mirrored(Comparison::Less), "orders"), numbers(&[5], &[5]));
    }

    #[test]
    fn dates_are_cut_at_moments() {
        let half_a_year = "2025-04-25T00:00:00";
        assert_eq!(granularity(col("seen").within("6mo"), "seen"), moments(&[half_a_year], &[]));
        assert_eq!(granularity(col("born").within("6mo"), "born"), moments(&[half_a_year], &[]));
        // A day has moments on both sides of noon.
        let noon = col("born").less("2025-04-25T12:00:00");
        assert_eq!(granularity(noon, "born"), Granularity::Exact);
    }

    #[test]
    fn texts_and_presence_need_no_more_than_is_asked() {
        let texts = Granularity::Texts(["Ann".to_owned(), "Bob".to_owned()].into());
        assert_eq!(granularity(col("name").one_of(["Ann", "Bob"]), "name"), texts);
        assert_eq!(granularity(col("name").less("Ann"), "name"), Granularity::Exact);
        assert_eq!(granularity(col("name").missing(), "name"), Granularity::Presence);
        assert_eq!(granularity(col("grade").missing(), "grade"), Granularity::Exact);
    }

    #[test]
    fn what_a_rule_sets_or_computes_with_is_needed_as_it_is() {
        assert_eq!(granularity(col("orders").greater(5), "priority"), Granularity::Exact);
        let compared = expr(Node::Compare(Comparison::Less, col("orders"), col("amount")));
        assert_eq!(granularity(compared, "amount"), Granularity::Exact);
    }
}
