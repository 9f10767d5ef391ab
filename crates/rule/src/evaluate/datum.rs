//! Values as they are compared and stored, by the type of their column where it is known.

use std::cmp::Ordering;

use jiff::Unit;
use jiff::civil::{Date, DateTime, DateTimeRound};
use rust_decimal::{Decimal, RoundingStrategy};

use crate::evaluate::decide::EvaluationError;
use crate::model::typing::{ValueSlot, fits};
use crate::{DataType, Expr, Kind, Node, RuleError, Value, midnight};

/// A value while a row in memory is decided.
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
    fn parse(text: &str) -> Option<Self> {
        match text.trim() {
            "infinity" => Some(Self::Future),
            "-infinity" => Some(Self::Past),
            text => {
                let day = || text.parse::<Date>().map(midnight);
                text.parse::<DateTime>().or_else(|_| day()).ok().map(Self::At)
            }
        }
    }
}

impl Datum {
    /// A value as it is written.
    pub(crate) fn of(value: &Value) -> Self {
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
            (Kind::Date | Kind::Timestamp | Kind::TimestampTz, Value::Text(text)) => {
                if let Some(moment) = Moment::parse(text) {
                    return Ok(Self::Moment(moment));
                }
            }
            (Kind::Enum { name, labels }, Value::Text(text)) => return label(text, labels, name),
            _ => {}
        }
        fits(value, &ValueSlot { data_type, name: name.to_owned(), stored: false })?;
        Ok(match Self::of(value) {
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

    /// An expression and what sort it is.
    pub(crate) fn told(&self, expr: &Expr) -> String {
        let name = match expr.node() {
            Node::Column(name) | Node::ColumnOr(name, _) => name.clone(),
            _ => "the value".into(),
        };
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

fn label(text: &str, labels: &[String], name: &str) -> Result<Datum, RuleError> {
    let rank = labels.iter().position(|one| one == text).ok_or_else(|| RuleError::NotALabel {
        type_name: name.to_owned(),
        value: text.to_owned(),
        labels: labels.to_vec(),
    })?;
    Ok(Datum::Label { text: text.to_owned(), rank, labels: labels.to_vec(), name: name.to_owned() })
}

/// How two values that are there compare; the left one is of the expression. Texts are compared by their
/// characters' codes, as under `COLLATE "C"`.
///
/// # Errors
/// [`EvaluationError`] when they can't be compared, or their order depends on a type that is not known.
pub(crate) fn aligned(
    a: &Expr,
    left: &Datum,
    right: &Datum,
    equality: bool,
) -> Result<Ordering, EvaluationError> {
    match (left, right) {
        (Datum::Bool(left), Datum::Bool(right)) => Ok(left.cmp(right)),
        (Datum::Number(left), Datum::Number(right)) => Ok(left.cmp(right)),
        (Datum::Moment(left), Datum::Moment(right)) => Ok(left.cmp(right)),
        (Datum::Label { rank: left, .. }, Datum::Label { rank: right, .. }) => Ok(left.cmp(right)),
        (Datum::Label { labels, name, .. }, Datum::Text { text, .. }) => {
            aligned(a, left, &label(text, labels, name)?, equality)
        }
        (Datum::Text { text, .. }, Datum::Label { labels, name, .. }) => {
            aligned(a, &label(text, labels, name)?, right, equality)
        }
        (Datum::Moment(one), Datum::Text { text, typed: false }) => {
            let other = Moment::parse(text).ok_or_else(|| mismatch(a, left, right))?;
            Ok(one.cmp(&other))
        }
        (Datum::Text { text, typed: false }, Datum::Moment(other)) => {
            let one = Moment::parse(text).ok_or_else(|| mismatch(a, left, right))?;
            Ok(one.cmp(other))
        }
        (
            Datum::Text { text: one, typed: known },
            Datum::Text { text: other, typed: also_known },
        ) => texts(one, other, *known || *also_known, equality),
        _ => Err(mismatch(a, left, right).into()),
    }
}

/// Two texts; of columns whose type nobody said, two dates are dates.
fn texts(one: &str, other: &str, known: bool, equality: bool) -> Result<Ordering, EvaluationError> {
    if known {
        return Ok(one.cmp(other));
    }
    match (Moment::parse(one), Moment::parse(other)) {
        (Some(one), Some(other)) => Ok(one.cmp(&other)),
        _ if equality || one == other => Ok(one.cmp(other)),
        _ => Err(EvaluationError::Unordered { left: one.to_owned(), right: other.to_owned() }),
    }
}

fn mismatch(a: &Expr, left: &Datum, right: &Datum) -> RuleError {
    RuleError::Mismatch {
        left: left.told(a),
        right: format!("the other is {}", right.describe()),
        verb: "compared",
        help: "both sides must be of one sort".into(),
    }
}

/// A value on its way into a column, as the column keeps it.
///
/// # Errors
/// [`EvaluationError`] when the column's type does not hold it.
pub(crate) fn assigned(
    datum: Datum,
    data_type: Option<&DataType>,
) -> Result<Value, EvaluationError> {
    let Some(data_type) = data_type else { return Ok(datum.into_value()) };
    let kept = match (&data_type.kind, datum) {
        (Kind::Integer { .. }, Datum::Number(number)) => Datum::Number(rounded(number, 0)),
        (Kind::Decimal, Datum::Number(number)) => match digits(&data_type.display).as_slice() {
            [_, scale] => Datum::Number(rounded(number, *scale)),
            [_] => Datum::Number(rounded(number, 0)),
            _ => Datum::Number(number),
        },
        (Kind::Enum { name, labels }, Datum::Text { text, .. }) => label(&text, labels, name)?,
        (Kind::Date | Kind::Timestamp | Kind::TimestampTz, Datum::Text { text, .. }) => {
            let moment = Moment::parse(&text).map(Datum::Moment);
            moment.unwrap_or(Datum::Text { text, typed: false })
        }
        (_, datum) => datum,
    };
    Ok(match (&data_type.kind, kept) {
        (Kind::Date, Datum::Moment(Moment::At(at))) => Value::Date(at.date()),
        (_, Datum::Moment(Moment::At(at))) => {
            Value::Timestamp(rounded_moment(at, &digits(&data_type.display)))
        }
        (_, kept) => kept.into_value(),
    })
}

/// Half away from zero, as PostgreSQL rounds.
fn rounded(number: Decimal, scale: u32) -> Decimal {
    number.round_dp_with_strategy(scale, RoundingStrategy::MidpointAwayFromZero)
}

/// A moment as a column of this many digits of seconds keeps it.
fn rounded_moment(at: DateTime, digits: &[u32]) -> DateTime {
    let step = match digits {
        [kept @ 0..=5] => 10_i64.pow(6 - kept),
        _ => return at,
    };
    let to = DateTimeRound::new().smallest(Unit::Microsecond).increment(step);
    let whole = DateTimeRound::new().smallest(Unit::Second);
    // A whole second is no increment of microseconds.
    at.round(if step == 1_000_000 { whole } else { to }).unwrap_or(at)
}

/// The numbers in the brackets of a type's name: `numeric(9,2)`, `timestamp(3) without time zone`.
fn digits(display: &str) -> Vec<u32> {
    let inside = display.split_once('(').and_then(|(_, rest)| rest.split_once(')'));
    let inside = inside.map_or("", |(inside, _)| inside);
    inside.split(',').filter_map(|number| number.trim().parse().ok()).collect()
}
