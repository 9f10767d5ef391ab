//! Evaluates expressions and rules on one row in memory, as PostgreSQL would.

use jiff::civil::Date;

use crate::evaluate::column_type::{ColumnType, Storage};
use crate::evaluate::combine::{calculate, coalesced};
use crate::evaluate::datum::Datum;
use crate::evaluate::error::EvaluationError;
use crate::evaluate::function::call;
use crate::evaluate::literal::literal;
use crate::evaluate::moment::Moment;
use crate::evaluate::rule_check::{check_constants, check_types};
use crate::evaluate::store::stored;
use crate::{Comparison, Expr, Function, Node, Record, Rule, RuleError, Value, midnight};

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
/// [`EvaluationError`] when the rule means nothing on the row, PostgreSQL would fail on it, or it can't be tried in memory.
pub fn decide(rule: &Rule, row: &Record, as_of: Date) -> Result<Decision, EvaluationError> {
    check_types(rule, row, as_of)?;
    let evaluation = Evaluation { row, as_of };
    check_constants(rule, &evaluation)?;
    let holds = |condition: &Option<Expr>| match condition {
        None => Ok(true),
        Some(condition) => Ok::<_, EvaluationError>(evaluation.condition(condition)? == Some(true)),
    };
    if !holds(&rule.filter)? {
        return Ok(Decision::LeftOut);
    }
    for (number, arm) in rule.arms().iter().enumerate() {
        if holds(&arm.condition)? {
            let target = row.data_type(&rule.column);
            let value = evaluation.value(&arm.value, target)?;
            let kept = stored(value, target, &rule.column)?;
            let value = match (target.map(|target| &target.storage), kept.into_value()?) {
                (Some(Storage::Date), Value::Timestamp(at)) => Value::Date(at.date()),
                (_, value) => value,
            };
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
    Evaluation { row, as_of }.value(expr, None)?.into_value()
}

pub(super) struct Evaluation<'a> {
    pub(super) row: &'a Record,
    pub(super) as_of: Date,
}

impl Evaluation<'_> {
    /// A condition: true, false, or SQL's NULL.
    pub(super) fn condition(&self, expr: &Expr) -> Result<Option<bool>, EvaluationError> {
        match self.value(expr, None)? {
            Datum::Null => Ok(None),
            Datum::Bool(truth) => Ok(Some(truth)),
            other => Err(RuleError::NotACondition {
                found: other.describe_as(expr),
                column: expr.columns().first().map(|&name| name.to_owned()),
            }
            .into()),
        }
    }

    /// A value; a literal in it takes the type `beside` it.
    pub(super) fn value(
        &self,
        expr: &Expr,
        beside: Option<&ColumnType>,
    ) -> Result<Datum, EvaluationError> {
        match expr.node() {
            Node::Literal(value) => Self::literal(value, beside),
            Node::Column(name) => self.row.datum(name),
            Node::Figure(figure) => self.figure(figure),
            Node::ColumnOr(name, value) if !self.row.has(name) => Self::literal(value, beside),
            Node::ColumnOr(name, _) => self.row.datum(name),
            Node::Today => Ok(Datum::Moment(Moment::At(midnight(self.as_of)))),
            Node::Ago(period) => Ok(Datum::Moment(Moment::At(period.before(self.as_of)))),
            Node::Compare(comparison, a, b) => {
                let (left, right) =
                    (self.value(a, self.type_source(b))?, self.value(b, self.type_source(a))?);
                compare_values(*comparison, a, &left, &right)
            }
            Node::And(a, b) => self.combine(a, b, false),
            Node::Or(a, b) => self.combine(a, b, true),
            Node::Not(a) => Ok(truth(self.condition(a)?.map(|held| !held))),
            Node::IsNull(a) => Ok(Datum::Bool(self.value(a, None)? == Datum::Null)),
            Node::IsOneOf(a, values) => self.one_of(a, values),
            Node::Within(a, period) => {
                let since = Datum::Moment(Moment::At(period.before(self.as_of)));
                let left = self.value(a, None)?;
                compare_values(Comparison::GreaterOrEqual, a, &left, &since)
            }
            Node::Arithmetic(operator, a, b) => {
                let sides = [(a, self.value(a, None)?), (b, self.value(b, None)?)];
                calculate(*operator, sides)
            }
            Node::Coalesce(all) => coalesced(self, all, beside.or_else(|| self.type_source(expr))),
            Node::Call(function, arguments) => call(self, *function, arguments, beside),
        }
    }

    fn literal(value: &Value, beside: Option<&ColumnType>) -> Result<Datum, EvaluationError> {
        match beside {
            Some(known) => Ok(literal(value, known, &known.data_type.display)?),
            None => Ok(Datum::from_value(value)),
        }
    }

    /// The type that a literal takes when it is compared with this expression.
    fn type_source(&self, expr: &Expr) -> Option<&ColumnType> {
        match expr.node() {
            Node::Column(name) | Node::ColumnOr(name, _) => self.row.data_type(name),
            Node::Coalesce(all) | Node::Call(Function::Least | Function::Greatest, all) => {
                self.type_source_of(all)
            }
            _ => None,
        }
    }

    pub(super) fn type_source_of(&self, all: &[Expr]) -> Option<&ColumnType> {
        all.iter().find_map(|one| self.type_source(one))
    }

    /// Two conditions, of which one that is `decisive` settles the whole: `false` for `and`, `true` for `or`. PostgreSQL may
    /// compute either first, so that a side that fails is fatal or not.
    fn combine(&self, a: &Expr, b: &Expr, decisive: bool) -> Result<Datum, EvaluationError> {
        let sides = [self.condition(a), self.condition(b)];
        if let [Err(error), Ok(other)] | [Ok(other), Err(error)] = &sides
            && *other == Some(decisive)
        {
            let operator = if decisive { "or" } else { "and" };
            return Err(EvaluationError::OtherSide { operator, error: Box::new(error.clone()) });
        }
        let [a, b] = sides;
        let sides = [a?, b?];
        let unknown = sides.contains(&None);
        let settled = sides.contains(&Some(decisive)).then_some(decisive);
        Ok(truth(settled.or((!unknown).then_some(!decisive))))
    }

    fn one_of(&self, a: &Expr, values: &[Value]) -> Result<Datum, EvaluationError> {
        if values.is_empty() {
            return Ok(Datum::Bool(false));
        }
        let (left, beside) = (self.value(a, None)?, self.type_source(a));
        let mut held = Some(false);
        let mut failed = None;
        for value in values {
            let right = Self::literal(value, beside)?;
            match compare_values(Comparison::Equal, a, &left, &right) {
                Ok(Datum::Bool(true)) => return Ok(Datum::Bool(true)),
                Ok(Datum::Null) => held = None,
                Ok(_) => {}
                Err(error) => failed = Some(error),
            }
        }
        failed.map_or(Ok(truth(held)), Err)
    }
}

/// The left value is of the expression `a`.
fn compare_values(
    comparison: Comparison,
    a: &Expr,
    left: &Datum,
    right: &Datum,
) -> Result<Datum, EvaluationError> {
    if *left == Datum::Null || *right == Datum::Null {
        return Ok(Datum::Null);
    }
    let order = left.compare(right, a, comparison.tests_equality())?;
    Ok(Datum::Bool(comparison.holds(order)))
}

fn truth(held: Option<bool>) -> Datum {
    held.map_or(Datum::Null, Datum::Bool)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Arithmetic;
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
        let unordered = EvaluationError::Untyped {
            left: "B".into(),
            relation: "comes before",
            right: "A".into(),
        };
        assert_eq!(evaluate(&col("grade").less("A"), &row, AS_OF), Err(unordered));
        assert_eq!(condition(&col("grade").eq_to("B"), &row), Value::Bool(true));
    }
}
