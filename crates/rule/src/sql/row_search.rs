//! Finding a row by what people call it.

use crate::{Column, Kind, Relation, Sql, quote_identifier};

/// The most rows that a search gives: more than are listed.
pub const SEARCHED: usize = 21;

/// The most columns to tell a row by.
const TOLD: usize = 3;

/// The statement that finds rows, and what its columns are.
#[derive(Debug)]
pub struct Search {
    /// The statement: how well a row fits (the smaller the better), its key, then what it is called; all as text.
    pub sql: Sql,
    /// The columns to tell a row by, the best first.
    pub told: Vec<String>,
}

/// How a text must be met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// It is the row's key.
    Key,
    /// It is what the row is called, in the same letters or in others' case.
    Name,
    /// It is a part of what the row is called.
    Part,
}

/// Looks for rows that a text calls; `unique` are columns that a unique index has. Nothing when the text can't be that.
pub fn search(source: &Relation, unique: &[String], text: &str, fit: Fit) -> Option<Search> {
    let called = called(source, unique);
    let mut parameters = source.parameters().to_vec();
    let mut bind = |value: &str, cast: &str| {
        parameters.push(Some(value.to_owned()));
        format!("${}::text::{cast}", parameters.len())
    };
    let keys: Vec<&Column> =
        source.table.key.iter().filter_map(|name| source.table.column(name)).collect();
    let (rank, condition) = match fit {
        Fit::Key => ("0".to_owned(), by_key(&keys, text, &mut bind)?),
        Fit::Name | Fit::Part => {
            let text = bind(text, "text");
            let mut ranks = Vec::new();
            for (place, (_, name)) in called.iter().enumerate() {
                let cell = format!("{}::text", quote_identifier(name));
                match fit {
                    Fit::Part => ranks.push(format!(
                        "WHEN position(lower({text}) IN lower({cell})) > 0 THEN {place}"
                    )),
                    _ => {
                        ranks.push(format!("WHEN {cell} = {text} THEN {place}"));
                    }
                }
            }
            if fit == Fit::Name {
                let folded = called.iter().enumerate().map(|(place, (_, name))| {
                    format!(
                        "WHEN lower({}::text) = lower({text}) THEN {}",
                        quote_identifier(name),
                        place + called.len()
                    )
                });
                ranks.extend(folded.collect::<Vec<_>>());
            }
            if ranks.is_empty() {
                return None;
            }
            let rank = format!("CASE {} END", ranks.join(" "));
            (rank.clone(), format!("({rank}) IS NOT NULL"))
        }
    };
    let told = best_of_each(&called);
    let shown = source.table.key.iter().chain(&told);
    let shown: Vec<String> =
        shown.map(|name| format!("{}::text", quote_identifier(name))).collect();
    let order: Vec<String> =
        keys.iter().map(|key| format!("found.{}", quote_identifier(&key.name))).collect();
    let text = format!(
        "SELECT ({rank})::text, {} FROM {} AS found WHERE {condition} ORDER BY ({rank})::int, {} LIMIT {SEARCHED}",
        shown.join(", "),
        source.text(),
        order.join(", "),
    );
    Some(Search { sql: Sql { text, parameters }, told })
}

/// The test of a key; of several columns its parts stand between commas.
fn by_key(
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
        let name = quote_identifier(&key.name);
        let fits = match key.data_type.kind {
            Kind::Uuid => uuid::Uuid::try_parse(part).is_ok(),
            Kind::Integer { min, max } => {
                part.parse::<i64>().is_ok_and(|number| (min..=max).contains(&number))
            }
            _ => true,
        };
        if !fits {
            return None;
        }
        tests.push(match key.data_type.kind {
            Kind::Uuid | Kind::Integer { .. } | Kind::Text => {
                format!("{name} = {}", bind(part, &key.data_type.cast))
            }
            _ => format!("{name}::text = {}", bind(part, "text")),
        });
    }
    Some(tests.join(" AND "))
}

/// The columns by which people know a row: numbers and codes, names, addresses, and what is unique.
fn called(source: &Relation, unique: &[String]) -> Vec<(usize, String)> {
    let mut ranked: Vec<(usize, &str)> = Vec::new();
    for column in &source.table.columns {
        let text = column.data_type.kind == Kind::Text;
        let own = unique.contains(&column.name) && !source.table.key.contains(&column.name);
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

/// The best column of each kind, to tell rows by.
fn best_of_each(called: &[(usize, String)]) -> Vec<String> {
    let mut best: Vec<&(usize, String)> = Vec::new();
    for one in called {
        if best.last().is_none_or(|last| last.0 != one.0) {
            best.push(one);
        }
    }
    best.into_iter().take(TOLD).map(|(_, name)| name.clone()).collect()
}

/// How well a column's name says that people know rows by it; the smaller the better.
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
