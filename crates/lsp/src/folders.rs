//! Which script folder a file belongs to.

use std::path::{Path, PathBuf};

/// The script folder of a file: the folder that it is in, or the one above its `lib`, `examples` or `sql`. A manifest makes
/// a folder one, also when it is not saved yet.
pub(crate) fn folder_of(file: &Path, is_open: impl Fn(&Path) -> bool) -> Option<PathBuf> {
    let inside = file.parent()?;
    let name = inside.file_name()?.to_string_lossy();
    let above =
        inside.parent().filter(|_| ["lib", "examples", "sql", "data"].contains(&name.as_ref()));
    let mut folders = [Some(inside), above].into_iter().flatten();
    let has_manifest = |folder: &&Path| {
        let manifest = folder.join("leora.toml");
        is_open(&manifest) || manifest.is_file()
    };
    folders.find(has_manifest).map(Path::to_owned)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::folder_of;

    #[test]
    fn a_file_belongs_to_the_folder_with_the_manifest() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("lib")).expect("a folder");
        let of = |name: &str, open: &str| folder_of(&path(name), |file| file == path(open));
        assert_eq!(of("01_a.rhai", ""), None);
        assert_eq!(of("leora.toml", "leora.toml"), Some(path("")).map(|_| folder.path().into()));
        fs::write(path("leora.toml"), "").expect("a file");
        for inside in ["leora.toml", "01_a.rhai", "lib/a.rhai", "examples/a.rhai"] {
            assert_eq!(of(inside, "").as_deref(), Some(folder.path()), "{inside}");
        }
        assert_eq!(of("other/a.rhai", ""), None);
    }
}
