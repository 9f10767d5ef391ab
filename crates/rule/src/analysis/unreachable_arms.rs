//! Finds arms that can never match, because an earlier arm matches every row that they would.

use std::cmp::Ordering;

use jiff::civil::{Date, DateTime};
use rust_decimal::Decimal;

use crate::{Comparison, Expr, Node, Rule, Value, midnight, parse_moment};

/// An arm that can never match, and the earlier arm that takes its rows; both from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnreachableArm {
    /// The arm.
    pub arm: usize,
    /// The earlier one.
    pub covered_by: usize,
}

/// The arms of a rule that can never match on this business date, as far as conditions can be compared.
pub fn unreachable_arms(rule: &Rule, as_of: Date) -> Vec<UnreachableArm> {
    let arms = rule.arms();
    let mut found = Vec::new();
    for (arm, tried) in arms.iter().enumerate() {
        let earlier =
            arms[..arm].iter().position(|earlier| match (&tried.condition, &earlier.condition) {
                (_, None) => true,
                (None, Some(before)) => *before.node() == Node::Literal(Value::Bool(true)),
                (Some(condition), Some(before)) => implies(condition, before, as_of),
            });
        found.extend(earlier.map(|covered_by| UnreachableArm { arm, covered_by }));
    }
    found
}

/// Whether every row for which `a` holds is one for which `b` holds, as far as that can be seen.
fn implies(a: &Expr, b: &Expr, as_of: Date) -> bool {
    if a == b {
        return true;
    }
    match (a.node(), b.node()) {
        (_, Node::Literal(Value::Bool(true))) => true,
        (_, Node::And(x, y)) => implies(a, x, as_of) && implies(a, y, as_of),
        (Node::Or(x, y), _) => implies(x, b, as_of) && implies(y, b, as_of),
        (_, Node::Or(x, y)) => {
            implies(a, x, as_of) || implies(a, y, as_of) || part_implies(a, b, as_of)
        }
        _ => part_implies(a, b, as_of),
    }
}

/// Whether one part of `a` implies `b`, or both are about one column and the values of `a` are among those of `b`.
fn part_implies(a: &Expr, b: &Expr, as_of: Date) -> bool {
    if let Node::And(x, y) = a.node() {
        return implies(x, b, as_of) || implies(y, b, as_of);
    }
    match (Region::from_condition(a, as_of), Region::from_condition(b, as_of)) {
        (Some((one, a)), Some((other, b))) => one == other && a.is_inside(&b),
        _ => false,
    }
}

/// The values of an expression for which a condition holds.
enum Region {
    OneOf(Vec<Value>),
    /// Those from one bound to another, each with whether it is included.
    Between(Option<(Bound, bool)>, Option<(Bound, bool)>),
}

/// A value whose order is known; that of texts depends on their column.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Bound {
    Number(Decimal),
    Moment(DateTime),
}

impl Bound {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Integer(_) | Value::Decimal(_) => value.number().map(Self::Number),
            Value::Date(day) => Some(Self::Moment(midnight(*day))),
            Value::Timestamp(at) => Some(Self::Moment(*at)),
            Value::Text(text) => parse_moment(text).map(Self::Moment),
            Value::Null | Value::Bool(_) => None,
        }
    }

    fn order(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => Some(a.cmp(&b)),
            (Self::Moment(a), Self::Moment(b)) => Some(a.cmp(&b)),
            _ => None,
        }
    }
}

impl Region {
    fn from_condition(condition: &Expr, as_of: Date) -> Option<(Expr, Self)> {
        match condition.node() {
            Node::Within(a, period) => {
                let from = Bound::Moment(period.before(as_of));
                Some((a.clone(), Self::Between(Some((from, true)), None)))
            }
            Node::IsOneOf(a, values) => Some((a.clone(), Self::OneOf(values.clone()))),
            Node::Compare(comparison, a, b) => match (a.node(), b.node()) {
                (Node::Column(_), _) => Self::compared(*comparison, a, b, as_of),
                (_, Node::Column(_)) => Self::compared(comparison.mirrored(), b, a, as_of),
                _ => None,
            },
            _ => None,
        }
    }

