//! The values at which the conditions of rules change their verdict, column by column. Rows that no cut tells apart are
//! alike to every rule.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, DateTime};
use rust_decimal::Decimal;

use crate::{Column, Expr, Kind, Node, Rule, Value, midnight};

/// What the rules ask of one column.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    /// Something that needs the value itself.
    whole: bool,
    cuts: Vec<Breakpoint>,
}

/// A constant that a column is compared with.
#[derive(Clone, Debug, PartialEq)]
struct Breakpoint {
    value: Value,
    /// Whether the constant itself stands apart from what follows it, as with `>` and `==`.
    apart: bool,
}

/// How a column's values can be lumped together.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Granularity {
    /// Each value by itself.
    Each,
    /// Those with a value, and those without.
    Known,
    /// Those between two neighbouring moments.
    Moments(Marks<DateTime>),
    /// Those between two neighbouring numbers.
    Numbers(Marks<Decimal>),
    /// These by themselves, and all others.
    Texts(BTreeSet<String>),
}

/// Cuts in their order, and those of them that stand apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks<T: Ord> {
    pub(crate) cuts: BTreeSet<T>,
    pub(crate) apart: BTreeSet<T>,
}

/// What rules ask, by column.
#[derive(Clone, Debug, Default)]
pub(crate) struct Breakpoints {
    as_of: Date,
    columns: BTreeMap<String, Asked>,
}

impl Breakpoints {
    /// Of nothing yet, on this business date.
    pub(crate) fn on(as_of: Date) -> Self {
        Self { as_of, columns: BTreeMap::new() }
    }

    /// The names of the columns that are asked anything.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.keys().map(String::as_str)
    }

    /// Adds what a rule asks. The column that it sets is needed as it is.
    pub(crate) fn add_rule(&mut self, rule: &Rule) {
        self.columns.entry(rule.column.clone()).or_default().whole = true;
        rule.filter.iter().for_each(|filter| self.add(filter));
        for arm in rule.arms() {
            arm.condition.iter().for_each(|condition| self.add(condition));
            self.add(&arm.value);
        }
    }

    /// Adds a moment at which a column is to be cut as well.
    pub(crate) fn add_moment(&mut self, column: &str, at: DateTime) {
        let cut = Breakpoint { value: Value::Timestamp(at), apart: false };
        self.columns.entry(column.to_owned()).or_default().cuts.push(cut);
    }

    fn add(&mut self, expr: &Expr) {
        match expr.node() {
            Node::Column(name) | Node::ColumnOr(name, _) => {
                self.columns.entry(name.clone()).or_default().whole = true;
            }
            Node::IsNull(a) if name(a).is_some() => self.note(a, None),
            Node::IsOneOf(a, values) if name(a).is_some() => {
                for value in values {
                    self.note(a, Some(Breakpoint { value: value.clone(), apart: true }));
                }
            }
            _ => match threshold(expr, self.as_of) {
                Some(Threshold { column, value, apart }) => {
                    let cut = Breakpoint { value, apart };
                    self.columns.entry(column.to_owned()).or_default().cuts.push(cut);
                }
                None => expr.node().children().into_iter().for_each(|child| self.add(child)),
            },
        }
    }

    fn note(&mut self, column: &Expr, cut: Option<Breakpoint>) {
        if let Some(name) = name(column) {
            self.columns.entry(name.to_owned()).or_default().cuts.extend(cut);
        }
    }

    /// How the values of a column can be lumped together.
    pub(crate) fn grain(&self, column: &Column) -> Granularity {
        let Some(asked) = self.columns.get(&column.name).filter(|asked| !asked.whole) else {
            return Granularity::Each;
        };
        let kind = &column.data_type.kind;
        let known = asked.cuts.is_empty();
        match kind {
            Kind::Timestamp | Kind::TimestampTz | Kind::Date if known => Granularity::Known,
            Kind::Integer { .. } | Kind::Decimal | Kind::Float | Kind::Text if known => {
                Granularity::Known
            }
            Kind::Timestamp | Kind::TimestampTz => {
                marks(&asked.cuts, moment).map_or(Granularity::Each, Granularity::Moments)
            }
            // A day is on one side of a moment only when that is a midnight.
            Kind::Date => marks(&asked.cuts, |value| moment(value).filter(is_midnight))
                .map_or(Granularity::Each, Granularity::Moments),
            Kind::Integer { .. } | Kind::Decimal | Kind::Float => {
                marks(&asked.cuts, number).map_or(Granularity::Each, Granularity::Numbers)
            }
            Kind::Text => texts(&asked.cuts).map_or(Granularity::Each, Granularity::Texts),
            _ => Granularity::Each,
        }
    }
}

