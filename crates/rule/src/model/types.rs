//! Types of expressions: which values fit a column, and which can be compared.

use crate::model::function::Returns;
use crate::model::moment::WrittenMoment;
use crate::model::value_size::{check_length, check_precision};
use crate::{Column, DataType, Expr, Function, Kind, Node, RuleError, Table, Value};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// A literal text or NULL: it takes the type of what it is compared with or assigned to.
    Open,
    Bool,
    Number,
    Text,
    Uuid,
    Moment,
    Enum(String),
    Other(String),
}

impl Family {
    pub(crate) fn from_type(data_type: &DataType) -> Self {
        match &data_type.kind {
            Kind::Bool => Self::Bool,
            Kind::Integer { .. } | Kind::Decimal | Kind::Float => Self::Number,
            Kind::Text => Self::Text,
            Kind::Uuid => Self::Uuid,
            Kind::Date | Kind::Timestamp | Kind::TimestampTz => Self::Moment,
            Kind::Enum { name, .. } => Self::Enum(name.clone()),
            Kind::Other => Self::Other(data_type.display.clone()),
        }
    }

    fn from_literal(value: &Value) -> Self {
        match value {
            Value::Null | Value::Text(_) => Self::Open,
            Value::Bool(_) => Self::Bool,
            Value::Integer(_) | Value::Decimal(_) => Self::Number,
            Value::Date(_) | Value::Timestamp(_) => Self::Moment,
        }
    }

    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Open | Self::Text => "a text".into(),
            Self::Bool => "true or false".into(),
            Self::Number => "a number".into(),
            Self::Uuid => "a uuid".into(),
            Self::Moment => "a date".into(),
            Self::Enum(name) => format!("a value of {name}"),
            Self::Other(display) => format!("a value of type {display}"),
        }
    }
}

pub(crate) fn family(expr: &Expr, table: &Table) -> Result<Family, RuleError> {
    Ok(match expr.node() {
        Node::Literal(value) => Family::from_literal(value),
        Node::Column(name) => Family::from_type(&table.require_column(name)?.data_type),
        Node::Figure(figure) => Family::from_type(&table.require_column(figure.name())?.data_type),
        Node::ColumnOr(name, value) => table
            .column(name)
            .map_or_else(|| Family::from_literal(value), |c| Family::from_type(&c.data_type)),
        Node::Today | Node::Ago(_) => Family::Moment,
        Node::Arithmetic(..) => Family::Number,
        Node::Coalesce(all) => together(all, table)?,
        Node::Call(function, arguments) => match function.returns() {
            Returns::Text => Family::Text,
            Returns::Whole | Returns::Number => Family::Number,
            Returns::Truth => Family::Bool,
            Returns::Moment => Family::Moment,
            Returns::AsGiven => together(arguments, table)?,
        },
        Node::Compare(..)
        | Node::And(..)
        | Node::Or(..)
        | Node::Not(_)
        | Node::IsNull(_)
        | Node::IsOneOf(..)
        | Node::Within(..) => Family::Bool,
    })
}

/// What several values are together: a text that is written takes the type of the others.
fn together(all: &[Expr], table: &Table) -> Result<Family, RuleError> {
    let mut families = all.iter().map(|one| family(one, table));
    let first = families.find(|one| !matches!(one, Ok(Family::Open)));
    Ok(first.transpose()?.unwrap_or(Family::Text))
}

/// The column whose type a literal takes when it is compared with this expression.
pub(crate) fn type_source<'t>(expr: &Expr, table: &'t Table) -> Option<&'t Column> {
    match expr.node() {
        Node::Column(name) | Node::ColumnOr(name, _) => table.column(name),
        Node::Figure(figure) => table.column(figure.name()),
        Node::Coalesce(all) | Node::Call(Function::Least | Function::Greatest, all) => {
            all.iter().find_map(|one| type_source(one, table))
        }
        _ => None,
    }
}

/// Whether it is computed as a float: one of the numbers in it is a float.
pub(crate) fn is_float_expression(expr: &Expr, table: &Table) -> bool {
    match expr.node() {
        Node::Column(name) | Node::ColumnOr(name, _) => {
            table.column(name).is_some_and(|column| column.data_type.kind == Kind::Float)
        }
        Node::Figure(figure) => {
            table.column(figure.name()).is_some_and(|column| column.data_type.kind == Kind::Float)
        }
        Node::Arithmetic(_, a, b) => [a, b].iter().any(|side| is_float_expression(side, table)),
        Node::Coalesce(all)
        | Node::Call(Function::Abs | Function::Least | Function::Greatest, all) => {
            all.iter().any(|one| is_float_expression(one, table))
        }
        _ => false,
    }
}

/// Where a value goes or is compared: the type it must fit, and its name in messages.
pub(crate) struct ValueSlot<'a> {
    pub(crate) data_type: &'a DataType,
    pub(crate) name: String,
    /// Whether the value is written there, and not only compared, so that it must be in the type's range.
    pub(crate) stored: bool,
}

