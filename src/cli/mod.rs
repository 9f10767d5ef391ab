//! The command line: arguments, validated once.

mod arguments;
mod shell;
mod values;

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use leora_rule::nearest;

use arguments::{Arguments, OptionArguments, VerbArgument};

pub use arguments::{Color, Format, SandboxAction, Shell};
pub use shell::{completions, manual};
pub use values::{PrismaDir, Varied};

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Run a folder.
    Run(PathBuf),
    /// Show what a run would do.
    Plan {
        /// The folder.
        folder: PathBuf,
        /// Where to save the plan.
        out: Option<PathBuf>,
    },
    /// Show why a row gets its values.
    Why {
        /// The folder.
        folder: PathBuf,
        /// The row, as somebody calls it.
        row: String,
    },
    /// Show what other settings would give.
    WhatIf {
        /// The folder.
        folder: PathBuf,
        /// The settings to vary.
        vary: Vec<Varied>,
    },
    /// Look for mistakes in these folders, and try their examples; those under scripts/ when there is none.
    Check(Vec<PathBuf>),
    /// List the settings of these folders.
    Settings(Vec<PathBuf>),
    /// Put back what a run changed.
    Undo {
        /// The run, by the start of its id.
        run: Option<String>,
        /// Whether to only show it.
        dry: bool,
    },
    /// Show what ran.
    Status(Option<String>),
    /// Print the script API, or write definition files into a folder.
    Api(Option<PathBuf>),
    /// Tell whether a run would work.
    Doctor(DoctorRequest),
    /// Print the script that teaches a shell to complete.
    Completions(Shell),
    /// Print a manual page.
    Man(Option<String>),
    /// Look after the sandbox.
    Sandbox(SandboxAction),
}

/// What a doctor is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoctorRequest {
    /// The folder that would be run.
    pub folder: Option<PathBuf>,
    /// Whether the grants that a role needs are wanted instead; then there is a folder.
    pub grants: bool,
    /// The role that would run it; else the connection's own.
    pub role: Option<String>,
}

/// Which database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetChoice {
    /// The given address.
    Url(String),
    /// The sandbox.
    Sandbox,
    /// What the environment says.
    Environment,
}

/// The options, as every verb sees them.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which database.
    pub target: TargetChoice,
    /// Settings to replace, in the order given.
    pub set: Vec<(String, String)>,
    /// The business date.
    pub as_of: Date,
    /// How to print the result.
    pub format: Format,
    /// When to use colour.
    pub color: Color,
    /// Whether a warning counts as a failed expectation.
    pub strict: bool,
    /// How long to wait for a lock.
    pub lock_timeout: Duration,
    /// How often to try again for a lock.
    pub lock_retries: u32,
    /// How long a statement may take.
    pub statement_timeout: Duration,
    /// How long to wait for another run.
    pub wait_lock: Duration,
    /// Whether a transaction pooler may be in between.
    pub allow_pooler: bool,
    /// Prisma's folder.
    pub prisma_dir: PrismaDir,
    /// How long to look for the server when the connection is lost during COMMIT.
    pub commit_wait: Duration,
    /// The plan that the run must follow.
    pub approved: Option<PathBuf>,
    /// How far a count may be from the approved plan's, in percent.
    pub tolerance: f64,
    /// Whether to list what is otherwise only counted.
    pub verbose: bool,
    /// Whether guards let pass what they would refuse.
    pub allow_large_change: bool,
    /// Where to write the report as a page.
    pub report: Option<PathBuf>,
    /// The confirmed target's name.
    pub confirm: Option<String>,
}

/// What was asked for, validated.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// What to do.
    pub verb: Verb,
    /// The options.
    pub options: Options,
}

impl Invocation {
    /// Reads arguments, the program's name first.
    ///
    /// # Errors
    /// [`BadUsage`] when they are wrong, or ask for help.
    pub fn read(arguments: impl IntoIterator<Item = String>) -> Result<Self, BadUsage> {
        let given: Vec<String> = arguments.into_iter().collect();
        Self::of(&given).map_err(|error| BadUsage { json: asks_for_json(&given), error })
    }

