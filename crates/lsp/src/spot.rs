//! A place in a document about which the editor asks, with all that is known around it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use leora_folder::ScriptFolder;
use leora_report::{ColumnShape, ExampleResult, Setting, TableShape, TableShapes};

/// A folder as it was when it was last in order.
#[derive(Clone, Debug)]
pub(crate) struct KnownFolder {
    pub(crate) folder: Arc<ScriptFolder>,
    pub(crate) settings: Vec<Setting>,
    pub(crate) examples: Vec<ExampleResult>,
}

/// A place in a document.
pub(crate) struct Spot<'s> {
    pub(crate) path: &'s Path,
    pub(crate) text: &'s str,
    /// The byte of the text.
    pub(crate) offset: usize,
    /// Its folder, once that was in order.
    pub(crate) folder: Option<&'s KnownFolder>,
    pub(crate) tables: &'s TableShapes,
}

impl<'s> Spot<'s> {
    pub(crate) fn is_manifest(&self) -> bool {
        self.path.file_name().is_some_and(|name| name == "leora.toml")
    }

    pub(crate) fn settings(&self) -> &'s [Setting] {
        self.folder.map_or(&[], |known| &known.settings)
    }

    /// The modules of the folder: name, file and text.
    pub(crate) fn modules(&self) -> impl Iterator<Item = (&'s str, PathBuf, &'s str)> {
        let modules = self.folder.into_iter().flat_map(|known| &known.folder.modules);
        modules.map(|(name, source)| {
            (name.as_str(), PathBuf::from(&source.path), source.text.as_str())
        })
    }

    /// The tables of these names, where any is known; every table, where none is named.
    pub(crate) fn tables_named(&self, names: &[String]) -> Vec<&'s TableShape> {
        let all = self.tables.tables.iter();
        all.filter(|table| names.is_empty() || names.contains(&table.name)).collect()
    }

    /// The columns of this name in these tables, each with its table.
    pub(crate) fn columns_named(
        &self,
        tables: &[String],
        name: &str,
    ) -> Vec<(&'s TableShape, &'s ColumnShape)> {
        let of_table = |table: &'s TableShape| table.column(name).map(|column| (table, column));
        self.tables_named(tables).into_iter().filter_map(of_table).collect()
    }
}