pub(crate) fn check_fits(value: &Value, slot: &ValueSlot<'_>) -> Result<(), RuleError> {
    if let (Kind::Enum { name, labels }, Value::Text(text)) = (&slot.data_type.kind, value)
        && !labels.contains(text)
    {
        let (type_name, value) = (name.clone(), text.clone());
        return Err(RuleError::NotALabel { type_name, value, labels: labels.clone() });
    }
    let fits = *value == Value::Null || kind_holds(&slot.data_type.kind, value, slot.stored);
    if !fits {
        return Err(wrong_value(value, slot));
    }
    match value {
        Value::Text(text) if slot.stored => check_length(text, slot),
        Value::Integer(number) if slot.stored => check_precision((*number).into(), value, slot),
        Value::Decimal(number) if slot.stored => check_precision(*number, value, slot),
        _ => Ok(()),
    }
}

impl DataType {
    /// Checks what can be told without a server of a text that is to be a value of a column of this type and name: it is a
    /// label of the enum, no longer than the column, and has no offset that the column would drop.
    ///
    /// # Errors
    /// [`RuleError`] when the column can't have the value.
    pub fn check_label(&self, text: &str, name: &str) -> Result<(), RuleError> {
        let known = match self.kind {
            Kind::Text | Kind::Enum { .. } => true,
            Kind::Date | Kind::Timestamp | Kind::TimestampTz => !text.ends_with("infinity"),
            _ => false,
        };
        let slot = ValueSlot { data_type: self, name: name.to_owned(), stored: true };
        if known { check_fits(&Value::Text(text.to_owned()), &slot) } else { Ok(()) }
    }

    /// What a column keeps of a text that fits: without the blanks for which it has no room.
    pub(crate) fn kept_text(&self, text: String) -> String {
        let end = self.max_characters().and_then(|length| text.char_indices().nth(length));
        end.map_or_else(|| text.clone(), |(at, _)| text[..at].to_owned())
    }
}

fn kind_holds(kind: &Kind, value: &Value, stored: bool) -> bool {
    match kind {
        Kind::Bool => matches!(value, Value::Bool(_)),
        Kind::Integer { min, max } => match value {
            Value::Integer(number) => !stored || (*min..=*max).contains(number),
            Value::Decimal(number) => !stored || number.is_integer(),
            _ => false,
        },
        Kind::Decimal | Kind::Float => matches!(value, Value::Integer(_) | Value::Decimal(_)),
        Kind::Text | Kind::Enum { .. } => matches!(value, Value::Text(_)),
        Kind::Uuid => matches!(value, Value::Text(text) if uuid::Uuid::try_parse(text).is_ok()),
        Kind::Date => match value {
            Value::Date(_) => true,
            Value::Timestamp(_) => !stored,
            Value::Text(text) => WrittenMoment::parse(text).is_some_and(|it| !it.has_time),
            _ => false,
        },
        Kind::Timestamp | Kind::TimestampTz => match value {
            Value::Date(_) | Value::Timestamp(_) => true,
            Value::Text(text) => WrittenMoment::parse(text)
                .is_some_and(|it| !it.has_offset || *kind == Kind::TimestampTz),
            _ => false,
        },
        Kind::Other => false,
    }
}

fn wrong_value(value: &Value, slot: &ValueSlot<'_>) -> RuleError {
    let text = match value {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    };
    let shown = text.as_ref().map_or_else(|| value.to_string(), |text| format!("\"{text}\""));
    let kind = &slot.data_type.kind;
    if let Some(text) = &text
        && kind.is_moment()
        && let Some(written) = WrittenMoment::parse(text)
    {
        return unfitting_moment(&written, text, slot);
    }
    RuleError::WrongValue {
        value: format!("{shown} is {}", value.describe()),
        place: slot.name.clone(),
        wanted: describe_content(slot.data_type, slot.stored),
        help: correction(kind, value).or_else(|| example(kind)),
        text,
    }
}

/// A date or time with more in it than the column holds, which PostgreSQL would drop in silence.
fn unfitting_moment(written: &WrittenMoment, text: &str, slot: &ValueSlot<'_>) -> RuleError {
    let (wanted, has, help) = match (&slot.data_type.kind, written.has_offset) {
        (Kind::Date, _) => ("dates", "a time", "write the date alone, as in \"2025-10-25\""),
        _ => (
            "dates and times without a time zone",
            "an offset",
            "write it without the offset, at the time that the column would show",
        ),
    };
    RuleError::WrongValue {
        value: format!("\"{text}\" has {has}"),
        place: slot.name.clone(),
        wanted: wanted.into(),
        help: Some(help.into()),
        text: Some(text.to_owned()),
    }
}

fn describe_content(data_type: &DataType, stored: bool) -> String {
    match &data_type.kind {
        Kind::Bool => "true or false".into(),
        Kind::Integer { min, max } if stored => format!("whole numbers from {min} to {max}"),
        Kind::Integer { .. } => "whole numbers".into(),
        Kind::Decimal | Kind::Float => "numbers".into(),
        Kind::Text => "texts".into(),
        Kind::Uuid => "uuids".into(),
        Kind::Date => "dates".into(),
        Kind::Timestamp | Kind::TimestampTz => "dates and times".into(),
        Kind::Enum { name, labels } => format!("{name}, one of {}", labels.join(", ")),
        Kind::Other => {
            format!("{}, which rules can only count and test for a value", data_type.display)
        }
    }
}

