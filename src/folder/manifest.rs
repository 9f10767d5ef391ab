//! The manifest, `leora.toml`: what the operator allows a folder to do.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::{FolderError, LIMITS, Limits, Source, SqlNeeds};
use crate::rule::{Strategy, nearest};

/// How many runs keep their journal, unless the manifest says so.
const KEEP_RUNS: u32 = 20;

/// What the operator allows a folder to do.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The manifest's path, as shown to people.
    pub path: String,
    /// The file itself.
    pub source: Source,
    /// What the folder is for, in a line.
    pub title: String,
    /// Whether its writes stay.
    pub access: Access,
    /// What rules may set (`Table.column`) and where rows may be inserted (`Table`).
    pub writes: Vec<String>,
    /// The SQL files that it may run.
    pub sql: Vec<String>,
    /// The locks that its SQL files need, by table.
    pub locks: BTreeMap<String, LockMode>,
    /// What a role needs to run them, by file.
    pub privileges: BTreeMap<String, SqlNeeds>,
    /// The most rows that a rule may reclassify, in percent of those that had a value.
    pub max_changed: Option<f64>,
    /// What its scripts may use up.
    pub limits: Limits,
    /// Transitions that no rule may make.
    pub forbid: Vec<Transit>,
    /// How many runs keep their journal, so that they can be undone; this one is the first of them.
    pub keep_runs: u32,
    /// How rules are written.
    pub strategy: Strategy,
    /// The SQL file that is Prisma's migration.sql, by the name of the migration.
    pub prisma: BTreeMap<String, String>,
    /// What to do when it is done.
    pub next: Vec<String>,
    /// How to go back, beside what the tool itself can say.
    pub back: Vec<String>,
}

/// Whether the writes of a folder stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// It can't write: a READ ONLY transaction.
    ReadOnly,
    /// It writes, and everything is undone at the end.
    RolledBack,
    /// It writes, and what it wrote stays.
    ReadWrite,
}

/// A lock on a whole table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LockMode {
    /// SHARE ROW EXCLUSIVE: others read, nobody else writes.
    NoWrites,
    /// ACCESS EXCLUSIVE: everybody else waits.
    Exclusive,
}

impl LockMode {
    /// The lock's name in SQL.
    pub fn sql(self) -> &'static str {
        match self {
            Self::NoWrites => "SHARE ROW EXCLUSIVE",
            Self::Exclusive => "ACCESS EXCLUSIVE",
        }
    }
}

/// A value of a column that becomes another; `None` is no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transit {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// The value before.
    pub old: Option<String>,
    /// The value after.
    pub new: Option<String>,
}

/// The manifest as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    title: String,
    access: Access,
    #[serde(default)]
    writes: Vec<Spanned<String>>,
    #[serde(default)]
    sql: Vec<Spanned<String>>,
    #[serde(default)]
    locks: BTreeMap<String, LockMode>,
    #[serde(default)]
    privileges: BTreeMap<String, Spanned<SqlNeeds>>,
    max_changed: Option<Spanned<String>>,
    #[serde(default)]
    forbid: Vec<Spanned<String>>,
    #[serde(default)]
    prisma: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    limits: BTreeMap<String, Spanned<i64>>,
    strategy: Option<Spanned<Strategy>>,
    keep_runs: Option<Spanned<u32>>,
    #[serde(default)]
    next: Vec<String>,
    #[serde(default)]
    back: Vec<String>,
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// [`FolderError::Manifest`] with the line and column of the mistake.
    pub fn parse(source: &Source) -> Result<Self, FolderError> {
        let written: Written = toml::from_str(&source.text)
            .map_err(|error| unreadable(source, error.span(), error.message()))?;
        let read_only = written.access == Access::ReadOnly;
        for entry in &written.writes {
            if read_only || !is_target(entry.get_ref()) {
                return Err(bad_write(source, entry, read_only));
            }
        }
        let strategy = strategy(source, &written)?;
        for file in &written.sql {
            check_sql_name(source, file, read_only)?;
        }
        let unnamed =
            |(file, _): &(&String, _)| written.sql.iter().all(|named| named.get_ref() != *file);
        if let Some((file, needs)) = written.privileges.iter().find(unnamed) {
            return Err(needs_of_nothing(source, file, needs));
        }
        for (name, file) in &written.prisma {
            check_sql_name(source, file, read_only)?;
            check_migration_name(source, file, name)?;
        }
        let max_changed = written.max_changed.map(|given| percent(source, &given)).transpose()?;
        let limits = limits(source, &written.limits)?;
        let forbid = written.forbid.iter().map(|given| transit(source, given));
        let forbid = forbid.collect::<Result<_, _>>()?;
        let keep_runs = written.keep_runs.map(|given| at_least_one(source, &given)).transpose()?;
        Ok(Self {
            max_changed,
            limits,
            forbid,
            keep_runs: keep_runs.unwrap_or(KEEP_RUNS),
            path: source.path.clone(),
            source: source.clone(),
            title: written.title,
            access: written.access,
            writes: written.writes.into_iter().map(Spanned::into_inner).collect(),
            sql: written.sql.into_iter().map(Spanned::into_inner).collect(),
            locks: written.locks,
            privileges: written
                .privileges
                .into_iter()
                .map(|(file, needs)| (file, needs.into_inner()))
                .collect(),
            prisma: written
                .prisma
                .into_iter()
                .map(|(name, file)| (name, file.into_inner()))
                .collect(),
            strategy,
            next: written.next,
            back: written.back,
        })
    }

    /// Whether rules may set this column.
    pub fn may_set(&self, table: &str, column: &str) -> bool {
        self.writes.iter().any(|entry| entry.split_once('.') == Some((table, column)))
    }

    /// Whether rows may be inserted into this table; what is rolled back may go anywhere.
    pub fn may_insert(&self, table: &str) -> bool {
        self.access == Access::RolledBack || self.writes.iter().any(|entry| entry == table)
    }

    /// What a role needs to run an SQL file. Where the manifest does not say it, the tables that it locks most are
    /// taken for those that it alters, and the others for those that it refers to.
    pub fn needs_of(&self, file: &str) -> SqlNeeds {
        let locked = |mode| {
            let tables = self.locks.iter().filter(move |(_, taken)| **taken == mode);
            tables.map(|(table, _)| table.clone()).collect()
        };
        self.privileges.get(file).cloned().unwrap_or_else(|| SqlNeeds {
            create: true,
            own: locked(LockMode::Exclusive),
            references: locked(LockMode::NoWrites),
            ..SqlNeeds::default()
        })
    }

    /// The columns that rules may set, each with its table before it.
    pub fn set_columns(&self) -> impl Iterator<Item = (&str, &str)> {
        self.writes.iter().filter_map(|entry| entry.split_once('.'))
    }
}

