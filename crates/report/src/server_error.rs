//! An error as the server sent it, and what helps against it.

/// An error as the server sent it.
#[derive(Clone, Debug, Default, thiserror::Error)]
#[error("{message}")]
pub struct ServerError {
    /// The message.
    pub message: String,
    /// The five-character SQLSTATE.
    pub code: String,
    /// More about it.
    pub detail: Option<String>,
    /// What the server suggests.
    pub hint: Option<String>,
    /// Where in the statement, in characters from 1.
    pub position: Option<usize>,
    /// The table that it is about.
    pub table: Option<String>,
    /// The violated constraint.
    pub constraint: Option<String>,
    /// The calls in which it happened, the innermost first, one or more lines each.
    pub context: Option<String>,
    /// Where in a query that is not the statement, such as one of a function.
    pub inner_query: Option<InnerQuery>,
}

/// A query that the server was asked for by code that it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InnerQuery {
    /// The query.
    pub text: String,
    /// Where in it, in characters from 1.
    pub position: usize,
}

impl ServerError {
    /// The server's hint, or what helps against errors that come without one.
    pub(crate) fn remedy(&self) -> Option<String> {
        self.hint.clone().or_else(|| remedy(&self.code).map(str::to_owned))
    }
}

/// What helps against the server's errors that come without a hint.
fn remedy(code: &str) -> Option<&'static str> {
    Some(match code {
        "42501" => {
            "ask the owner of the tables for the privilege, or run as that role; `leora-run doctor` names what is missing"
        }
        // Only a foreign table makes a server connect to another one.
        "08001" => {
            "a foreign table is read from another server: see that it runs, and that CREATE SERVER and CREATE USER MAPPING name it"
        }
        "57014" => "give --statement-timeout more time, or look at what is in its way",
        "55P03" => "something holds a lock; try again, or give --lock-timeout more time",
        "40P01" | "40001" => "run it again",
        "23502" => "give the column a value, or leave such rows out with .where(...)",
        "23503" | "23505" | "23514" | "23P01" => {
            "leave such rows out with .where(...), or change the constraint in an SQL file"
        }
        "25001" => "it needs a transaction of its own: run it by hand, with psql",
        "53100" => "free disk space on the server, and run it again",
        "25006" => "the server, or its role, is read-only: use the address of the primary",
        _ => return None,
    })
}
