//! `check --watch`: a file is saved, and the folder is checked again.

use std::fs;
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};

use crate::support::Project;

/// A program that goes on, and what it has written so far.
struct Watching {
    child: Child,
    written: String,
}

impl Watching {
    fn start(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        Self { child: command.spawn().expect("it starts"), written: String::new() }
    }

    /// Reads until this was written; returns what was written until then, which is read only once.
    #[track_caller]
    fn until(&mut self, text: &str) -> String {
        let output = self.child.stdout.as_mut().expect("a pipe");
        let mut byte = [0];
        let mut bytes = Vec::new();
        while !self.written.ends_with(text) {
            assert_eq!(
                output.read(&mut byte).expect("a byte"),
                1,
                "never {text}: {}",
                self.written
            );
            bytes.push(byte[0]);
            self.written = String::from_utf8_lossy(&bytes).into_owned();
        }
        std::mem::take(&mut self.written)
    }

    /// The next result.
    #[track_caller]
    fn result(&mut self) -> String {
        self.until("Watching for changes; Ctrl-C ends it.")
    }

    /// The next result that says this: a busy machine may check while a file is half written.
    #[track_caller]
    fn result_that_says(&mut self, text: &str) -> String {
        loop {
            let result = self.result();
            if result.contains(text) {
                return result;
            }
        }
    }

    fn interrupt(mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        let status = Command::new("kill").args(["-INT", &id]).status().expect("kill");
        assert!(status.success());
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn project() -> Project {
    let project = Project::new();
    project.output(&mut project.command("new loyalty")).exits(0);
    project
}

const SCRIPT: &str = "scripts/loyalty/01_mark_quiet.rhai";

#[test]
fn a_file_that_is_saved_is_checked_again() {
    let project = project();
    let mut watching = Watching::start(project.command("check scripts/loyalty --watch"));
    let first = watching.result();
    assert!(first.contains("6 examples hold") && !first.contains("has changed"), "{first}");
    project.edit(SCRIPT, ".within(quiet_after)", ".withn(quiet_after)");
    let second = watching.result_that_says("there is no function `withn`");
    assert!(second.contains(&format!("\n---- {SCRIPT} has changed\n")), "{second}");
    // As many editors save: the new text beside it, then renamed.
    let text = fs::read_to_string(project.path(SCRIPT)).expect("the script");
    project.write("scripts/loyalty/4913", &text.replace("withn", "within"));
    fs::rename(project.path("scripts/loyalty/4913"), project.path(SCRIPT)).expect("renamed");
    let third = watching.result_that_says("6 examples hold");
    assert!(third.contains(&format!("{SCRIPT} has changed")), "{third}");
    assert!(!first.contains(['\u{1b}', '\u{7}']) && !second.contains(['\u{1b}', '\u{7}']));
    assert_eq!(watching.interrupt(), Some(130));
}

#[test]
fn every_kind_of_file_counts_and_a_folder_that_comes_back() {
    let project = project();
    let mut watching = Watching::start(project.command("check --watch scripts/loyalty"));
    watching.result();
    let mut changes = |file: &str, says: &str| {
        let result = watching.result_that_says(says);
        assert!(result.contains(&format!("---- {file} has changed")), "{file}: {result}");
    };
    project.edit("scripts/loyalty/leora.toml", "title  =", "titel  =");
    changes("scripts/loyalty/leora.toml", "titel");
    project.edit("scripts/loyalty/leora.toml", "titel  =", "title  =");
    changes("scripts/loyalty/leora.toml", "6 examples hold");
    project.edit("scripts/loyalty/examples/quiet.rhai", "ago(months(7))", "ago(months(5))");
    changes("scripts/loyalty/examples/quiet.rhai", "expected DORMANT");
    project.edit("scripts/loyalty/examples/quiet.rhai", "ago(months(5))", "ago(months(7))");
    changes("scripts/loyalty/examples/quiet.rhai", "6 examples hold");
    project.write("sql/loyalty.sql", "SELECT 1;\n");
    changes("sql/loyalty.sql", "6 examples hold");
    project.write("scripts/loyalty/.01_mark_quiet.rhai.swp", "an editor's");
    fs::rename(project.path("scripts/loyalty"), project.path("away")).expect("moved");
    changes("scripts/loyalty", "there is no script folder");
    fs::rename(project.path("away"), project.path("scripts/loyalty")).expect("moved back");
    changes("scripts/loyalty", "6 examples hold");
    assert_eq!(watching.interrupt(), Some(130));
}

#[test]
fn a_terminal_is_cleared_and_its_bell_rings_when_the_outcome_changes() {
    let project = project();
    let line = format!("exec {} check scripts/loyalty --watch", env!("CARGO_BIN_EXE_leora-run"));
    let mut script = Command::new("script");
    script.args(["-q", "-e", "-c", &line, "/dev/null"]).current_dir(project.path(""));
    script.env("TERM", "xterm");
    let mut watching = Watching::start(script);
    let clears = |result: &str| result.contains("\u{1b}[2J\u{1b}[3J\u{1b}[H");
    let first = watching.result();
    assert!(clears(&first) && !first.contains('\u{7}'), "{first:?}");
    project.edit(SCRIPT, "// has never ordered", "// has not ordered");
    let same = watching.result();
    assert!(clears(&same) && !same.contains('\u{7}'), "{same:?}");
    project.edit(SCRIPT, ".within(quiet_after)", ".withn(quiet_after)");
    let worse = watching.result();
    assert!(clears(&worse) && worse.contains('\u{7}'), "{worse:?}");
    project.edit(SCRIPT, ".withn(quiet_after)", ".withim(quiet_after)");
    let as_bad = watching.result();
    assert!(clears(&as_bad) && !as_bad.contains('\u{7}'), "{as_bad:?}");
    let ctrl_c = watching.child.stdin.as_mut().expect("a terminal").write_all(b"\x03");
    ctrl_c.expect("it is typed");
    assert_eq!(watching.child.wait().expect("it ends").code(), Some(130));
}

#[test]
fn what_is_wrong_from_the_start_ends_it() {
    let project = project();
    fs::remove_dir_all(project.path("scripts")).expect("removed");
    project.output(&mut project.command("check --watch")).exits(2).says("no script folder");
    project.output(&mut project.command("check --watch --settings")).exits(2);
}
