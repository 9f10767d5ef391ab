//! Each object of Phase 2 in shapes that are not the wanted one.

use super::bent_columns::column_shapes;
use super::bent_indexes::{foreign_key_shapes, index_shapes};
use super::missing::UNCHECKED;
use super::spec::{COLUMNS, ENUMS, FOREIGN_KEYS, INDEXES, Index, TABLES};

/// An object in another shape.
pub struct Bent {
    /// Bends it.
    pub sql: String,
    /// Takes that back, as far as running the migration does not.
    pub undo: String,
    /// What the verification finds.
    pub findings: Vec<String>,
    /// What the migration says is, and should be.
    pub refusal: Vec<String>,
}

/// Every object in one wrong shape at least.
pub fn bent() -> Vec<Bent> {
    let enums = ENUMS.iter().flat_map(|(name, labels)| enum_shapes(name, labels));
    let columns = COLUMNS.iter().flat_map(column_shapes);
    let keys = TABLES.iter().flat_map(|table| primary_key_shapes(table));
    let indexes = INDEXES.iter().flat_map(index_shapes);
    let foreign_keys = FOREIGN_KEYS.iter().flat_map(foreign_key_shapes);
    enums.chain(columns).chain(keys).chain(indexes).chain(foreign_keys).collect()
}

/// A label that is missing, one in between, and two in another order.
fn enum_shapes(name: &str, labels: &[&str]) -> Vec<Bent> {
    let (before, last) = (labels[labels.len() - 2], labels[labels.len() - 1]);
    let first = &labels[..labels.len() - 2];
    let forget = |label: &str| {
        format!(
            "DELETE FROM pg_enum WHERE enumtypid = '\"{name}\"'::regtype AND enumlabel = '{label}';"
        )
    };
    let add = |rest: &str| format!("ALTER TYPE \"{name}\" ADD VALUE {rest};");
    let rename =
        |from: &str, to: &str| format!("ALTER TYPE \"{name}\" RENAME VALUE '{from}' TO '{to}';");
    let swap = [rename(before, "X"), rename(last, before), rename("X", last)].concat();
    let shape = |sql: String, undo: String, rest: &[&str]| {
        let found = [first, rest].concat();
        Bent {
            sql,
            undo,
            findings: vec![
                format!("enum {name} is {found:?}, not {labels:?}"),
                UNCHECKED.to_owned(),
            ],
            refusal: vec![format!(
                "enum {name} is ({}); it should be ({}), with further labels only after these",
                found.join(", "),
                labels.join(", ")
            )],
        }
    };
    vec![
        shape(forget(last), add(&format!("'{last}'")), &[before]),
        shape(add(&format!("'HOLD' BEFORE '{last}'")), forget("HOLD"), &[before, "HOLD", last]),
        shape(swap.clone(), swap, &[last, before]),
    ]
}

fn primary_key_shapes(table: &str) -> Vec<Bent> {
    let drop = format!("ALTER TABLE \"{table}\" DROP CONSTRAINT \"{table}_pkey\";");
    let wider = Bent {
        sql: format!("{drop} ALTER TABLE \"{table}\" ADD PRIMARY KEY (\"id\", \"tenantId\")"),
        undo: drop.clone(),
        findings: vec![format!("primary key of {table} is [\"id\", \"tenantId\"], not [\"id\"]")],
        refusal: vec![format!(
            "primary key {table}_pkey of table {table} is PRIMARY KEY (id, \"tenantId\"); it should be PRIMARY KEY (id)"
        )],
    };
    let index = Bent {
        sql: format!("{drop} CREATE UNIQUE INDEX \"{table}_pkey\" ON \"{table}\" (\"id\")"),
        undo: format!("DROP INDEX \"{table}_pkey\";"),
        findings: vec![format!("primary key of {table} is missing")],
        refusal: vec![format!(
            "{table}_pkey is an index; it should be the primary key of table {table}"
        )],
    };
    vec![wider, index]
}

/// Shapes that only some objects can have.
pub fn further() -> Vec<Bent> {
    let precise = |name: &str, place: &str, is: &str, was: &str| Bent {
        sql: format!("ALTER TABLE {name} TYPE {is}"),
        undo: format!("ALTER TABLE {name} TYPE {was};"),
        findings: vec![format!("column {place} is of type {is}, not {was}")],
        refusal: vec![format!("column {place} is {is} "), format!("; it should be {was} ")],
    };
    let added = "\"CallPlanAccount\" ALTER COLUMN \"contactedAt\"";
    let occurred = "\"CallPlanActivity\" ALTER COLUMN \"occurredAt\"";
    let (at, on) = ("CallPlanAccount.contactedAt", "CallPlanActivity.occurredAt");
    const MOMENT: &str = "timestamp(3) without time zone";
    vec![
        precise(added, at, "timestamp(6) without time zone", MOMENT),
        precise(occurred, on, "timestamp(3) with time zone", MOMENT),
        Bent {
            sql: "DROP INDEX \"CallPlan_year_weekNumber_idx\"; \
                  CREATE INDEX \"CallPlan_year_weekNumber_idx\" ON \"CallPlan\" (\"weekNumber\", year)"
                .into(),
            undo: "DROP INDEX \"CallPlan_year_weekNumber_idx\";".into(),
            findings: vec!["index CallPlan_year_weekNumber_idx is on CallPlan [\"weekNumber\", \"year\"], \
                 not on CallPlan [\"year\", \"weekNumber\"]".into()],
            refusal: vec!["USING btree (\"weekNumber\", year); it should be ".into()],
        },
    ]
}

/// Each table, enum and index of Phase 2 as something else of its name: what the migration says of it.
pub fn other_kinds() -> Vec<(String, String)> {
    let tables = TABLES.iter().flat_map(|table| {
        [
            (
                format!("DROP TABLE \"{table}\"; CREATE VIEW \"{table}\" AS SELECT 1 AS id"),
                format!("{table} is a view; it should be a table"),
            ),
            (
                format!("ALTER TABLE \"{table}\" SET UNLOGGED"),
                format!("table {table} is unlogged; it should be a permanent table"),
            ),
        ]
    });
    let enums = ENUMS[1..].iter().map(|(name, labels)| {
        (
            format!("ALTER TYPE \"{name}\" RENAME TO old; CREATE DOMAIN \"{name}\" AS text"),
            format!("{name} is a domain; it should be an enum ({})", labels.join(", ")),
        )
    });
    let indexes = INDEXES.iter().map(|Index { name, .. }| {
        (
            format!("DROP INDEX \"{name}\"; CREATE SEQUENCE \"{name}\""),
            format!("{name} is a sequence; it should be an index: CREATE "),
        )
    });
    tables.chain(enums).chain(indexes).collect()
}
