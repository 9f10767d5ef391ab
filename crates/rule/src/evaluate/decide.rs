//! Expressions and rules on one row in memory, as PostgreSQL would decide them.

use jiff::civil::Date;

use crate::evaluate::datum::{Datum, Moment, aligned, assigned};
use crate::evaluate::division::quotient;
use crate::{Arithmetic, Comparison, Expr, Node, Record, Rule, RuleError, Value, midnight};

/// What a rule makes of a row.
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

/// A row in memory on which a rule can't be decided. The text says why; [`EvaluationError::help`] what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvaluationError {
    /// The rule means nothing on this row.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// Texts come in an order that depends on their column's type.
    #[error("whether \"{left}\" comes before \"{right}\" depends on the type of their column")]
    Unordered {
        /// The one.
        left: String,
        /// The other.
        right: String,
    },
    /// PostgreSQL would fail.
    #[error("division by zero")]
    DivisionByZero,
    /// PostgreSQL may do better.
    #[error("a number here has more than 28 digits")]
    TooManyDigits,
}

impl EvaluationError {
    /// What to do about it, where there is something to say.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Rule(error) => error.help(),
            Self::Unordered { .. } => Some(
                "say it above the example: given(#{ table: #{ Customer: #{ grade: \"Grade\" } }, enum_values: #{ Grade: [\"C\", \"B\", \"A\"] } }), or \"text\" for the type".into(),
            ),
            Self::DivisionByZero => {
                Some("test for 0 in an arm above, or in `where`".into())
            }
            Self::TooManyDigits => Some("try it with smaller numbers".into()),
        }
    }
}

/// What a rule makes of a row, on this business date.
///
/// # Errors
/// [`EvaluationError`] when the rule means nothing on the row, or PostgreSQL would fail on it.
pub fn decide(rule: &Rule, row: &Record, as_of: Date) -> Result<Decision, EvaluationError> {
    let by = Evaluation { row, as_of };
    if let Some(filter) = &rule.filter
        && by.condition(filter)? != Some(true)
    {
        return Ok(Decision::LeftOut);
    }
    for (arm, tried) in rule.arms().iter().enumerate() {
        let matches = match &tried.condition {
            None => true,
            Some(condition) => by.condition(condition)? == Some(true),
        };
        if matches {
            let value = assigned(by.evaluate(&tried.value)?, row.data_type(&rule.column))?;
            return Ok(Decision::Given { arm, value });
        }
    }
    Ok(Decision::Unmatched)
}

/// The value of an expression on a row, on this business date.
///
/// # Errors
/// As [`decide`].
pub fn evaluate(expr: &Expr, row: &Record, as_of: Date) -> Result<Value, EvaluationError> {
    Ok(Evaluation { row, as_of }.evaluate(expr)?.into_value())
}

struct Evaluation<'a> {
    row: &'a Record,
    as_of: Date,
}

impl Evaluation<'_> {
    /// A condition: true, false, or SQL's NULL.
    fn condition(&self, expr: &Expr) -> Result<Option<bool>, EvaluationError> {
        match self.evaluate(expr)? {
            Datum::Null => Ok(None),
            Datum::Bool(truth) => Ok(Some(truth)),
            other => Err(RuleError::NotACondition {
                found: other.told(expr),
                column: expr.columns().first().map(|&name| name.to_owned()),
            }
            .into()),
        }
    }

    fn evaluate(&self, expr: &Expr) -> Result<Datum, EvaluationError> {
        match expr.node() {
            Node::Literal(value) => Ok(Datum::of(value)),
            Node::Column(name) => self.row.datum(name),
            Node::ColumnOr(name, value) if !self.row.has(name) => Ok(Datum::of(value)),
            Node::ColumnOr(name, _) => self.row.datum(name),
            Node::Today => Ok(Datum::Moment(Moment::At(midnight(self.as_of)))),
            Node::Ago(period) => Ok(Datum::Moment(Moment::At(period.before(self.as_of)))),
            Node::Compare(comparison, a, b) => self.compare(*comparison, a, b),
            Node::And(a, b) => Ok(truth(match (self.condition(a)?, self.condition(b)?) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            })),
            Node::Or(a, b) => Ok(truth(match (self.condition(a)?, self.condition(b)?) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            })),
            Node::Not(a) => Ok(truth(self.condition(a)?.map(|held| !held))),
            Node::IsNull(a) => Ok(Datum::Bool(self.evaluate(a)? == Datum::Null)),
            Node::IsOneOf(a, values) => self.one_of(a, values),
            Node::Within(a, period) => {
                let since = Datum::Moment(Moment::At(period.before(self.as_of)));
                self.against(Comparison::GreaterOrEqual, a, self.evaluate(a)?, since)
            }
            Node::Arithmetic(operator, a, b) => self.calculate(*operator, a, b),
            Node::Coalesce(all) => {
                for one in all {
                    let value = self.evaluate(one)?;
                    if value != Datum::Null {
                        return Ok(value);
                    }
                }
                Ok(Datum::Null)
            }
        }
    }

    fn compare(
        &self,
        comparison: Comparison,
        a: &Expr,
        b: &Expr,
    ) -> Result<Datum, EvaluationError> {
        self.against(comparison, a, self.evaluate(a)?, self.evaluate(b)?)
    }

    /// Two values compared; the left one is of this expression.
    fn against(
        &self,
        comparison: Comparison,
        a: &Expr,
        left: Datum,
        right: Datum,
    ) -> Result<Datum, EvaluationError> {
        if left == Datum::Null || right == Datum::Null {
            return Ok(Datum::Null);
        }
        let order = aligned(a, &left, &right, comparison.tests_equality())?;
        Ok(Datum::Bool(comparison.holds(order)))
    }

    fn one_of(&self, a: &Expr, values: &[Value]) -> Result<Datum, EvaluationError> {
        if values.is_empty() {
            return Ok(Datum::Bool(false));
        }
        let left = self.evaluate(a)?;
        if left == Datum::Null {
            return Ok(Datum::Null);
        }
        for value in values {
            if aligned(a, &left, &Datum::of(value), true)?.is_eq() {
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
        let number = |expr: &Expr| match self.evaluate(expr)? {
            Datum::Null => Ok(None),
            Datum::Number(number) => Ok(Some(number)),
            other => Err(EvaluationError::from(RuleError::WrongOperand {
                operator: format!("`{}`", operator.symbol()),
                wanted: "numbers",
                found: other.told(expr),
                help: "calculate with columns of numbers only",
            })),
        };
        let (Some(left), Some(right)) = (number(a)?, number(b)?) else { return Ok(Datum::Null) };
        let result = match operator {
            Arithmetic::Add => left.checked_add(right),
            Arithmetic::Subtract => left.checked_sub(right),
            Arithmetic::Multiply => left.checked_mul(right),
            Arithmetic::Divide if right.is_zero() => return Err(EvaluationError::DivisionByZero),
            Arithmetic::Divide => quotient(left, right),
        };
        result.map(Datum::Number).ok_or(EvaluationError::TooManyDigits)
    }
}

fn truth(held: Option<bool>) -> Datum {
    held.map_or(Datum::Null, Datum::Bool)
}
