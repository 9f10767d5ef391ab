//! Values as they are compared and stored, by the type of their column where it is known.

use std::cmp::Ordering;

use jiff::civil::{Date, DateTime};
use rust_decimal::{Decimal, RoundingStrategy};

use super::evaluate::Undecided;
use super::typing::{Place, fits};
use super::{DataType, Expr, Kind, Node, RuleError, Value, midnight};

/// A value while a row in memory is decided.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Datum {
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
pub(super) enum Moment {
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
    pub(super) fn of(value: &Value) -> Self {
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
    pub(super) fn typed(value: &Value, kind: &Kind, name: &str) -> Result<Self, RuleError> {
        match (kind, value) {
            (Kind::Date | Kind::Timestamp | Kind::TimestampTz, Value::Text(text)) => {
                if let Some(moment) = Moment::parse(text) {
                    return Ok(Self::Moment(moment));
                }
            }
            (Kind::Enum { name, labels }, Value::Text(text)) => return label(text, labels, name),
            _ => {}
        }
        let display = format!("{kind:?}");
        let data_type = DataType { cast: String::new(), display, kind: kind.clone() };
        fits(value, &Place { data_type: &data_type, name: name.to_owned(), stored: false })?;
        Ok(match Self::of(value) {
            Self::Text { text, .. } if *kind == Kind::Uuid => {
                Self::Text { text: text.to_lowercase(), typed: true }
            }
            Self::Text { text, .. } => Self::Text { text, typed: true },
            other => other,
        })
    }

    pub(super) fn into_value(self) -> Value {
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
    pub(super) fn told(&self, expr: &Expr) -> String {
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
/// [`Undecided`] when they can't be compared, or their order depends on a type that is not known.
pub(super) fn aligned(
    a: &Expr,
    left: &Datum,
    right: &Datum,
    equality: bool,
) -> Result<Ordering, Undecided> {
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
fn texts(one: &str, other: &str, known: bool, equality: bool) -> Result<Ordering, Undecided> {
    if known {
        return Ok(one.cmp(other));
    }
    match (Moment::parse(one), Moment::parse(other)) {
        (Some(one), Some(other)) => Ok(one.cmp(&other)),
        _ if equality || one == other => Ok(one.cmp(other)),
        _ => Err(Undecided::Unordered { left: one.to_owned(), right: other.to_owned() }),
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
/// [`Undecided`] when the column's type does not hold it.
pub(super) fn assigned(datum: Datum, kind: Option<&Kind>) -> Result<Value, Undecided> {
    let kept = match (kind, datum) {
        (Some(Kind::Integer { .. }), Datum::Number(number)) => {
            Datum::Number(number.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero))
        }
        (Some(Kind::Date), Datum::Moment(Moment::At(at))) => {
            return Ok(Value::Date(at.date()));
        }
        (Some(Kind::Enum { name, labels }), Datum::Text { text, .. }) => {
            label(&text, labels, name)?
        }
        (Some(Kind::Date | Kind::Timestamp | Kind::TimestampTz), Datum::Text { text, .. }) => {
            match (kind, Moment::parse(&text)) {
                (Some(Kind::Date), Some(Moment::At(at))) => return Ok(Value::Date(at.date())),
                (_, Some(moment)) => Datum::Moment(moment),
                (_, None) => Datum::Text { text, typed: false },
            }
        }
        (_, datum) => datum,
    };
    Ok(kept.into_value())
}
