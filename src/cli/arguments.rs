//! The arguments as clap reads them; each doc comment is its line of the help.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;

use crate::cli::values::{
    PrismaDir, Varied, date, duration, name_and_value, percent, prisma_dir, varied,
};

/// The version, with the commit and the compiler where they are known.
pub(crate) const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), env!("LEORA_BUILD"));

/// Runs data migrations written as small, readable scripts against PostgreSQL, safely.
#[derive(Debug, Parser)]
#[command(name = "leora-run", version = VERSION, about, args_conflicts_with_subcommands = false)]
#[command(after_help = "\
leora-run FOLDER is short for leora-run run FOLDER.

Exit codes: 0 done, 1 an expectation did not hold, 2 usage, script or manifest error, 3 database error, \
4 refused or not confirmed, 5 another run is at work, 6 outcome unknown, 130 interrupted.")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) verb: Option<VerbArgument>,

    /// The script folder to run
    pub(crate) folder: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) options: OptionArguments,
}

#[derive(Debug, Subcommand)]
pub(crate) enum VerbArgument {
    /// Run a folder's steps in order
    Run {
        /// The script folder
        folder: PathBuf,
    },
    /// Show what a run would do; nothing is kept
    Plan {
        /// The script folder
        folder: PathBuf,
        /// Save the plan, to be approved
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Show why a row gets its values: what each rule reads, tries and gives
    Why {
        /// The script folder
        folder: PathBuf,
        /// The row: its id, account number or name
        row: String,
    },
    /// Show what other settings would give, many at once
    WhatIf {
        /// The script folder
        folder: PathBuf,
        /// A setting and the values to try; may be given again, for every combination
        #[arg(long, value_name = "NAME=VALUE,VALUE,...", value_parser = varied, required = true)]
        vary: Vec<Varied>,
    },
    /// Find mistakes without a database, and try the folder's examples
    Check {
        /// The script folders; those under scripts/ when none is given
        folders: Vec<PathBuf>,
        /// List the settings instead: default, what --set makes of it, place, comment
        #[arg(long)]
        settings: bool,
    },
    /// Put back what a run changed, where nobody has changed it since
    Undo {
        /// The run's id, or how it starts; else the last run that can be undone
        run: Option<String>,
        /// Show it first; nothing is kept
        #[arg(long)]
        dry_run: bool,
    },
    /// Show what ran here, when, by whom, with what result
    Status {
        /// A run's id, or a folder: what changed in it since it ran
        of: Option<String>,
    },
    /// Print the script API, with an example of each function
    Api {
        /// Write it for an editor's language server instead, as definition files in this folder
        #[arg(long, value_name = "DIR")]
        definitions: Option<PathBuf>,
    },
    /// Tell whether a run would work here, and what is missing; it only reads
    Doctor {
        /// The script folder; without it, the connection and the server are looked at
        folder: Option<PathBuf>,
        /// Print the grants that a role needs for the folder, as SQL
        #[arg(long, requires = "folder")]
        grants: bool,
        /// The role that would run it; else the connection's own
        #[arg(long, value_name = "NAME")]
        role: Option<String>,
    },
    /// Print the script that teaches a shell to complete this command line
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: Shell,
    },
    /// Print the manual page, or that of a command
    Man {
        /// The command
        command: Option<String>,
    },
    /// Start, stop or reset the private PostgreSQL with a sample CRM
    Sandbox {
        /// What to do with it
        #[arg(value_enum)]
        action: SandboxAction,
    },
}

/// A shell that completes command lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// bash
    Bash,
    /// zsh
    Zsh,
    /// fish
    Fish,
    /// PowerShell
    #[value(name = "powershell")]
    PowerShell,
}

impl From<Shell> for clap_complete::Shell {
    fn from(shell: Shell) -> Self {
        match shell {
            Shell::Bash => Self::Bash,
            Shell::Zsh => Self::Zsh,
            Shell::Fish => Self::Fish,
            Shell::PowerShell => Self::PowerShell,
        }
    }
}

/// What to do with the sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SandboxAction {
    /// Start it, until `sandbox stop`
    Start,
    /// Stop it
    Stop,
    /// Make it anew, with the sample
    Reset,
    /// Print its address
    Url,
}