/// How rules are written. Batches are committed one by one, so nothing else can be part of the same transaction.
fn strategy(source: &Source, written: &Written) -> Result<Strategy, FolderError> {
    let Some(given) = &written.strategy else { return Ok(Strategy::default()) };
    let strategy = *given.get_ref();
    if strategy != Strategy::Batches {
        return Ok(strategy);
    }
    let inserts = written.writes.iter().any(|entry| !entry.get_ref().contains('.'));
    let (message, help) = if written.access != Access::ReadWrite {
        ("batches are committed, and this folder keeps nothing", "take it out")
    } else if !written.sql.is_empty() {
        (
            "batches are committed one by one, and an SQL file is all or nothing",
            "put the SQL file into a folder of its own, and run that first",
        )
    } else if inserts {
        (
            "batches can go on after a pause, and would insert the same rows again",
            "put what inserts rows into a folder of its own",
        )
    } else {
        return Ok(strategy);
    };
    Err(mistake(source, Some(given.span()), message.into(), Some(help.into())))
}

/// `Table.column` or `Table`.
fn is_target(entry: &str) -> bool {
    let parts: Vec<&str> = entry.split('.').collect();
    parts.len() <= 2 && parts.iter().all(|part| !part.trim().is_empty() && part.trim() == *part)
}

/// The limits, with those that the manifest sets.
fn limits(
    source: &Source,
    written: &BTreeMap<String, Spanned<i64>>,
) -> Result<Limits, FolderError> {
    let mut limits = Limits::default();
    for (name, given) in written {
        let Some(limit) = LIMITS.iter().find(|limit| limit.name == name) else {
            let known: Vec<&str> = LIMITS.iter().map(|limit| limit.name).collect();
            let help = suggestion(name, &known, "the limits are");
            let message = format!("there is no limit {name}");
            return Err(mistake(source, Some(given.span()), message, Some(help)));
        };
        let value = u64::try_from(*given.get_ref()).ok();
        let Some(value) = value.filter(|value| (limit.least..=limit.most).contains(value)) else {
            let message = format!("{name} can't be {}", given.get_ref());
            let help = format!("give it {} to {} {}", limit.least, limit.most, limit.unit);
            return Err(mistake(source, Some(given.span()), message, Some(help)));
        };
        limits.set(name, value);
    }
    Ok(limits)
}

fn percent(source: &Source, given: &Spanned<String>) -> Result<f64, FolderError> {
    let number =
        given.get_ref().strip_suffix('%').and_then(|number| number.trim().parse::<f64>().ok());
    number.filter(|number| (0.0..=100.0).contains(number)).ok_or_else(|| {
        let help = "write it like max_changed = \"20%\"".to_owned();
        mistake(source, Some(given.span()), "this is no share of the rows".into(), Some(help))
    })
}

fn at_least_one(source: &Source, given: &Spanned<u32>) -> Result<u32, FolderError> {
    let help =
        || Some("write how many runs can be undone, from 1, as in keep_runs = 20".to_owned());
    let none = || {
        mistake(source, Some(given.span()), "without a journal no run can be undone".into(), help())
    };
    Some(*given.get_ref()).filter(|runs| *runs > 0).ok_or_else(none)
}

