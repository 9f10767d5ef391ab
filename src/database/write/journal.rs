//! The journal: which rows go from which old value to which new one, kept for undo.

use crate::database::{DatabaseError, Session};
use crate::rule::{Kind, Sql, Table, Transition, quote_identifier};

/// The most keys in one row of the journal; 100,000 uuids are 1.6 MB.
const KEYS_PER_ROW: u32 = 100_000;

/// Journals the rows that the rule is about to change; returns how many.
pub(super) fn keep(
    session: &mut Session,
    column: &str,
    table: &Table,
    changes: &Sql,
    run: &str,
    (step, place): (usize, usize),
) -> Result<u64, DatabaseError> {
    let key = Key::of(table);
    let mut parameters = changes.parameters.clone();
    let mut bind = |value: String| {
        parameters.push(Some(value));
        format!("${}::text", parameters.len())
    };
    let fixed = [
        format!("{}::uuid", bind(run.to_owned())),
        format!("{}::integer", bind(step.to_string())),
        format!("{}::integer", bind(place.to_string())),
        bind(table.schema.clone()),
        bind(table.name.clone()),
        bind(column.to_owned()),
    ];
    let key_columns = bind(serde_json::json!(table.key).to_string());
    let groups = ["old_value", "new_value"].map(|name| grouped(name, column, table));
    let values = groups.each_ref().map(|group| format!("({group})::text"));
    let text = format!(
        "WITH kept AS (INSERT INTO leora_run.transition (run, step, rule, table_schema, table_name, column_name, \
           old_value, new_value, rows, key_columns, {array}) \
         SELECT {fixed}, {values}, count(*), \
           ARRAY(SELECT json_array_elements_text({key_columns}::json)), array_agg({key}) \
         FROM (SELECT *, (row_number() OVER () - 1) / {KEYS_PER_ROW} AS \"#part\" FROM ({changes}) AS changes) AS parts \
         GROUP BY \"#part\", {groups} RETURNING rows) \
         SELECT coalesce(sum(rows), 0)::text FROM kept",
        array = key.array,
        values = values.join(", "),
        groups = groups.join(", "),
        fixed = fixed.join(", "),
        key = key.expression_of("parts"),
        changes = changes.text,
    );
    let rows = session.link.fetch(&Sql { text, parameters })?;
    Ok(rows[0][0].as_deref().and_then(|sum| sum.parse().ok()).unwrap_or(0))
}

/// What a rule has changed, by its journal (`own`: its run and its place): counted and in order as a preview does it.
pub(super) fn transitions(
    session: &mut Session,
    cast: &str,
    own: &[Option<String>],
) -> Result<Vec<Transition>, DatabaseError> {
    let text = format!(
        "SELECT min(old_value COLLATE \"C\"), min(new_value COLLATE \"C\"), sum(rows)::text \
         FROM leora_run.transition WHERE run = $1::text::uuid AND rule = $2::text::integer \
         GROUP BY old_value::{cast}, new_value::{cast} \
         ORDER BY old_value::{cast} NULLS FIRST, new_value::{cast} NULLS FIRST"
    );
    let one = |row: Vec<Option<String>>| {
        let [old, new, rows] = <[Option<String>; 3]>::try_from(row).unwrap_or_default();
        let rows = rows.and_then(|rows| rows.parse().ok()).unwrap_or(0);
        Transition { old, new, rows }
    };
    let rows = session.link.fetch(&Sql { text, parameters: own.to_vec() })?;
    Ok(rows.into_iter().map(one).collect())
}

/// What the values are grouped by: their text, where 1.5 and 1.50 are equal, and not the same to put back.
fn grouped(name: &str, column: &str, table: &Table) -> String {
    match table.column(column).map(|column| &column.data_type.kind) {
        Some(Kind::Enum { .. } | Kind::Bool | Kind::Uuid | Kind::Integer { .. }) => name.to_owned(),
        _ => format!("{name}::text COLLATE \"C\""),
    }
}

/// Where the keys of a table are kept.
pub(super) struct Key {
    /// The journal's column.
    pub(super) array: &'static str,
    names: Vec<String>,
}

impl Key {
    pub(super) fn of(table: &Table) -> Self {
        let names: Vec<String> = table.key.iter().map(|name| quote_identifier(name)).collect();
        let first = table.key.first().and_then(|name| table.column(name));
        let array = match (names.len(), first.map(|key| &key.data_type.kind)) {
            (1, Some(Kind::Uuid)) => "keys_uuid",
            (1, Some(Kind::Integer { .. })) => "keys_bigint",
            _ => "keys_text",
        };
        Self { array, names }
    }

    /// The key of a row, as an element of the journal's column.
    pub(super) fn expression_of(&self, alias: &str) -> String {
        match (self.array, self.names.as_slice()) {
            ("keys_uuid", [name]) => format!("{alias}.{name}"),
            ("keys_bigint", [name]) => format!("{alias}.{name}::bigint"),
            (_, [name]) => format!("{alias}.{name}::text"),
            (_, names) => {
                let texts: Vec<String> =
                    names.iter().map(|name| format!("{alias}.{name}::text")).collect();
                format!("json_build_array({})::text", texts.join(", "))
            }
        }
    }
}
