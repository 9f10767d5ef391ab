//! A project folder for each test, with copies of scripts/ and sql/, and the program to run in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::Database;

/// A folder with copies of scripts/ and sql/.
pub struct Project {
    folder: TempDir,
}

/// What the program said, and its exit code.
#[derive(Debug)]
pub struct Output {
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// The exit code; -1 when a signal ended it.
    pub code: i32,
}

impl Project {
    /// A fresh copy.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let home = Path::new(env!("CARGO_MANIFEST_DIR"));
        for name in ["scripts", "sql"] {
            copy(&home.join(name), &folder.path().join(name));
        }
        Self { folder }
    }

    /// A fresh copy, and a sample that Phase 2 has run on.
    pub fn after_phase2() -> (Self, Database) {
        let (project, database) = (Self::new(), Database::sample());
        project.run(&database, "scripts/phase2").exits(0);
        (project, database)
    }

    /// The path of a file in it.
    pub fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    /// Writes a file, with the folders above it.
    pub fn write(&self, file: &str, text: &str) -> &Self {
        let path = self.path(file);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
        self
    }

    /// Replaces text in a file; the text must be there.
    pub fn edit(&self, file: &str, from: &str, to: &str) -> &Self {
        let before = fs::read_to_string(self.path(file)).expect("a file");
        assert!(before.contains(from), "{file} has no {from}");
        self.write(file, &before.replace(from, to))
    }

    /// A read-write folder `scripts/try` with one step and these further lines in its manifest.
    pub fn script(&self, manifest: &str, script: &str) -> &Self {
        let access = if manifest.contains("access") { "" } else { "access = \"read-write\"\n" };
        self.write("scripts/try/leora.toml", &format!("title = \"Try\"\n{access}{manifest}\n"));
        self.write("scripts/try/01_step.rhai", script)
    }

    /// The program with these arguments, split at spaces, in this folder and without the caller's
    /// environment of databases.
    pub fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_leora-run"));
        command
            .args(arguments.split_whitespace())
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        for (name, _) in std::env::vars() {
            let database =
                name.starts_with("PG") || name.ends_with("_URL") || name.starts_with("LEORA_");
            if database && name != "LEORA_POSTGRES_BIN" {
                command.env_remove(name);
            }
        }
        command.env_remove("NO_COLOR").env("RUST_BACKTRACE", "0");
        command
    }

    /// Runs the program on a database, confirmed.
    pub fn run(&self, database: &Database, arguments: &str) -> Output {
        self.output(&mut self.on(database, arguments))
    }

    /// The program on a database, confirmed.
    pub fn on(&self, database: &Database, arguments: &str) -> Command {
        let mut command = self.command(arguments);
        command.arg("--database-url").arg(database.url()).arg("--confirm").arg(&database.name);
        command
    }

    /// Runs a command to its end.
    pub fn output(&self, command: &mut Command) -> Output {
        let output = command.output().expect("the program starts");
        Output::of(output)
    }

    /// Starts a command and lets it run.
    pub fn start(&self, command: &mut Command) -> Child {
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts")
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("a file");
        }
    }
}

impl Output {
    /// From what a process left behind.
    pub fn of(output: std::process::Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        Self {
            stdout: text(output.stdout),
            stderr: text(output.stderr),
            code: output.status.code().unwrap_or(-1),
        }
    }

    /// Checks the exit code; shows everything when it is another.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// Checks that a text was said on standard output.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(
            self.stdout.contains(text),
            "{text}\nis not in:\n{}\nstderr:\n{}",
            self.stdout,
            self.stderr
        );
        self
    }

    /// Checks that a text was said on standard output, wherever its lines were broken.
    #[track_caller]
    pub fn tells(self, text: &str) -> Self {
        let said = one_line(&self.stdout).contains(&one_line(text));
        assert!(said, "{text}\nis not in:\n{}", self.stdout);
        self
    }

    /// Checks that a text was not said.
    #[track_caller]
    pub fn says_not(self, text: &str) -> Self {
        let said = self.stdout.contains(text) || self.stderr.contains(text);
        assert!(!said, "{text}\nis in:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// The result as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}\n{}", self.stdout, self.stderr))
    }
}

/// A text in one line, wherever its lines were broken.
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
