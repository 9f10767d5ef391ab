//! The journal: which rows go from which old value to which new one, kept for undo.

pub(crate) mod touched_rows;
pub(crate) mod verify_written;

use leora_report::DatabaseError;
use leora_rule::{
    DataType, Kind, RowState, Sql, Table, Transition, key_name, operation, quote_identifier,
};

use crate::Session;
use crate::connection::{Cells, TextRow};

/// The most keys in one row of the journal: 100,000 uuids are 1.6 MB.
const KEYS_PER_ROW: u32 = 100_000;

pub(crate) const OF_RULE: &str = "run OPERATOR(pg_catalog.=) $1::pg_catalog.text::pg_catalog.uuid \
     AND rule OPERATOR(pg_catalog.=) $2::pg_catalog.text::integer";

/// The place of a rule in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RulePlace {
    /// Its step, from 1.
    pub step: usize,
    /// Its number among the rules of the run, from 1.
    pub rule: usize,
}

#[derive(Clone, Copy)]
pub(crate) struct JournalEntry<'a> {
    pub(crate) run: &'a str,
    pub(crate) place: RulePlace,
    pub(crate) table: &'a Table,
    pub(crate) column: &'a str,
}

impl JournalEntry<'_> {
    /// The call that journals an array of changes, and returns how many rows these are.
    fn call(&self, changes: &str, parameters: &mut Vec<Option<String>>) -> String {
        let mut bind = |value: String, cast: &str| {
            parameters.push(Some(value));
            format!("${}::pg_catalog.text{cast}", parameters.len())
        };
        let values = [
            bind(self.run.to_owned(), "::pg_catalog.uuid"),
            bind(self.place.step.to_string(), "::integer"),
            bind(self.place.rule.to_string(), "::integer"),
            bind(self.table.schema.clone(), ""),
            bind(self.table.name.clone(), ""),
            bind(self.column.to_owned(), ""),
        ];
        let key = bind(serde_json::json!(self.table.key).to_string(), "::pg_catalog.json");
        let values = values.join(", ");
        format!(
            "leora_run.write_journal({values}, ARRAY(SELECT pg_catalog.json_array_elements_text({key})), {changes})"
        )
    }
}

/// Journals the rows that the rule is about to change; returns how many. The function is called once for each of the
/// parts, so that no array holds more than their keys.
pub(crate) fn write(
    session: &mut Session,
    entry: JournalEntry<'_>,
    changes: &Sql,
) -> Result<u64, DatabaseError> {
    let JournalEntry { table, column, .. } = entry;
    let key = JournalKey::new(table);
    let mut parameters = changes.parameters.clone();
    let call = entry.call("changes", &mut parameters);
    let groups = ["\"#old\"", "\"#new\""].map(|name| grouped(name, column, table));
    let text = format!(
        "SELECT coalesce(pg_catalog.sum({call}), 0)::pg_catalog.text FROM (\
           SELECT pg_catalog.array_agg({change}) AS changes FROM (\
             SELECT \"#part\", ({old})::pg_catalog.text AS \"#old\", ({new})::pg_catalog.text AS \"#new\", \
                    pg_catalog.count(*) AS \"#rows\", pg_catalog.array_agg({key}) AS \"#keys\" \
             FROM (SELECT *, {part} AS \"#part\" FROM ({changes}) AS changes) AS parts \
             GROUP BY \"#part\", {groups}) AS groups GROUP BY \"#part\") AS parts",
        change = key.change(["\"#old\"", "\"#new\"", "\"#rows\"", "\"#keys\""]),
        part = part(),
        old = groups[0],
        new = groups[1],
        groups = groups.join(", "),
        key = key.of_statement("parts"),
        changes = changes.text,
    );
    Ok(Cells::of_first(session.connection.fetch(&Sql { text, parameters })?).number())
}