#[derive(Debug, Args)]
pub(crate) struct OptionArguments {
    /// The database, as postgresql://user:password@host/database; else DIRECT_URL or DATABASE_URL
    #[arg(
        long,
        global = true,
        value_name = "URL",
        conflicts_with = "sandbox",
        help_heading = "Database"
    )]
    pub(crate) database_url: Option<String>,

    /// Use the private PostgreSQL with a sample CRM
    #[arg(long, global = true, help_heading = "Database")]
    pub(crate) sandbox: bool,

    /// Replace a setting of the scripts; may be given again
    #[arg(long, global = true, value_name = "NAME=VALUE", value_parser = name_and_value, help_heading = "Scripts")]
    pub(crate) set: Vec<(String, String)>,

    /// The business date; today in UTC unless given
    #[arg(long, global = true, value_name = "DATE", value_parser = date, help_heading = "Scripts")]
    pub(crate) as_of: Option<Date>,

    /// How to print the result
    #[arg(long, global = true, value_enum, default_value_t = Format::Text, help_heading = "Output")]
    pub(crate) format: Format,

    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, help_heading = "Output")]
    pub(crate) color: Color,

    /// Count a warning as a failed expectation
    #[arg(long, global = true, help_heading = "Scripts")]
    pub(crate) strict: bool,

    /// How long to wait for a lock, such as 2s
    #[arg(long, global = true, value_name = "TIME", default_value = "2s", value_parser = duration, help_heading = "Waiting")]
    pub(crate) lock_timeout: Duration,

    /// How often to try again when a lock was not had
    #[arg(
        long,
        global = true,
        value_name = "COUNT",
        default_value_t = 5,
        help_heading = "Waiting"
    )]
    pub(crate) lock_retries: u32,

    /// How long a statement may take, such as 15min
    #[arg(long, global = true, value_name = "TIME", default_value = "15min", value_parser = duration, help_heading = "Waiting")]
    pub(crate) statement_timeout: Duration,

    /// How long to wait for another run to end
    #[arg(long, global = true, value_name = "TIME", default_value = "0s", value_parser = duration, help_heading = "Waiting")]
    pub(crate) wait_lock: Duration,

    /// Go through a transaction pooler, instead of refusing
    #[arg(long, global = true, help_heading = "Database")]
    pub(crate) allow_pooler: bool,

    /// Prisma's folder, where a recorded migration gets its migration.sql; none for nowhere. Else prisma/ beside .env
    #[arg(long, global = true, value_name = "DIR", value_parser = prisma_dir, help_heading = "Database")]
    pub(crate) prisma_dir: Option<PrismaDir>,

    /// How long to look for the server when the connection is lost during COMMIT
    #[arg(long, global = true, value_name = "TIME", default_value = "15s", value_parser = duration, help_heading = "Waiting")]
    pub(crate) commit_wait: Duration,

    /// Run only what this saved plan foretells, with its settings and business date
    #[arg(long, global = true, value_name = "FILE", conflicts_with_all = ["set", "as_of"], help_heading = "Scripts")]
    pub(crate) approved: Option<PathBuf>,

    /// How far a count may be from the approved plan's, beyond 10 rows
    #[arg(long, global = true, value_name = "PERCENT", default_value = "1%", value_parser = percent, help_heading = "Scripts")]
    pub(crate) tolerance: f64,

    /// List what is otherwise only counted, such as the rows that an undo leaves
    #[arg(long, short, global = true, help_heading = "Output")]
    pub(crate) verbose: bool,

    /// Let a change pass that a guard of the manifest would refuse
    #[arg(long, global = true, help_heading = "Scripts")]
    pub(crate) allow_large_change: bool,

    /// Write the report as a page of its own, such as report.html
    #[arg(long, global = true, value_name = "FILE", help_heading = "Output")]
    pub(crate) report: Option<PathBuf>,

    /// Confirm that what is written may stay: the target's name, as printed
    #[arg(long, global = true, value_name = "NAME", help_heading = "Database")]
    pub(crate) confirm: Option<String>,
}

/// How to print the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// One JSON document on standard output
    Json,
    /// For people, and what failed as annotations of GitHub Actions
    Github,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}
