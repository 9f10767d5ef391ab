//! Between the script's values and ours.

use leora_host::Row;
use leora_rule::{Expr, Period, Value};
use rhai::{Dynamic, Map, NativeCallContext};
use rust_decimal::Decimal;

use crate::messages::type_names::{WITH_NOTHING, sort_of};
use crate::step_context::{Answer, StepContext};

/// A script's value as a plain value; `None` for an expression, a list or another type.
pub(crate) fn plain(value: &Dynamic) -> Option<Value> {
    if value.is_unit() {
        return Some(Value::Null);
    }
    if let Ok(text) = value.clone().into_string() {
        return Some(Value::Text(text));
    }
    if let Ok(truth) = value.as_bool() {
        return Some(Value::Bool(truth));
    }
    if let Ok(number) = value.as_int() {
        return Some(Value::Integer(number));
    }
    if let Ok(number) = value.as_float() {
        return number.to_string().parse().ok().map(Value::Decimal);
    }
    value.clone().try_cast::<Decimal>().map(Value::Decimal)
}

/// A value as the script sees it.
pub(crate) fn dynamic(value: Value) -> Dynamic {
    match value {
        Value::Null => Dynamic::UNIT,
        Value::Bool(truth) => truth.into(),
        Value::Integer(number) => number.into(),
        Value::Decimal(number) => number.into(),
        Value::Text(text) => text.into(),
        Value::Date(_) | Value::Timestamp(_) => value.to_string().into(),
    }
}

/// A row as the script sees it.
pub(crate) fn row(row: Row) -> Map {
    row.into_iter().map(|(name, value)| (name.into(), dynamic(value))).collect()
}

/// An expression, or a plain value as one. `()` is refused: nothing equals it.
pub(crate) fn operand(
    stage: &StepContext,
    context: &NativeCallContext<'_>,
    value: &Dynamic,
) -> Answer<Expr> {
    if let Some(expr) = value.clone().try_cast::<Expr>() {
        return Ok(expr);
    }
    if value.is::<Period>() {
        return Err(stage.mistake(
            context,
            "a column can't be compared or combined with a period",
            "ask col(\"name\").within(months(6)), or compare with ago(months(6))",
        ));
    }
    match plain(value) {
        Some(Value::Null) => Err(stage.mistake(context, WITH_NOTHING.0, WITH_NOTHING.1)),
        Some(value) => Ok(Expr::literal(value)),
        None => Err(stage.mistake(
            context,
            format!("a column can't be compared or combined with {}", type_name(context, value)),
            "use a column, a text, a number, a date or true/false",
        )),
    }
}

/// What a message calls the type of a value.
pub(crate) fn type_name(context: &NativeCallContext<'_>, value: &Dynamic) -> String {
    sort_of(context.engine().map_type_name(value.type_name()))
}
