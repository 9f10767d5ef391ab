//! The indexes and foreign keys of Phase 2 in other shapes.

use super::bent::Bent;
use super::spec::{ForeignKey, Index, quoted};

/// On another column or table, unique or not, on a part of the rows, descending, hashed, and invalid.
pub(super) fn index_shapes(index: &Index) -> Vec<Bent> {
    let Index { name, table, columns, unique } = *index;
    let keys = quoted(columns);
    let kind = if unique { "UNIQUE" } else { "" };
    let flipped = if unique { "" } else { "UNIQUE" };
    let create = |kind: &str, on: &str| {
        format!("DROP INDEX \"{name}\"; CREATE {kind} INDEX \"{name}\" ON {on};")
    };
    let elsewhere = |place: &str, found: &str| {
        format!("index {name} is on {place} {found}, not on {table} {columns:?}")
    };
    let not_plain = |shape: &str| format!("index {name} is not a plain one, on every row: {shape}");
    let shapes = [
        (create(kind, &format!("\"{table}\" (\"id\")")), elsewhere(table, "[\"id\"]")),
        (create(kind, "\"User\" (\"id\")"), elsewhere("User", "[\"id\"]")),
        (create(flipped, &format!("\"{table}\" ({keys})")), unique_or_not(index)),
        (
            create(kind, &format!("\"{table}\" ({keys}) WHERE \"id\" IS NOT NULL")),
            not_plain("CREATE"),
        ),
        (create(kind, &format!("\"{table}\" ({keys} DESC)")), not_plain("CREATE")),
        (create(kind, &format!("\"{table}\" ({keys}) INCLUDE (\"id\")")), not_plain("CREATE")),
        (
            format!(
                "UPDATE pg_index SET indisvalid = false WHERE indexrelid = '\"{name}\"'::regclass;"
            ),
            format!("index {name} is not valid: its creation was interrupted"),
        ),
    ];
    shapes.into_iter().map(|(sql, finding)| bent_index(index, sql, finding)).collect()
}

fn unique_or_not(index: &Index) -> String {
    let is = if index.unique { "is not unique" } else { "is unique, and should not be" };
    format!("index {} {is}", index.name)
}

fn bent_index(index: &Index, sql: String, finding: String) -> Bent {
    let is = format!("index {} is CREATE ", index.name);
    let wanted = index.create().replace("ON \"", "ON public.\"").replace(" (", " USING btree (");
    let should_be = format!("; it should be {}", as_written(wanted.trim_end_matches(';')));
    let undo = format!("DROP INDEX \"{}\";", index.name);
    Bent { sql, undo, findings: vec![finding], refusal: vec![is, should_be] }
}

/// PostgreSQL leaves out the quotes of lower-case names.
fn as_written(sql: &str) -> String {
    ["territory", "year", "status"]
        .iter()
        .fold(sql.to_owned(), |sql, name| sql.replace(&format!("\"{name}\""), name))
}

/// To another table, with other actions, never checked, and with a second one beside it.
pub(super) fn foreign_key_shapes(key: &ForeignKey) -> Vec<Bent> {
    let ForeignKey { table, column, target } = *key;
    let (name, place) = (key.name(), format!("{table}.{column}"));
    let cascade = "ON UPDATE CASCADE ON DELETE CASCADE";
    let shape = |reference: String, finding: String| Bent {
        sql: [key.drop(), key.add(&reference)].concat(),
        undo: key.drop(),
        findings: vec![format!("foreign key of {place} {finding}")],
        refusal: vec![
            format!("foreign key {name} of table {table} is FOREIGN KEY"),
            format!(
                "; it should be FOREIGN KEY (\"{column}\") REFERENCES \"{target}\"(id) {cascade}"
            ),
        ],
    };
    let actions = |update: &str, delete: &str| {
        shape(
            format!("\"{target}\" (\"id\") ON UPDATE {update} ON DELETE {delete}"),
            format!("is ON DELETE {delete} ON UPDATE {update}, not CASCADE"),
        )
    };
    let elsewhere = format!("refers to User [\"id\"], not to {target} [\"id\"]");
    vec![
        shape(format!("\"User\" (\"id\") {cascade}"), elsewhere),
        actions("CASCADE", "RESTRICT"),
        actions("CASCADE", "NO ACTION"),
        actions("CASCADE", "SET NULL"),
        actions("RESTRICT", "CASCADE"),
        shape(
            format!("\"{target}\" (\"id\") {cascade} NOT VALID"),
            "was never checked for the rows there are".to_owned(),
        ),
        second_key(key),
    ]
}

/// The wanted key, and another one on the same column.
fn second_key(key: &ForeignKey) -> Bent {
    let ForeignKey { table, column, target } = *key;
    Bent {
        sql: format!(
            "ALTER TABLE \"{table}\" ADD CONSTRAINT second FOREIGN KEY (\"{column}\") REFERENCES \"{target}\" (\"id\")"
        ),
        undo: format!("ALTER TABLE \"{table}\" DROP CONSTRAINT second;"),
        findings: vec![format!(
            "foreign key of {table}.{column} is ON DELETE NO ACTION ON UPDATE NO ACTION, not CASCADE"
        )],
        refusal: vec![format!("foreign key second of table {table} is FOREIGN KEY")],
    }
}
