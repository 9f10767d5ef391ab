//! The cases of the fuzz targets, seeds and found ones, run as the targets run them.

use std::fs;

use crate::support::{attacked, own_path};

#[path = "../../fuzz/entries.rs"]
mod entries;

#[test]
fn every_case_of_the_fuzz_targets_passes() {
    for (target, entry) in entries::TARGETS {
        let folder = own_path("fuzz/seeds").join(target);
        let mut cases = 0;
        for case in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{target}: {error}")) {
            let case = case.expect("a case").path();
            attacked(&format!("fuzz {target}"));
            entry(&fs::read(&case).expect("a case"));
            cases += 1;
        }
        assert!(cases > 0, "{target} has no cases");
    }
}
