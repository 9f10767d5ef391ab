//! Mistakes that can be seen in scripts before they run: a file for each group of findings.

pub(crate) mod calls;
pub(crate) mod chains;
pub(crate) mod columns;
pub(crate) mod modules;
pub(crate) mod permissions;
pub(crate) mod rules;
pub(crate) mod spelling;
pub(crate) mod updates;
pub(crate) mod variables;

use std::collections::BTreeMap;

use leora_folder::Manifest;
use leora_report::{Finding, Setting};
use rhai::AST;

pub(crate) use calls::Vocabulary;
pub(crate) use chains::called;
pub(crate) use modules::{aliases, bare, no_module};
pub(crate) use rules::of_rules;
pub(crate) use spelling::written;

/// A script or module that compiles.
#[derive(Debug)]
pub(crate) struct Subject {
    /// The file, as shown to people.
    pub(crate) file: String,
    /// What it says.
    pub(crate) ast: AST,
    /// The settings that it asks for.
    pub(crate) settings: Vec<Setting>,
}

/// Mistakes that end every run which comes to them: found before the first step runs. Modules that do not parse are only
/// known by name.
pub(crate) fn mistakes(
    steps: &[Subject],
    modules: &BTreeMap<String, Subject>,
    named: &[&str],
    vocabulary: &Vocabulary,
) -> Vec<Finding> {
    let mut found = Vec::new();
    for subject in steps.iter().chain(modules.values()) {
        let mut here = columns::as_values(subject);
        here.extend(columns::chained(subject));
        here.extend(columns::with_nothing(subject));
        here.extend(modules::missing(subject, named));
        here.extend(calls::unknown(subject, modules, vocabulary));
        here.extend(updates::unfinished(subject));
        here.extend(updates::after_otherwise(subject));
        in_order(&mut here);
        found.extend(here);
    }
    found.extend(modules::circle(modules));
    found
}

/// What is not wrong by itself, and misleads: what `check` tells beside the mistakes.
pub(crate) fn doubts<'a>(
    subjects: impl Iterator<Item = &'a Subject>,
    manifest: &Manifest,
) -> Vec<Finding> {
    let mut found = Vec::new();
    for subject in subjects {
        let mut here = variables::unused(subject);
        here.extend(permissions::not_allowed(subject, manifest));
        in_order(&mut here);
        found.extend(here);
    }
    found
}

/// By their place in the file; of two about one place, the first.
fn in_order(found: &mut Vec<Finding>) {
    let place = |finding: &Finding| finding.place.as_ref().map(|place| (place.line, place.column));
    found.sort_by_key(place);
    found.dedup_by_key(|finding| place(finding));
}
