//! What a column keeps of a value that is written to it, as PostgreSQL's assignment does: it rounds, and refuses what does
//! not fit.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::evaluate::column_type::{ColumnType, Storage};
use crate::evaluate::datum::{Datum, Text, Typing, label};
use crate::evaluate::error::EvaluationError;
use crate::evaluate::exact::Exact;
use crate::evaluate::float;
use crate::evaluate::moment::Moment;
use crate::model::types::{ValueSlot, check_fits};

/// The value that a column of this type keeps; as it is, where the type is not known.
///
/// # Errors
/// [`EvaluationError`] when the column's type does not hold it.
pub(crate) fn stored(
    datum: Datum,
    data_type: Option<&ColumnType>,
    name: &str,
) -> Result<Datum, EvaluationError> {
    let Some(column) = data_type else { return Ok(datum) };
    let display = column.data_type.display.as_str();
    match (&column.storage, datum) {
        (_, Datum::Null) => Ok(Datum::Null),
        (Storage::Bool, truth @ Datum::Bool(_)) | (Storage::Uuid, truth @ Datum::Uuid(_)) => {
            Ok(truth)
        }
        (Storage::Integer { min, max }, number) if number.is_number() => {
            let whole = whole(&number);
            let fits = whole.filter(|whole| (Decimal::from(*min)..=(*max).into()).contains(whole));
            let fits = fits.ok_or_else(|| EvaluationError::out_of_range(number, display))?;
            Ok(Datum::Number(fits.into()))
        }
        (Storage::Numeric(limits), number) if number.is_number() => {
            let exact = exact(number)?;
            Ok(Datum::Number(limits.map_or(Ok(exact), |limits| fitted(exact, limits, display))?))
        }
        (Storage::Real, number) if number.is_number() => Ok(Datum::Real(match number {
            Datum::Real(number) => number,
            Datum::Double(number) => float::narrowed(number)?,
            number => float::real(exact(number)?.number),
        })),
        (Storage::Double, number) if number.is_number() => Ok(Datum::Double(match number {
            Datum::Real(number) => number.into(),
            Datum::Double(number) => number,
            number => float::double(exact(number)?.number),
        })),
        (Storage::Text { length, blanks, collation }, Datum::Text(Text { text, .. })) => {
            let typing = Typing::Known { blanks: *blanks, collation: collation.clone() };
            let text = length.map_or(Ok(text.clone()), |length| cut(text, length, display))?;
            Ok(Datum::Text(Text::new(text, typing)))
        }
        (Storage::Enum { .. }, label @ Datum::Label { .. }) => Ok(label),
        (Storage::Enum { name, labels }, Datum::Text(text)) => Ok(label(&text.text, labels, name)?),
        (Storage::Date, Datum::Moment(moment)) => Ok(Datum::Moment(moment.day())),
        (Storage::Timestamp { digits, .. }, Datum::Moment(moment)) => {
            Ok(Datum::Moment(digits.map_or(moment, |digits| moment.rounded(digits))))
        }
        (Storage::Untried, Datum::Untried { type_name, value }) if type_name == display => {
            Ok(Datum::Untried { type_name, value })
        }
        (_, other) => written(&other, column, name),
    }
}

/// A value of no known type, which is read as the column's.
fn written(datum: &Datum, column: &ColumnType, name: &str) -> Result<Datum, EvaluationError> {
    let value = datum.clone().into_value()?;
    let slot = ValueSlot { data_type: &column.data_type, name: name.to_owned(), stored: true };
    check_fits(&value, &slot)?;
    match (&column.storage, datum) {
        (Storage::Date, Datum::Text(text)) => moment(&text.text).map(Moment::day),
        (Storage::Timestamp { digits, .. }, Datum::Text(text)) => {
            let rounded = |moment: Moment| digits.map_or(moment, |digits| moment.rounded(digits));
            moment(&text.text).map(rounded)
        }
        (Storage::Uuid, Datum::Text(text)) => {
            return Ok(uuid::Uuid::try_parse(&text.text).map_or(Datum::Null, Datum::Uuid));
        }
        _ => None,
    }
    .map(Datum::Moment)
    .ok_or_else(|| EvaluationError::UntriedType {
        name: name.to_owned(),
        type_name: column.data_type.display.clone(),
    })
}

fn moment(text: &str) -> Option<Moment> {
    Moment::parse(text)
}

/// As an integer: exact numbers round half away from zero, floats half to even.
fn whole(number: &Datum) -> Option<Decimal> {
    match number {
        Datum::Number(exact) => Some(rounded(exact.number, 0)),
        Datum::Real(number) => float::whole(f64::from(*number)),
        Datum::Double(number) => float::whole(*number),
        _ => None,
    }
}

