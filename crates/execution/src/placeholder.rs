//! The values with which a probe answers in place of those that it does not read.

use leora_report::DatabaseError;
use leora_rule::{Kind, Sql, Value};

/// The text that stands for a value which was not read.
pub const PLACEHOLDER: &str = "(made up)";

/// Whether the server refuses a placeholder as a value of its type, such as a network address.
pub(crate) fn is_refused_placeholder(error: &DatabaseError, sql: &Sql) -> bool {
    let holds_it = |text: &Option<String>| text.as_ref().is_some_and(|it| it.contains(PLACEHOLDER));
    let invalid_text = matches!(error.code(), Some("22P02" | "22007" | "22008"));
    invalid_text && sql.parameters.iter().any(holds_it)
}

pub(crate) fn placeholder(kind: &Kind) -> Value {
    match kind {
        Kind::Bool => Value::Bool(false),
        Kind::Integer { .. } => Value::Integer(1),
        Kind::Decimal => Value::Decimal(1.into()),
        Kind::Float => Value::Text("1".into()),
        Kind::Uuid => Value::Text("00000000-0000-0000-0000-000000000000".into()),
        Kind::Date | Kind::Timestamp | Kind::TimestampTz => Value::Text("2000-01-01".into()),
        Kind::Enum { labels, .. } => Value::Text(labels.first().cloned().unwrap_or_default()),
        Kind::Text | Kind::Other => Value::Text(PLACEHOLDER.into()),
    }
}

#[cfg(test)]
mod tests {
    use leora_report::ServerError;

    use super::*;

    fn server_error(code: &str) -> DatabaseError {
        DatabaseError::Server(Box::new(ServerError { code: code.into(), ..ServerError::default() }))
    }

    #[test]
    fn only_a_value_of_the_wrong_form_is_blamed_on_the_placeholder() {
        let sql = |value: Value| Sql {
            text: "SELECT $1::text::inet".into(),
            parameters: vec![value.to_sql_text()],
        };
        let (made_up, read) = (sql(placeholder(&Kind::Other)), sql(Value::Text("10.0.0.1".into())));
        assert!(is_refused_placeholder(&server_error("22P02"), &made_up));
        assert!(!is_refused_placeholder(&server_error("22P02"), &read));
        assert!(!is_refused_placeholder(&server_error("42703"), &made_up));
    }
}
