//! Writing the values that an undo has journalled, each into the row of its key.

use leora_report::DatabaseError;
use leora_rule::{Sql, Table, key_name, operation, quote_identifier};

use crate::Session;
use crate::citus::{Gathered, GivenColumn, write_values};
use crate::journal::{JournalKey, OF_RULE};
use crate::undo::journalled_key::key_parts;
use crate::undo::put_back::RuleUndo;

/// The UPDATE of all columns. `rules` are those of this undo, not of what it undoes, by their number.
pub(crate) fn update(table: &Table, run: &str, rules: &[(usize, &RuleUndo<'_>, u64)]) -> Sql {
    let key = JournalKey::new(table);
    let is_key = operation(&key.expression("target"), "=", "was.key");
    let name = table.qualified();
    let array = key.array;
    if let [(number, RuleUndo { column, data_type, .. }, _)] = rules {
        let text = format!(
            "UPDATE {name} AS target SET {column} = was.new_value::{cast} \
             FROM (SELECT pg_catalog.unnest({array}) AS key, new_value FROM leora_run.transition \
                   WHERE {OF_RULE}) AS was WHERE {is_key}",
            cast = data_type.cast,
        );
        return Sql { text, parameters: vec![Some(run.to_owned()), Some(number.to_string())] };
    }
    let set = |(number, RuleUndo { column, data_type, .. }, _): &(usize, &RuleUndo<'_>, u64)| {
        format!(
            "{column} = CASE WHEN was.\"has {number}\" THEN was.\"value {number}\"::{} ELSE target.{column} END",
            data_type.cast
        )
    };
    let set: Vec<String> = rules.iter().map(set).collect();
    let Sql { text: values, parameters } = journalled_values(&key, run, rules);
    let text = format!(
        "UPDATE {name} AS target SET {} FROM ({values}) AS was WHERE {is_key}",
        set.join(", ")
    );
    Sql { text, parameters }
}

/// For each `key` in the journal of these rules, and for each of them by its number: whether it `has` the key, and which
/// `value`, as text.
fn journalled_values(key: &JournalKey, run: &str, rules: &[(usize, &RuleUndo<'_>, u64)]) -> Sql {
    let (mut values, mut numbers) = (Vec::new(), Vec::new());
    for (number, ..) in rules {
        let is_rule = operation("rule", "=", &number.to_string());
        values.push(format!(
            "pg_catalog.bool_or({is_rule}) AS \"has {number}\", \
             pg_catalog.max(new_value) FILTER (WHERE {is_rule}) AS \"value {number}\""
        ));
        numbers.push(number.to_string());
    }
    let text = format!(
        "SELECT key, {} FROM (SELECT pg_catalog.unnest({array}) AS key, rule, new_value FROM leora_run.transition \
                               WHERE {} AND {}) AS journalled GROUP BY key",
        values.join(", "),
        operation("run", "=", "$1::pg_catalog.text::pg_catalog.uuid"),
        operation("rule", "=", &format!("ANY (ARRAY[{}])", numbers.join(", "))),
        array = key.array,
    );
    Sql { text, parameters: vec![Some(run.to_owned())] }
}

/// The same where Citus keeps the table: keys and values have their types before its shards see them.
pub(crate) fn update_on_citus(
    session: &mut Session,
    table: &Table,
    run: &str,
    rules: &[(usize, &RuleUndo<'_>, u64)],
) -> Result<u64, DatabaseError> {
    let mut shown: Vec<String> = Vec::new();
    for (at, (name, value)) in table.key.iter().zip(key_parts(table.key.len(), "key")).enumerate() {
        let cast = table.column(name).map_or("pg_catalog.text", |column| &column.data_type.cast);
        shown.push(format!("({value})::{cast} AS {}", key_name(at + 1)));
    }
    let mut columns = Vec::new();
    for (at, (number, RuleUndo { column, data_type, .. }, _)) in rules.iter().enumerate() {
        let (place, cast) = (at + 1, &data_type.cast);
        shown.push(format!(
            "\"has {number}\" AS \"#has {place}\", \"value {number}\"::{cast} AS \"#value {place}\""
        ));
        columns.push(GivenColumn { name: column.clone(), cast });
    }
    let Sql { text, parameters } = journalled_values(&JournalKey::new(table), run, rules);
    let text = format!("SELECT {} FROM ({text}) AS journalled", shown.join(", "));
    write_values(session, table, &columns, &Sql { text, parameters })
}

/// The rows as they are now, by key, with what they have in these columns.
pub(crate) fn gather_rows(
    session: &mut Session,
    table: &Table,
    columns: &[&str],
) -> Result<Gathered, DatabaseError> {
    let mut names: Vec<&str> = table.key.iter().map(String::as_str).collect();
    names.extend(columns.iter().filter(|name| !table.key.iter().any(|key| key == *name)));
    let names: Vec<String> = names.into_iter().map(quote_identifier).collect();
    let text = format!("SELECT {} FROM {}", names.join(", "), table.qualified());
    Gathered::create(session, "rows to put back", &Sql { text, parameters: vec![] })
}
