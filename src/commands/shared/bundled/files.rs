//! The files, with their texts: all of `scripts/`, and of `sql/` what its folders name. `build.rs` lists them.

/// A file that the program brings.
#[derive(Clone, Copy, Debug)]
pub(super) struct BundledFile {
    /// Where it belongs in a project, such as `scripts/phase2/leora.toml`.
    pub(super) path: &'static str,
    /// Its text.
    pub(super) text: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/bundled_files.rs"));
