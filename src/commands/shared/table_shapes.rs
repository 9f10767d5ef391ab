//! The tables of a database for whoever writes rules, and where the last check has kept them.

use std::path::Path;
use std::{fs, io};

use leora_postgres::{Catalog, Session};
use leora_report::{ColumnShape, DatabaseError, TableShape, TableShapes};
use leora_rule::{Column, Kind, Table};
use leora_system::{FolderAccess, Visibility, atomic_write, create_untracked_folder};

const FILE: &str = ".leora/columns.json";

/// The tables as the session's transaction sees them.
pub(crate) fn read_table_shapes(session: &mut Session) -> Result<TableShapes, DatabaseError> {
    let mut catalog = Catalog::new(session);
    let names = catalog.table_names()?;
    let tables = catalog.tables(&names.iter().map(String::as_str).collect::<Vec<_>>())?;
    let mut tables: Vec<TableShape> = tables.into_iter().map(table_shape).collect();
    tables.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(TableShapes { database: session.target().name.clone(), tables })
}

fn table_shape(table: Table) -> TableShape {
    let column = |column: Column| ColumnShape {
        name: column.name,
        nullable: column.nullable,
        labels: match column.data_type.kind {
            Kind::Enum { labels, .. } => labels,
            _ => vec![],
        },
        data_type: column.data_type.display,
    };
    TableShape { name: table.name, columns: table.columns.into_iter().map(column).collect() }
}

/// Keeps them for an editor that has no database.
pub(crate) fn keep_table_shapes(shapes: &TableShapes, directory: &Path) -> io::Result<()> {
    create_untracked_folder(&directory.join(".leora"), FolderAccess::Private)?;
    let text = serde_json::to_string_pretty(shapes).map_err(io::Error::other)?;
    atomic_write(&directory.join(FILE), &(text + "\n"), Visibility::Private)
}

/// What was kept; nothing where it can't be read.
pub(crate) fn kept_table_shapes(directory: &Path) -> TableShapes {
    let text = fs::read_to_string(directory.join(FILE)).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}
