//! What a column keeps of a value that is written to it, as PostgreSQL's assignment does: it rounds, and checks labels.

use jiff::Unit;
use jiff::civil::{DateTime, DateTimeRound};
use rust_decimal::{Decimal, RoundingStrategy};

use crate::evaluate::datum::{Datum, Moment, label};
use crate::evaluate::error::EvaluationError;
use crate::{DataType, Kind, Value};

/// The value that a column of this type keeps; as it is, where the type is not known.
///
/// # Errors
/// [`EvaluationError`] when the column's type does not hold it.
pub(crate) fn stored(datum: Datum, data_type: Option<&DataType>) -> Result<Value, EvaluationError> {
    let Some(data_type) = data_type else { return Ok(datum.into_value()) };
    let kept = match (&data_type.kind, datum) {
        (Kind::Integer { .. }, Datum::Number(number)) => Datum::Number(rounded(number, 0)),
        (Kind::Decimal, Datum::Number(number)) => match data_type.base.modifiers().as_slice() {
            [_, scale] => Datum::Number(rounded(number, *scale)),
            [_] => Datum::Number(rounded(number, 0)),
            _ => Datum::Number(number),
        },
        (Kind::Enum { name, labels }, Datum::Text { text, .. }) => label(&text, labels, name)?,
        (kind, Datum::Text { text, .. }) if kind.is_moment() => {
            let moment = Moment::parse(&text).map(Datum::Moment);
            moment.unwrap_or(Datum::Text { text, typed: false })
        }
        (_, datum) => datum,
    };
    Ok(match (&data_type.kind, kept) {
        (Kind::Date, Datum::Moment(Moment::At(at))) => Value::Date(at.date()),
        (_, Datum::Moment(Moment::At(at))) => {
            Value::Timestamp(rounded_moment(at, &data_type.base.modifiers()))
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
