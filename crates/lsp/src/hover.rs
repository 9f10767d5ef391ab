//! What the editor shows about the name under the pointer.

use gen_lsp_types as lsp;
use leora_folder::{LIMITS, MANIFEST_KEYS};
use leora_report::{ColumnShape, Setting, TableShape};
use leora_script::{Cursor, CursorKind, Role, cursor_at};

use crate::api_text::{Written, describe_functions, markdown};
use crate::manifest_completion::{ManifestPlace, place_at};
use crate::positions::range;
use crate::spot::Spot;

/// What is known about a place.
pub(crate) fn hover(spot: &Spot<'_>) -> Option<lsp::Hover> {
    let (text, bytes) = if spot.is_manifest() {
        let (place, bytes) = place_at(spot.text, spot.offset);
        (about_manifest(spot, &place, &spot.text[bytes.clone()])?, bytes)
    } else {
        let Cursor { kind, range } = cursor_at(spot.text, spot.offset);
        (about(spot, &kind, &spot.text[range.clone()])?, range)
    };
    let contents = markdown(text).into();
    Some(lsp::Hover { contents, range: Some(range(spot.text, bytes)) })
}

/// The table and column at a place, where only one is meant.
pub(crate) fn column_at(spot: &Spot<'_>) -> Option<(String, String)> {
    let Cursor { kind, range } = cursor_at(spot.text, spot.offset);
    let (CursorKind::Text(Role::Column(of)) | CursorKind::Key(Role::Column(of))) = kind else {
        return None;
    };
    match spot.columns_named(&of, &spot.text[range]).as_slice() {
        [(table, column)] => Some((table.name.clone(), column.name.clone())),
        _ => None,
    }
}

fn about(spot: &Spot<'_>, kind: &CursorKind, name: &str) -> Option<String> {
    match kind {
        CursorKind::Text(Role::Table) => about_table(spot.tables.table(name)?),
        CursorKind::Text(Role::Column(of)) | CursorKind::Key(Role::Column(of)) => {
            let columns = spot.columns_named(of, name);
            let texts: Vec<String> =
                columns.iter().map(|(table, column)| about_column(table, column)).collect();
            (!texts.is_empty()).then(|| texts.join("\n\n"))
        }
        CursorKind::Text(Role::Setting) | CursorKind::Key(Role::Setting) => {
            about_setting(spot, name)
        }
        CursorKind::Member(object) => {
            describe_functions(name, Written::BehindDot(object.as_deref()))
        }
        CursorKind::Name => {
            about_setting(spot, name).or_else(|| describe_functions(name, Written::Alone))
        }
        _ => None,
    }
}

fn about_manifest(spot: &Spot<'_>, place: &ManifestPlace<'_>, name: &str) -> Option<String> {
    match place {
        ManifestPlace::Key { section: "limits" } => {
            let limit = LIMITS.iter().find(|limit| limit.name == name)?;
            let (least, most, unit) = (limit.least, limit.most, limit.unit);
            Some(format!(
                "{} {} {unit} by default, {least} to {most}.",
                limit.meaning, limit.default
            ))
        }
        ManifestPlace::Key { section: "" } => {
            MANIFEST_KEYS.iter().find(|key| key.name == name).map(|key| key.about.to_owned())
        }
        ManifestPlace::Text { key: "writes" } => {
            let (table, column) = name.split_once('.')?;
            let table = spot.tables.table(table)?;
            table.column(column).map(|column| about_column(table, column))
        }
        _ => None,
    }
}

fn about_table(table: &TableShape) -> Option<String> {
    let column = |column: &ColumnShape| format!("- {} `{}`", column.name, column.data_type);
    let columns: Vec<String> = table.columns.iter().map(column).collect();
    Some(format!("**{}**\n\n{}", table.name, columns.join("\n")))
}

fn about_column(table: &TableShape, column: &ColumnShape) -> String {
    let ColumnShape { name, data_type, nullable, labels } = column;
    let missing = if *nullable { ", may be missing" } else { "" };
    let labels = match labels.is_empty() {
        true => String::new(),
        false => format!("\n\nIts values: {}", labels.join(", ")),
    };
    format!("**{}.{name}** `{data_type}`{missing}{labels}", table.name)
}

fn about_setting(spot: &Spot<'_>, name: &str) -> Option<String> {
    let Setting { name, default, comment, .. } =
        spot.settings().iter().find(|setting| setting.name == name)?;
    let comment = comment.as_ref().map(|comment| format!("\n\n{comment}")).unwrap_or_default();
    Some(format!(
        "Setting **{name}**, `{default}` by default{comment}\n\n`--set {name}=...` replaces it."
    ))
}
