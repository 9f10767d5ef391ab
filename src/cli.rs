//! The command line: arguments, validated once.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use crate::rule::nearest;

/// Runs data migrations written as small, readable scripts against PostgreSQL, safely.
#[derive(Debug, Parser)]
#[command(name = "leora-run", version, about, args_conflicts_with_subcommands = false)]
#[command(after_help = "\
leora-run FOLDER is short for leora-run run FOLDER.

Exit codes: 0 done, 1 an expectation did not hold, 2 usage, script or manifest error, 3 database error, \
4 refused or not confirmed, 5 another run is at work, 6 outcome unknown, 130 interrupted.")]
struct Arguments {
    #[command(subcommand)]
    verb: Option<VerbArgument>,

    /// The script folder to run
    folder: Option<PathBuf>,

    #[command(flatten)]
    options: OptionArguments,
}

#[derive(Debug, Subcommand)]
enum VerbArgument {
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
    /// Start, stop or reset the private PostgreSQL with a sample CRM
    Sandbox {
        /// What to do with it
        #[arg(value_enum)]
        action: SandboxAction,
    },
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
struct OptionArguments {
    /// The database, as postgresql://user:password@host/database; else DIRECT_URL or DATABASE_URL
    #[arg(long, global = true, value_name = "URL", conflicts_with = "sandbox")]
    database_url: Option<String>,

    /// Use the private PostgreSQL with a sample CRM
    #[arg(long, global = true)]
    sandbox: bool,

    /// Replace a setting of the scripts; may be given again
    #[arg(long, global = true, value_name = "NAME=VALUE", value_parser = name_and_value)]
    set: Vec<(String, String)>,

    /// The business date; today in UTC unless given
    #[arg(long, global = true, value_name = "DATE", value_parser = date)]
    as_of: Option<Date>,

    /// How to print the result
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    color: Color,

    /// Count a warning as a failed expectation
    #[arg(long, global = true)]
    strict: bool,

    /// How long to wait for a lock, such as 2s
    #[arg(long, global = true, value_name = "TIME", default_value = "2s", value_parser = duration)]
    lock_timeout: Duration,

    /// How often to try again when a lock was not had
    #[arg(long, global = true, value_name = "COUNT", default_value_t = 5)]
    lock_retries: u32,

    /// How long a statement may take, such as 15min
    #[arg(long, global = true, value_name = "TIME", default_value = "15min", value_parser = duration)]
    statement_timeout: Duration,

    /// How long to wait for another run to end
    #[arg(long, global = true, value_name = "TIME", default_value = "0s", value_parser = duration)]
    wait_lock: Duration,

    /// Go through a transaction pooler, instead of refusing
    #[arg(long, global = true)]
    allow_pooler: bool,

    /// How long to look for the server when the connection is lost during COMMIT
    #[arg(long, global = true, value_name = "TIME", default_value = "15s", value_parser = duration)]
    commit_wait: Duration,

    /// Run only what this saved plan foretells, with its settings and business date
    #[arg(long, global = true, value_name = "FILE", conflicts_with_all = ["set", "as_of"])]
    approved: Option<PathBuf>,

    /// How far a count may be from the approved plan's, beyond 10 rows
    #[arg(long, global = true, value_name = "PERCENT", default_value = "1%", value_parser = percent)]
    tolerance: f64,

    /// List what is otherwise only counted, such as the rows that an undo leaves
    #[arg(long, short, global = true)]
    verbose: bool,

    /// Let a change pass that a guard of the manifest would refuse
    #[arg(long, global = true)]
    allow_large_change: bool,

    /// Confirm that what is written may stay: the target's name, as printed
    #[arg(long, global = true, value_name = "NAME")]
    confirm: Option<String>,
}

/// How to print the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// One JSON document on standard output
    Json,
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
    /// Put back what a run changed.
    Undo {
        /// The run, by the start of its id.
        run: Option<String>,
        /// Whether to only show it.
        dry: bool,
    },
    /// Show what ran.
    Status(Option<String>),
    /// Look after the sandbox.
    Sandbox(SandboxAction),
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
            (Some(VerbArgument::Undo { run, dry_run }), None) => Verb::Undo { run, dry: dry_run },
            (Some(VerbArgument::Status { of }), None) => Verb::Status(of),
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
            commit_wait: given.commit_wait,
            verbose: given.verbose,
            allow_large_change: given.allow_large_change,
            confirm: given.confirm,
        }
    }
}

fn percent(text: &str) -> Result<f64, String> {
    let number = text.trim().trim_end_matches('%').parse::<f64>().ok();
    number.filter(|number| (0.0..=100.0).contains(number)).ok_or_else(|| "write it like 1%".into())
}

fn name_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => {
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("write it like --set active_within=6mo".into()),
    }
}

fn date(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| "there is no such day; write it like 2025-10-25".to_owned())
}

fn duration(text: &str) -> Result<Duration, String> {
    let unclear = || "write it like 500ms, 2s or 15min".to_owned();
    let parsed: SignedDuration = text.parse().map_err(|_| unclear())?;
    Duration::try_from(parsed).map_err(|_| unclear())
}
