//! Three tables that refer to one another and to themselves, by foreign keys and by columns without one.

use std::collections::BTreeMap;

use leora_host::GivenAnswers;
use leora_rule::{ColumnType, Value, parse_decimal};

use crate::support::{Random, Session};

/// The tables, with how many rows each has.
pub const TABLES: [(&str, u64); 3] = [("Region", 12), ("Customer", 40), ("Order", 60)];

pub const MOODS: [&str; 3] = ["low", "so \"so\"", "HIGH"];

/// Values that can stand beside one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    Number,
    Text,
    Label,
    Moment,
    Truth,
}

pub const FAMILIES: [Family; 5] =
    [Family::Number, Family::Text, Family::Label, Family::Moment, Family::Truth];

/// The columns that rules read, with their types as CREATE TABLE has them.
pub const READ: [(&str, &str, Family); 10] = [
    ("size", "integer", Family::Number),
    ("price", "numeric(9,2)", Family::Number),
    ("ratio", "real", Family::Number),
    ("wide", "double precision", Family::Number),
    ("note", "text COLLATE \"C\"", Family::Text),
    ("word", "text", Family::Text),
    ("mood", "\"Mood\"", Family::Label),
    ("day", "date", Family::Moment),
    ("seen", "timestamp(3)", Family::Moment),
    ("flag", "boolean", Family::Truth),
];

/// The columns that rules set; later rules of the same run may read them.
pub const SET: [(&str, &str, Family); 5] = [
    ("number", "numeric", Family::Number),
    ("text", "text COLLATE \"C\"", Family::Text),
    ("label", "\"Mood\"", Family::Label),
    ("moment", "timestamp", Family::Moment),
    ("truth", "boolean", Family::Truth),
];

/// The columns by which rows belong together; `id` is the key of each table.
const KEYS: [(&str, &str); 6] = [
    ("id", "integer"),
    ("upperId", "integer"),
    ("regionId", "integer"),
    ("customerId", "integer"),
    ("a", "integer"),
    ("b", "text COLLATE \"C\""),
];

fn keys(table: &str) -> Vec<&'static str> {
    match table {
        "Region" => vec!["id", "upperId", "a", "b"],
        "Customer" => vec!["id", "upperId", "regionId", "a", "b"],
        _ => vec!["id", "customerId", "a", "b"],
    }
}

/// Every column of a table with its type.
fn columns(table: &str) -> Vec<(&'static str, &'static str)> {
    let known = keys(table);
    let keys = KEYS.into_iter().filter(|(name, _)| known.contains(name));
    keys.chain(READ.iter().chain(&SET).map(|(name, sql, _)| (*name, *sql))).collect()
}

/// The statements that make the tables.
pub fn definition() -> String {
    let labels = MOODS.map(|label| format!("'{label}'")).join(", ");
    let mut all = vec![format!("CREATE TYPE \"Mood\" AS ENUM ({labels})")];
    for (table, _) in TABLES {
        let columns: Vec<String> =
            columns(table).iter().map(|(name, sql)| format!("\"{name}\" {sql}")).collect();
        let further = match table {
            "Region" => {
                "FOREIGN KEY (\"upperId\") REFERENCES \"Region\" ON DELETE CASCADE, UNIQUE (a, b)"
            }
            "Customer" => {
                "FOREIGN KEY (\"upperId\") REFERENCES \"Customer\", FOREIGN KEY (\"regionId\") REFERENCES \"Region\""
            }
            _ => "FOREIGN KEY (\"customerId\") REFERENCES \"Customer\"",
        };
        all.push(format!(
            "CREATE TABLE \"{table}\" ({}, PRIMARY KEY (id), {further})",
            columns.join(", ")
        ));
    }
    all.join("; ")
}

/// The statements that store fresh rows: with missing keys, orphans where there is no foreign key, and many equal values.
pub fn rows(random: &mut Random) -> String {
    let mut all = vec!["TRUNCATE \"Region\", \"Customer\", \"Order\"".to_owned()];
    for (table, count) in TABLES {
        let mut lines = Vec::new();
        for id in 1..=count {
            let line: Vec<String> = columns(table)
                .iter()
                .map(|(column, _)| stored(random, table, column, id))
                .collect();
            lines.push(format!("({})", line.join(", ")));
        }
        all.push(format!("INSERT INTO \"{table}\" VALUES {}", lines.join(", ")));
    }
    all.join("; ")
}

