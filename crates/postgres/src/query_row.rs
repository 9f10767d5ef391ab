//! A row of a query, which the server sends as a JSON object.

use std::collections::BTreeMap;

use leora_rule::{Value, parse_decimal};
use serde_json::value::RawValue;

/// Numbers are read from their text: a float would round them.
pub(crate) fn row_of_object(json: &str) -> Vec<(String, Value)> {
    let parsed: BTreeMap<String, Box<RawValue>> = serde_json::from_str(json).unwrap_or_default();
    parsed.into_iter().map(|(name, value)| (name, scalar(value.get()))).collect()
}

fn scalar(json: &str) -> Value {
    if json.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
        let decimal = || parse_decimal(json).map_or(Value::Text(json.to_owned()), Value::Decimal);
        return json.parse().map_or_else(|_| decimal(), Value::Integer);
    }
    match serde_json::from_str(json).unwrap_or_default() {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(truth) => Value::Bool(truth),
        serde_json::Value::String(text) => Value::Text(text),
        nested => Value::Text(nested.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::row_of_object;
    use leora_rule::Value;

    #[test]
    fn a_number_is_as_the_server_wrote_it() {
        let text = |text: &str| Value::Text(text.into());
        let decimal = |text: &str| Value::Decimal(text.parse().expect("a number"));
        let row = row_of_object(
            r#"{"a": 12345678901234567.25, "b": -7, "c": 9223372036854775809, "d": 1e+300, "e": null, "f": "x\"", "g": [1, 2.50], "h": true}"#,
        );
        let values: Vec<Value> = row.into_iter().map(|(_, value)| value).collect();
        let wanted = [
            decimal("12345678901234567.25"),
            Value::Integer(-7),
            decimal("9223372036854775809"),
            text("1e+300"),
            Value::Null,
            text("x\""),
            text("[1,2.5]"),
            Value::Bool(true),
        ];
        assert_eq!(values, wanted);
    }
}
