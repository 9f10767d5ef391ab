//! The journal: which rows go from which old value to which new one, kept for undo.

pub(crate) mod verify_written;

use leora_report::DatabaseError;
use leora_rule::{Kind, RowState, Sql, Table, Transition, quote_identifier};

use crate::Session;
use crate::connection::{Cells, TextRow};

/// The most keys in one row of the journal: 100,000 uuids are 1.6 MB.
const KEYS_PER_ROW: u32 = 100_000;

/// The place of a rule in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RulePlace {
    /// Its step, from 1.
    pub step: usize,
    /// Its number among the rules of the run, from 1.
    pub rule: usize,
}

/// What a rule journals: which column of which table, and where in which run.
#[derive(Clone, Copy)]
pub(crate) struct JournalEntry<'a> {
    pub(crate) run: &'a str,
    pub(crate) place: RulePlace,
    pub(crate) table: &'a Table,
    pub(crate) column: &'a str,
}

impl JournalEntry<'_> {
    /// The columns of the journal that are the same in all its rows, with their values.
    fn fixed(&self, parameters: &mut Vec<Option<String>>) -> (&'static str, String) {
        let mut bind = |value: String, cast: &str| {
            parameters.push(Some(value));
            format!("${}::text{cast}", parameters.len())
        };
        let values = [
            bind(self.run.to_owned(), "::uuid"),
            bind(self.place.step.to_string(), "::integer"),
            bind(self.place.rule.to_string(), "::integer"),
            bind(self.table.schema.clone(), ""),
            bind(self.table.name.clone(), ""),
            bind(self.column.to_owned(), ""),
        ];
        let key = bind(serde_json::json!(self.table.key).to_string(), "::json");
        let columns = "run, step, rule, table_schema, table_name, column_name, key_columns";
        let values = values.join(", ");
        (columns, format!("{values}, ARRAY(SELECT json_array_elements_text({key}))"))
    }
}

/// Journals the rows that the rule is about to change; returns how many.
pub(crate) fn write(
    session: &mut Session,
    entry: JournalEntry<'_>,
    changes: &Sql,
) -> Result<u64, DatabaseError> {
    let JournalEntry { table, column, .. } = entry;
    let key = JournalKey::new(table);
    let mut parameters = changes.parameters.clone();
    let (columns, fixed) = entry.fixed(&mut parameters);
    let groups = ["old_value", "new_value"].map(|name| grouped(name, column, table));
    let values = groups.each_ref().map(|group| format!("({group})::text"));
    let text = format!(
        "WITH kept AS (INSERT INTO leora_run.transition ({columns}, old_value, new_value, rows, {array}) \
         SELECT {fixed}, {values}, count(*), array_agg({key}) \
         FROM (SELECT *, (row_number() OVER () - 1) / {KEYS_PER_ROW} AS \"#part\" FROM ({changes}) AS changes) AS parts \
         GROUP BY \"#part\", {groups} RETURNING rows) \
         SELECT coalesce(sum(rows), 0)::text FROM kept",
        array = key.array,
        values = values.join(", "),
        groups = groups.join(", "),
        key = key.expression("parts"),
        changes = changes.text,
    );
    Ok(Cells::of_first(session.connection.fetch(&Sql { text, parameters })?).number())
}

/// Journals the rows that the rule is about to change, and counts all rows as a preview does, in the same pass over the
/// table.
pub(crate) fn write_and_count(
    session: &mut Session,
    entry: JournalEntry<'_>,
    row_states: &Sql,
) -> Result<Vec<TextRow>, DatabaseError> {
    let JournalEntry { table, column, .. } = entry;
    let key = JournalKey::new(table);
    let mut parameters = row_states.parameters.clone();
    let (columns, fixed) = entry.fixed(&mut parameters);
    let values = ["\"#old\"", "\"#new\""];
    let groups = values.map(|name| grouped(name, column, table));
    let texts = values.map(|name| match table.column(column) {
        Some(column) => column.data_type.grouped_text(name),
        None => format!("{name}::text"),
    });
    // By all rows and not by those that change: to count these alone would cost more than a few short rows of keys.
    let text = format!(
        "WITH counted AS MATERIALIZED (\
           SELECT \"#state\", \"#old\", \"#new\", {old} AS \"#old text\", {new} AS \"#new text\", \
                  count(*) AS \"#rows\", count(*) FILTER (WHERE \"#valued\") AS \"#valued\", \
                  array_agg({key}) FILTER (WHERE \"#state\" = {changed}) AS \"#keys\" \
           FROM (SELECT *, (row_number() OVER () - 1) / {KEYS_PER_ROW} AS \"#part\" FROM ({row_states}) AS row_states) AS parts \
           GROUP BY \"#part\", \"#state\", {groups}), \
         kept AS (INSERT INTO leora_run.transition ({columns}, old_value, new_value, rows, {array}) \
           SELECT {fixed}, \"#old text\"::text, \"#new text\"::text, \"#rows\", \"#keys\" \
             FROM counted WHERE \"#state\" = {changed}) \
         SELECT \"#state\"::text, {texts}, sum(\"#rows\")::text, sum(\"#valued\")::text FROM counted \
         GROUP BY \"#state\", \"#old\", \"#new\" ORDER BY 1, counted.\"#old\" NULLS FIRST, counted.\"#new\" NULLS FIRST",
        array = key.array,
        changed = RowState::Changed,
        old = groups[0],
        new = groups[1],
        groups = distinct(values.into_iter().chain(groups.iter().map(String::as_str))),
        texts = texts.join(", "),
        key = key.expression("parts"),
        row_states = row_states.text,
    );
    session.connection.fetch(&Sql { text, parameters })
}

/// What to group by, each once.
fn distinct<'g>(groups: impl Iterator<Item = &'g str>) -> String {
    let mut all: Vec<&str> = groups.collect();
    all.sort_unstable();
    all.dedup();
    all.join(", ")
}

/// What a rule of a run has changed, by its journal: counted and in order as a preview does it. `cast` is the type of the
/// values.
pub(crate) fn transitions(
    session: &mut Session,
    cast: &str,
    run: &str,
    rule: usize,
) -> Result<Vec<Transition>, DatabaseError> {
    let text = format!(
        "SELECT min(old_value COLLATE \"C\"), min(new_value COLLATE \"C\"), sum(rows)::text \
         FROM leora_run.transition WHERE run = $1::text::uuid AND rule = $2::text::integer \
         GROUP BY old_value::{cast}, new_value::{cast} \
         ORDER BY old_value::{cast} NULLS FIRST, new_value::{cast} NULLS FIRST"
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
        _ => format!("{name}::text COLLATE \"C\""),
    }
}

/// How the keys of a table are journalled.
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

    /// The key of a row, as an element of the journal's column.
    pub(crate) fn expression(&self, alias: &str) -> String {
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