    fn compared(comparison: Comparison, a: &Expr, b: &Expr, as_of: Date) -> Option<(Expr, Self)> {
        if comparison == Comparison::Equal
            && let Node::Literal(value) = b.node()
        {
            return Some((a.clone(), Self::OneOf(vec![value.clone()])));
        }
        if comparison.holds(Ordering::Less) && comparison.holds(Ordering::Greater) {
            return None;
        }
        let bound = (Bound::from_value(&b.constant(as_of)?)?, comparison.holds(Ordering::Equal));
        let from = (!comparison.holds(Ordering::Less)).then_some(bound);
        let to = (!comparison.holds(Ordering::Greater)).then_some(bound);
        Some((a.clone(), Self::Between(from, to)))
    }

    fn is_inside(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::OneOf(some), Self::OneOf(all)) => some.iter().all(|value| all.contains(value)),
            (Self::OneOf(some), Self::Between(..)) => some.iter().all(|value| {
                let point = Bound::from_value(value).map(|bound| (bound, true));
                point.is_some() && Self::Between(point, point).is_inside(other)
            }),
            (Self::Between(..), Self::OneOf(_)) => false,
            (Self::Between(from, to), Self::Between(outer_from, outer_to)) => {
                reaches(outer_from, from, Ordering::is_lt) && reaches(outer_to, to, Ordering::is_gt)
            }
        }
    }
}

/// Whether the outer bound is as far out as the inner one.
fn reaches(
    outer: &Option<(Bound, bool)>,
    inner: &Option<(Bound, bool)>,
    farther: fn(Ordering) -> bool,
) -> bool {
    match (outer, inner) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some((outer, outer_in)), Some((inner, inner_in))) => match outer.order(*inner) {
            Some(Ordering::Equal) => *outer_in || !inner_in,
            Some(order) => farther(order),
            None => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{AS_OF, col, expr, priority};

    /// The arm that covers the second of two arms.
    fn covered(first: Expr, second: Expr) -> bool {
        let rule = priority([(Some(first), "HIGH"), (Some(second), "LOW")]);
        unreachable_arms(&rule, AS_OF) == [UnreachableArm { arm: 1, covered_by: 0 }]
    }

    #[test]
    fn an_arm_behind_a_wider_one_can_not_match() {
        let seen = || col("seen");
        let cases = [
            (seen().within("12mo"), seen().within("6mo"), true),
            (seen().within("6mo"), seen().within("12mo"), false),
            (seen().within("6mo"), seen().at_least(jiff::civil::date(2025, 4, 25)), true),
            (col("orders").greater(5), col("orders").greater(5), true),
            (col("orders").at_least(5), col("orders").greater(5), true),
            (col("orders").greater(5), col("orders").at_least(5), false),
            (col("orders").less(5), col("orders").eq_to(4), true),
            (col("orders").less(5), col("orders").eq_to(5), false),
            (col("orders").at_most(5), col("orders").eq_to(5), true),
            (col("orders").not_eq(5), col("orders").eq_to(4), false),
            (col("orders").less(5), col("amount").less(4), false),
            (col("grade").one_of(["A", "B"]), col("grade").eq_to("A"), true),
            (col("grade").eq_to("A"), col("grade").one_of(["A", "B"]), false),
            (seen().missing(), seen().missing(), true),
        ];
        for (first, second, expected) in cases {
            let told = format!("{second} behind {first}");
            assert_eq!(covered(first, second), expected, "{told}");
        }
    }

    #[test]
    fn and_narrows_and_or_widens() {
        let (recent, many) = (|| col("seen").within("6mo"), || col("orders").greater(5));
        assert!(covered(recent(), recent().and(many())));
        assert!(!covered(recent().and(many()), recent()));
        assert!(covered(recent().or(many()), many()));
        assert!(!covered(many(), recent().or(many())));
        assert!(covered(recent().and(many()), many().and(recent())));
    }

    #[test]
    fn a_comparison_may_be_written_either_way_round() {
        let five_below =
            expr(Node::Compare(Comparison::Less, Expr::literal(5.into()), col("orders")));
        assert!(covered(five_below, col("orders").greater(6)));
    }

    #[test]
    fn nothing_matches_behind_otherwise() {
        let rule = priority([(None, "LOW"), (Some(col("orders").greater(5)), "HIGH")]);
        assert_eq!(unreachable_arms(&rule, AS_OF), [UnreachableArm { arm: 1, covered_by: 0 }]);
    }
}
