//! What a rule reads of a row in memory, to show it.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::{Assignment, Expr, Record, Rule, Value, evaluate};

/// The columns that a rule reads of a row and what other rows give it, as the script writes them, with their values; each
/// once, in the order of their first use. What can't be evaluated is left out.
pub fn values_read(rule: &Rule, row: &Record, as_of: Date) -> Vec<(String, Value)> {
    let key = match &rule.assignment {
        Assignment::Lookup { column, .. } => Some(Expr::column(column)),
        Assignment::Arms(_) | Assignment::Value(_) => None,
    };
    let read = rule.expressions().into_iter().chain(key);
    let mut seen = BTreeSet::new();
    let read = read.flat_map(|expr| expr.reads()).map(|expr| (expr.to_string(), expr));
    let value = |(name, expr): (String, Expr)| Some((name, evaluate(&expr, row, as_of).ok()?));
    read.filter(|(name, _)| seen.insert(name.clone())).filter_map(value).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::values_read;
    use crate::fixtures::{col, priority};
    use crate::{Record, Value};

    #[test]
    fn each_column_that_a_rule_reads_has_its_value_once() {
        let condition = Some(col("orders").eq_to(5));
        let mut rule = priority([(condition.clone(), "HIGH"), (Some(col("active")), "LOW")]);
        rule.filter = condition;
        let row = Record::new([("orders".to_owned(), Value::Integer(3))]);
        let read = values_read(&rule, &row, date(2025, 10, 25)).into_iter();
        let read: Vec<String> = read.map(|(name, value)| format!("{name} {value}")).collect();
        assert_eq!(read, ["orders 3", "active (none)"]);
    }
}
