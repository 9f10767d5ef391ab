//! The days to come on which a rule may decide otherwise on a row that stays as it is.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};

use crate::distinct::distinct;
use crate::model::function::Style;
use crate::{
    Column, Expr, Function, Kind, Node, Period, Record, Relation, Rule, Value, evaluate,
    parse_decimal, parse_moment,
};

/// How many days ahead a change is looked for: four centuries.
const HORIZON: i64 = 400 * 366;

/// How many days ahead a condition is tried day by day: twenty years.
const TRIED_DAYS: i64 = 20 * 366;

/// The most changes of one condition that are looked for.
const MAX_CHANGES: usize = 20;

struct MovingThreshold {
    column: String,
    /// How long before the business date the moment is.
    period: Period,
}

impl MovingThreshold {
    fn moment(&self, as_of: Date) -> DateTime {
        self.period.before(as_of)
    }
}

impl Rule {
    /// The days after `as_of` on which a condition of this rule may give another result for a row than the day before;
    /// `value` reads the row's value of a column, as text.
    pub fn future_change_days(
        &self,
        source: &Relation,
        value: &dyn Fn(&str) -> Option<String>,
        as_of: Date,
    ) -> BTreeSet<Date> {
        let mut days = BTreeSet::new();
        for threshold in self.moving_thresholds(source) {
            let stored = value(&threshold.column).as_deref().and_then(parse_moment);
            let Some(stored) = stored else { continue };
            days.extend(first_day(as_of, |day| threshold.moment(day) >= stored));
            days.extend(first_day(as_of, |day| threshold.moment(day) > stored));
        }
        for condition in self.moving_conditions(source) {
            days.extend(changes_of(condition, source, value, as_of));
        }
        days
    }

    /// Whether what other rows give to this rule depends on the day: on another day other rows count.
    pub fn reads_other_rows_of_a_day(&self) -> bool {
        let expressions = self.expressions();
        expressions
            .iter()
            .flat_map(Expr::figures)
            .any(|figure| figure.source().expressions().into_iter().any(Expr::depends_on_the_day))
    }

    /// The columns of dates that conditions compare with the business date, each once.
    pub fn time_dependent_columns(&self, source: &Relation) -> Vec<String> {
        let thresholds = self.moving_thresholds(source).into_iter().map(|one| one.column);
        let conditions = self.moving_conditions(source);
        let columns = conditions.iter().flat_map(|condition| condition.columns());
        distinct(thresholds.chain(columns.map(str::to_owned)))
    }

    /// The comparisons that depend on the business date otherwise than by a moving threshold, on columns of the table.
    fn moving_conditions(&self, source: &Relation) -> Vec<Expr> {
        let mut found = Vec::new();
        for condition in self.conditions() {
            condition.visit(&mut |expr| {
                let known = expr.columns().iter().all(|name| source.table.column(name).is_some());
                if known && has_moving_function(expr) {
                    found.push(expr.clone());
                }
            });
        }
        found
    }

    fn moving_thresholds(&self, source: &Relation) -> Vec<MovingThreshold> {
        let mut found = Vec::new();
        for condition in self.conditions() {
            condition.visit(&mut |expr| found.extend(moving_thresholds(expr, source)));
        }
        found
    }
}

/// Whether it is a comparison with a function that depends on the business date.
fn has_moving_function(expr: &Expr) -> bool {
    let mut found = false;
    if matches!(expr.node(), Node::Compare(..) | Node::IsOneOf(..) | Node::Within(..)) {
        expr.visit(&mut |inner| {
            found |= match inner.node() {
                Node::Call(Function::AgoDays | Function::AgoMonths, _) => true,
                Node::Call(_, arguments) => {
                    arguments.iter().any(|one| matches!(one.node(), Node::Today | Node::Ago(_)))
                }
                _ => false,
            };
        });
    }
    found
}

/// The days on which a condition gives another result for the row than the day before, tried in memory. One that can't be
/// tried there has none.
fn changes_of(
    condition: Expr,
    source: &Relation,
    value: &dyn Fn(&str) -> Option<String>,
    as_of: Date,
) -> Vec<Date> {
    let columns =
        source.table.columns.iter().filter(|one| condition.columns().contains(&&*one.name));
    let columns: Vec<&Column> = columns.collect();
    let values = columns.iter().map(|one| (one.name.clone(), typed(value(&one.name), one)));
    let types = columns.iter().map(|one| (one.name.clone(), one.data_type.clone()));
    let row = Record::new(values).with_types(types);
    let mut before = evaluate(&condition, &row, as_of);
    let mut days = Vec::new();
    for number in 1..=TRIED_DAYS {
        let day = as_of.saturating_add(number.days());
        let result = evaluate(&condition, &row, day);
        if result.is_err() || days.len() == MAX_CHANGES {
            break;
        }
        if result != before {
            days.push(day);
            before = result;
        }
    }
    days
}

