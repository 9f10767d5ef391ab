//! The options of the command line; each doc comment is a line of the help.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use leora_report::ChangeFilter;

use crate::cli::values::{
    PrismaDir, parse_change, parse_date, parse_duration, parse_name_and_value, parse_percent,
    parse_prisma_dir,
};

/// The options, which are the same for every command.
#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
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
    #[arg(long, global = true, value_name = "NAME=VALUE", value_parser = parse_name_and_value, help_heading = "Scripts")]
    pub(crate) set: Vec<(String, String)>,

    /// The business date; today in UTC unless given
    // Computed here, once: a run that lasts past midnight keeps its date.
    #[arg(
        long,
        global = true,
        value_name = "DATE",
        value_parser = parse_date,
        default_value_t = today(),
        hide_default_value = true,
        help_heading = "Scripts"
    )]
    pub(crate) as_of: Date,

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
    #[arg(long, global = true, value_name = "TIME", default_value = "2s", value_parser = parse_duration, help_heading = "Waiting")]
    pub(crate) lock_timeout: Duration,

    /// How often to try again when a lock could not be taken
    #[arg(
        long,
        global = true,
        value_name = "COUNT",
        default_value_t = 5,
        help_heading = "Waiting"
    )]
    pub(crate) lock_retries: u32,

    /// How long a statement may take, such as 15min
    #[arg(long, global = true, value_name = "TIME", default_value = "15min", value_parser = parse_duration, help_heading = "Waiting")]
    pub(crate) statement_timeout: Duration,

    /// How long to wait for another run to end
    #[arg(long, global = true, value_name = "TIME", default_value = "0s", value_parser = parse_duration, help_heading = "Waiting")]
    pub(crate) wait_lock: Duration,

    /// Go through a transaction pooler, instead of refusing
    #[arg(long, global = true, help_heading = "Database")]
    pub(crate) allow_pooler: bool,

    /// Prisma's folder, where a recorded migration gets its migration.sql; none for nowhere. Else prisma/ beside .env
    #[arg(long, global = true, value_name = "DIR", value_parser = parse_prisma_dir, help_heading = "Database")]
    pub(crate) prisma_dir: Option<PrismaDir>,

    /// How long to look for the server when the connection is lost during COMMIT
    #[arg(long, global = true, value_name = "TIME", default_value = "15s", value_parser = parse_duration, help_heading = "Waiting")]
    pub(crate) commit_wait: Duration,

    /// Run only what this saved plan predicts, on the same server, with its settings and business date
    #[arg(long, global = true, value_name = "FILE", conflicts_with_all = ["set", "as_of"], help_heading = "Scripts")]
    pub(crate) approved: Option<PathBuf>,

    /// Run only a plan that this key has signed: a file of public keys, or one as text; may be given again
    #[arg(
        long,
        global = true,
        value_name = "KEY",
        requires = "approved",
        help_heading = "Scripts"
    )]
    pub(crate) require_signature: Vec<String>,

    /// How far a count may be from the approved plan's, beyond 10 rows
    #[arg(long, global = true, value_name = "PERCENT", default_value = "1%", value_parser = parse_percent, help_heading = "Scripts")]
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

    /// List each changed row in a file that ends in .csv or .json; - is standard output
    #[arg(long, global = true, value_name = "FILE", help_heading = "Output")]
    pub(crate) rows: Option<PathBuf>,

    /// List only these changes, such as "ACTIVE -> PROSPECT"; may be given again
    #[arg(long, global = true, value_name = "CHANGE", value_parser = parse_change, requires = "rows", help_heading = "Output")]
    pub(crate) where_change: Vec<ChangeFilter>,

    /// Begin a CSV list with the mark by which Excel knows UTF-8
    #[arg(long, global = true, requires = "rows", help_heading = "Output")]
    pub(crate) csv_bom: bool,

    /// Leave text in a CSV list as it is, also where a spreadsheet would run it as a formula
    #[arg(long, global = true, requires = "rows", help_heading = "Output")]
    pub(crate) csv_formulas: bool,

    /// Confirm that what is written may stay: the target's name, as printed
    #[arg(long, global = true, value_name = "NAME", help_heading = "Database")]
    pub(crate) confirm: Option<String>,
}

impl Options {
    /// Whether the list of rows takes the place of the result on standard output.
    pub(crate) fn rows_to_standard_output(&self) -> bool {
        self.rows.as_deref() == Some(Path::new("-"))
    }
}

/// How the result is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// One JSON document on standard output
    Json,
    /// For people, and what failed as annotations of GitHub Actions
    Github,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}
