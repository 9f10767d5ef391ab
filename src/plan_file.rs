//! A plan that was saved, for somebody to approve, and what a run differs from it.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use leora_folder::{ScriptFolder, io_reason};
use leora_report::{Entry, Report};
use leora_rule::{Change, Transition, format_number};
use leora_system::{Visibility, atomic_write};
use serde::{Deserialize, Serialize};

/// The version of the file's form.
const FORM: u32 = 1;

/// The longest saved plan, in bytes.
const MAX_BYTES: u64 = 64 << 20;

/// A plan that was saved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanFile {
    /// The version of this form.
    pub leora_plan: u32,
    /// The folder, as it was given.
    pub folder: String,
    /// The business date.
    pub as_of: String,
    /// The database.
    pub target: PlannedTarget,
    /// The settings in force.
    pub settings: BTreeMap<String, String>,
    /// The SHA-256 of every file, by path.
    pub checksums: BTreeMap<String, String>,
    /// What the rules would do.
    pub transitions: Vec<PlannedTransition>,
}

/// The database of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedTarget {
    /// The name that `--confirm` takes.
    pub name: String,
    /// The host.
    pub host: String,
    /// The database.
    pub database: String,
}

/// Rows that a rule of a plan takes from one value to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedTransition {
    /// The step's name.
    pub step: String,
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// The value before.
    pub old: Option<String>,
    /// The value after.
    pub new: Option<String>,
    /// How many rows.
    pub rows: u64,
}

impl PlannedTransition {
    fn kind(&self) -> (&str, &str, &str, Option<&str>, Option<&str>) {
        (&self.step, &self.table, &self.column, self.old.as_deref(), self.new.as_deref())
    }

    /// This transition with another count, and with the plan's.
    fn told(&self, rows: u64, planned: u64) -> String {
        let Self { step, table, column, old, new, .. } = self;
        let now = Transition { old: old.clone(), new: new.clone(), rows };
        let planned = if planned == 0 { "none".to_owned() } else { format_number(planned) };
        format!(
            "{step} {table}.{column} {now}: {}, and the plan has {planned}",
            now.describe_rows()
        )
    }
}

impl PlanFile {
    /// The plan that a report tells.
    pub fn of(folder: &ScriptFolder, report: &Report) -> Self {
        let target = report.target.as_ref();
        let text = |part: fn(&leora_report::TargetReport) -> &String| {
            target.map(part).cloned().unwrap_or_default()
        };
        Self {
            leora_plan: FORM,
            folder: report.folder.clone(),
            as_of: report.as_of.clone(),
            target: PlannedTarget {
                name: text(|t| &t.name),
                host: text(|t| &t.host),
                database: text(|t| &t.database),
            },
            settings: report.settings.clone(),
            checksums: folder
                .checksums()
                .into_iter()
                .map(|(path, sum)| (path.into(), sum.into()))
                .collect(),
            transitions: transitions(report),
        }
    }

    /// Reads a saved plan.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn read(path: &Path) -> Result<Self, String> {
        let about = std::fs::metadata(path).map_err(|error| io_reason(&error))?;
        // Reading a pipe or a device may never end.
        if !about.is_file() {
            return Err("it is no regular file".into());
        }
        if about.len() > MAX_BYTES {
            return Err(format!("it has {} bytes, and at most {MAX_BYTES} are read", about.len()));
        }
        Self::parse(&std::fs::read_to_string(path).map_err(|error| io_reason(&error))?)
    }

    /// Reads the text of a saved plan.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, String> {
        let plan: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if plan.leora_plan != FORM {
            return Err(format!("its form is {}, and this program knows {FORM}", plan.leora_plan));
        }
        Ok(plan)
    }

    /// Writes the plan; whole or not at all.
    ///
    /// # Errors
    /// Of the file system.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let text = serde_json::to_string_pretty(self).map_err(io::Error::other)?;
        atomic_write(path, &(text + "\n"), Visibility::ByUmask)
    }

    /// What differs in scripts, SQL and target, which can be told before a connection is made.
    pub fn differences_before(&self, now: &Self) -> Vec<String> {
        let mut told = Vec::new();
        let paths: Vec<&String> = self.checksums.keys().chain(now.checksums.keys()).collect();
        for path in paths {
            let line = match (self.checksums.get(path), now.checksums.get(path)) {
                (Some(old), Some(new)) if old == new => continue,
                (Some(_), Some(_)) => format!("{path} has changed"),
                (Some(_), None) => format!("{path} is gone"),
                (None, _) => format!("{path} is new"),
            };
            if !told.contains(&line) {
                told.push(line);
            }
        }
        // Not the same folder with edits: every file would be told.
        if !told.is_empty() && self.folder != now.folder {
            told = vec![format!("the plan is of {}, and this is {}", self.folder, now.folder)];
        }
        if self.target != now.target {
            let place = |target: &PlannedTarget| format!("{} at {}", target.database, target.host);
            told.push(format!(
                "the plan is for {}, and this is {}",
                place(&self.target),
                place(&now.target)
            ));
        }
        told
    }

    /// What differs in the transitions: a kind that is new, or a count that moved by more than `percent`, and by
    /// more than 10 rows.
    pub fn differences_in_rows(&self, now: &Self, percent: f64) -> Vec<String> {
        let rows_of = |plan: &Self, one: &PlannedTransition| {
            plan.transitions
                .iter()
                .filter(|other| other.kind() == one.kind())
                .map(|other| other.rows)
                .sum::<u64>()
        };
        let mut told = Vec::new();
        for one in self.transitions.iter().chain(&now.transitions) {
            let (planned, rows) = (rows_of(self, one), rows_of(now, one));
            let line = one.told(rows, planned);
            if (planned == 0 || moved(planned, rows, percent)) && !told.contains(&line) {
                told.push(line);
            }
        }
        told
    }
}

/// How many rows a count may move by, whatever its share is.
const ROWS_OF_GRACE: u64 = 10;

fn moved(planned: u64, rows: u64, percent: f64) -> bool {
    let by = planned.abs_diff(rows);
    by > ROWS_OF_GRACE && by as f64 * 100.0 > percent * planned as f64
}

fn transitions(report: &Report) -> Vec<PlannedTransition> {
    let mut all = Vec::new();
    for step in &report.steps {
        for entry in &step.entries {
            let Entry::Change { change: Change { table, column, transitions, .. }, .. } = entry
            else {
                continue;
            };
            all.extend(transitions.iter().map(|one| PlannedTransition {
                step: step.name.clone(),
                table: table.clone(),
                column: column.clone(),
                old: one.old.clone(),
                new: one.new.clone(),
                rows: one.rows,
            }));
        }
    }
    all
}
