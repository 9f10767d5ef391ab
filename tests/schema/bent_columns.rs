//! The columns of Phase 2 with another type, nullability or default.

use super::bent::Bent;
use super::missing::{missing, unchecked};
use super::spec::Column;

/// Another type, another nullability, and another default.
pub(super) fn column_shapes(column: &Column) -> Vec<Bent> {
    let mut shapes = vec![other_type(column), other_default(column)];
    if column.name != "id" {
        shapes.push(other_nullability(column));
    }
    shapes
}

fn alter(column: &Column, how: &str) -> String {
    format!("ALTER TABLE \"{}\" ALTER COLUMN \"{}\" {how};", column.table, column.name)
}

/// How the migration writes a column.
fn shown(data_type: &str, not_null: bool, default: Option<&str>) -> String {
    let null = if not_null { "not null" } else { "null" };
    let default = default.map_or(String::new(), |value| format!(" default {value}"));
    format!("{} {null}{default}", data_type.trim_matches('"'))
}

fn refusal(column: &Column, is: &str) -> Vec<String> {
    let default = column.default.map(|value| value.split("::").next().unwrap_or(value));
    let wanted = shown(column.data_type, column.not_null, default);
    vec![format!("column {} is {is}; it should be {wanted}", column.place())]
}

/// The column anew, with another type and no default.
fn other_type(column: &Column) -> Bent {
    const OTHER: &str = "character varying(20)";
    let Column { table, name, data_type, not_null, default } = *column;
    let drop = format!("ALTER TABLE \"{table}\" DROP COLUMN \"{name}\";");
    let null = if not_null { "NOT NULL" } else { "" };
    let place = column.place();
    let mut findings = vec![format!("column {place} is of type {OTHER}, not {data_type}")];
    findings.extend(default.map(|value| without_default(&place, value)));
    let gone =
        missing().into_iter().find(|gone| gone.findings[0] == format!("column {place} is missing"));
    findings.extend(gone.into_iter().flat_map(|gone| gone.findings.into_iter().skip(1)));
    Bent {
        sql: format!("{drop} ALTER TABLE \"{table}\" ADD COLUMN \"{name}\" {OTHER} {null}"),
        undo: drop,
        findings,
        refusal: refusal(column, &shown(OTHER, not_null, None)),
    }
}

fn without_default(place: &str, wanted: &str) -> String {
    format!("column {place} has no default, and should have {wanted}")
}

fn other_default(column: &Column) -> Bent {
    let place = column.place();
    let drop = alter(column, "DROP DEFAULT");
    let (sql, undo, is, finding) = match column.default {
        Some(wanted) => {
            let undo = alter(column, &format!("SET DEFAULT {wanted}"));
            (drop, undo, None, without_default(&place, wanted))
        }
        None => {
            let value = some_default(column.data_type);
            let sql = alter(column, &format!("SET DEFAULT {value}"));
            let finding = format!("column {place} has the default {value}, and should have none");
            (sql, drop, Some(value), finding)
        }
    };
    Bent {
        sql,
        undo,
        findings: [finding].into_iter().chain(unchecked(column)).collect(),
        refusal: refusal(column, &shown(column.data_type, column.not_null, is)),
    }
}

/// A default that a column of this type could have.
fn some_default(data_type: &str) -> &'static str {
    match data_type {
        "uuid" => "gen_random_uuid()",
        "text" => "'?'::text",
        "integer" => "0",
        "\"AccountPriority\"" => "'LOW'::\"AccountPriority\"",
        "\"CallPlanStatus\"" => "'DRAFT'::\"CallPlanStatus\"",
        _ => "CURRENT_TIMESTAMP",
    }
}

fn other_nullability(column: &Column) -> Bent {
    let (set, drop) = (alter(column, "SET NOT NULL"), alter(column, "DROP NOT NULL"));
    let (sql, undo) = if column.not_null { (drop, set) } else { (set, drop) };
    let must = if column.not_null { "must be" } else { "must not be" };
    let finding = format!("column {} {must} NOT NULL", column.place());
    Bent {
        sql,
        undo,
        findings: [finding].into_iter().chain(unchecked(column)).collect(),
        refusal: refusal(column, &shown(column.data_type, !column.not_null, column.default)),
    }
}