/// Reads `Table.column: OLD -> NEW`, where `(none)` is no value.
fn transit(source: &Source, given: &Spanned<String>) -> Result<Transit, FolderError> {
    let value = |text: &str| Some(text.trim().to_owned()).filter(|text| text != "(none)");
    let read = |text: &str| {
        let (place, arrow) = text.split_once(':')?;
        let (table, column) = place.trim().split_once('.')?;
        let (old, new) = arrow.split_once("->")?;
        let (table, column) = (table.to_owned(), column.to_owned());
        Some(Transit { table, column, old: value(old), new: value(new) })
    };
    read(given.get_ref()).ok_or_else(|| {
        let help =
            "write it like \"Customer.accountType: ACTIVE -> PROSPECT\", and no value as (none)"
                .to_owned();
        mistake(source, Some(given.span()), "this is no transition".into(), Some(help))
    })
}

fn bad_write(source: &Source, entry: &Spanned<String>, read_only: bool) -> FolderError {
    let (message, help) = if read_only {
        ("a read-only folder writes nothing", "take it out, or set access = \"read-write\"")
    } else {
        (
            "this names no column",
            "write it like \"Customer.accountType\", or \"CallPlan\" to allow inserts",
        )
    };
    mistake(source, Some(entry.span()), message.into(), Some(help.into()))
}

fn needs_of_nothing(source: &Source, file: &str, needs: &Spanned<SqlNeeds>) -> FolderError {
    let message = format!("sql = [...] does not name {file}");
    let help =
        "privileges are told for the SQL files of the folder: name it there, or take this out";
    mistake(source, Some(needs.span()), message, Some(help.into()))
}

fn check_sql_name(
    source: &Source,
    file: &Spanned<String>,
    read_only: bool,
) -> Result<(), FolderError> {
    let name = file.get_ref();
    let plain = name.ends_with(".sql")
        && !name.starts_with('.')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    let message = match (plain, read_only) {
        (true, false) => return Ok(()),
        (true, true) => "a read-only folder can't run SQL files",
        (false, _) => "this is no plain file name that ends in .sql",
    };
    let help = match plain {
        true => "take it out, or set access = \"read-write\"",
        false => "SQL files live in the folder's own sql/, or in sql/ beside scripts/",
    };
    Err(mistake(source, Some(file.span()), message.into(), Some(help.into())))
}

/// A migration's name becomes a folder's.
fn check_migration_name(
    source: &Source,
    file: &Spanned<String>,
    name: &str,
) -> Result<(), FolderError> {
    if !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
    {
        return Ok(());
    }
    let message = format!("{name} is no name of a migration");
    let help = "write it like 20251025173000_phase2_complete = \"prisma-migration.sql\"".to_owned();
    Err(mistake(source, Some(file.span()), message, Some(help)))
}

/// A manifest that can't be read, in the words of those who write one.
fn unreadable(source: &Source, span: Option<Range<usize>>, message: &str) -> FolderError {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let (message, help) = match (message, quoted.as_slice()) {
        (text, [field, known @ ..]) if text.starts_with("unknown field") => {
            (format!("a manifest has no key {field}"), suggestion(field, known, "its keys are"))
        }
        (text, [found, known @ ..]) if text.starts_with("unknown variant") => {
            (format!("{found} means nothing here"), suggestion(found, known, "write one of"))
        }
        (text, ["access"]) if text.starts_with("missing field") => (
            "access is missing".into(),
            "add access = \"read-only\", \"rolled-back\" or \"read-write\"".into(),
        ),
        (text, [field]) if text.starts_with("missing field") => {
            (format!("{field} is missing"), format!("add {field} = \"...\""))
        }
        (text, _) if text.ends_with("expected a sequence") => (
            "a list is needed here".into(),
            "write it in brackets, as in [\"one\", \"two\"]".into(),
        ),
        ("duplicate key", _) => ("this key stands twice".into(), "remove one of the two".into()),
        _ => (
            "this can't be read".into(),
            "a text stands in \"quotes\", a list in [brackets], and each key on a line of its own"
                .into(),
        ),
    };
    mistake(source, span, message, Some(help))
}

fn suggestion(found: &str, known: &[&str], otherwise: &str) -> String {
    nearest(found, known.iter().copied()).map_or_else(
        || format!("{otherwise} {}", known.join(", ")),
        |near| format!("did you mean {near}?"),
    )
}

/// A mistake at a byte range of the manifest.
fn mistake(
    source: &Source,
    span: Option<Range<usize>>,
    message: String,
    help: Option<String>,
) -> FolderError {
    let before = &source.text[..span.map_or(0, |span| span.start.min(source.text.len()))];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    FolderError::Manifest {
        file: source.clone(),
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
        message,
        help,
    }
}
