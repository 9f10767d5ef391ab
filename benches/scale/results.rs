//! What was measured, kept as soon as it exists: a line a round, in a file a size.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::PathBuf;

use super::measure::Measured;

/// The measurements of a size, by name.
pub(crate) type ByName = BTreeMap<String, Vec<Measured>>;

/// The file of a size.
pub(crate) struct Results {
    path: PathBuf,
}

/// Where measurements are kept.
pub(super) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bench")
}

impl Results {
    /// Those of this size; empty unless they are to be gone on with.
    pub(crate) fn open(size: u64, resume: bool) -> Self {
        fs::create_dir_all(folder()).expect("a folder");
        let path = folder().join(format!("{size}.jsonl"));
        if !resume {
            File::create(&path).expect("a file");
        }
        Self { path }
    }

    /// How many rounds there are.
    pub(crate) fn rounds(&self) -> u32 {
        fs::read_to_string(&self.path).map_or(0, |text| text.lines().count() as u32)
    }

    /// Adds a round.
    pub(crate) fn keep(&mut self, round: &[(String, Measured)]) {
        let mut file =
            OpenOptions::new().append(true).create(true).open(&self.path).expect("a file");
        writeln!(file, "{}", serde_json::to_string(round).expect("JSON")).expect("room");
    }
}

/// When the last round of a size ended, in UTC.
pub(crate) fn ended(size: u64) -> Option<String> {
    let changed = fs::metadata(folder().join(format!("{size}.jsonl"))).ok()?.modified().ok()?;
    let ended = jiff::Timestamp::try_from(changed).ok()?;
    Some(ended.strftime("%Y-%m-%d %H:%M").to_string())
}

/// Everything that was measured, by size.
pub(crate) fn all() -> BTreeMap<u64, ByName> {
    let mut sizes = BTreeMap::new();
    for entry in fs::read_dir(folder()).expect("a folder").flatten() {
        let path = entry.path();
        let Some(size) = path.file_stem().and_then(|stem| stem.to_str()?.parse().ok()) else {
            continue;
        };
        let mut by_name = ByName::new();
        for line in fs::read_to_string(&path).expect("a file").lines() {
            let round: Vec<(String, Measured)> = serde_json::from_str(line).expect("a round");
            for (name, measured) in round {
                by_name.entry(name).or_default().push(measured);
            }
        }
        sizes.insert(size, by_name);
    }
    sizes
}
