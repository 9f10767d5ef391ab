//! Models rules over one date column, so that a page can try other thresholds without asking the database again.

use std::cmp::Ordering;

use jiff::civil::Date;

use crate::sql::own_names::operation;
use crate::sql::table::AS_TEXT;
use crate::{
    Comparison, Expr, Node, Period, Relation, Rule, RuleError, Sql, SqlBuilder, quote_identifier,
};

/// A rule whose value depends on one date column alone, by thresholds of which at least one is a setting.
#[derive(Clone, Debug, PartialEq)]
pub struct ThresholdModel {
    /// The date column.
    pub column: String,
    /// The thresholds; a period appears once for each setting that it comes from.
    pub thresholds: Vec<Period>,
    /// The arms in order.
    pub arms: Vec<ThresholdArm>,
}

/// An arm of such a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct ThresholdArm {
    /// When it matches.
    pub test: ThresholdTest,
    /// The value it gives, as PostgreSQL reads it; `None` is NULL.
    pub value: Option<String>,
}

/// A condition on the date alone.
#[derive(Clone, Debug, PartialEq)]
pub enum ThresholdTest {
    /// It always holds.
    Always,
    /// The date compared with the threshold of this position.
    Compare(Comparison, usize),
    /// There is no date.
    IsNull,
    /// It does not hold.
    Not(Box<ThresholdTest>),
    /// Both hold.
    And(Box<ThresholdTest>, Box<ThresholdTest>),
    /// One holds.
    Or(Box<ThresholdTest>, Box<ThresholdTest>),
}

impl ThresholdModel {
    /// The model of a rule, if the rule is such a one.
    pub fn from_rule(rule: &Rule) -> Option<Self> {
        let mut model = Self { column: String::new(), thresholds: vec![], arms: vec![] };
        for arm in rule.arms() {
            let Node::Literal(value) = arm.value.node() else { return None };
            let test = match &arm.condition {
                None => ThresholdTest::Always,
                Some(condition) => model.test(condition)?,
            };
            model.arms.push(ThresholdArm { test, value: value.to_sql_text() });
        }
        model.thresholds.iter().any(|period| period.setting().is_some()).then_some(model)
    }

    fn test(&mut self, condition: &Expr) -> Option<ThresholdTest> {
        Some(match condition.node() {
            Node::Within(date, period) => {
                self.note_column(date)?;
                ThresholdTest::Compare(Comparison::GreaterOrEqual, self.threshold(*period))
            }
            Node::Compare(comparison, date, moment) => {
                let Node::Ago(period) = moment.node() else { return None };
                self.note_column(date)?;
                // The histogram counts by day, which does not separate a threshold's midnight from the rest of its day.
                if comparison.holds(Ordering::Equal) != comparison.holds(Ordering::Greater) {
                    return None;
                }
                ThresholdTest::Compare(*comparison, self.threshold(*period))
            }
            Node::IsNull(date) => {
                self.note_column(date)?;
                ThresholdTest::IsNull
            }
            Node::Not(a) => ThresholdTest::Not(Box::new(self.test(a)?)),
            Node::And(a, b) => ThresholdTest::And(Box::new(self.test(a)?), Box::new(self.test(b)?)),
            Node::Or(a, b) => ThresholdTest::Or(Box::new(self.test(a)?), Box::new(self.test(b)?)),
            _ => return None,
        })
    }

    /// `None` when it is another column than before, or no column.
    fn note_column(&mut self, date: &Expr) -> Option<()> {
        let Node::Column(name) = date.node() else { return None };
        if self.column.is_empty() {
            self.column.clone_from(name);
        }
        (self.column == *name).then_some(())
    }

    fn threshold(&mut self, period: Period) -> usize {
        let same = |known: &Period| (*known, known.setting()) == (period, period.setting());
        self.thresholds.iter().position(same).unwrap_or_else(|| {
            self.thresholds.push(period);
            self.thresholds.len() - 1
        })
    }
}

