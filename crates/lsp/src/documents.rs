//! The documents that the editor has open, as it shows them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gen_lsp_types::Uri;
use leora_folder::UnsavedTexts;

/// The open documents, by path.
#[derive(Debug, Default)]
pub(crate) struct Documents(BTreeMap<PathBuf, Document>);

/// A document as the editor shows it.
#[derive(Debug)]
pub(crate) struct Document {
    /// As the editor writes it: its answers must name it so.
    pub(crate) uri: Uri,
    pub(crate) text: String,
}

impl Documents {
    pub(crate) fn put(&mut self, uri: Uri, text: String) -> Option<PathBuf> {
        let path = path_of(&uri)?;
        self.0.insert(path.clone(), Document { uri, text });
        Some(path)
    }

    pub(crate) fn close(&mut self, uri: &Uri) -> Option<PathBuf> {
        let path = path_of(uri)?;
        self.0.remove(&path);
        Some(path)
    }

    pub(crate) fn get(&self, uri: &Uri) -> Option<(PathBuf, &Document)> {
        let path = path_of(uri)?;
        let document = self.0.get(&path)?;
        Some((path, document))
    }

    pub(crate) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.0.keys().map(PathBuf::as_path)
    }

    /// The address of a file, as the editor writes it where it is open.
    pub(crate) fn uri(&self, path: &Path) -> Option<Uri> {
        let open = self.0.get(path).map(|document| document.uri.clone());
        open.or_else(|| Uri::from_file_path(path).ok())
    }

    /// The text of a file as it is now, with its address.
    pub(crate) fn text_now(&self, path: &Path) -> Option<(Uri, String)> {
        let text = match self.0.get(path) {
            Some(document) => document.text.clone(),
            None => std::fs::read_to_string(path).ok()?,
        };
        Some((self.uri(path)?, text))
    }

    /// All of them in the place of the files on disk.
    pub(crate) fn as_unsaved(&self) -> UnsavedTexts {
        let mut unsaved = UnsavedTexts::default();
        for (path, document) in &self.0 {
            // As when a file is read.
            let text = document.text.trim_start_matches('\u{feff}').to_owned();
            unsaved.insert(path.clone(), text);
        }
        unsaved
    }
}

/// The file that an address names; `None` for what is no file, such as a new document without a name.
pub(crate) fn path_of(uri: &Uri) -> Option<PathBuf> {
    uri.to_file_path().ok()
}
