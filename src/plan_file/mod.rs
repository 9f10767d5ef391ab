//! A saved plan: what `plan --out` writes, somebody approves, and `run --approved` compares the run with.

mod differences;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use leora_folder::{ScriptFolder, io_reason};
use leora_report::{Entry, Report, TargetReport};
use leora_rule::{Change, format_number};
use leora_system::{Visibility, atomic_write};
use serde::{Deserialize, Serialize};

const FORMAT_VERSION: u32 = 1;

/// The largest saved plan that is read, in bytes.
const MAX_BYTES: u64 = 64 << 20;

/// A saved plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanFile {
    /// The version of the format.
    pub(crate) leora_plan: u32,
    /// The folder, as it was given.
    pub(crate) folder: String,
    /// The business date.
    pub(crate) as_of: String,
    pub(crate) target: PlannedTarget,
    /// The values of the settings.
    pub(crate) settings: BTreeMap<String, String>,
    /// The SHA-256 of every file, by path.
    pub(crate) checksums: BTreeMap<String, String>,
    /// What the rules would change.
    pub(crate) transitions: Vec<PlannedTransition>,
}

/// The database of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlannedTarget {
    /// The name that `--confirm` takes.
    pub(crate) name: String,
    pub(crate) host: String,
    pub(crate) database: String,
}

/// The rows that a rule would change from one value to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlannedTransition {
    pub(crate) step: String,
    pub(crate) table: String,
    pub(crate) column: String,
    pub(crate) old: Option<String>,
    pub(crate) new: Option<String>,
    pub(crate) rows: u64,
}

impl PlanFile {
    /// The plan of a folder, from the report of a preview.
    pub(crate) fn from_report(folder: &ScriptFolder, report: &Report) -> Self {
        let target = report.target.as_ref();
        let text =
            |part: fn(&TargetReport) -> &String| target.map(part).cloned().unwrap_or_default();
        let checksums = folder.checksums().into_iter();
        Self {
            leora_plan: FORMAT_VERSION,
            folder: report.folder.clone(),
            as_of: report.as_of.clone(),
            target: PlannedTarget {
                name: text(|target| &target.name),
                host: text(|target| &target.host),
                database: text(|target| &target.database),
            },
            settings: report.settings.clone(),
            checksums: checksums.map(|(path, sum)| (path.into(), sum.into())).collect(),
            transitions: planned_transitions(report),
        }
    }

    /// Reads and parses a saved plan; an error is the reason.
    pub(crate) fn load(path: &Path) -> Result<Self, String> {
        let metadata = std::fs::metadata(path).map_err(|error| io_reason(&error))?;
        // Reading a pipe or a device may never end.
        if !metadata.is_file() {
            return Err("it is no regular file".into());
        }
        let bytes = metadata.len();
        if bytes > MAX_BYTES {
            let [bytes, most] = [bytes, MAX_BYTES].map(format_number);
            return Err(format!("it has {bytes} bytes, and at most {most} are read"));
        }
        Self::parse(&std::fs::read_to_string(path).map_err(|error| io_reason(&error))?)
    }

    /// Parses the text of a saved plan.
    ///
    /// # Errors
    /// The reason, such as the line and column of a mistake in the JSON.
    pub fn parse(text: &str) -> Result<Self, String> {
        let plan: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if plan.leora_plan != FORMAT_VERSION {
            return Err(format!(
                "its format has version {}, and this program reads version {FORMAT_VERSION}",
                plan.leora_plan
            ));
        }
        Ok(plan)
    }

    /// Writes the plan, whole or not at all.
    pub(crate) fn save(&self, path: &Path) -> io::Result<()> {
        let text = serde_json::to_string_pretty(self).map_err(io::Error::other)?;
        atomic_write(path, &(text + "\n"), Visibility::ByUmask)
    }
}

fn planned_transitions(report: &Report) -> Vec<PlannedTransition> {
    let mut planned = Vec::new();
    for step in &report.steps {
        for entry in &step.entries {
            let Entry::Change { change: Change { table, column, transitions, .. }, .. } = entry
            else {
                continue;
            };
            planned.extend(transitions.iter().map(|transition| PlannedTransition {
                step: step.name.clone(),
                table: table.clone(),
                column: column.clone(),
                old: transition.old.clone(),
                new: transition.new.clone(),
                rows: transition.rows,
            }));
        }
    }
    planned
}
