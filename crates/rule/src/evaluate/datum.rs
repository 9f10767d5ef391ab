//! Values as they are compared, by the type of their column where it is known.

use std::cmp::Ordering;
use std::fmt;

use uuid::Uuid;

use crate::evaluate::column_type::{Blanks, Collation};
use crate::evaluate::error::EvaluationError;
use crate::evaluate::exact::Exact;
use crate::evaluate::float;
use crate::evaluate::moment::Moment;
use crate::evaluate::text::compare_texts;
use crate::{Expr, RuleError, Value, midnight};

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Datum {
    Null,
    Bool(bool),
    Number(Exact),
    Real(f32),
    Double(f64),
    Moment(Moment),
    Uuid(Uuid),
    Text(Text),
    /// An enum's label, with its place in the order.
    Label {
        text: String,
        rank: usize,
        labels: Vec<String>,
        name: String,
    },
    /// A value of a type that is only passed on.
    Untried {
        type_name: String,
        value: Value,
    },
}

/// A text, and what is known of its type.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Text {
    pub(crate) text: String,
    pub(crate) typing: Typing,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Typing {
    /// It may also be a date, a uuid or a label.
    Unknown,
    Known {
        blanks: Blanks,
        collation: Collation,
    },
}

impl Datum {
    pub(crate) fn from_value(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(truth) => Self::Bool(*truth),
            Value::Integer(number) => Self::Number(rust_decimal::Decimal::from(*number).into()),
            Value::Decimal(number) => Self::Number((*number).into()),
            Value::Text(text) => Self::untyped(text.clone()),
            Value::Date(day) => Self::Moment(Moment::At(midnight(*day))),
            Value::Timestamp(at) => Self::Moment(Moment::At(*at)),
        }
    }

    pub(crate) fn untyped(text: String) -> Self {
        Self::Text(Text { text, typing: Typing::Unknown })
    }

    /// # Errors
    /// [`EvaluationError::TooManyDigits`] for a float that a script can't write.
    pub(crate) fn into_value(self) -> Result<Value, EvaluationError> {
        Ok(match self {
            Self::Null => Value::Null,
            Self::Bool(truth) => Value::Bool(truth),
            Self::Number(exact) => Value::Decimal(exact.number),
            Self::Real(number) => Value::Decimal(float::shown(&number.to_string())?),
            Self::Double(number) => Value::Decimal(float::shown(&number.to_string())?),
            Self::Moment(Moment::Past) => Value::Text("-infinity".into()),
            Self::Moment(Moment::Future) => Value::Text("infinity".into()),
            Self::Moment(Moment::At(at)) => Value::Timestamp(at),
            Self::Uuid(uuid) => Value::Text(uuid.to_string()),
            Self::Text(Text { text, .. }) | Self::Label { text, .. } => Value::Text(text),
            Self::Untried { value, .. } => value,
        })
    }

    pub(crate) fn is_number(&self) -> bool {
        matches!(self, Self::Number(_) | Self::Real(_) | Self::Double(_))
    }

    /// A number as a `double precision`, as PostgreSQL makes one of it beside a float.
    pub(crate) fn as_double(&self) -> Option<f64> {
        match self {
            Self::Number(exact) => Some(float::double(exact.number)),
            Self::Real(number) => Some((*number).into()),
            Self::Double(number) => Some(*number),
            _ => None,
        }
    }

    /// The order of two values that are not NULL; this one is the value of `expr`, for the message.
    ///
    /// # Errors
    /// [`EvaluationError`] when they can't be compared, or their order (which `equality` does not need) depends on a type
    /// or a collation that is not known.
    pub(crate) fn compare(
        &self,
        other: &Self,
        expr: &Expr,
        equality: bool,
    ) -> Result<Ordering, EvaluationError> {
        let incomparable = || EvaluationError::from(mismatch(expr, self, other));
        let moment = |text: &str| Moment::parse(text).ok_or_else(incomparable);
        let uuid = |text: &str| Uuid::try_parse(text).map_err(|_| incomparable());
        match (self, other) {
            (Self::Untried { type_name, .. }, _) | (_, Self::Untried { type_name, .. }) => {
                let name = name_of(expr);
                Err(EvaluationError::UntriedType { name, type_name: type_name.clone() })
            }
            (Self::Bool(left), Self::Bool(right)) => Ok(left.cmp(right)),
            (Self::Number(left), Self::Number(right)) => Ok(left.number.cmp(&right.number)),
            (Self::Moment(left), Self::Moment(right)) => Ok(left.cmp(right)),
            (Self::Uuid(left), Self::Uuid(right)) => Ok(left.cmp(right)),
            (Self::Label { rank: left, .. }, Self::Label { rank: right, .. }) => {
                Ok(left.cmp(right))
            }
            (Self::Text(left), Self::Text(right)) => compare_texts(left, right, equality),
            (Self::Label { labels, name, .. }, Self::Text(Text { text, .. })) => {
                self.compare(&label(text, labels, name)?, expr, equality)
            }
            (Self::Text(Text { text, .. }), Self::Label { labels, name, .. }) => {
                label(text, labels, name)?.compare(other, expr, equality)
            }
            (Self::Moment(left), Self::Text(Text { text, typing: Typing::Unknown })) => {
                Ok(left.cmp(&moment(text)?))
            }
            (Self::Text(Text { text, typing: Typing::Unknown }), Self::Moment(right)) => {
                Ok(moment(text)?.cmp(right))
            }
            (Self::Uuid(left), Self::Text(Text { text, typing: Typing::Unknown })) => {
                Ok(left.cmp(&uuid(text)?))
            }
            (Self::Text(Text { text, typing: Typing::Unknown }), Self::Uuid(right)) => {
                Ok(uuid(text)?.cmp(right))
            }
            _ => match (self.as_double(), other.as_double()) {
                (Some(left), Some(right)) => left.partial_cmp(&right).ok_or_else(incomparable),
                _ => Err(incomparable()),
            },
        }
    }

    /// What an expression is, of which this is the value: `grade is a text, "B"`.
    pub(crate) fn describe_as(&self, expr: &Expr) -> String {
        format!("{} is {}", name_of(expr), self.describe())
    }

    fn describe(&self) -> String {
        match self {
            Self::Label { name, .. } => format!("a value of {name}"),
            Self::Number(_) | Self::Real(_) | Self::Double(_) => "a number".into(),
            Self::Moment(_) => "a date".into(),
            Self::Uuid(_) => "a uuid".into(),
            Self::Text(Text { text, .. }) => format!("a text, \"{text}\""),
            Self::Bool(_) => "true or false".into(),
            Self::Null => "no value".into(),
            Self::Untried { type_name, .. } => format!("a value of type {type_name}"),
        }
    }
}

impl fmt::Display for Datum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Real(number) => write!(f, "{number}"),
            Self::Double(number) => write!(f, "{number}"),
            other => match other.clone().into_value() {
                Ok(value) => write!(f, "{value}"),
                Err(error) => write!(f, "{error}"),
            },
        }
    }
}

fn name_of(expr: &Expr) -> String {
    match expr.column_name() {
        Some(_) => expr.to_string(),
        None => "the value".into(),
    }
}

pub(crate) fn label(text: &str, labels: &[String], name: &str) -> Result<Datum, RuleError> {
    let rank = labels.iter().position(|one| one == text).ok_or_else(|| RuleError::NotALabel {
        type_name: name.to_owned(),
        value: text.to_owned(),
        labels: labels.to_vec(),
    })?;
    Ok(Datum::Label { text: text.to_owned(), rank, labels: labels.to_vec(), name: name.to_owned() })
}

fn mismatch(a: &Expr, left: &Datum, right: &Datum) -> RuleError {
    RuleError::Mismatch {
        left: left.describe_as(a),
        right: format!("the other is {}", right.describe()),
        verb: "compared",
        help: "both sides must have the same type".into(),
    }
}
