//! Widens a rule to the rows that an earlier run of it has decided.

use std::collections::BTreeSet;

use crate::{Assignment, Expr, Node, Rule, Value};

impl Rule {
    /// The rules of one `.set` on all rows that they could decide: those that `where` takes, and those that it would take if
    /// they had no value yet, provided that their value is one that the rule of its column gives. Other values come from
    /// elsewhere, and stay.
    pub fn including_decided(rules: &[Self]) -> Vec<Self> {
        let Some(filter) = rules.first().and_then(|rule| rule.filter.as_ref()) else {
            return rules.to_vec();
        };
        let widen = |widened: Expr, rule: &Self| {
            let again = rule.decided_rows(filter).filter(|_| reads(filter, &rule.column));
            again
                .and_then(|again| Expr::new(Node::Or(widened.clone(), again)).ok())
                .unwrap_or(widened)
        };
        let widened = rules.iter().fold(filter.clone(), widen);
        rules.iter().map(|rule| Self { filter: Some(widened.clone()), ..rule.clone() }).collect()
    }

    /// The rows that `where` would take if they had no value, and that have none or one of the rule's.
    fn decided_rows(&self, filter: &Expr) -> Option<Expr> {
        let unset = without_value(filter, &self.column, true)?;
        let own = self.own_values()?;
        let column = || Expr::column(&self.column);
        let none = Expr::new(Node::IsNull(column())).ok()?;
        let given = Expr::new(Node::IsOneOf(column(), own)).ok()?;
        let decided = Expr::new(Node::Or(none, given)).ok()?;
        Expr::new(Node::And(unset, decided)).ok()
    }

    /// The values that the rule gives, if they are all literals.
    fn own_values(&self) -> Option<Vec<Value>> {
        let value = |value: &Expr| match value.node() {
            Node::Literal(value) => Some(value.clone()),
            _ => None,
        };
        let values: Option<Vec<Value>> = match &self.assignment {
            Assignment::Lookup { pairs, .. } => {
                Some(pairs.iter().map(|pair| pair.value.clone()).collect())
            }
            _ => self.arms().iter().map(|arm| value(&arm.value)).collect(),
        };
        let mut known = BTreeSet::new();
        let mut is_new = |value: &Value| value.to_sql_text().is_some_and(|text| known.insert(text));
        values.map(|values| values.into_iter().filter(|value| is_new(value)).collect())
    }
}

fn reads(expr: &Expr, column: &str) -> bool {
    expr.columns().contains(&column)
}

/// The condition as it would be if the column had no value: `is_null()` of it holds, any other test of it is NULL. NULL
/// must not make the whole hold, so it becomes false, and true inside a `not`.
fn without_value(expr: &Expr, column: &str, positive: bool) -> Option<Expr> {
    if !reads(expr, column) {
        return Some(expr.clone());
    }
    let part = |expr: &Expr, positive| without_value(expr, column, positive);
    match expr.node() {
        Node::And(a, b) => Expr::new(Node::And(part(a, positive)?, part(b, positive)?)).ok(),
        Node::Or(a, b) => Expr::new(Node::Or(part(a, positive)?, part(b, positive)?)).ok(),
        Node::Not(a) => Expr::new(Node::Not(part(a, !positive)?)).ok(),
        Node::IsNull(a) => {
            matches!(a.node(), Node::Column(_) | Node::ColumnOr(..)).then(|| truth(true))
        }
        node if ignores_null(node) => None,
        other => (!other.children().into_iter().any(coalesces)).then(|| truth(!positive)),
    }
}

/// Whether a missing value may become another one inside.
fn coalesces(expr: &Expr) -> bool {
    let mut found = false;
    expr.visit(&mut |inner| found |= ignores_null(inner.node()));
    found
}

fn ignores_null(node: &Node) -> bool {
    match node {
        Node::Coalesce(_) => true,
        Node::Call(function, _) => function.ignores_null(),
        _ => false,
    }
}

fn truth(value: bool) -> Expr {
    Expr::literal(Value::Bool(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{col, priority};

    /// The filter of a rule with this filter, widened.
    fn widened(filter: Expr) -> String {
        let rule = priority([(Some(col("orders").greater(5)), "HIGH"), (None, "LOW")]);
        let widened = Rule::including_decided(&[rule.with_filter(filter)]).remove(0);
        widened.filter.expect("a filter").to_string()
    }

    #[test]
    fn rows_that_have_a_value_of_the_rule_are_looked_at_again() {
        let own = "(priority.is_null() or priority.is_one_of([\"HIGH\", \"LOW\"]))";
        let cases = [
            (col("priority").missing(), format!("priority.is_null() or true and {own}")),
            (
                col("active").and(col("priority").missing()),
                format!("active and priority.is_null() or active and true and {own}"),
            ),
            (col("priority").eq_to("MEDIUM"), format!("priority == \"MEDIUM\" or false and {own}")),
            (
                col("priority").eq_to("MEDIUM").negated(),
                format!("not(priority == \"MEDIUM\") or not(true) and {own}"),
            ),
        ];
        for (filter, expected) in cases {
            assert_eq!(widened(filter.clone()), expected, "{filter}");
        }
    }

    #[test]
    fn a_filter_on_other_columns_stays() {
        assert_eq!(widened(col("active")), "active");
    }

    #[test]
    fn values_that_are_computed_can_not_be_recognised() {
        let rule = crate::fixtures::set("orders", crate::Assignment::Value(col("amount")));
        let rule = rule.with_filter(col("orders").missing());
        assert_eq!(Rule::including_decided(std::slice::from_ref(&rule)), [rule]);
    }

    #[test]
    fn what_one_rule_of_a_set_has_decided_the_others_have() {
        let rules = [
            priority([(None, "LOW")]),
            crate::fixtures::set("orders", crate::Assignment::Value(col("amount"))),
        ];
        let rules = rules.map(|rule| rule.with_filter(col("priority").missing()));
        let filters = Rule::including_decided(&rules).into_iter().map(|rule| rule.filter);
        let filters: Vec<String> = filters.flatten().map(|filter| filter.to_string()).collect();
        let both = "priority.is_null() or true and (priority.is_null() or priority == \"LOW\")";
        assert_eq!(filters, [both, both]);
    }
}
