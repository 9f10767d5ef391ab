//! The driver's errors as plain data, in PostgreSQL's own words.

use leora_report::{DatabaseError, InnerQuery, ServerError};
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
    let (position, inner_query) = match error.position() {
        Some(PgErrorPosition::Original(at)) => (Some(at), None),
        Some(PgErrorPosition::Internal { position, query }) => {
            (None, Some(InnerQuery { text: query.to_owned(), position }))
        }
        None => (None, None),
    };
    ServerError {
        message: error.message().to_owned(),
        code: error.code().to_owned(),
        detail: error.detail().map(str::to_owned),
        hint: error.hint().map(str::to_owned).or_else(|| missing_in_function(error)),
        position,
        table: error.table().map(str::to_owned),
        constraint: error.constraint().map(str::to_owned),
        context: error.r#where().map(str::to_owned),
        inner_query,
    }
}

/// Undefined tables, functions, columns and other objects.
const UNDEFINED: [&str; 4] = ["42P01", "42883", "42703", "42704"];

/// Names the function, such as a trigger's, that does not find something.
fn missing_in_function(error: &PgDatabaseError) -> Option<String> {
    let context = error.r#where()?.lines().find(|line| line.contains("function "))?;
    let is_function = UNDEFINED.contains(&error.code()) && !context.contains("inline_code_block");
    is_function.then(|| {
        format!(
            "it came from {context}, with the search_path of the role and the address: let the function have one of \
             its own (ALTER FUNCTION ... SET search_path = ...), or set it for the role"
        )
    })
}
