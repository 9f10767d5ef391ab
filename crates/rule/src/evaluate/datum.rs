//! Values as they are compared, by the type of their column where it is known.

use std::cmp::Ordering;

use jiff::civil::DateTime;
use rust_decimal::Decimal;

use crate::evaluate::error::EvaluationError;
use crate::model::types::{ValueSlot, check_fits};
use crate::{DataType, Expr, Kind, RuleError, Value, midnight, parse_moment};

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Datum {
    Null,
    Bool(bool),
    Number(Decimal),
    Moment(Moment),
    /// A text; `typed` when its column is known to hold texts.
    Text {
        text: String,
        typed: bool,
    },
    /// An enum's label, with its place in the order.
    Label {
        text: String,
        rank: usize,
        labels: Vec<String>,
        name: String,
    },
}

/// A date, or a date and time; a date is its midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Moment {
    Past,
    At(DateTime),
    Future,
}

impl Moment {
    /// As PostgreSQL reads it, as far as rules write it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text.trim() {
            "infinity" => Some(Self::Future),
            "-infinity" => Some(Self::Past),
            text => parse_moment(text).map(Self::At),
        }
    }
}

impl Datum {
    pub(crate) fn from_value(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(truth) => Self::Bool(*truth),
            Value::Integer(number) => Self::Number((*number).into()),
            Value::Decimal(number) => Self::Number(*number),
            Value::Text(text) => Self::Text { text: text.clone(), typed: false },
            Value::Date(day) => Self::Moment(Moment::At(midnight(*day))),
            Value::Timestamp(at) => Self::Moment(Moment::At(*at)),
        }
    }

    /// A value of a column of this type.
    ///
    /// # Errors
    /// [`RuleError`] when the type does not hold it.
    pub(crate) fn typed(
        value: &Value,
        data_type: &DataType,
        name: &str,
    ) -> Result<Self, RuleError> {
        let kind = &data_type.kind;
        match (kind, value) {
            (kind, Value::Text(text)) if kind.is_moment() => {
                let slot = ValueSlot { data_type, name: name.to_owned(), stored: false };
                if let Some(moment) = Moment::parse(text)
                    && (!matches!(moment, Moment::At(_)) || check_fits(value, &slot).is_ok())
                {
                    return Ok(Self::Moment(moment));
                }
            }
            (Kind::Enum { name, labels }, Value::Text(text)) => return label(text, labels, name),
            _ => {}
        }
        check_fits(value, &ValueSlot { data_type, name: name.to_owned(), stored: false })?;
        Ok(match Self::from_value(value) {
            Self::Text { text, .. } if *kind == Kind::Uuid => {
                Self::Text { text: text.to_lowercase(), typed: true }
            }
            Self::Text { text, .. } => Self::Text { text, typed: true },
            other => other,
        })
    }

    pub(crate) fn into_value(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(truth) => Value::Bool(truth),
            Self::Number(number) => Value::Decimal(number),
            Self::Moment(Moment::Past) => Value::Text("-infinity".into()),
            Self::Moment(Moment::Future) => Value::Text("infinity".into()),
            Self::Moment(Moment::At(at)) => Value::Timestamp(at),
            Self::Text { text, .. } | Self::Label { text, .. } => Value::Text(text),
        }
    }

    /// The order of two values that are not NULL; this one is the value of `expr`, for the message. Texts are compared by
    /// their characters' codes, as under `COLLATE "C"`.
    ///
    /// # Errors
    /// [`EvaluationError`] when they can't be compared, or their order (which `equality` does not need) depends on a type
    /// that is not known.
    pub(crate) fn compare(
        &self,
        other: &Self,
        expr: &Expr,
        equality: bool,
    ) -> Result<Ordering, EvaluationError> {
        let incomparable = || mismatch(expr, self, other);
        let moment = |text: &str| Moment::parse(text).ok_or_else(incomparable);
        match (self, other) {
            (Self::Bool(left), Self::Bool(right)) => Ok(left.cmp(right)),
            (Self::Number(left), Self::Number(right)) => Ok(left.cmp(right)),
            (Self::Moment(left), Self::Moment(right)) => Ok(left.cmp(right)),
            (Self::Label { rank: left, .. }, Self::Label { rank: right, .. }) => {
                Ok(left.cmp(right))
            }
            (Self::Label { labels, name, .. }, Self::Text { text, .. }) => {
                self.compare(&label(text, labels, name)?, expr, equality)
            }
            (Self::Text { text, .. }, Self::Label { labels, name, .. }) => {
                label(text, labels, name)?.compare(other, expr, equality)
            }
            (Self::Moment(left), Self::Text { text, typed: false }) => Ok(left.cmp(&moment(text)?)),
            (Self::Text { text, typed: false }, Self::Moment(right)) => {
                Ok(moment(text)?.cmp(right))
            }
            (Self::Text { text: left, typed }, Self::Text { text: right, typed: also_typed }) => {
                compare_texts(left, right, *typed || *also_typed, equality)
            }
            _ => Err(incomparable().into()),
        }
    }

    /// What an expression is, of which this is the value: `grade is a text, "B"`.
    pub(crate) fn describe_as(&self, expr: &Expr) -> String {
        let name = expr.column_name().unwrap_or("the value");
        format!("{name} is {}", self.describe())
    }

    fn describe(&self) -> String {
        match self {
            Self::Label { name, .. } => format!("a value of {name}"),
            Self::Number(_) => "a number".into(),
            Self::Moment(_) => "a date".into(),
            Self::Text { text, .. } => format!("a text, \"{text}\""),
            Self::Bool(_) => "true or false".into(),
            Self::Null => "no value".into(),
        }
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

/// The order of two texts; where no type is known, two texts that read as dates are dates.
fn compare_texts(
    left: &str,
    right: &str,
    typed: bool,
    equality: bool,
) -> Result<Ordering, EvaluationError> {
    if typed {
        return Ok(left.cmp(right));
    }
    match (Moment::parse(left), Moment::parse(right)) {
        (Some(left), Some(right)) => Ok(left.cmp(&right)),
        _ if equality || left == right => Ok(left.cmp(right)),
        _ => Err(EvaluationError::Unordered { left: left.to_owned(), right: right.to_owned() }),
    }
}

fn mismatch(a: &Expr, left: &Datum, right: &Datum) -> RuleError {
    RuleError::Mismatch {
        left: left.describe_as(a),
        right: format!("the other is {}", right.describe()),
        verb: "compared",
        help: "both sides must have the same type".into(),
    }
}
