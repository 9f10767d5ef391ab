//! The commands as clap reads them; each doc comment is a line of the help.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use crate::cli::options::Options;
use crate::cli::values::{VariedSetting, parse_folder, parse_varied_setting};

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
    pub(crate) verb: Option<Verb>,

    /// The script folder to run
    #[arg(value_parser = parse_folder)]
    pub(crate) folder: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) options: Options,
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum Verb {
    /// Run a folder's steps in order
    Run {
        /// The script folder
        #[arg(value_parser = parse_folder)]
        folder: PathBuf,
    },
    /// Show what a run would do; nothing is kept
    Plan {
        /// The script folder
        #[arg(value_parser = parse_folder)]
        folder: PathBuf,
        /// Save the plan, to be approved
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Sign it with this private key, which openssl genpkey -algorithm ed25519 makes
        #[arg(long, value_name = "KEYFILE", requires = "out")]
        sign: Option<PathBuf>,
    },
    /// Show why a row gets its values: what each rule reads, tries and gives
    Why {
        /// The script folder
        #[arg(value_parser = parse_folder)]
        folder: PathBuf,
        /// The row: its id, account number or name
        row: String,
    },
    /// Show what other settings would give, many at once
    WhatIf {
        /// The script folder
        #[arg(value_parser = parse_folder)]
        folder: PathBuf,
        /// A setting and the values to try; may be given again, for every combination
        #[arg(long, value_name = "NAME=VALUE,VALUE,...", value_parser = parse_varied_setting, required = true)]
        vary: Vec<VariedSetting>,
    },
    /// Find mistakes without a database, and try the folder's examples
    Check {
        /// The script folders; those under scripts/ when none is given
        folders: Vec<PathBuf>,
        /// Check again whenever a file is saved, until Ctrl-C
        #[arg(long, conflicts_with = "settings")]
        watch: bool,
        /// List the settings instead: default, what --set makes of it, place, comment
        #[arg(long)]
        settings: bool,
    },
    /// Make a folder with a rule and examples, to begin from
    New {
        /// The folder, such as scripts/loyalty; a name alone is one in scripts/
        #[arg(value_parser = parse_folder, required_unless_present = "bundled")]
        name: Option<PathBuf>,
        /// Write the folders that leora-run brings instead, such as scripts/phase2, with sql/
        #[arg(long, conflicts_with = "name")]
        bundled: bool,
    },
    /// Format scripts: arms in columns, indentation, blanks at the end of lines
    Fmt {
        /// Folders or scripts; the folders under scripts/ when none is given
        paths: Vec<PathBuf>,
        /// Only name the scripts that would change, and exit with 1 if there are any
        #[arg(long)]
        check: bool,
    },
    /// Serve an editor that starts it: findings, completion, hover; see docs/editors.md
    Lsp,
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
    /// Print the script API, or one function of it, with an example of each
    Api {
        /// The function, such as within
        name: Option<String>,
        /// Write it for an editor's language server instead, as definition files in this folder
        #[arg(long, value_name = "DIR", conflicts_with = "name")]
        definitions: Option<PathBuf>,
    },
    /// Tell whether a run would work here, and what is missing; it only reads
    Doctor {
        /// The script folder; without it, the connection and the server are looked at
        #[arg(value_parser = parse_folder)]
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

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
    #[value(name = "powershell")]
    Pwsh,
}

impl From<Shell> for clap_complete::Shell {
    fn from(shell: Shell) -> Self {
        match shell {
            Shell::Bash => Self::Bash,
            Shell::Zsh => Self::Zsh,
            Shell::Fish => Self::Fish,
            Shell::Pwsh => Self::PowerShell,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SandboxAction {
    /// Start it, until `sandbox stop`
    Start,
    /// Stop it
    Stop,
    /// Make it anew, with the sample
    Reset,
    /// Print its address
    Url,
}