/// Journals the rows that the rule is about to change, and counts all rows as a preview does, in the same pass over the
/// table. The last column says how many rows are journalled.
pub(crate) fn write_and_count(
    session: &mut Session,
    entry: JournalEntry<'_>,
    row_states: &Sql,
) -> Result<Vec<TextRow>, DatabaseError> {
    let JournalEntry { table, column, .. } = entry;
    let key = JournalKey::new(table);
    let mut parameters = row_states.parameters.clone();
    let call = entry.call("changes", &mut parameters);
    let names = ["\"#old\"", "\"#new\""];
    let groups = names.map(|name| grouped(name, column, table));
    let data_type = table.column(column).map(|column| &column.data_type);
    let texts = names.map(|name| match data_type {
        Some(data_type) => data_type.grouped_text(name),
        None => format!("{name}::pg_catalog.text"),
    });
    let values = names.map(|name| match data_type {
        Some(data_type) => data_type.group_key(name),
        None => name.to_owned(),
    });
    // By all rows and not by those that change: to count these alone would cost more than a few short rows of keys.
    let text = format!(
        "WITH counted AS MATERIALIZED (\
           SELECT \"#part\", \"#state\", {old_value} AS \"#old\", {new_value} AS \"#new\", \
                  {old} AS \"#old text\", {new} AS \"#new text\", \
                  pg_catalog.count(*) AS \"#rows\", pg_catalog.count(*) FILTER (WHERE \"#valued\") AS \"#valued\", \
                  pg_catalog.array_agg({key}) FILTER (WHERE {is_changed}) AS \"#keys\" \
           FROM (SELECT *, {part} AS \"#part\" FROM ({row_states}) AS row_states) AS parts \
           GROUP BY \"#part\", \"#state\", {groups}), \
         kept AS (SELECT pg_catalog.sum({call}) AS rows FROM (\
           SELECT pg_catalog.array_agg({change}) AS changes FROM counted WHERE {is_changed} GROUP BY \"#part\") AS parts) \
         SELECT \"#state\"::pg_catalog.text, {texts}, pg_catalog.sum(\"#rows\")::pg_catalog.text, pg_catalog.sum(\"#valued\")::pg_catalog.text, \
                (SELECT coalesce(rows, 0)::pg_catalog.text FROM kept) FROM counted \
         GROUP BY \"#state\", \"#old\", \"#new\" ORDER BY 1, counted.\"#old\" NULLS FIRST, counted.\"#new\" NULLS FIRST",
        change = key.change([
            "\"#old text\"::pg_catalog.text",
            "\"#new text\"::pg_catalog.text",
            "\"#rows\"",
            "\"#keys\""
        ]),
        is_changed = operation("\"#state\"", "=", &RowState::Changed.to_string()),
        part = part(),
        old = groups[0],
        new = groups[1],
        old_value = values[0],
        new_value = values[1],
        groups = distinct(values.iter().chain(&groups).map(String::as_str)),
        texts = texts.join(", "),
        key = key.of_statement("parts"),
        row_states = row_states.text,
    );
    session.connection.fetch(&Sql { text, parameters })
}

/// The number of the journal's row that a row goes into, by its place among all.
fn part() -> String {
    let before = operation("pg_catalog.row_number() OVER ()", "-", "1");
    operation(&before, "/", &KEYS_PER_ROW.to_string())
}

fn distinct<'g>(groups: impl Iterator<Item = &'g str>) -> String {
    let mut all: Vec<&str> = groups.collect();
    all.sort_unstable();
    all.dedup();
    all.join(", ")
}

