//! Values of the script as values of rules, and back.

use leora_host::Row;
use leora_rule::{Comparison, Expr, Node, Period, Value};
use rhai::{Array, Dynamic, Engine, ImmutableString, Map, NativeCallContext, Variant};
use rust_decimal::Decimal;

use crate::api::row_periods::RowPeriod;
use crate::api_call::{Answer, ApiCall};
use crate::messages::wording::compared_with_nothing;

/// A script's value as a plain value; `None` for an expression, a list or another type.
pub(crate) fn plain_value(value: &Dynamic) -> Option<Value> {
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
    value.clone().try_cast::<Decimal>().map(Value::Decimal)
}

pub(crate) fn script_value(value: Value) -> Dynamic {
    match value {
        Value::Null => Dynamic::UNIT,
        Value::Bool(truth) => truth.into(),
        Value::Integer(number) => number.into(),
        Value::Decimal(number) => number.into(),
        Value::Text(text) => text.into(),
        Value::Date(_) | Value::Timestamp(_) => value.to_string().into(),
    }
}

pub(crate) fn row_map(row: Row) -> Map {
    row.into_iter().map(|(name, value)| (name.into(), script_value(value))).collect()
}

pub(crate) fn row_list(rows: Vec<Row>) -> Array {
    rows.into_iter().map(|row| Dynamic::from(row_map(row))).collect()
}

pub(crate) fn text_list(texts: Vec<String>) -> Array {
    texts.into_iter().map(Dynamic::from).collect()
}

/// An expression, or a plain value as one. `()` is refused: nothing equals it.
pub(crate) fn operand(call: &ApiCall<'_>, value: &Dynamic) -> Answer<Expr> {
    if let Some(expr) = value.clone().try_cast::<Expr>() {
        return Ok(expr);
    }
    if value.is::<Period>() || value.is::<RowPeriod>() {
        return Err(call.mistake(
            "a column can't be compared or combined with a period",
            "ask col(\"name\").within(months(6)), or compare with ago(months(6))",
        ));
    }
    match plain_value(value) {
        Some(Value::Null) => Err(call.mistake_message(compared_with_nothing())),
        Some(value) => Ok(Expr::literal(value)),
        None => Err(call.mistake(
            format!("a column can't be compared or combined with {}", call.describe(value)),
            "use a column, a text, a number, a date or true/false",
        )),
    }
}

pub(crate) fn expression(call: &ApiCall<'_>, node: Node) -> Answer<Expr> {
    Expr::new(node).map_err(|error| call.mistake(error.to_string(), "build it in smaller parts"))
}

/// Registers an operator for a column beside anything, on either side.
pub(crate) fn register_binary(
    engine: &mut Engine,
    name: &str,
    make: impl Fn(&ApiCall<'_>, Expr, Expr) -> Answer<Expr> + Clone + Send + Sync + 'static,
) {
    let both = make.clone();
    engine.register_fn(name, move |context: NativeCallContext, a: Expr, b: Expr| {
        both(&ApiCall::new(context), a, b)
    });
    let left = make.clone();
    engine.register_fn(name, move |context: NativeCallContext, a: Expr, b: Dynamic| {
        let call = ApiCall::new(context);
        let b = operand(&call, &b)?;
        left(&call, a, b)
    });
    engine.register_fn(name, move |context: NativeCallContext, a: Dynamic, b: Expr| {
        let call = ApiCall::new(context);
        let a = operand(&call, &a)?;
        make(&call, a, b)
    });
}

/// Lets a value of this type be compared with no plain value: for the engine they are just not equal, and neither is less.
pub(crate) fn refuse_comparisons<T: Variant + Clone>(
    engine: &mut Engine,
    what: &'static str,
    help: &'static str,
) {
    refuse_comparison::<T, i64>(engine, what, help);
    refuse_comparison::<T, Decimal>(engine, what, help);
    refuse_comparison::<T, ImmutableString>(engine, what, help);
    refuse_comparison::<T, bool>(engine, what, help);
}

/// Lets plain values of two kinds not be compared either.
pub(crate) fn refuse_mixed_comparisons(engine: &mut Engine) {
    let help = "write both as numbers, or both as texts; a setting has the kind of its default, as in setting(\"least\", 4)";
    refuse_comparison::<ImmutableString, i64>(engine, "a text", help);
    refuse_comparison::<ImmutableString, Decimal>(engine, "a text", help);
    let help = "true or false is a condition by itself: write it alone, or not(...)";
    refuse_comparison::<bool, i64>(engine, "true or false", help);
    refuse_comparison::<bool, Decimal>(engine, "true or false", help);
    refuse_comparison::<bool, ImmutableString>(engine, "true or false", help);
}

fn refuse_comparison<T: Variant + Clone, Plain: Variant + Clone>(
    engine: &mut Engine,
    what: &'static str,
    help: &'static str,
) {
    let refuse = move |context: NativeCallContext, value: Dynamic| -> Answer<bool> {
        let call = ApiCall::new(context);
        let message = format!("{what} can't be compared with {}", call.describe(&value));
        Err(call.mistake(message, help))
    };
    for comparison in Comparison::ALL {
        let symbol = comparison.symbol();
        engine.register_fn(symbol, move |context: NativeCallContext, _: T, value: Plain| {
            refuse(context, Dynamic::from(value))
        });
        engine.register_fn(symbol, move |context: NativeCallContext, value: Plain, _: T| {
            refuse(context, Dynamic::from(value))
        });
    }
}

/// Lets a value of this type stand in no text: the engine would put the type's name there, and go on.
pub(crate) fn refuse_in_texts<T: Variant + Clone>(
    engine: &mut Engine,
    what: &'static str,
    why: &'static str,
    help: &'static str,
) {
    for name in ["to_string", "to_debug"] {
        engine.register_fn(name, move |context: NativeCallContext, _: &mut T| -> Answer<String> {
            let message = format!("{what} can't stand in a text: {why}");
            Err(ApiCall::new(context).mistake(message, help))
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::failure;

    #[test]
    fn what_is_no_value_is_compared_with_none() {
        let related = "related(...) can't be compared with a whole number; it is rows: write .count() >= 4 after it";
        for (comparison, message) in [
            ("related(\"T\", \"a\") >= 4", related),
            ("4 < related(\"T\", \"a\")", "related(...) can't be compared with a whole number"),
            ("not(related(\"T\", \"a\") == 0)", related),
            (
                "parent(\"a\") == \"north\"",
                "parent(...) can't be compared with a text; it is a row",
            ),
            ("table(\"T\") > 4", "a table can't be compared with a whole number; count its rows"),
            ("\"4\" > 3", "a text can't be compared with a whole number; write both as numbers"),
            ("0.5 == \"0.5\"", "a text can't be compared with a number"),
            ("(1 < 2) == 1", "true or false can't be compared with a whole number"),
            ("months(3) > 4", "a period can't be compared with a whole number; compare dates"),
            ("days(col(\"a\")) < 4.5", "a period of a column can't be compared with a number"),
        ] {
            // Also where a variable holds it, which is seen only while the script runs.
            for script in [
                format!("update(\"T\").where({comparison}).set(\"c\", 1);"),
                format!("fn f() {{ {comparison} }} let holds = f();"),
            ] {
                assert!(failure(&script).contains(message), "{script}: {}", failure(&script));
            }
        }
    }
}
