//! Tells the program which commit and compiler it is of, where that is known.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
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