fn marks<T: Ord + Copy>(
    cuts: &[Breakpoint],
    read: impl Fn(&Value) -> Option<T>,
) -> Option<Marks<T>> {
    let mut marks = Marks { cuts: BTreeSet::new(), apart: BTreeSet::new() };
    for cut in cuts {
        let value = read(&cut.value)?;
        marks.cuts.insert(value);
        if cut.apart {
            marks.apart.insert(value);
        }
    }
    Some(marks)
}

/// Texts that are only tested for being equal.
fn texts(cuts: &[Breakpoint]) -> Option<BTreeSet<String>> {
    let text = |cut: &Breakpoint| match &cut.value {
        Value::Text(text) if cut.apart => Some(text.clone()),
        _ => None,
    };
    cuts.iter().map(text).collect()
}

/// The moment that a constant stands for beside a date.
fn moment(value: &Value) -> Option<DateTime> {
    match value {
        Value::Date(date) => Some(midnight(*date)),
        Value::Timestamp(at) => Some(*at),
        Value::Text(text) => text.parse().ok().or_else(|| text.parse::<Date>().ok().map(midnight)),
        _ => None,
    }
}

fn is_midnight(at: &DateTime) -> bool {
    *at == midnight(at.date())
}

fn number(value: &Value) -> Option<Decimal> {
    match value {
        Value::Integer(number) => Some((*number).into()),
        Value::Decimal(number) => Some(*number),
        _ => None,
    }
}

fn name(expr: &Expr) -> Option<&str> {
    match expr.node() {
        Node::Column(name) | Node::ColumnOr(name, _) => Some(name),
        _ => None,
    }
}

/// A column compared with a constant.
pub(crate) struct Threshold<'e> {
    pub(crate) column: &'e str,
    pub(crate) value: Value,
    apart: bool,
}

/// The comparison of a column with a constant that an expression is, if it is one.
pub(crate) fn threshold(expr: &Expr, as_of: Date) -> Option<Threshold<'_>> {
    let constant = |expr: &Expr| match expr.node() {
        Node::Literal(Value::Null) => None,
        Node::Literal(value) => Some(value.clone()),
        Node::Today => Some(Value::Date(as_of)),
        Node::Ago(period) => Some(Value::Timestamp(period.before(as_of))),
        _ => None,
    };
    match expr.node() {
        Node::Within(a, period) => Some(Threshold {
            column: name(a)?,
            value: Value::Timestamp(period.before(as_of)),
            apart: false,
        }),
        Node::Compare(comparison, a, b) => {
            let (column, other, comparison) = match (name(a), name(b)) {
                (Some(column), None) => (column, b, *comparison),
                (None, Some(column)) => (column, a, comparison.mirrored()),
                _ => return None,
            };
            let apart = comparison.holds(Ordering::Equal) != comparison.holds(Ordering::Greater);
            Some(Threshold { column, value: constant(other)?, apart })
        }
        _ => None,
    }
}

/// The moment that a threshold is, where its column holds dates.
pub(crate) fn threshold_moment(threshold: &Threshold<'_>, column: &Column) -> Option<DateTime> {
    let dates = matches!(column.data_type.kind, Kind::Date | Kind::Timestamp | Kind::TimestampTz);
    moment(&threshold.value).filter(|_| dates)
}
