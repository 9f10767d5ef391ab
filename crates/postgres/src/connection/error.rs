//! The driver's errors as plain data, in PostgreSQL's own words.

use leora_report::{DatabaseError, ServerError};
use sqlx::postgres::{PgDatabaseError, PgErrorPosition};

/// No `From`, since both types are of other crates.
pub(crate) fn from_driver(error: sqlx::Error) -> DatabaseError {
    match error {
        sqlx::Error::Database(boxed) => match boxed.try_downcast::<PgDatabaseError>() {
            Ok(error) => DatabaseError::Server(Box::new(server_error(&error))),
            Err(other) => DatabaseError::Lost { message: other.message().to_owned() },
        },
        other => DatabaseError::Lost { message: other.to_string() },
    }
}

fn server_error(error: &PgDatabaseError) -> ServerError {
    let position = match error.position() {
        Some(PgErrorPosition::Original(at)) => Some(at),
        _ => None,
    };
    ServerError {
        message: error.message().to_owned(),
        code: error.code().to_owned(),
        detail: error.detail().map(str::to_owned),
        hint: error.hint().map(str::to_owned),
        position,
        constraint: error.constraint().map(str::to_owned),
    }
}
