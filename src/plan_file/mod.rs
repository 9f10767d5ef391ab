//! A saved plan: what `plan --out` writes, somebody approves, and `run --approved` compares the run with.

mod differences;
mod settings;
pub(crate) mod signature;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use leora_folder::{ScriptFolder, io_reason, sha256_hex};
use leora_postgres::Target;
use leora_report::{Report, ServerIdentity, StepEffects};
use leora_rule::format_number;
use leora_system::{Visibility, atomic_write};
use serde::{Deserialize, Serialize};

use crate::cli::VERSION;

const FORMAT_VERSION: u32 = 2;

/// The largest saved plan that is read, in bytes.
const MAX_BYTES: u64 = 64 << 20;

/// A saved plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanFile {
    /// The version of the format.
    leora_plan: u32,
    /// The version of the program, with its commit and compiler.
    tool: String,
    /// The folder, as it was given.
    pub(crate) folder: String,
    pub(crate) as_of: String,
    target: PlannedTarget,
    server: ServerIdentity,
    pub(crate) settings: BTreeMap<String, String>,
    /// The SHA-256 of every file, by path.
    checksums: BTreeMap<String, String>,
    pub(crate) steps: Vec<StepEffects>,
    /// The SHA-256 of all the above, which shows whether it was edited.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    digest: String,
    /// A signature of the digest, in base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signature: Option<String>,
}

/// The database of a plan, as its address names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlannedTarget {
    /// The name that `--confirm` takes.
    name: String,
    host: String,
    port: u16,
    database: String,
    schema: String,
}

/// What every version of the format has.
#[derive(Deserialize)]
struct Header {
    leora_plan: u32,
}

impl PlanFile {
    /// The plan of a folder, from the report of a preview.
    pub(crate) fn new(
        folder: &ScriptFolder,
        target: &Target,
        server: ServerIdentity,
        report: &Report,
    ) -> Self {
        let checksums = folder.checksums().into_iter();
        let plan = Self {
            leora_plan: FORMAT_VERSION,
            tool: VERSION.to_owned(),
            folder: folder.path.clone(),
            as_of: report.as_of.clone(),
            target: PlannedTarget {
                name: target.name.clone(),
                host: target.host.clone(),
                port: target.port,
                database: target.database.clone(),
                schema: target.schema.clone(),
            },
            server,
            settings: report.settings.clone(),
            checksums: checksums.map(|(path, sum)| (path.into(), sum.into())).collect(),
            steps: report.effects.clone(),
            digest: String::new(),
            signature: None,
        };
        Self { digest: plan.compute_digest(), ..plan }
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
        let Header { leora_plan } =
            serde_json::from_str(text).map_err(|error| error.to_string())?;
        if leora_plan != FORMAT_VERSION {
            let other = if leora_plan < FORMAT_VERSION { "an older" } else { "a newer" };
            return Err(format!(
                "its format has version {leora_plan}, of {other} leora-run, and this program reads version \
                 {FORMAT_VERSION}"
            ));
        }
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    /// Writes the plan, whole or not at all.
    pub(crate) fn save(&self, path: &Path) -> io::Result<()> {
        let text = serde_json::to_string_pretty(self).map_err(io::Error::other)?;
        atomic_write(path, &(text + "\n"), Visibility::Private)
    }

    /// Whether nobody has changed it since it was made, but for the spelling of a setting's value.
    pub fn is_whole(&self) -> bool {
        self.digest == self.compute_digest()
    }

    /// The SHA-256 over the contents as JSON, with its keys in the order of the fields and equal values spelt alike.
    fn compute_digest(&self) -> String {
        let spell = |(name, value): (&String, &String)| (name.clone(), settings::canonical(value));
        let contents = Self {
            settings: self.settings.iter().map(spell).collect(),
            digest: String::new(),
            signature: None,
            ..self.clone()
        };
        let text = serde_json::to_string(&contents).expect("a plan is plain data");
        sha256_hex(text.as_bytes())
    }
}
