//! Values of scripts and columns.

use std::fmt;

use jiff::civil::{Date, DateTime};
use rust_decimal::Decimal;

use crate::{midnight, parse_moment};

/// One value, as a script writes it or a column holds it.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// SQL's NULL, `()` in a script.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A number with decimals, exact.
    Decimal(Decimal),
    /// Text, or a value of a type that scripts handle as text (uuid, enum labels, json).
    Text(String),
    /// A calendar date.
    Date(Date),
    /// A date and time, in UTC.
    Timestamp(DateTime),
}

impl Value {
    /// The text that PostgreSQL reads as this value, `None` for NULL.
    pub fn to_sql_text(&self) -> Option<String> {
        match self {
            Self::Null => None,
            Self::Text(text) => Some(text.clone()),
            Self::Bool(_) | Self::Integer(_) | Self::Decimal(_) => Some(self.to_string()),
            Self::Date(date) => Some(date.to_string()),
            Self::Timestamp(at) => Some(at.strftime("%Y-%m-%d %H:%M:%S%.f").to_string()),
        }
    }

    pub(crate) fn number(&self) -> Option<Decimal> {
        match self {
            Self::Integer(number) => Some((*number).into()),
            Self::Decimal(number) => Some(*number),
            Self::Null | Self::Bool(_) | Self::Text(_) | Self::Date(_) | Self::Timestamp(_) => None,
        }
    }

    /// The moment that it is beside a date: a text is read as one.
    pub(crate) fn moment(&self) -> Option<DateTime> {
        match self {
            Self::Date(day) => Some(midnight(*day)),
            Self::Timestamp(at) => Some(*at),
            Self::Text(text) => parse_moment(text),
            Self::Null | Self::Bool(_) | Self::Integer(_) | Self::Decimal(_) => None,
        }
    }

    /// The type of the value, in words.
    pub(crate) fn describe(&self) -> &'static str {
        match self {
            Self::Null => "no value",
            Self::Bool(_) => "a truth value",
            Self::Integer(_) => "a whole number",
            Self::Decimal(_) => "a number",
            Self::Text(_) => "a text",
            Self::Date(_) => "a date",
            Self::Timestamp(_) => "a date and time",
        }
    }
}

/// Equal numbers read alike, since rules are compared by it.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.number(), self) {
            (Some(number), _) => write!(f, "Number({})", number.normalize()),
            (None, Self::Text(text)) => write!(f, "Text({text:?})"),
            (None, other) => write!(f, "{}({other})", other.describe()),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("(none)"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Decimal(value) => write!(f, "{value}"),
            Self::Text(value) => f.write_str(value),
            Self::Date(value) => write!(f, "{value}"),
            Self::Timestamp(value) => write!(f, "{}", value.strftime("%Y-%m-%d %H:%M:%S%.f")),
        }
    }
}
