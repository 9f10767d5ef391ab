//! What holds a password or customers' data never gets into git: not in this project, and not in a user's own.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use leora_sandbox::Sandbox;
use tempfile::TempDir;

use super::Target;
use crate::support::{attacked, own_path};

/// A fresh repository, without what this machine tells git to leave out.
fn repository(folder: &Path) {
    git(folder, &["init", "--quiet"]);
    git(folder, &["config", "core.excludesFile", "/dev/null"]);
}

/// What git says in a folder.
fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git").arg("-C").arg(folder).args(arguments).output().expect("git");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The files that `git add --all` would take.
fn would_be_added(folder: &Path) -> Vec<String> {
    let listed = git(folder, &["ls-files", "--others", "--exclude-standard"]);
    listed.lines().map(str::to_owned).collect()
}

#[test]
fn this_project_leaves_out_env_files_and_what_runs_keep() {
    let folder = TempDir::new().expect("a folder");
    repository(folder.path());
    fs::copy(own_path(".gitignore"), folder.path().join(".gitignore")).expect("a copy");
    for file in [".env", "prisma/.env", ".leora/runs/1.json", ".leora/sandbox/data/PG_VERSION"] {
        attacked(&format!("git add {file}"));
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, "secret").expect("a file");
    }
    assert_eq!(would_be_added(folder.path()), [".gitignore"]);
}

#[test]
fn a_users_project_leaves_out_the_reports_of_its_runs() {
    let target = Target::new();
    let project = target.project.path("");
    repository(&project);
    let before = would_be_added(&project);
    attacked("git add of a run's report");
    target.project.run(&target.database, "scripts/verify");
    let kept = fs::read_dir(project.join(".leora/runs")).expect("reports").count();
    assert_eq!((kept, would_be_added(&project)), (1, before));
    // What somebody has written there stays.
    fs::write(project.join(".leora/.gitignore"), "sandbox\n").expect("a file");
    target.project.run(&target.database, "scripts/verify");
    assert_eq!(fs::read_to_string(project.join(".leora/.gitignore")).expect("a file"), "sandbox\n");
    target.unchanged();
}

#[test]
fn a_users_project_leaves_out_the_sandbox() {
    attacked("git add of the sandbox");
    let folder = TempDir::new().expect("a folder");
    // The server's account gets there, so that the data is there too.
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("permissions");
    repository(folder.path());
    let sandbox = Sandbox::at(folder.path().join(".leora/sandbox"));
    let running = sandbox.open().expect("a sandbox");
    assert!(folder.path().join(".leora/sandbox/data").is_dir());
    assert_eq!(would_be_added(folder.path()), [""; 0]);
    drop(running);
    sandbox.stop().expect("it stops");
}
