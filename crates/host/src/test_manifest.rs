//! A manifest for unit tests.

use leora_folder::{Manifest, SourceFile};

/// The manifest `s/leora.toml` with this access and these further lines.
pub(crate) fn manifest(access: &str, lines: &str) -> Manifest {
    let text = format!("title = \"test\"\naccess = \"{access}\"\n{lines}\n");
    let source = SourceFile { path: "s/leora.toml".into(), text, sha256: String::new() };
    Manifest::parse(&source).expect("it is a manifest")
}
