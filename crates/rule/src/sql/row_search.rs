//! Finds rows by what people call them: a key, a number, a name.

use crate::sql::own_names::operation;
use crate::sql::table::{AS_TEXT, column_list};
use crate::{Column, Kind, Relation, Sql, Table, quote_identifier};

/// The most rows that a search returns: one more than it says there may be.
pub const MAX_ROWS_FOUND: usize = 21;

const TEXT: &str = "pg_catalog.text";

const MAX_LABELS: usize = 3;

/// The statement that finds rows by what people call them.
#[derive(Debug)]
pub struct RowSearch {
    /// The statement: the rank of the match (the smaller the better), the row's key, then its labels; all as text.
    pub sql: Sql,
    /// The columns that label a row, the best first.
    pub label_columns: Vec<String>,
}

/// What of a row a text must match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchKind {
    /// Its key.
    Key,
    /// The whole of one of its names; the same letters rank before another case.
    Name,
    /// A part of one of its names.
    Part,
}

/// The columns by which people know the rows, the best first; `unique` are columns that a unique index has.
pub fn label_columns(table: &Table, unique: &[String]) -> Vec<String> {
    best_of_each(&name_columns(table, unique))
}

impl RowSearch {
    /// Compiles the search for a text; `unique` are columns that a unique index has. `None` when the text can't be a key
    /// of the table, or no column is a name.
    pub fn compile(
        source: &Relation,
        unique: &[String],
        text: &str,
        kind: MatchKind,
    ) -> Option<Self> {
        let named = name_columns(&source.table, unique);
        let mut parameters = source.parameters().to_vec();
        let mut bind = |value: &str, cast: &str| {
            parameters.push(Some(value.to_owned()));
            format!("${}::pg_catalog.text::{cast}", parameters.len())
        };
        let keys: Vec<&Column> =
            source.table.key.iter().filter_map(|name| source.table.column(name)).collect();
        let (rank, condition) = match kind {
            MatchKind::Key => ("0".to_owned(), key_condition(&keys, text, &mut bind)?),
            MatchKind::Name => ranked(name_tests(&named, &bind(text, TEXT)))?,
            MatchKind::Part => ranked(part_tests(&named, &bind(text, TEXT)))?,
        };
        let label_columns = best_of_each(&named);
        let shown = column_list("", source.table.key.iter().chain(&label_columns), AS_TEXT);
        let order = column_list("found.", keys.iter().map(|key| &key.name), "");
        let text = format!(
            "SELECT ({rank})::pg_catalog.text, {shown} FROM {} AS found WHERE {condition} ORDER BY ({rank})::integer, {order} LIMIT {MAX_ROWS_FOUND}",
            source.text(),
        );
        Some(Self { sql: Sql { text, parameters }, label_columns })
    }
}

/// The rank of a row, as the place of the first test that it meets, and the condition that it meets one.
fn ranked(tests: Vec<String>) -> Option<(String, String)> {
    let ranks = tests.iter().enumerate().map(|(rank, test)| format!("WHEN {test} THEN {rank}"));
    let rank = format!("CASE {} END", ranks.collect::<Vec<_>>().join(" "));
    let condition = format!("({rank}) IS NOT NULL");
    (!tests.is_empty()).then_some((rank, condition))
}

fn as_text(name: &str) -> String {
    format!("{}{AS_TEXT}", quote_identifier(name))
}

fn lower(text: &str) -> String {
    format!("pg_catalog.lower({text})")
}

fn name_tests(named: &[(usize, String)], text: &str) -> Vec<String> {
    let cells = || named.iter().map(|(_, name)| as_text(name));
    let same = cells().map(|cell| operation(&cell, "=", text));
    same.chain(cells().map(|cell| operation(&lower(&cell), "=", &lower(text)))).collect()
}

fn part_tests(named: &[(usize, String)], text: &str) -> Vec<String> {
    let test = |(_, name): &(usize, String)| {
        let place = format!("pg_catalog.strpos({}, {})", lower(&as_text(name)), lower(text));
        operation(&place, ">", "0")
    };
    named.iter().map(test).collect()
}

