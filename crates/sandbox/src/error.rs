//! Why the sandbox can't be used, each with what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use leora_report::{Failure, FailureKind};

/// Why the private server could not be found, built, started or stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// No PostgreSQL server on this machine can be used.
    #[error(
        "no usable PostgreSQL server (13 or newer) on this machine; looked in {looked}. \
         Install it: {install}; or name the directory of initdb and postgres in LEORA_POSTGRES_BIN"
    )]
    NoServer {
        /// The directories that were looked at, and why those with binaries were not taken.
        looked: String,
        /// The install command for this system.
        install: String,
    },

    /// `LEORA_POSTGRES_BIN` names a directory that does not work.
    #[error(
        "LEORA_POSTGRES_BIN names {}, which cannot be used: {reason}. \
         Name the directory that holds initdb and postgres, or unset it", dir.display()
    )]
    ChosenServer {
        /// The directory it names.
        dir: PathBuf,
        /// What is wrong with it.
        reason: String,
    },

    /// The data was made by a major version that is no longer on the machine.
    #[error(
        "{} was made by PostgreSQL {major}, and this machine has {found}. \
         Make it anew with `leora-run sandbox reset`, or install PostgreSQL {major}", data.display()
    )]
    OtherMajor {
        /// The data directory.
        data: PathBuf,
        /// The major version it needs.
        major: u32,
        /// The versions there are, in words.
        found: String,
    },

    /// We are root, and there is no account to run the server as.
    #[error(
        "PostgreSQL refuses to run as root, and this machine has neither a user `postgres` nor `nobody`. \
         Run leora-run as an ordinary user"
    )]
    NoAccount,

    /// The server's account cannot get to a directory.
    #[error(
        "{} cannot be reached by the user `{account}`, as whom the server runs. \
         Open the directories above it to that user (chmod a+x), or choose another place", path.display()
    )]
    Unreachable {
        /// The directory.
        path: PathBuf,
        /// The account's name.
        account: String,
    },

    /// A directory belongs to another user.
    #[error(
        "{} belongs to another user (uid {owner}). \
         Work as that user, or set LEORA_SANDBOX to a directory of your own", path.display()
    )]
    Foreign {
        /// The directory.
        path: PathBuf,
        /// Its owner's user id.
        owner: u32,
    },

    /// No temporary directory fits a Unix socket.
    #[error(
        "none of {tried} can hold the sandbox's socket (the path is too long or the user `{account}` cannot reach it). \
         Set TMPDIR to a short path that every user can enter"
    )]
    NoSocketPlace {
        /// The temporary directories.
        tried: String,
        /// The account's name.
        account: String,
    },

    /// A file operation failed.
    #[error("could not {action} {}: {source}. Check that you may write there; LEORA_SANDBOX=DIR puts the sandbox elsewhere", path.display())]
    File {
        /// What was tried, as a verb.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },

    /// A program of PostgreSQL could not be run, or failed.
    #[error("{} failed: {detail}. Check this PostgreSQL, or choose another with LEORA_POSTGRES_BIN", program.display())]
    Program {
        /// The program.
        program: PathBuf,
        /// The end of its output.
        detail: String,
    },

    /// SQL could not be loaded into a server that is not running.
    #[error(
        "the SQL for database {database} was refused: {detail}. Correct it, then `leora-run sandbox reset`"
    )]
    Load {
        /// The database.
        database: String,
        /// The end of the server's log.
        detail: String,
    },

    /// The server did not start.
    #[error(
        "the sandbox's server did not start; the end of {} says:\n{tail}\n\
         If the data is damaged, `leora-run sandbox reset` makes it anew", log.display()
    )]
    Start {
        /// The server's log.
        log: PathBuf,
        /// Its last lines.
        tail: String,
    },

    /// The server runs, but its socket is gone.
    #[error(
        "the sandbox's server (process {pid}) runs but does not answer on {}. \
         End it with `leora-run sandbox stop` and try again", socket.display()
    )]
    Unanswered {
        /// The postmaster.
        pid: i32,
        /// Where it should answer.
        socket: PathBuf,
    },

    /// The server did not stop.
    #[error("the sandbox's server (process {pid}) did not stop when asked to. See {}, then `kill -9 {pid}`", log.display())]
    Stop {
        /// The postmaster.
        pid: i32,
        /// The server's log.
        log: PathBuf,
    },

    /// Another command uses the sandbox.
    #[error("another command is using the sandbox {}. Try again when it has ended", dir.display())]
    InUse {
        /// The sandbox.
        dir: PathBuf,
    },

    /// Another command is starting or stopping the sandbox, and takes too long.
    #[error(
        "another command{holder} has been starting or stopping the sandbox {} for more than {seconds} s. \
         Wait for it or end it, then try again", dir.display()
    )]
    Busy {
        /// The sandbox.
        dir: PathBuf,
        /// The command's process, in brackets, where it is known.
        holder: String,
        /// How long was waited.
        seconds: u64,
    },

    /// Another user has locked a file of the sandbox.
    #[error(
        "{} is locked by {holder}. Let it be released, or set LEORA_SANDBOX to a directory of your own", path.display()
    )]
    Locked {
        /// The file.
        path: PathBuf,
        /// The process and its user.
        holder: String,
    },
}

impl SandboxError {
    /// For `map_err` on a file operation; the action is a verb, such as "create".
    pub(crate) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::File { action, path, source }
    }

    /// For `map_err` where a program could not even be started.
    pub(crate) fn program(program: &Path) -> impl FnOnce(io::Error) -> Self {
        let program = program.to_path_buf();
        move |source| Self::Program { program, detail: source.to_string() }
    }
}

pub(crate) fn last_lines(text: &str) -> String {
    const MAX_LINES: usize = 12;
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(MAX_LINES)..].join("\n")
}

impl From<SandboxError> for Failure {
    fn from(error: SandboxError) -> Self {
        Self::new(FailureKind::Connection, error.to_string(), None)
    }
}