/// What a rule of a run has changed, by its journal: counted and in order as a preview does it. The type is that of the
/// values.
pub(crate) fn transitions(
    session: &mut Session,
    data_type: &DataType,
    run: &str,
    rule: usize,
) -> Result<Vec<Transition>, DatabaseError> {
    let text = format!(
        "SELECT pg_catalog.min(old_value COLLATE pg_catalog.\"C\"), pg_catalog.min(new_value COLLATE pg_catalog.\"C\"), \
                pg_catalog.sum(rows)::pg_catalog.text FROM leora_run.transition WHERE {OF_RULE} \
         GROUP BY {old}, {new} ORDER BY {old} NULLS FIRST, {new} NULLS FIRST",
        old = data_type.group_key_of_text("old_value"),
        new = data_type.group_key_of_text("new_value"),
    );
    let transition = |row: TextRow| {
        let mut cells = Cells::new(row);
        Transition { old: cells.optional(), new: cells.optional(), rows: cells.number() }
    };
    let parameters = vec![Some(run.to_owned()), Some(rule.to_string())];
    let rows = session.connection.fetch(&Sql { text, parameters })?;
    Ok(rows.into_iter().map(transition).collect())
}

/// What the values are grouped by: their text, where 1.5 and 1.50 are equal, and not the same to put back.
fn grouped(name: &str, column: &str, table: &Table) -> String {
    match table.column(column).map(|column| &column.data_type.kind) {
        Some(Kind::Enum { .. } | Kind::Bool | Kind::Uuid | Kind::Integer { .. }) => name.to_owned(),
        _ => format!("{name}::pg_catalog.text COLLATE pg_catalog.\"C\""),
    }
}

pub(crate) struct JournalKey {
    /// The journal's column, an array of keys.
    pub(crate) array: &'static str,
    names: Vec<String>,
}

impl JournalKey {
    pub(crate) fn new(table: &Table) -> Self {
        let names: Vec<String> = table.key.iter().map(|name| quote_identifier(name)).collect();
        let first = table.key.first().and_then(|name| table.column(name));
        let array = match (names.len(), first.map(|key| &key.data_type.kind)) {
            (1, Some(Kind::Uuid)) => "keys_uuid",
            (1, Some(Kind::Integer { .. })) => "keys_bigint",
            _ => "keys_text",
        };
        Self { array, names }
    }

    /// The type of an element of the journal's column.
    pub(crate) fn cast(&self) -> &'static str {
        match self.array {
            "keys_uuid" => "pg_catalog.uuid",
            "keys_bigint" => "bigint",
            _ => "pg_catalog.text",
        }
    }

    /// What a group of rows changed, as the functions of the history take it: old value, new value, rows and keys.
    fn change(&self, [old, new, rows, keys]: [&str; 4]) -> String {
        let arrays = ["keys_uuid", "keys_bigint", "keys_text"];
        let arrays = arrays.map(|array| if array == self.array { keys } else { "NULL" });
        format!("ROW({old}, {new}, {rows}, {})::leora_run.change", arrays.join(", "))
    }

    /// The key of a row of the table, as an element of the journal's column.
    pub(crate) fn expression(&self, alias: &str) -> String {
        self.of_row(Some(alias))
    }

    /// The same where the statement may give the table no alias.
    pub(crate) fn of_row(&self, alias: Option<&str>) -> String {
        self.element(alias, &self.names)
    }

    /// The same of a row of a statement that names the columns of the key by their places.
    fn of_statement(&self, alias: &str) -> String {
        let names: Vec<String> = (1..=self.names.len()).map(key_name).collect();
        self.element(Some(alias), &names)
    }

    fn element(&self, alias: Option<&str>, names: &[String]) -> String {
        let of = alias.map_or_else(String::new, |alias| format!("{alias}."));
        match (self.array, names) {
            ("keys_uuid", [name]) => format!("{of}{name}"),
            ("keys_bigint", [name]) => format!("{of}{name}::bigint"),
            (_, [name]) => format!("{of}{name}::pg_catalog.text"),
            (_, names) => {
                let texts: Vec<String> =
                    names.iter().map(|name| format!("{of}{name}::pg_catalog.text")).collect();
                format!("pg_catalog.json_build_array({})::pg_catalog.text", texts.join(", "))
            }
        }
    }
}
