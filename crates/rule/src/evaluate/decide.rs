//! Evaluates expressions and rules on one row in memory, as PostgreSQL would.

use jiff::civil::Date;

use crate::evaluate::datum::{Datum, Moment};
use crate::evaluate::division::divide;
use crate::evaluate::error::EvaluationError;
use crate::evaluate::store::stored;
use crate::{Arithmetic, Comparison, Expr, Node, Record, Rule, RuleError, Value, midnight};

/// What a rule decides on a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// `where` leaves it out.
    LeftOut,
    /// No arm matches.
    Unmatched,
    /// An arm gives a value, which may be the one that it has.
    Given {
        /// The arm, from 0, as [`Rule::arms`] counts.
        arm: usize,
        /// The value.
        value: Value,
    },
}

/// Decides a rule on a row, on this business date.
///
/// # Errors
/// [`EvaluationError`] when the rule means nothing on the row, or PostgreSQL would fail on it.
pub fn decide(rule: &Rule, row: &Record, as_of: Date) -> Result<Decision, EvaluationError> {
    let evaluation = Evaluation { row, as_of };
    let holds = |condition: &Option<Expr>| match condition {
        None => Ok(true),
        Some(condition) => Ok::<_, EvaluationError>(evaluation.condition(condition)? == Some(true)),
    };
    if !holds(&rule.filter)? {
        return Ok(Decision::LeftOut);
    }
    for (number, arm) in rule.arms().iter().enumerate() {
        if holds(&arm.condition)? {
            let value = stored(evaluation.value(&arm.value)?, row.data_type(&rule.column))?;
            return Ok(Decision::Given { arm: number, value });
        }
    }
    Ok(Decision::Unmatched)
}

/// The value of an expression on a row, on this business date.
///
/// # Errors
/// As [`decide`].
pub fn evaluate(expr: &Expr, row: &Record, as_of: Date) -> Result<Value, EvaluationError> {
    Ok(Evaluation { row, as_of }.value(expr)?.into_value())
}

struct Evaluation<'a> {
    row: &'a Record,
    as_of: Date,
}

impl Evaluation<'_> {
    /// A condition: true, false, or SQL's NULL.
    fn condition(&self, expr: &Expr) -> Result<Option<bool>, EvaluationError> {
        match self.value(expr)? {
            Datum::Null => Ok(None),
            Datum::Bool(truth) => Ok(Some(truth)),
            other => Err(RuleError::NotACondition {
                found: other.describe_as(expr),
                column: expr.columns().first().map(|&name| name.to_owned()),
            }
            .into()),
        }
    }

    fn value(&self, expr: &Expr) -> Result<Datum, EvaluationError> {
        match expr.node() {
            Node::Literal(value) => Ok(Datum::from_value(value)),
            Node::Column(name) => self.row.datum(name),
            Node::ColumnOr(name, value) if !self.row.has(name) => Ok(Datum::from_value(value)),
            Node::ColumnOr(name, _) => self.row.datum(name),
            Node::Today => Ok(Datum::Moment(Moment::At(midnight(self.as_of)))),
            Node::Ago(period) => Ok(Datum::Moment(Moment::At(period.before(self.as_of)))),
            Node::Compare(comparison, a, b) => self.compare(*comparison, a, b),
            Node::And(a, b) => self.combine(a, b, false),
            Node::Or(a, b) => self.combine(a, b, true),
            Node::Not(a) => Ok(truth(self.condition(a)?.map(|held| !held))),
            Node::IsNull(a) => Ok(Datum::Bool(self.value(a)? == Datum::Null)),
            Node::IsOneOf(a, values) => self.one_of(a, values),
            Node::Within(a, period) => {
                let since = Datum::Moment(Moment::At(period.before(self.as_of)));
                self.compare_values(Comparison::GreaterOrEqual, a, self.value(a)?, since)
            }
            Node::Arithmetic(operator, a, b) => self.calculate(*operator, a, b),
            Node::Coalesce(all) => {
                for one in all {
                    let value = self.value(one)?;
                    if value != Datum::Null {
                        return Ok(value);
                    }
                }
                Ok(Datum::Null)
            }
        }
    }

    /// Two conditions, of which one that is `decisive` settles the whole: `false` for `and`, `true` for `or`. Both are
    /// evaluated, so that a mistake in the second shows.
    fn combine(&self, a: &Expr, b: &Expr, decisive: bool) -> Result<Datum, EvaluationError> {
        let sides = [self.condition(a)?, self.condition(b)?];
        let unknown = sides.contains(&None);
        let settled = sides.contains(&Some(decisive)).then_some(decisive);
        Ok(truth(settled.or((!unknown).then_some(!decisive))))
    }

    fn compare(
        &self,
        comparison: Comparison,
        a: &Expr,
        b: &Expr,
    ) -> Result<Datum, EvaluationError> {
        self.compare_values(comparison, a, self.value(a)?, self.value(b)?)
    }

    /// The left value is of the expression `a`.
    fn compare_values(
        &self,
        comparison: Comparison,
        a: &Expr,
        left: Datum,
        right: Datum,
    ) -> Result<Datum, EvaluationError> {
        if left == Datum::Null || right == Datum::Null {
            return Ok(Datum::Null);
        }
        let order = left.compare(&right, a, comparison.tests_equality())?;
        Ok(Datum::Bool(comparison.holds(order)))
    }

    fn one_of(&self, a: &Expr, values: &[Value]) -> Result<Datum, EvaluationError> {
        if values.is_empty() {
            return Ok(Datum::Bool(false));
        }
        let left = self.value(a)?;
        if left == Datum::Null {
            return Ok(Datum::Null);
        }
        for value in values {
            if left.compare(&Datum::from_value(value), a, true)?.is_eq() {
                return Ok(Datum::Bool(true));
            }
        }
        Ok(Datum::Bool(false))
    }

    fn calculate(
        &self,
        operator: Arithmetic,
        a: &Expr,
        b: &Expr,
    ) -> Result<Datum, EvaluationError> {
        let number = |expr: &Expr| match self.value(expr)? {
            Datum::Null => Ok(None),
            Datum::Number(number) => Ok(Some(number)),
            other => Err(EvaluationError::from(RuleError::WrongOperand {
                operator: format!("`{}`", operator.symbol()),
                wanted: "numbers",
                found: other.describe_as(expr),
                help: "calculate with columns of numbers only",
            })),
        };
        let (Some(left), Some(right)) = (number(a)?, number(b)?) else { return Ok(Datum::Null) };
        let result = match operator {
            Arithmetic::Add => left.checked_add(right),
            Arithmetic::Subtract => left.checked_sub(right),
            Arithmetic::Multiply => left.checked_mul(right),
            Arithmetic::Divide if right.is_zero() => return Err(EvaluationError::DivisionByZero),
            Arithmetic::Divide => divide(left, right),
        };
        result.map(Datum::Number).ok_or(EvaluationError::TooManyDigits)
    }
}