/// A value that the server shows.
fn typed(shown: Option<String>, column: &Column) -> Value {
    let Some(shown) = shown else { return Value::Null };
    match column.data_type.kind {
        Kind::Integer { .. } | Kind::Decimal | Kind::Float => {
            parse_decimal(&shown).map_or(Value::Null, Value::Decimal)
        }
        Kind::Bool => Value::Bool(shown == "true"),
        _ => Value::Text(shown),
    }
}

/// The comparisons of a column with a moving moment that an expression itself is.
fn moving_thresholds(expr: &Expr, source: &Relation) -> Vec<MovingThreshold> {
    let sides = match expr.node() {
        Node::Within(a, period) => vec![(a, Some(*period))],
        Node::Compare(_, a, b) => vec![(a, relative_moment(b)), (b, relative_moment(a))],
        _ => vec![],
    };
    let threshold = |(side, period): (&Expr, Option<Period>)| {
        let column = source.table.column(side.column_name()?)?;
        Some(MovingThreshold { column: column.name.clone(), period: period? })
    };
    sides.into_iter().filter_map(threshold).collect()
}

/// How long before the business date an expression is, if it moves with that.
fn relative_moment(expr: &Expr) -> Option<Period> {
    match expr.node() {
        Node::Today => Some(Period::ZERO),
        Node::Ago(period) => Some(*period),
        _ => None,
    }
}

impl Expr {
    fn depends_on_the_day(&self) -> bool {
        let mut found = false;
        self.visit(&mut |expr| {
            found |= match expr.node() {
                Node::Today | Node::Ago(_) | Node::Within(..) => true,
                Node::Call(function, _) => function.style() == Style::PeriodAgo,
                Node::Figure(figure) => {
                    figure.source().expressions().into_iter().any(Self::depends_on_the_day)
                }
                _ => false,
            };
        });
        found
    }
}

/// The first day after this one on which something holds that, once it holds, holds on every later day.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Comparison;
    use crate::fixtures::{AS_OF, col, customers, expr, of, priority};

    fn days(condition: Expr, stored: &str) -> Vec<String> {
        let rule = priority([(Some(condition), "HIGH")]);
        let value = |_: &str| Some(stored.to_owned());
        let days = rule.future_change_days(&customers(), &value, AS_OF);
        days.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_date_leaves_the_period_on_a_day_to_come() {
        // From the moment that the threshold passes it, and from the next midnight on.
        let recent = || col("seen").within("6mo");
        assert_eq!(days(recent(), "2025-05-01 00:00:00"), ["2025-11-01", "2025-11-02"]);
        assert_eq!(days(recent(), "2025-05-01 12:00:00"), ["2025-11-02"]);
        assert_eq!(days(recent(), "2020-01-01"), [""; 0]);
        assert_eq!(days(recent(), "infinity"), [""; 0]);
        let today = expr(Node::Compare(Comparison::Less, expr(Node::Today), col("born")));
        assert_eq!(days(today, "2025-12-24"), ["2025-12-24", "2025-12-25"]);
    }

    #[test]
    fn a_function_of_the_date_is_tried_day_by_day() {
        let since = || of(Function::DaysBetween, [col("born"), expr(Node::Today)]);
        assert_eq!(days(since().at_most(30), "2025-10-20"), ["2025-11-20"]);
        assert_eq!(days(since().eq_to(30), "2025-10-20"), ["2025-11-19", "2025-11-20"]);
        // A text that is no number is none.
        let paced = expr(Node::Compare(
            Comparison::GreaterOrEqual,
            col("born"),
            of(
                Function::AgoDays,
                [expr(Node::Coalesce(vec![col("amount"), Expr::literal(7.into())]))],
            ),
        ));
        assert_eq!(days(paced, "2025-10-20"), ["2025-10-28"]);
    }

    #[test]
    fn only_comparisons_with_the_business_date_move() {
        let fixed = col("seen").less(AS_OF).or(col("orders").greater(5));
        let moving = fixed.and(col("born").within("1y")).and(col("born").within("2y"));
        let rule = priority([(Some(moving), "HIGH")]);
        assert_eq!(rule.time_dependent_columns(&customers()), ["born"]);
    }
}
