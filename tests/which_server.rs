//! Which of the machine's servers the sandbox takes.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use leora_sandbox::{Account, Binaries};

use crate::support::Project;

/// A program that the server's account can run.
fn program(path: &Path, script: &str) {
    fs::write(path, format!("#!/bin/sh\n{script}\n")).expect("a script");
    fs::set_permissions(path, Permissions::from_mode(0o755)).expect("permissions");
}

#[test]
fn one_on_the_path_is_taken_before_newer_ones() {
    let place = tempfile::Builder::new().prefix("leora-path-").tempdir().expect("a folder");
    let place = place.path();
    fs::set_permissions(place, Permissions::from_mode(0o777)).expect("permissions");
    let account = Account::unprivileged().expect("an account");
    let real = Binaries::preferred(&account).unwrap_or_else(|error| panic!("{error}"));
    let (real, made) = (real.dir().display(), place.join("made"));
    let made = made.display();
    // It seems the oldest of all, until it has made the data.
    program(
        &place.join("initdb"),
        &format!(
            "case \"$*\" in\n\
             *--show*) [ -e {made} ] && exec {real}/initdb \"$@\"\n\
             {real}/initdb \"$@\" 2>&1 | sed 's/^VERSION=.*/VERSION=13.0/' ;;\n\
             *) touch {made} && exec {real}/initdb \"$@\" ;;\n\
             esac"
        ),
    );
    program(&place.join("postgres"), &format!("exec {real}/postgres \"$@\""));
    let project = Project::new();
    let path = format!("{}:{}", place.display(), std::env::var("PATH").expect("a PATH"));
    let sandbox = |arguments: &str| {
        let mut command = project.command(arguments);
        command.env("PATH", &path).env_remove("LEORA_POSTGRES_BIN");
        project.output(&mut command)
    };
    sandbox("sandbox start").exits(0);
    sandbox("sandbox stop").exits(0);
    assert!(place.join("made").exists(), "another one was taken");
}