/// A value of a column, as SQL.
fn stored(random: &mut Random, table: &str, column: &str, id: u64) -> String {
    if column == "id" {
        return id.to_string();
    }
    if random.one_in(5) {
        return "NULL".into();
    }
    let one_of = |random: &mut Random, end: u64| (random.below(end) + 1).to_string();
    match (column, table) {
        ("upperId", "Region") => return one_of(random, 12),
        ("upperId", _) => return one_of(random, 40),
        ("regionId", _) => return one_of(random, 12),
        // The last ones have none.
        ("customerId", _) => return one_of(random, 30),
        // Unique together with b.
        ("a", "Region") => return (id % 5).to_string(),
        ("b", "Region") => return format!("'{}'", ["x", "Y", "z"][(id / 5) as usize]),
        ("a", _) => return random.below(7).to_string(),
        ("b", _) => return random.pick(&["'x'", "'Y'", "'nowhere'"]),
        _ => {}
    }
    random.pick(match column {
        "size" => &["0", "1", "2", "3", "17"],
        "price" | "number" => &["0", "1", "1.5", "1.50", "-2", "3", "19.99"],
        "ratio" | "wide" => &["0", "0.1", "0.25", "2.5", "-3", "1000.75"],
        "note" | "text" => &["''", "'a'", "'B'", "'ü '''"],
        "word" => &["'a'", "'A'", "'b'"],
        "mood" | "label" => &["'low'", "'so \"so\"'", "'HIGH'"],
        "day" => &["'2025-01-31'", "'2025-06-30'", "'2024-02-29'", "'infinity'"],
        "seen" | "moment" => {
            &["'2025-01-31 00:00'", "'2025-06-30 23:59:59.999'", "'2025-03-01'", "'-infinity'"]
        }
        _ => &["true", "false"],
    })
}

/// A row: its columns as text, without those that are missing.
pub type Row = BTreeMap<String, String>;

/// Every row of every table.
pub type Rows = BTreeMap<&'static str, Vec<Row>>;

/// Reads all rows, those of each table by their key.
pub fn read(session: &mut Session) -> Rows {
    let table = |(table, _): (&'static str, u64)| {
        let names: Vec<&str> = columns(table).iter().map(|(name, _)| *name).collect();
        let texts: Vec<String> =
            names.iter().map(|name| format!("coalesce(\"{name}\"::text, '(null)')")).collect();
        let sql = format!("SELECT {} FROM \"{table}\" ORDER BY id", texts.join(", "));
        let row = |values: Vec<String>| {
            let named = names.iter().zip(values).filter(|(_, value)| value != "(null)");
            named.map(|(name, value)| ((*name).to_owned(), normal(&value, name))).collect()
        };
        (table, session.rows(&sql).into_iter().map(row).collect())
    };
    TABLES.map(table).into()
}

pub fn family(column: &str) -> Family {
    let known = READ.iter().chain(&SET).find(|(name, ..)| *name == column);
    known.map_or(if column == "b" { Family::Text } else { Family::Number }, |(.., family)| *family)
}

/// A value as it is compared here: numbers without zeros at their end.
pub fn normal(text: &str, column: &str) -> String {
    if family(column) != Family::Number {
        return text.to_owned();
    }
    let plain = text.contains('.') && !text.contains('e');
    let short = if plain { text.trim_end_matches('0') } else { text };
    parse_decimal(short).map_or_else(|| text.to_owned(), |number| number.normalize().to_string())
}

/// The value of a column of a row.
pub fn value(row: &Row, column: &str) -> Value {
    match (row.get(column), family(column)) {
        (None, _) => Value::Null,
        (Some(text), Family::Number) => Value::Decimal(parse_decimal(text).expect("a number")),
        (Some(text), Family::Truth) => Value::Bool(text == "true"),
        (Some(text), _) => Value::Text(text.clone()),
    }
}

/// The types of a table's columns, as examples give them.
pub fn types(table: &str) -> Vec<(String, ColumnType)> {
    let given = |(name, sql): (&str, &str)| {
        let sql = sql.replace(" COLLATE \"C\"", " collate C").replace("\"Mood\"", "Mood");
        (name.to_owned(), sql)
    };
    let tables = [(table.to_owned(), Some(columns(table).into_iter().map(given).collect()))].into();
    let enums = [("Mood".to_owned(), Some(MOODS.map(str::to_owned).into()))].into();
    GivenAnswers { tables, enums, ..GivenAnswers::default() }.column_types(table)
}