fn truth(held: Option<bool>) -> Datum {
    held.map_or(Datum::Null, Datum::Bool)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{AS_OF, col, expr, priority, table};

    /// A row of `Customer` with these values, and the types of the table.
    fn row<const N: usize>(values: [(&str, Value); N]) -> Record {
        let types = table().columns.into_iter().map(|column| (column.name, column.data_type));
        Record::new(values.map(|(name, value)| (name.to_owned(), value))).with_types(types)
    }

    fn condition(expr: &Expr, row: &Record) -> Value {
        evaluate(expr, row, AS_OF).unwrap_or_else(|error| panic!("{expr}: {error}"))
    }

    #[test]
    fn conditions_are_true_false_or_null_as_in_sql() {
        let row = row([
            ("orders", 5.into()),
            ("grade", "B".into()),
            ("seen", "2025-04-25".into()),
            ("active", true.into()),
        ]);
        let (no, yes, null) = (|| Value::Bool(false), || Value::Bool(true), || Value::Null);
        let cases = [
            (col("orders").at_least(5), yes()),
            (col("orders").greater(5), no()),
            (col("orders").eq_to(5).negated(), no()),
            (col("amount").greater(5), null()),
            (col("amount").missing(), yes()),
            (col("amount").greater(5).negated(), null()),
            (col("amount").greater(5).and(col("orders").less(0)), no()),
            (col("amount").greater(5).and(col("active")), null()),
            (col("amount").greater(5).or(col("active")), yes()),
            (col("amount").greater(5).or(col("orders").less(0)), null()),
            // C < B < A, as the enum has them.
            (col("grade").less("A"), yes()),
            (col("grade").one_of(["A", "B"]), yes()),
            (col("seen").within("6mo"), yes()),
            (col("seen").within("179d"), no()),
            (col("born").within("6mo"), null()),
        ];
        for (expr, expected) in cases {
            assert_eq!(condition(&expr, &row), expected, "{expr}");
        }
    }

    #[test]
    fn the_first_arm_that_matches_decides() {
        let rule = priority([
            (Some(col("seen").within("6mo")), "HIGH"),
            (Some(col("seen").within("12mo")), "MEDIUM"),
        ])
        .with_filter(col("active"));
        let decided = |seen: Value, active: Value| {
            decide(&rule, &row([("seen", seen), ("active", active)]), AS_OF).expect("decided")
        };
        let given = |arm, value: &str| Decision::Given { arm, value: value.into() };
        let yes = || Value::Bool(true);
        assert_eq!(decided("2025-10-01".into(), yes()), given(0, "HIGH"));
        assert_eq!(decided("2025-01-01".into(), yes()), given(1, "MEDIUM"));
        assert_eq!(decided("2020-01-01".into(), yes()), Decision::Unmatched);
        assert_eq!(decided(Value::Null, yes()), Decision::Unmatched);
        assert_eq!(decided("2025-10-01".into(), Value::Null), Decision::LeftOut);
    }

    #[test]
    fn numbers_are_computed_and_kept_as_postgresql_does() {
        let number = |text: &str| Value::Decimal(text.parse().expect(text));
        let row = row([("orders", 2.into()), ("amount", number("1.005"))]);
        let compute = |operator, a: &str, b: Expr| {
            evaluate(&expr(Node::Arithmetic(operator, col(a), b)), &row, AS_OF)
        };
        // numeric(9,2) has rounded it.
        assert_eq!(condition(&col("amount"), &row), number("1.01"));
        let seven = || Expr::literal(7.into());
        assert_eq!(compute(Arithmetic::Add, "amount", seven()), Ok(number("8.01")));
        let quotient = compute(Arithmetic::Divide, "orders", seven());
        assert_eq!(quotient, Ok(number("0.28571428571428571429")));
        let zero = Expr::literal(0.into());
        assert_eq!(
            compute(Arithmetic::Divide, "orders", zero),
            Err(EvaluationError::DivisionByZero)
        );
        assert_eq!(compute(Arithmetic::Add, "orders", col("ratio")), Ok(Value::Null));
    }

    #[test]
    fn texts_of_an_unknown_type_have_no_order() {
        let row = Record::new([("grade".to_owned(), Value::from("B"))]);
        let unordered = EvaluationError::Unordered { left: "B".into(), right: "A".into() };
        assert_eq!(evaluate(&col("grade").less("A"), &row, AS_OF), Err(unordered));
        assert_eq!(condition(&col("grade").eq_to("B"), &row), Value::Bool(true));
    }
}
