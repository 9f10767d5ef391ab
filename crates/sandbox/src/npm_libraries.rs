//! The libraries of a server from npm, under the names that it asks for.
//!
//! npm leaves symbolic links out of a package. The libraries are in it under their full names (`libicuuc.so.60.2`), the
//! server asks for shorter ones (`libicuuc.so.60`), and a script of the package makes the links after the installation,
//! unless such scripts are switched off, as pnpm does. Then they are made here, outside `node_modules`, from the list that
//! the package has of them. Libraries ask for others in their own directory, so all of them are linked.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::account::Account;
use crate::directories;

const LIST: &str = "pg-symlinks.json";

/// A link of the list; both paths are relative to the package.
#[derive(Debug, Deserialize)]
struct Link {
    source: PathBuf,
    target: PathBuf,
}

/// The directory with the missing links of the server whose programs are in `bin`; `None` where none is missing.
///
/// # Errors
/// Why they can't be made, for a list of servers that can't be used.
pub(crate) fn linked_libraries(bin: &Path, account: &Account) -> Result<Option<PathBuf>, String> {
    let Some(native) = bin.parent() else { return Ok(None) };
    let Ok(list) = fs::read_to_string(native.join(LIST)) else { return Ok(None) };
    let links: Vec<Link> =
        serde_json::from_str(&list).map_err(|error| format!("{LIST} is unreadable: {error}"))?;
    let library = native.join("lib");
    let links: Vec<(PathBuf, PathBuf)> =
        links.iter().filter_map(|link| in_library(link, &library)).collect();
    if links.iter().all(|(_, name)| library.join(name).exists()) {
        return Ok(None);
    }
    let place = directories::library_directory(native, account)
        .ok_or("no temporary directory can hold links to its libraries")?;
    directories::make_private(&place, account).map_err(|error| error.to_string())?;
    let whole = libraries(&library).and_then(|mut all| {
        all.extend(links);
        all.iter().try_for_each(|(file, name)| link(file, &place.join(name)))
    });
    match whole {
        Ok(()) => Ok(Some(place)),
        Err(error) => Err(format!("its libraries can't be linked in {}: {error}", place.display())),
    }
}

/// The libraries that are there, under the names that they have.
fn libraries(library: &Path) -> io::Result<Vec<(PathBuf, PathBuf)>> {
    let named =
        |file: PathBuf| file.file_name().map(PathBuf::from).map(|name| (file.clone(), name));
    let entries = fs::read_dir(library)?.collect::<io::Result<Vec<_>>>()?;
    let files = entries.into_iter().map(|entry| entry.path());
    let is_library = |file: &PathBuf| file.is_file() && file.extension() != Some("a".as_ref());
    Ok(files.filter(is_library).filter_map(named).collect())
}

/// The file in the directory of libraries, and the name that it should have too. Other links, and files elsewhere, are
/// none of the server's libraries.
fn in_library(link: &Link, library: &Path) -> Option<(PathBuf, PathBuf)> {
    let is_there =
        |path: &Path| path.parent().is_some_and(|above| above == Path::new("native/lib"));
    let (source, target) = (link.source.file_name()?, link.target.file_name()?);
    let is_library = is_there(&link.source) && is_there(&link.target);
    is_library.then(|| (library.join(source), PathBuf::from(target)))
}

/// Makes a link, or corrects it. Another command may do so at the same time.
fn link(file: &Path, place: &Path) -> io::Result<()> {
    let leads_there = || fs::read_link(place).is_ok_and(|found| found == file);
    if leads_there() {
        return Ok(());
    }
    let _ = fs::remove_file(place);
    match symlink(file, place) {
        Err(_) if leads_there() => Ok(()),
        made => made,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{Account, linked_libraries};

    const LINKS: &str = r#"[
        {"source": "native/lib/libx.so.60.2", "target": "native/lib/libx.so.60"},
        {"source": "native/lib/../../../etc/passwd", "target": "native/lib/liby.so"},
        {"source": "native/lib/libx.so.60.2", "target": "native/lib/more/libz.so"}
    ]"#;

    #[test]
    fn what_is_missing_is_linked_outside_the_package_and_nothing_else() {
        let package = tempfile::tempdir().unwrap();
        let native = package.path().join("native");
        fs::create_dir_all(native.join("lib")).unwrap();
        let account = Account::unprivileged().unwrap();
        let linked = || linked_libraries(&native.join("bin"), &account);
        assert_eq!(linked(), Ok(None), "a server without a list");
        fs::write(native.join("pg-symlinks.json"), LINKS).unwrap();
        fs::write(native.join("lib/libx.so.60.2"), "").unwrap();
        for _ in 0..2 {
            let place = linked().unwrap().expect("links");
            let mut names: Vec<_> =
                fs::read_dir(&place).unwrap().map(|one| one.unwrap().file_name()).collect();
            names.sort();
            assert_eq!(names, ["libx.so.60", "libx.so.60.2"]);
            let leads_to = fs::read_link(place.join("libx.so.60")).unwrap();
            assert_eq!(leads_to, native.join("lib/libx.so.60.2"));
            assert!(!place.starts_with(package.path()));
        }
        let place = linked().unwrap().expect("links");
        fs::write(native.join("lib/libx.so.60"), "").unwrap();
        assert_eq!(linked(), Ok(None), "the package's own script has run");
        fs::write(native.join("pg-symlinks.json"), "{").unwrap();
        assert!(linked().is_err_and(|reason| reason.starts_with("pg-symlinks.json is unreadable")));
        fs::remove_dir_all(Path::new(&place)).unwrap();
    }
}