    fn of(given: &[String]) -> Result<Self, clap::Error> {
        let arguments =
            Arguments::try_parse_from(given).map_err(|error| corrected(error, given))?;
        let verb = match (arguments.verb, arguments.folder) {
            (Some(VerbArgument::Run { folder }), None) | (None, Some(folder)) => Verb::Run(folder),
            (Some(VerbArgument::Plan { folder, out }), None) => Verb::Plan { folder, out },
            (Some(VerbArgument::Why { folder, row }), None) => Verb::Why { folder, row },
            (Some(VerbArgument::WhatIf { folder, vary }), None) => Verb::WhatIf { folder, vary },
            (Some(VerbArgument::Check { folders, settings: false }), None) => Verb::Check(folders),
            (Some(VerbArgument::Check { folders, settings: true }), None) => {
                Verb::Settings(folders)
            }
            (Some(VerbArgument::Undo { run, dry_run }), None) => Verb::Undo { run, dry: dry_run },
            (Some(VerbArgument::Status { of }), None) => Verb::Status(of),
            (Some(VerbArgument::Api { definitions }), None) => Verb::Api(definitions),
            (Some(VerbArgument::Doctor { folder, grants, role }), None) => {
                Verb::Doctor(DoctorRequest { folder, grants, role })
            }
            (Some(VerbArgument::Completions { shell }), None) => Verb::Completions(shell),
            (Some(VerbArgument::Man { command }), None) => Verb::Man(command),
            (Some(VerbArgument::Sandbox { action }), None) => Verb::Sandbox(action),
            (Some(_), Some(_)) => return Err(usage("give either a command or a folder, not both")),
            (None, None) => {
                return Err(usage(
                    "say which script folder to run, such as scripts/phase2, or a command",
                ));
            }
        };
        Ok(Self { verb, options: arguments.options.into() })
    }
}

/// Arguments that mean nothing, or that ask for help.
#[derive(Debug)]
pub struct BadUsage {
    /// Whether the result was to be JSON.
    pub json: bool,
    error: clap::Error,
}

impl BadUsage {
    /// What is wrong; nothing when it is help that was asked for.
    pub fn message(&self) -> Option<String> {
        let text = self.error.to_string();
        let said = text.split("\n\n").next().unwrap_or(&text).trim_start_matches("error: ");
        self.error.use_stderr().then(|| said.to_owned())
    }

    /// The message with the usage, without colour.
    pub fn text(&self) -> String {
        self.error.render().to_string()
    }

    /// Prints the message with the usage, or the help that was asked for, and ends the process.
    pub fn exit(&self) -> ! {
        self.error.exit()
    }
}

fn usage(message: &str) -> clap::Error {
    Arguments::command().error(ErrorKind::MissingRequiredArgument, message)
}

/// A first word that is neither a command nor a folder would be taken for a folder, and what follows it for
/// the mistake.
fn corrected(error: clap::Error, given: &[String]) -> clap::Error {
    let unexpected = match (error.kind(), error.get(ContextKind::InvalidArg)) {
        (ErrorKind::UnknownArgument, Some(ContextValue::String(argument))) => argument,
        _ => return error,
    };
    let before =
        given.iter().position(|one| one == unexpected).and_then(|at| given.get(at.checked_sub(1)?));
    let word = before.filter(|word| !word.starts_with('-') && !unexpected.starts_with('-'));
    let Some(word) = word.filter(|word| **word != given[0]) else { return error };
    let command = Arguments::command();
    let commands: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
    let commanded = given.iter().any(|one| commands.contains(&one.as_str()));
    if commanded || Path::new(word).is_dir() {
        return usage(&format!("{unexpected} is one argument too many"));
    }
    let help = match nearest(word, commands.iter().copied()) {
        Some(near) => format!("did you mean {near}?"),
        None => format!("the commands are {}", commands.join(", ")),
    };
    Arguments::command()
        .error(ErrorKind::InvalidSubcommand, format!("there is no command {word}; {help}"))
}

fn asks_for_json(given: &[String]) -> bool {
    let pair = |pair: &[String]| pair[0] == "--format" && pair[1] == "json";
    given.iter().any(|one| one == "--format=json") || given.windows(2).any(pair)
}

impl From<OptionArguments> for Options {
    fn from(given: OptionArguments) -> Self {
        let target = match (given.database_url, given.sandbox) {
            (Some(url), _) => TargetChoice::Url(url),
            (None, true) => TargetChoice::Sandbox,
            (None, false) => TargetChoice::Environment,
        };
        Self {
            target,
            set: given.set,
            // Fixed here, once: a run that lasts past midnight keeps its date.
            as_of: given.as_of.unwrap_or_else(|| Timestamp::now().to_zoned(TimeZone::UTC).date()),
            approved: given.approved,
            tolerance: given.tolerance,
            format: given.format,
            color: given.color,
            strict: given.strict,
            lock_timeout: given.lock_timeout,
            lock_retries: given.lock_retries,
            statement_timeout: given.statement_timeout,
            wait_lock: given.wait_lock,
            allow_pooler: given.allow_pooler,
            prisma_dir: given.prisma_dir.unwrap_or_default(),
            commit_wait: given.commit_wait,
            verbose: given.verbose,
            allow_large_change: given.allow_large_change,
            report: given.report,
            confirm: given.confirm,
        }
    }
}
