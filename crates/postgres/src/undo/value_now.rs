//! The journal's texts as values of the type that the column has now: it may be another one than the run wrote.

use leora_report::DatabaseError;
use leora_rule::{DataType, Kind, differ, operation};

const NUMERIC: &str = "::numeric";
const TIMESTAMP: &str = "::timestamp";

/// The value, as an expression. A whole number may be written with decimals, where the column had some.
pub(crate) fn value_now(data_type: &DataType, text: &str) -> String {
    match data_type.kind {
        Kind::Integer { .. } => format!("({text}{NUMERIC})::{}", data_type.cast),
        _ => format!("{text}::{}", data_type.cast),
    }
}

/// The same as text, as it would be journalled now.
pub(crate) fn text_now(data_type: &DataType, text: &str) -> String {
    as_text(&value_now(data_type, text))
}

pub(crate) fn as_text(value: &str) -> String {
    format!("({value})::pg_catalog.text COLLATE pg_catalog.\"C\"")
}

/// Whether a value of the journal would be another one in the type of now, as a condition.
pub(crate) fn is_lost(data_type: &DataType, text: &str) -> String {
    let now = text_now(data_type, text);
    let differs = differ(&now, text);
    let through = match data_type.kind {
        Kind::Integer { .. } | Kind::Decimal | Kind::Float => NUMERIC,
        Kind::Date | Kind::Timestamp | Kind::TimestampTz => TIMESTAMP,
        Kind::Text | Kind::Enum { .. } => return differs,
        Kind::Bool | Kind::Uuid | Kind::Other => return "false".into(),
    };
    // Only then, since each is computed for every row: 10.00 is 10.0000, and 2024-01-01 is midnight of that day.
    let by_value = differ(&format!("({now}){through}"), &format!("{text}{through}"));
    format!("CASE WHEN {differs} THEN {by_value} ELSE false END")
}

/// Whether a text of the journal has a time zone and the type of now has none, or the other way round, as a condition: the
/// server has converted such values by the zone of the session that changed the type.
pub(crate) fn is_of_another_zone(data_type: &DataType, text: &str) -> String {
    let has_zone = operation(text, "~", "':[0-9.]+[+-]'");
    let is_finite = operation(text, "~", "'^[0-9]'");
    match data_type.kind {
        Kind::TimestampTz => format!("({is_finite} AND NOT {has_zone})"),
        Kind::Date | Kind::Timestamp => has_zone,
        _ => "false".into(),
    }
}

/// An error of reading the journal as the types of now, such as a label that was renamed.
pub(crate) fn explain_unreadable(
    error: DatabaseError,
    table: &str,
    column: &str,
    data_type: &DataType,
) -> DatabaseError {
    let DatabaseError::Server(server) = &error else { return error };
    // A domain has no column name, and a check of the table is no matter of types.
    let of_domain = server.code == "23514" && server.table.is_none();
    match server.code.as_str() {
        code if code.starts_with("22") || code == "42846" || of_domain => {
            DatabaseError::Inconsistent {
                message: format!(
                    "{table}.{column} or the key of {table} has another type than when the run wrote it, and its values can't be \
                 read as {} now: {error}",
                    data_type.display
                ),
                help: HELP.into(),
            }
        }
        _ => error,
    }
}

/// A value of before the run that the table no longer takes: a constraint came since, was not valid for the rows of then, or
/// another row has the value.
pub(crate) fn explain_refused(error: DatabaseError) -> DatabaseError {
    match error {
        DatabaseError::Server(mut server) if server.code.starts_with("23") => {
            server.hint = Some(REFUSED.into());
            DatabaseError::Server(server)
        }
        other => other,
    }
}

const REFUSED: &str = "the table refuses a value of before the run: give another value to the row that is in the way, or drop \
     the constraint, and undo again; or put the values back by hand, from leora_run.transition";

/// What to do where the types have changed.
pub(crate) const HELP: &str = "change it back to what it was then, undo, and change it again; or put the values back by hand, \
     from leora_run.transition";
