//! The keys of a rule's journal, and the rows that they are of: the key may have another type now than the run saw.

use leora_report::DatabaseError;
use leora_rule::{Sql, Table, operation, quote_identifier, quote_literal};

use crate::Session;
use crate::connection::Cells;
use crate::journal::{JournalKey, OF_RULE};
use crate::undo::value_now::value_now;

/// The array that the keys are in, and one of them.
const STORED: &str = "CASE WHEN keys_uuid IS NOT NULL THEN 'keys_uuid' WHEN keys_bigint IS NOT NULL THEN 'keys_bigint' \
     ELSE 'keys_text' END, coalesce(keys_uuid[1]::pg_catalog.text, keys_bigint[1]::pg_catalog.text, keys_text[1])";

/// Any of them, as texts.
pub(crate) const ANY_KEYS: &str =
    "coalesce(keys_text, keys_bigint::pg_catalog.text[], keys_uuid::pg_catalog.text[])";

pub(crate) struct JournalledKey {
    /// The journal's column of keys, or an expression for it.
    pub(crate) array: &'static str,
    /// Whether the key is of the type that the run saw, as far as the journal tells.
    pub(crate) is_same_type: bool,
    /// An element `key` of it as it would be written now, to be compared with those of other runs.
    pub(crate) written_now: String,
}

impl JournalledKey {
    /// Of the rule of these parameters.
    pub(crate) fn read(
        session: &mut Session,
        table: &Table,
        about: &[Option<String>],
    ) -> Result<Self, DatabaseError> {
        let text = format!("SELECT {STORED} FROM leora_run.transition WHERE {OF_RULE} LIMIT 1");
        let sql = Sql { text, parameters: about.to_vec() };
        let mut cells = Cells::of_first(session.connection.fetch(&sql)?);
        let (stored, key) = (cells.text(), cells.text());
        let now = JournalKey::new(table).array;
        let is_same_type =
            stored == now && (now != "keys_text" || is_written_so(session, table, &key)?);
        Ok(match is_same_type {
            true => Self { array: now, is_same_type, written_now: "key".into() },
            false => Self { array: ANY_KEYS, is_same_type, written_now: written_now(table) },
        })
    }

    /// The condition that a row `now` of the table is the one of `was.key`.
    pub(crate) fn is_key(&self, table: &Table) -> String {
        if self.is_same_type {
            return operation(&JournalKey::new(table).expression("now"), "=", "was.key");
        }
        let equal = |(name, value): (&String, String)| {
            let left = format!("now.{}", quote_identifier(name));
            match table.column(name) {
                Some(column) => {
                    let right = format!("({})", value_now(&column.data_type, &value));
                    column.data_type.operation(&left, "=", &right)
                }
                None => operation(&left, "=", &value),
            }
        };
        let all: Vec<String> =
            table.key.iter().zip(key_parts(table.key.len(), "was.key")).map(equal).collect();
        all.join(" AND ")
    }
}

/// A text `key` of the journal as it would be written now.
fn written_now(table: &Table) -> String {
    let text = |(name, value): (&String, String)| match table.column(name) {
        Some(column) => format!("({})::pg_catalog.text", value_now(&column.data_type, &value)),
        None => value,
    };
    let texts: Vec<String> =
        table.key.iter().zip(key_parts(table.key.len(), "key")).map(text).collect();
    match texts.as_slice() {
        [text] => text.clone(),
        texts => format!("pg_catalog.json_build_array({})::pg_catalog.text", texts.join(", ")),
    }
}

/// The columns of a key of so many in its text.
pub(crate) fn key_parts(columns: usize, key: &str) -> Vec<String> {
    match columns {
        1 => vec![key.to_owned()],
        count => (0..count)
            .map(|at| operation(&format!("{key}::pg_catalog.json"), "->>", &at.to_string()))
            .collect(),
    }
}

/// Whether this key would be written the same now.
fn is_written_so(session: &mut Session, table: &Table, key: &str) -> Result<bool, DatabaseError> {
    let literal = format!("{}::pg_catalog.text", quote_literal(key));
    let written = |(name, value): (&String, String)| {
        let data_type = &table.column(name)?.data_type;
        let now = format!("({})::pg_catalog.text", value_now(data_type, &value));
        Some(operation(&now, "=", &value))
    };
    let all: Vec<String> =
        table.key.iter().zip(key_parts(table.key.len(), &literal)).filter_map(written).collect();
    let text = format!("SELECT ({})::pg_catalog.text", all.join(" AND "));
    let rows = session.connection.fetch(&Sql { text, parameters: vec![] })?;
    Ok(Cells::of_first(rows).flag())
}
