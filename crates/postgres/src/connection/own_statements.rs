//! Messages of this tool's own statements: whatever the `search_path` of the role is, they find PostgreSQL's own functions,
//! operators and types only. A table's schema may hold others of the same names, offered by whoever may create there.
//!
//! Between the messages of a transaction the role's own path is in force, since SQL files, triggers and views are the
//! application's. So each message sets the path for its own statements and then the role's again, with no further message.

use futures_util::TryStreamExt;
use leora_report::DatabaseError;
use leora_rule::{Sql, inline_parameters};
use sqlx::{AssertSqlSafe, Either, Executor};

use crate::connection::{Connection, TextRow, texts};

/// The path on which only PostgreSQL's own names are found. Functions and operators are never looked up in `pg_temp`, and
/// where it is not named it would come first for types.
pub(crate) const OWN_PATH: &str = "SET LOCAL search_path = pg_catalog, pg_temp";

#[derive(Clone, Copy, Debug)]
pub(crate) enum Statement<'s> {
    /// One of this tool, which finds PostgreSQL's own.
    Own(&'s str),
    /// A SELECT of this tool, which finds PostgreSQL's own, and shows the names of others as the role would write them: in
    /// its own schema without the schema. So a cursor is opened under the one path and read under the other.
    ShowingNames(&'s str),
    /// One that runs code of the application, such as a trigger, or that looks up no function and no operator.
    AsRole(&'s str),
}

pub(crate) struct Message {
    pub(crate) text: String,
    /// For each statement that was asked for, its place among those of the message.
    pub(crate) places: Vec<usize>,
    /// How many statements the message has.
    pub(crate) length: usize,
}

impl Message {
    pub(crate) fn new(statements: &[Statement<'_>], role_path: &str) -> Self {
        let (mut parts, mut places, mut own) = (Vec::new(), Vec::new(), false);
        for statement in statements {
            let needs_own = !matches!(statement, Statement::AsRole(_));
            if needs_own != own {
                parts.push(if needs_own { OWN_PATH } else { role_path }.to_owned());
            }
            own = needs_own;
            match statement {
                Statement::Own(text) | Statement::AsRole(text) => {
                    places.push(parts.len());
                    parts.push((*text).to_owned());
                }
                Statement::ShowingNames(text) => {
                    parts.push(format!("DECLARE leora_run NO SCROLL CURSOR FOR {text}"));
                    parts.push(role_path.to_owned());
                    places.push(parts.len());
                    parts.push("FETCH ALL FROM leora_run".to_owned());
                    parts.push("CLOSE leora_run".to_owned());
                    own = false;
                }
            }
        }
        if own {
            parts.push(role_path.to_owned());
        }
        Self { text: parts.join("; "), places, length: parts.len() }
    }
}

impl Connection {
    /// Sends them all in one message.
    pub(crate) fn fetch_each(
        &mut self,
        statements: &[Statement<'_>],
    ) -> Result<Vec<Vec<TextRow>>, DatabaseError> {
        let Message { text, places, length } = Message::new(statements, &self.role_path);
        let query = sqlx::raw_sql(AssertSqlSafe(text));
        let mut results = self.run(async |driver| {
            let (mut results, mut ended) = (vec![vec![]; length], 0);
            let mut messages = driver.fetch_many(query);
            while let Some(message) = messages.try_next().await? {
                match message {
                    Either::Left(_) => ended += 1,
                    Either::Right(row) => results[ended].push(texts(&row)?),
                }
            }
            Ok(results)
        })?;
        Ok(places.into_iter().map(|place| std::mem::take(&mut results[place])).collect())
    }

    fn fetch_one(&mut self, statement: Statement<'_>) -> Result<Vec<TextRow>, DatabaseError> {
        Ok(self.fetch_each(&[statement])?.remove(0))
    }

    /// Runs a statement of this tool's own, without parameters, whose columns are all text. It is sent in one message:
    /// outside of a transaction a pooler may give each message to another server process.
    pub(crate) fn fetch_text(&mut self, text: &str) -> Result<Vec<TextRow>, DatabaseError> {
        self.fetch_one(Statement::Own(text))
    }

    /// Runs a statement of this tool's own whose columns are all text, with its parameters written into it as literals.
    pub(crate) fn fetch_inlined(
        &mut self,
        text: &str,
        parameters: &[&str],
    ) -> Result<Vec<TextRow>, DatabaseError> {
        self.fetch_text(&inlined(text, parameters))
    }

    /// The same for a SELECT that shows names as the role would write them.
    pub(crate) fn fetch_showing_names(
        &mut self,
        text: &str,
        parameters: &[&str],
    ) -> Result<Vec<TextRow>, DatabaseError> {
        self.fetch_one(Statement::ShowingNames(&inlined(text, parameters)))
    }

    /// Returns how many rows the statement touched.
    pub(crate) fn execute_inlined(&mut self, sql: &Sql) -> Result<u64, DatabaseError> {
        self.execute_own(&inline_parameters(sql))
    }

    pub(crate) fn execute_own(&mut self, text: &str) -> Result<u64, DatabaseError> {
        let message = Message::new(&[Statement::Own(text)], &self.role_path);
        self.send(&message.text)
    }
}

fn inlined(text: &str, parameters: &[&str]) -> String {
    let parameters = parameters.iter().map(|text| Some((*text).to_owned())).collect();
    inline_parameters(&Sql { text: text.to_owned(), parameters })
}

#[cfg(test)]
mod tests {
    use super::{Message, OWN_PATH, Statement};

    #[test]
    fn the_path_is_set_for_own_statements_and_then_that_of_the_role() {
        let all = [
            Statement::AsRole("SET CONSTRAINTS ALL IMMEDIATE"),
            Statement::Own("SELECT 1"),
            Statement::Own("SELECT 2"),
            Statement::ShowingNames("SELECT 3"),
            Statement::Own("SELECT 4"),
        ];
        let message = Message::new(&all, "SET LOCAL search_path = crm");
        let parts: Vec<&str> = message.text.split("; ").collect();
        assert_eq!(message.length, parts.len());
        let asked: Vec<&str> = message.places.iter().map(|&place| parts[place]).collect();
        assert_eq!(
            asked,
            [
                "SET CONSTRAINTS ALL IMMEDIATE",
                "SELECT 1",
                "SELECT 2",
                "FETCH ALL FROM leora_run",
                "SELECT 4"
            ]
        );
        let path_of = |place: usize| {
            parts[..place].iter().rfind(|part| part.starts_with("SET LOCAL")).copied()
        };
        assert_eq!(path_of(message.places[0]), None);
        assert_eq!([1, 2, 4].map(|at| path_of(message.places[at])), [Some(OWN_PATH); 3]);
        assert_eq!(path_of(message.places[3]), Some("SET LOCAL search_path = crm"));
        assert_eq!(parts.last(), Some(&"SET LOCAL search_path = crm"));
    }
}