pub(crate) fn exact(number: Datum) -> Result<Exact, EvaluationError> {
    match number {
        Datum::Real(number) => float::exact_from_real(number),
        Datum::Double(number) => float::exact_from_double(number),
        Datum::Number(exact) => Ok(exact),
        _ => Err(EvaluationError::TooManyDigits),
    }
}

/// As numeric(precision, scale) keeps it.
fn fitted(
    exact: Exact,
    (precision, scale): (i32, i32),
    display: &str,
) -> Result<Exact, EvaluationError> {
    let shown = u32::try_from(scale).unwrap_or(0);
    let number = match u32::try_from(-scale) {
        Ok(zeros) => {
            let unit = 10_i64.checked_pow(zeros).map(Decimal::from);
            let unit = unit.ok_or(EvaluationError::TooManyDigits)?;
            let units = exact.number.checked_div(unit).map(|units| rounded(units, 0));
            units.and_then(|units| units.checked_mul(unit)).ok_or(EvaluationError::TooManyDigits)?
        }
        Err(_) => rounded(exact.number, shown),
    };
    if digits_before_point(number) > precision - scale {
        return Err(EvaluationError::out_of_range(exact.number, display));
    }
    Ok(Exact { number, scale: shown })
}

/// Negative for a number such as 0.001, which has its first digit behind the point.
fn digits_before_point(number: Decimal) -> i32 {
    let number = number.normalize();
    if number.is_zero() {
        return i32::MIN;
    }
    let digits = number.mantissa().unsigned_abs().to_string().len();
    i32::try_from(digits).unwrap_or(i32::MAX) - i32::try_from(number.scale()).unwrap_or(0)
}

/// Half away from zero, as PostgreSQL rounds.
fn rounded(number: Decimal, scale: u32) -> Decimal {
    number.round_dp_with_strategy(scale, RoundingStrategy::MidpointAwayFromZero)
}

/// Blanks at the end give way; anything else is refused.
fn cut(text: String, length: usize, display: &str) -> Result<String, EvaluationError> {
    let Some((at, _)) = text.char_indices().nth(length) else { return Ok(text) };
    if text[at..].trim_end_matches(' ').is_empty() {
        return Ok(text[..at].to_owned());
    }
    let reason = format!("is too long for {display}");
    Err(EvaluationError::Refused { value: format!("\"{text}\""), reason })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;
    use crate::evaluate::literal::cell;

    /// What a column of this type keeps, or why it does not.
    fn keeps(type_name: &str, value: impl Into<Value>) -> String {
        let column = ColumnType::named(type_name);
        let datum = cell(&value.into(), &column, "c").map_err(EvaluationError::from);
        let kept = datum.and_then(|datum| stored(datum, Some(&column), "c"));
        match kept.and_then(Datum::into_value) {
            Ok(value) => value.to_string(),
            Err(error) => error.to_string(),
        }
    }

    fn number(text: &str) -> Value {
        Value::Decimal(text.parse().expect(text))
    }

    #[test]
    fn a_number_is_rounded_and_must_be_in_range() {
        assert_eq!(keeps("numeric(4,2)", number("99.994")), "99.99");
        assert_eq!(
            keeps("numeric(4,2)", number("99.995")),
            "99.995 is out of range for numeric(4,2)"
        );
        assert_eq!(keeps("numeric(5,-2)", number("1250")), "1300");
        assert_eq!(keeps("numeric(2,4)", number("0.0099")), "0.0099");
        assert_eq!(keeps("numeric(2,4)", number("0.01")), "0.01 is out of range for numeric(2,4)");
        assert_eq!(keeps("smallint", 32_768), "32768 is out of range for smallint");
        assert_eq!(keeps("real", number("0.1")), "0.1");
    }

    #[test]
    fn a_float_becomes_whole_by_the_even_neighbour() {
        let whole = ColumnType::named("integer");
        let kept = |datum| stored(datum, Some(&whole), "c").and_then(Datum::into_value);
        assert_eq!(kept(Datum::Double(2.5)), Ok(number("2")));
        assert_eq!(kept(Datum::Real(3.5)), Ok(number("4")));
        assert_eq!(
            kept(Datum::Number(number("2.5").number().expect("one").into())),
            Ok(number("3"))
        );
    }

    #[test]
    fn a_text_that_is_too_long_is_refused_unless_only_blanks_are() {
        assert_eq!(keeps("varchar(5)", "hello   "), "hello");
        assert_eq!(keeps("varchar(6)", "hello   "), "hello ");
        assert_eq!(keeps("char(3)", "ab"), "ab");
        assert!(keeps("char(3)", "abcd").contains("too long for char(3)"));
    }
}
