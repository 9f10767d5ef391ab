//! Calculations, and the type that several values come to together.

use crate::evaluate::column_type::{Blanks, Collation, ColumnType, Storage};
use crate::evaluate::datum::{Datum, Text, Typing};
use crate::evaluate::decide::Evaluation;
use crate::evaluate::error::EvaluationError;
use crate::evaluate::{float, store};
use crate::{Arithmetic, Expr, Function, Node, Record, RuleError, Value};

/// `a operator b`. Exact numbers are computed exactly; beside a float, a number becomes a `double precision`.
pub(super) fn calculate(
    operator: Arithmetic,
    sides: [(&Expr, Datum); 2],
) -> Result<Datum, EvaluationError> {
    for (expr, value) in &sides {
        if *value != Datum::Null && !value.is_number() {
            return Err(EvaluationError::from(RuleError::WrongOperand {
                operator: format!("`{}`", operator.symbol()),
                wanted: "numbers",
                found: value.describe_as(expr),
                help: "calculate with columns of numbers only",
            }));
        }
    }
    match sides.map(|(_, value)| value) {
        [Datum::Number(left), Datum::Number(right)] => {
            let result = match operator {
                Arithmetic::Add => left.add(right),
                Arithmetic::Subtract => left.subtract(right),
                Arithmetic::Multiply => left.multiply(right),
                Arithmetic::Divide if right.number.is_zero() => {
                    return Err(EvaluationError::DivisionByZero);
                }
                Arithmetic::Divide => left.divide(right),
            };
            result.map(Datum::Number).ok_or(EvaluationError::TooManyDigits)
        }
        [Datum::Real(left), Datum::Real(right)] => {
            float::calculate(operator, left, right, "real").map(Datum::Real)
        }
        [left, right] => match (left.as_double(), right.as_double()) {
            (Some(left), Some(right)) => {
                float::calculate(operator, left, right, "double precision").map(Datum::Double)
            }
            _ => Ok(Datum::Null),
        },
    }
}

/// The first value that is there, as the type that all of them have together.
pub(super) fn coalesced(
    evaluation: &Evaluation<'_>,
    all: &[Expr],
    beside: Option<&ColumnType>,
) -> Result<Datum, EvaluationError> {
    for one in all {
        let value = evaluation.value(one, beside)?;
        if value != Datum::Null {
            return combined(evaluation, value, all, beside);
        }
    }
    Ok(Datum::Null)
}

/// One of several values, as the type that all of them have together.
pub(super) fn combined(
    evaluation: &Evaluation<'_>,
    value: Datum,
    all: &[Expr],
    beside: Option<&ColumnType>,
) -> Result<Datum, EvaluationError> {
    let value = converted(value, together(evaluation, all, beside))?;
    Ok(with_collation(value, collation(evaluation.row, all)))
}

/// What PostgreSQL makes of a value beside others, in the order in which the one gives way to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Own,
    Padded,
    Real,
    Double,
}

/// The largest type of numbers; of texts, the first.
fn together(evaluation: &Evaluation<'_>, all: &[Expr], beside: Option<&ColumnType>) -> Class {
    let mut classes = all.iter().map(|one| class(evaluation, one, beside));
    match classes.next() {
        Some(Class::Padded) => Class::Padded,
        first => first
            .into_iter()
            .chain(classes)
            .filter(|one| *one != Class::Padded)
            .max()
            .unwrap_or(Class::Own),
    }
}

fn class(evaluation: &Evaluation<'_>, expr: &Expr, beside: Option<&ColumnType>) -> Class {
    let of_type = |known: &ColumnType| match &known.storage {
        Storage::Real => Class::Real,
        Storage::Double => Class::Double,
        Storage::Text { blanks: Blanks::Padding, .. } => Class::Padded,
        _ => Class::Own,
    };
    let row = evaluation.row;
    match expr.node() {
        Node::Column(name) => row.data_type(name).map_or(Class::Own, of_type),
        Node::ColumnOr(name, _) if row.has(name) => row.data_type(name).map_or(Class::Own, of_type),
        Node::Literal(value) | Node::ColumnOr(_, value) => match (value, beside.map(of_type)) {
            (Value::Integer(_) | Value::Decimal(_), Some(Class::Padded)) | (_, None) => Class::Own,
            (_, Some(class)) => class,
        },
        Node::Coalesce(all) | Node::Call(Function::Least | Function::Greatest, all) => {
            together(evaluation, all, beside)
        }
        Node::Call(Function::Abs, all) => class(evaluation, &all[0], None),
        Node::Arithmetic(_, a, b) => match [a, b].map(|side| class(evaluation, side, None)) {
            [Class::Real, Class::Real] => Class::Real,
            [Class::Own, Class::Own] => Class::Own,
            _ => Class::Double,
        },
        _ => Class::Own,
    }
}

fn converted(value: Datum, class: Class) -> Result<Datum, EvaluationError> {
    Ok(match (class, value) {
        (Class::Real, value @ Datum::Number(_)) => {
            Datum::Real(float::real(store::exact(value)?.number))
        }
        (Class::Double, value) => value.as_double().map_or(value, Datum::Double),
        (Class::Padded, Datum::Text(Text { text, typing: Typing::Known { collation, .. } })) => {
            let typing = Typing::Known { blanks: Blanks::Padding, collation };
            Datum::Text(Text::new(text, typing))
        }
        (_, value) => value,
    })
}

/// The collation of several texts together; a text that is written has none.
pub(super) fn collation<'e>(
    row: &Record,
    all: impl IntoIterator<Item = &'e Expr>,
) -> Option<Collation> {
    let of = |expr: &Expr| match expr.node() {
        Node::Column(name) | Node::ColumnOr(name, _) => match &row.data_type(name)?.storage {
            Storage::Text { collation, .. } => Some(collation.clone()),
            _ => None,
        },
        Node::Coalesce(all) | Node::Call(Function::Least | Function::Greatest, all) => {
            collation(row, all)
        }
        Node::Call(Function::Lower | Function::Upper | Function::Trim, all) => {
            Some(collation(row, all).unwrap_or(Collation::Default))
        }
        _ => None,
    };
    all.into_iter().map(of).fold(None, Collation::beside)
}

fn with_collation(value: Datum, together: Option<Collation>) -> Datum {
    match (value, together) {
        (Datum::Text(Text { text, typing: Typing::Known { blanks, .. } }), Some(collation)) => {
            Datum::Text(Text { text, typing: Typing::Known { blanks, collation } })
        }
        (value, _) => value,
    }
}