/// The same value, written so that it fits.
fn correction(kind: &Kind, value: &Value) -> Option<String> {
    match (kind, value) {
        (Kind::Bool, Value::Text(text)) if ["true", "false"].contains(&text.as_str()) => {
            Some(format!("write {text} without quotes"))
        }
        (Kind::Integer { .. } | Kind::Decimal | Kind::Float, Value::Text(text))
            if text.parse::<rust_decimal::Decimal>().is_ok() =>
        {
            Some(format!("write {text} without quotes"))
        }
        (Kind::Text, Value::Bool(_) | Value::Integer(_) | Value::Decimal(_)) => {
            Some(format!("write it in quotes: \"{value}\""))
        }
        _ => None,
    }
}

fn example(kind: &Kind) -> Option<String> {
    let text = match kind {
        Kind::Bool => "write true or false",
        Kind::Integer { .. } => "write a whole number, such as 7",
        Kind::Decimal | Kind::Float => "write a number, such as 7 or 2.5",
        Kind::Text => "write a text in quotes",
        Kind::Uuid => "write it like \"6ba7b810-9dad-41d1-80b4-00c04fd430c8\"",
        Kind::Date => "write it like \"2025-10-25\"",
        Kind::Timestamp | Kind::TimestampTz => {
            "write it like \"2025-10-25\" or \"2025-10-25T08:00:00\", or as ago(months(6))"
        }
        Kind::Enum { .. } => "write one of its values in quotes",
        Kind::Other => "such a column is for an SQL file: run_sql(\"file.sql\")",
    };
    Some(text.into())
}

/// An expression and its type, in words: `lastOrderDate is a date`.
pub(crate) fn describe_operand(expr: &Expr, family: &Family) -> String {
    let sort = match expr.node() {
        Node::Literal(value) => value.describe().to_owned(),
        _ => family.describe(),
    };
    let name = match expr.node() {
        Node::Column(_) | Node::ColumnOr(..) | Node::Figure(_) => expr.to_string(),
        Node::Literal(Value::Text(text)) => format!("\"{text}\""),
        Node::Literal(value) => value.to_string(),
        Node::Today => "today()".into(),
        Node::Ago(_) => "ago(...)".into(),
        Node::Arithmetic(..) => "the calculation".into(),
        Node::Coalesce(_) => "coalesce(...)".into(),
        Node::Call(function, _) => function.in_messages(),
        _ => "the condition".into(),
    };
    format!("{name} is {sort}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::table;

    /// Whether a value can be compared with a column, and written to it.
    fn fits(column: &str, value: &Value) -> (bool, bool) {
        let table = table();
        let data_type = &table.column(column).expect(column).data_type;
        let check = |stored| {
            check_fits(value, &ValueSlot { data_type, name: column.into(), stored }).is_ok()
        };
        (check(false), check(true))
    }

    #[test]
    fn each_kind_holds_its_own_values() {
        let (both, neither, compared) = ((true, true), (false, false), (true, false));
        let tenth = || Value::Decimal("0.1".parse().expect("a number"));
        let noon = || Value::Timestamp("2025-10-25T12:00:00".parse().expect("a moment"));
        let cases = [
            ("orders", Value::Integer(5), both),
            ("orders", Value::Integer(i64::MAX), compared),
            ("orders", tenth(), compared),
            ("orders", "5".into(), neither),
            ("amount", tenth(), both),
            ("ratio", Value::Integer(1), both),
            ("active", true.into(), both),
            ("active", "true".into(), neither),
            ("name", "Ann".into(), both),
            ("name", Value::Integer(5), neither),
            ("id", "6ba7b810-9dad-41d1-80b4-00c04fd430c8".into(), both),
            ("id", "x".into(), neither),
            ("born", "2025-10-25".into(), both),
            ("born", noon(), compared),
            ("seen", noon(), both),
            ("seen", "soon".into(), neither),
            ("grade", "A".into(), both),
            ("grade", "D".into(), neither),
            ("place", "(1,2)".into(), neither),
            ("place", Value::Null, both),
        ];
        for (column, value, expected) in cases {
            assert_eq!(fits(column, &value), expected, "{column} {value}");
        }
    }

    #[test]
    fn a_mistake_says_what_to_write() {
        let table = table();
        let help = |column: &str, value: Value| {
            let data_type = &table.column(column).expect(column).data_type;
            let slot = ValueSlot { data_type, name: column.into(), stored: true };
            check_fits(&value, &slot).expect_err("it does not fit").help()
        };
        assert_eq!(help("orders", "5".into()).as_deref(), Some("write 5 without quotes"));
        assert_eq!(help("name", 5.into()).as_deref(), Some("write it in quotes: \"5\""));
        assert_eq!(help("grade", "a".into()).as_deref(), Some("did you mean A?"));
    }
}
