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

    /// Two values compared; the left one is of this expression.
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