/// Counts the rows that a rule could decide (see [`Rule::including_decided`]) by the day of a date column, by whether
/// `where` takes them now, and by the value that they have. A row of the result has the days from `as_of` (negative before
/// it; or `infinity`, `-infinity`, NULL), `true` or `false`, the value as text, and the number of rows. At most `limit`
/// groups.
///
/// # Errors
/// [`RuleError`] when a column or the filter means nothing on this table.
pub fn compile_histogram(
    rule: &Rule,
    date: &str,
    source: &Relation,
    limit: usize,
    as_of: Date,
) -> Result<Sql, RuleError> {
    let mut sql = SqlBuilder::new(source, as_of);
    let taken = sql.filter(rule.filter.as_ref())?;
    let decidable = Rule::including_decided(std::slice::from_ref(rule)).remove(0).filter;
    let decidable = sql.filter(decidable.as_ref())?;
    let target = source.table.require_column(&rule.column)?;
    let date = quote_identifier(&source.table.require_column(date)?.name);
    let today = sql.bind(Some(as_of.to_string()), "pg_catalog.date");
    let days = operation(&format!("{date}::pg_catalog.date"), "-", &today);
    let key = target.data_type.group_key(&quote_identifier(&target.name));
    let source = source.text();
    // Thresholds are midnights, so that the day alone says on which side of one a moment is.
    Ok(sql.finish(format!(
        "SELECT day, taken{AS_TEXT}, {old}, pg_catalog.count(*){AS_TEXT} FROM (\
           SELECT CASE WHEN pg_catalog.isfinite({date}) THEN {days}{AS_TEXT} ELSE {date}{AS_TEXT} END AS day, \
                  ({taken}) IS TRUE AS taken, {key} AS old_value FROM {source} AS rows WHERE {decidable}) AS counted \
         GROUP BY day, taken, old_value ORDER BY taken, counted.old_value NULLS FIRST, pg_catalog.length(day), day LIMIT {limit}",
        old = target.data_type.grouped_text("old_value"),
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{AS_OF, col, customers, expr, period, priority};

    fn setting(text: &str) -> Expr {
        expr(Node::Within(col("seen"), period(text).for_setting("recent")))
    }

    fn compared(comparison: Comparison) -> Expr {
        let ago = expr(Node::Ago(period("6mo").for_setting("recent")));
        expr(Node::Compare(comparison, col("seen"), ago))
    }

    /// The test of the first arm of a rule with this condition.
    fn test_of(condition: Expr) -> Option<ThresholdTest> {
        let model =
            ThresholdModel::from_rule(&priority([(Some(condition), "HIGH"), (None, "LOW")]));
        model.map(|model| model.arms[0].test.clone())
    }

    #[test]
    fn thresholds_are_collected_once_for_each_setting() {
        let rule = priority([
            (Some(setting("6mo")), "HIGH"),
            (Some(col("seen").within("6mo")), "MEDIUM"),
            (Some(setting("6mo").negated().or(col("seen").missing())), "LOW"),
        ]);
        let model = ThresholdModel::from_rule(&rule).expect("a model");
        assert_eq!(model.column, "seen");
        let settings: Vec<_> = model.thresholds.iter().map(|one| one.setting()).collect();
        assert_eq!(settings, [Some("recent"), None]);
        let within = |at| ThresholdTest::Compare(Comparison::GreaterOrEqual, at);
        let older = ThresholdTest::Not(Box::new(within(0)));
        let or = ThresholdTest::Or(Box::new(older), Box::new(ThresholdTest::IsNull));
        let tests: Vec<_> = model.arms.into_iter().map(|arm| arm.test).collect();
        assert_eq!(tests, [within(0), within(1), or]);
    }

    #[test]
    fn a_day_can_not_separate_a_midnight_from_what_follows() {
        for &comparison in Comparison::ALL {
            let expected = match comparison {
                Comparison::Less | Comparison::GreaterOrEqual => {
                    Some(ThresholdTest::Compare(comparison, 0))
                }
                Comparison::Equal
                | Comparison::NotEqual
                | Comparison::LessOrEqual
                | Comparison::Greater => None,
            };
            assert_eq!(test_of(compared(comparison)), expected, "{comparison:?}");
        }
    }

    #[test]
    fn a_rule_over_more_than_one_date_or_without_a_setting_is_no_model() {
        assert_eq!(test_of(col("seen").within("6mo")), None);
        assert_eq!(test_of(setting("6mo").and(col("born").within("1y"))), None);
        assert_eq!(test_of(setting("6mo").and(col("orders").greater(5))), None);
    }

    #[test]
    fn the_histogram_counts_days_from_the_business_date() {
        let rule = priority([(Some(setting("6mo")), "HIGH")]).with_filter(col("active"));
        let sql = compile_histogram(&rule, "seen", &customers(), 10, AS_OF).expect("a rule");
        assert!(sql.text.contains("(\"seen\"::pg_catalog.date OPERATOR(pg_catalog.-) $1::pg_catalog.text::pg_catalog.date)"), "{}", sql.text);
        assert!(sql.text.ends_with("LIMIT 10"), "{}", sql.text);
        assert_eq!(sql.parameters, [Some("2025-10-25".to_owned())]);
    }
}