/// The values of several columns are separated by commas.
fn key_condition(
    keys: &[&Column],
    text: &str,
    bind: &mut impl FnMut(&str, &str) -> String,
) -> Option<String> {
    let parts: Vec<&str> = match keys {
        [_] => vec![text],
        _ => text.split(',').map(str::trim).collect(),
    };
    if keys.is_empty() || parts.len() != keys.len() {
        return None;
    }
    let mut tests = Vec::new();
    for (key, part) in keys.iter().zip(parts) {
        // Where the text can't be a value of the type, a cast would fail.
        let can_cast = match key.data_type.kind {
            Kind::Uuid => uuid::Uuid::try_parse(part).is_ok(),
            Kind::Integer { min, max } => {
                part.parse::<i64>().is_ok_and(|number| (min..=max).contains(&number))
            }
            Kind::Text => true,
            Kind::Bool
            | Kind::Decimal
            | Kind::Float
            | Kind::Date
            | Kind::Timestamp
            | Kind::TimestampTz
            | Kind::Enum { .. }
            | Kind::Other => {
                tests.push(operation(&as_text(&key.name), "=", &bind(part, TEXT)));
                continue;
            }
        };
        if !can_cast {
            return None;
        }
        let part = bind(part, &key.data_type.base.cast);
        tests.push(key.data_type.operation(&quote_identifier(&key.name), "=", &part));
    }
    Some(tests.join(" AND "))
}

/// The columns by which people know a row, with their rank: numbers and codes, names, addresses, and unique columns.
fn name_columns(table: &Table, unique: &[String]) -> Vec<(usize, String)> {
    let mut ranked: Vec<(usize, &str)> = Vec::new();
    for column in &table.columns {
        let text = column.data_type.kind == Kind::Text;
        let own = unique.contains(&column.name) && !table.key.contains(&column.name);
        let plain = matches!(column.data_type.kind, Kind::Text | Kind::Integer { .. });
        let rank = match (text, kind_of_name(&column.name)) {
            (true, Some(rank)) => rank,
            _ if own && plain => 3,
            _ => continue,
        };
        ranked.push((rank, &column.name));
    }
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(rank, name)| (rank, name.to_owned())).collect()
}

fn best_of_each(named: &[(usize, String)]) -> Vec<String> {
    let mut best: Vec<&(usize, String)> = Vec::new();
    for one in named {
        if best.last().is_none_or(|last| last.0 != one.0) {
            best.push(one);
        }
    }
    best.into_iter().take(MAX_LABELS).map(|(_, name)| name.clone()).collect()
}

/// How likely people know rows by a column of this name; the smaller the likelier.
fn kind_of_name(name: &str) -> Option<usize> {
    let words = words(name);
    let last = words.last()?.as_str();
    if words.iter().any(|word| {
        ["postal", "zip", "country", "area", "tax", "first", "last"].contains(&word.as_str())
    }) {
        return None;
    }
    match last {
        "number" | "no" | "nr" | "code" | "sku" | "reference" | "ref" if words.len() <= 2 => {
            Some(0)
        }
        "name" | "title" | "slug" if words.len() == 1 => Some(1),
        "id" | "key" => Some(2),
        "email" => Some(4),
        "name" => Some(5),
        _ => None,
    }
}

/// The words of a name such as `accountNumber` or `account_number`, in small letters.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for letter in name.chars() {
        let new = !letter.is_alphanumeric() || letter.is_uppercase();
        if new && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| letter.is_alphanumeric()) {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DataType;
    use crate::fixtures::{customers, table};

    fn named(names: &[&str]) -> Relation {
        let column = |name: &&str| Column::nullable(name, DataType::built_in("text", Kind::Text));
        let columns = names.iter().map(column).collect();
        Relation::from_table(std::sync::Arc::new(Table { columns, ..table() }))
    }

    #[test]
    fn people_know_rows_by_numbers_names_and_addresses() {
        let source =
            named(&["email", "contactName", "name", "postalCode", "accountNumber", "notes"]);
        let names: Vec<String> =
            name_columns(&source.table, &[]).into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, ["accountNumber", "name", "email", "contactName"]);
    }

    #[test]
    fn a_text_that_can_not_be_a_key_is_not_searched_for() {
        let search = |text, kind| RowSearch::compile(&customers(), &[], text, kind);
        assert!(search("x", MatchKind::Key).is_none());
        let found = search("6ba7b810-9dad-41d1-80b4-00c04fd430c8", MatchKind::Key);
        assert!(found.expect("a key").sql.text.contains(
            "WHERE (\"id\" OPERATOR(pg_catalog.=) $1::pg_catalog.text::pg_catalog.uuid) ORDER BY"
        ));
        let by_name = search("Ann", MatchKind::Name).expect("a name");
        assert_eq!(by_name.label_columns, ["name"]);
        assert!(by_name.sql.text.contains(
            "CASE WHEN (\"name\"::pg_catalog.text OPERATOR(pg_catalog.=) $1::pg_catalog.text::pg_catalog.text) THEN 0 \
             WHEN (pg_catalog.lower(\"name\"::pg_catalog.text) OPERATOR(pg_catalog.=) pg_catalog.lower($1::pg_catalog.text::pg_catalog.text)) THEN 1 END"
        ));
    }
}
