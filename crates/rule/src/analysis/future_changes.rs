//! The days to come on which a rule may decide otherwise on a row that stays as it is.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};

use crate::distinct::distinct;
use crate::{Expr, Node, Period, Relation, Rule, parse_moment};

/// How many days ahead a change is looked for: four centuries.
const HORIZON: i64 = 400 * 366;

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
        days
    }

    /// The columns of dates that conditions compare with the business date, each once.
    pub fn time_dependent_columns(&self, source: &Relation) -> Vec<String> {
        distinct(self.moving_thresholds(source).into_iter().map(|one| one.column))
    }

    fn moving_thresholds(&self, source: &Relation) -> Vec<MovingThreshold> {
        let mut found = Vec::new();
        for condition in self.conditions() {
            condition.visit(&mut |expr| found.extend(moving_thresholds(expr, source)));
        }
        found
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
    use crate::fixtures::{AS_OF, col, customers, expr, priority};

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
    fn only_comparisons_with_the_business_date_move() {
        let fixed = col("seen").less(AS_OF).or(col("orders").greater(5));
        let moving = fixed.and(col("born").within("1y")).and(col("born").within("2y"));
        let rule = priority([(Some(moving), "HIGH")]);
        assert_eq!(rule.time_dependent_columns(&customers()), ["born"]);
    }
}
