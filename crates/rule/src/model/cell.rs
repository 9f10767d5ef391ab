//! The text of a data file's cell as a value of a column.

use crate::model::types::{ValueSlot, check_fits};
use crate::{Column, Kind, RuleError, Value, parse_decimal};

impl Column {
    /// Whether each text that is a value of it stays the text that it is.
    pub fn keeps_text(&self) -> bool {
        !matches!(
            self.data_type.kind,
            Kind::Bool | Kind::Integer { .. } | Kind::Decimal | Kind::Float
        )
    }

    /// The value that a text is in this column; `stored` is whether it is written there, and not only compared.
    ///
    /// # Errors
    /// [`RuleError`] when it is none.
    pub fn value_of_text(&self, text: &str, table: &str, stored: bool) -> Result<Value, RuleError> {
        let number = || parse_decimal(text).map(Value::Decimal);
        let read = match self.data_type.kind {
            Kind::Bool => match text.to_ascii_lowercase().as_str() {
                "true" | "t" | "yes" => Some(Value::Bool(true)),
                "false" | "f" | "no" => Some(Value::Bool(false)),
                _ => None,
            },
            Kind::Integer { .. } => text.parse().ok().map(Value::Integer).or_else(number),
            Kind::Decimal | Kind::Float => number(),
            _ => None,
        };
        let value = read.unwrap_or_else(|| Value::Text(text.to_owned()));
        let name = format!("{table}.{}", self.name);
        check_fits(&value, &ValueSlot { data_type: &self.data_type, name, stored })?;
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use crate::fixtures::table;

    #[test]
    fn a_text_is_a_value_of_its_column() {
        let table = table();
        let read = |column: &str, text: &str| {
            let column = table.require_column(column).expect("a column");
            match column.value_of_text(text, "Customer", true) {
                Ok(value) => format!("{value:?}"),
                Err(error) => error.to_string(),
            }
        };
        assert_eq!(read("orders", "12"), "Number(12)");
        assert_eq!(read("active", "Yes"), "a truth value(true)");
        assert_eq!(read("priority", "HIGH"), "Text(\"HIGH\")");
        assert!(read("priority", "HIHG").contains("has no value HIHG"));
        assert!(read("orders", "many").contains("holds whole numbers"));
    }
}
