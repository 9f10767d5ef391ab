//! Tells the program which commit and compiler it is of, where that is known, and which files it brings.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=LEORA_TEST_CITUS_URL");
    println!("cargo::rustc-check-cfg=cfg(citus)");
    // Without a cluster its tests are no tests, and one that is ignored says so.
    if env::var_os("LEORA_TEST_CITUS_URL").is_some() {
        println!("cargo::rustc-cfg=citus");
    }
    list_bundled_files().expect("scripts/ and sql/ can be read");
    let commit = said("git", &["rev-parse", "--short=9", "HEAD"]).filter(|_| is_our_checkout());
    // A commit makes a development build old only by its name: that is no reason to build it again.
    if env::var("PROFILE").as_deref() == Ok("release")
        && let Some(log) = said("git", &["rev-parse", "--git-path", "logs/HEAD"])
        && Path::new(&log).exists()
    {
        println!("cargo::rerun-if-changed={log}");
    }
    let compiler = env::var("RUSTC").ok().and_then(|rustc| said(&rustc, &["--version"]));
    let compiler =
        compiler.and_then(|text| text.split(' ').nth(1).map(|version| format!("rustc {version}")));
    let known: Vec<String> = commit.into_iter().chain(compiler).collect();
    let build = if known.is_empty() { String::new() } else { format!(" ({})", known.join(", ")) };
    println!("cargo::rustc-env=LEORA_BUILD={build}");
}

/// What a program says, if it is there and content.
fn said(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned()).filter(|text| !text.is_empty())
}

/// Whether git knows this very folder: unpacked in somebody else's checkout, its commit would be theirs.
fn is_our_checkout() -> bool {
    let top = said("git", &["rev-parse", "--show-toplevel"]).map(PathBuf::from);
    let here = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let straight = |path: Option<PathBuf>| path.and_then(|path| path.canonicalize().ok());
    straight(top).is_some_and(|top| straight(here) == Some(top))
}

/// Lists all files of `scripts/`, and of `sql/` those that a manifest names.
fn list_bundled_files() -> io::Result<()> {
    let (home, out) = (own_variable("CARGO_MANIFEST_DIR"), own_variable("OUT_DIR"));
    let mut files = files_below(&home.join("scripts"))?;
    let manifests = files.iter().filter(|file| file.ends_with("leora.toml"));
    let manifests = manifests.map(fs::read_to_string).collect::<io::Result<String>>()?;
    let is_named = |file: &PathBuf| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        manifests.contains(&format!("\"{name}\""))
    };
    files.extend(files_below(&home.join("sql"))?.into_iter().filter(is_named));
    files.sort();
    let line = |file: &PathBuf| {
        let path = file.strip_prefix(&home).unwrap_or(file);
        format!("BundledFile {{ path: {path:?}, text: include_str!({file:?}) }},\n")
    };
    let lines: String = files.iter().map(line).collect();
    let list = format!(
        "/// In the order of their paths.\npub(super) const FILES: &[BundledFile] = &[\n{lines}];\n"
    );
    for folder in ["scripts", "sql"] {
        println!("cargo::rerun-if-changed={folder}");
    }
    fs::write(out.join("bundled_files.rs"), list)
}

fn own_variable(name: &str) -> PathBuf {
    env::var_os(name).map(PathBuf::from).expect("Cargo sets it")
}

/// Without what an editor or a run leaves there, which is hidden.
fn files_below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match (name.starts_with('.'), path.is_dir()) {
            (true, _) => {}
            (false, true) => found.extend(files_below(&path)?),
            (false, false) => found.push(path),
        }
    }
    Ok(found)
}
