//! With which strategy a run of the past was written, as far as its manifest is still there.

use std::collections::BTreeMap;
use std::path::Path;

use leora_folder::ScriptFolder;
use leora_report::PastRun;
use leora_rule::Strategy;

/// The strategy of the run's manifest; `None` where that is not there as the run read it.
pub(super) fn past_strategy(past: &PastRun) -> Option<Strategy> {
    let folder = ScriptFolder::open(Path::new(&past.folder)).ok()?;
    let source = &folder.manifest.source;
    let recorded: BTreeMap<String, String> = serde_json::from_str(&past.checksums).ok()?;
    (recorded.get(&source.path) == Some(&source.sha256)).then_some(folder.manifest.strategy)
}
