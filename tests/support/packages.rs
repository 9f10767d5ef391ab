//! Packages and what they need, such as Prisma's, which npm installs once into the target folder; the benchmark has them
//! from here too.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What to say when Node.js can't be started.
pub(crate) const MISSING: &str =
    "Node.js 20.19 or newer with npm is missing, which this needs: bash .ci/setup";

/// A file of tests/prisma.
pub(crate) fn example(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/prisma").join(file)
}

/// Prisma's packages.
///
/// # Errors
///
/// As [`npm_packages`].
pub(crate) fn packages() -> Result<PathBuf, String> {
    npm_packages(&example(""), "prisma")
}

/// The folder with the packages of the lock file in a folder, installed when they are not there, by one process at a time.
///
/// # Errors
///
/// In words, when npm is missing or could not install them.
pub(crate) fn npm_packages(source: &Path, name: &str) -> Result<PathBuf, String> {
    let lock = fs::read(source.join("package-lock.json")).expect("a lock file");
    let version = leora_folder::sha256_hex(&lock);
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name).join(&version[..16]);
    fs::create_dir_all(&home).expect("a folder");
    let turn = File::create(home.join("turn")).expect("a file");
    turn.lock().expect("a lock");
    let whole = home.join("whole");
    if !whole.exists() {
        for file in ["package.json", "package-lock.json"] {
            fs::copy(source.join(file), home.join(file)).expect("a file");
        }
        let arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"];
        let installed = Command::new("npm").args(arguments).current_dir(&home).output();
        let installed = installed.map_err(|_| MISSING.to_owned())?;
        if !installed.status.success() {
            return Err(format!("npm ci: {}", String::from_utf8_lossy(&installed.stderr).trim()));
        }
        fs::write(whole, "").expect("a file");
    }
    Ok(home.join("node_modules"))
}
