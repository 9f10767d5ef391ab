//! What a written value is beside a column: a text is read as the column's type, and a number beside a float is one.

use crate::evaluate::column_type::{Blanks, ColumnType, Storage};
use crate::evaluate::datum::{Datum, Text, Typing, label};
use crate::evaluate::float;
use crate::evaluate::moment::Moment;
use crate::model::types::{ValueSlot, check_fits};
use crate::{RuleError, Value};

/// A value of a rule beside a column of this type.
///
/// # Errors
/// [`RuleError`] when the type does not hold it.
pub(crate) fn literal(value: &Value, beside: &ColumnType, name: &str) -> Result<Datum, RuleError> {
    let slot = ValueSlot { data_type: &beside.data_type, name: name.to_owned(), stored: false };
    check_fits(value, &slot)?;
    Ok(read(value, beside)?.unwrap_or_else(|| Datum::from_value(value)))
}

/// What a row has in a column of this type, before it is stored there.
///
/// # Errors
/// As [`literal`].
pub(crate) fn cell(value: &Value, data_type: &ColumnType, name: &str) -> Result<Datum, RuleError> {
    match (&data_type.storage, value) {
        (_, Value::Null) => Ok(Datum::Null),
        (Storage::Untried, _) => Ok(Datum::Untried {
            type_name: data_type.data_type.display.clone(),
            value: value.clone(),
        }),
        // A rule can't write an infinite date; a row can have one.
        (Storage::Date | Storage::Timestamp { .. }, Value::Text(text))
            if matches!(text.as_str(), "infinity" | "-infinity") =>
        {
            Ok(read(value, data_type)?.unwrap_or(Datum::Null))
        }
        _ => literal(value, data_type, name),
    }
}

/// `None` where it is what it is anywhere.
fn read(value: &Value, beside: &ColumnType) -> Result<Option<Datum>, RuleError> {
    Ok(match (&beside.storage, value) {
        (Storage::Real, value) => value.number().map(|number| Datum::Real(float::real(number))),
        (Storage::Double, value) => {
            value.number().map(|number| Datum::Double(float::double(number)))
        }
        (Storage::Uuid, Value::Text(text)) => uuid::Uuid::try_parse(text).ok().map(Datum::Uuid),
        (Storage::Enum { name, labels }, Value::Text(text)) => Some(label(text, labels, name)?),
        (Storage::Text { blanks, collation, .. }, Value::Text(text)) => {
            let typing = Typing::Known { blanks: *blanks, collation: collation.clone() };
            Some(Datum::Text(Text::new(text.clone(), typing)))
        }
        (Storage::Date, Value::Text(text)) => {
            Moment::parse(text).map(|moment| Datum::Moment(moment.day()))
        }
        (Storage::Timestamp { .. }, Value::Text(text)) => Moment::parse(text).map(Datum::Moment),
        _ => None,
    })
}

impl Text {
    pub(crate) fn new(text: String, typing: Typing) -> Self {
        match typing {
            Typing::Known { blanks: Blanks::Padding, .. } => {
                Self { text: text.trim_end_matches(' ').to_owned(), typing }
            }
            Typing::Known { .. } | Typing::Unknown => Self { text, typing },
        }
    }
}
