//! The check of a folder without a database: its scripts, its rules and its examples.

use jiff::civil::Date;
use leora_folder::ScriptFolder;
use leora_report::{Finding, FindingKind, FolderCheck};
use leora_system::Interrupt;

use crate::{Program, Settings, check_rules, read_examples, run_examples};

/// What was found in a folder.
#[derive(Debug)]
pub struct CheckedFolder {
    /// What is wrong, and what became of the examples.
    pub check: FolderCheck,
    /// The compiled scripts; `None` when a mistake would end every run.
    pub program: Option<Program>,
}

/// Checks a folder with these settings, on this business date. When an interrupt ends it, what it found is a part.
pub fn check_folder(
    folder: &ScriptFolder,
    settings: &Settings,
    as_of: Date,
    interrupt: &Interrupt,
) -> CheckedFolder {
    let (program, findings) = Program::check(folder);
    let mut check = FolderCheck {
        folder: folder.path.clone(),
        title: folder.manifest.title.clone(),
        scripts: folder.steps.len() + folder.modules.len(),
        rules: program.as_ref().map_or(0, Program::count_rules),
        findings,
        ..FolderCheck::default()
    };
    if let Some(program) = &program {
        check_rules_and_examples(program, folder, settings, as_of, interrupt, &mut check);
    }
    CheckedFolder { check, program }
}

fn check_rules_and_examples(
    program: &Program,
    folder: &ScriptFolder,
    settings: &Settings,
    as_of: Date,
    interrupt: &Interrupt,
    check: &mut FolderCheck,
) {
    let findings = check_rules(program, folder, settings, as_of, interrupt);
    let fails = findings.iter().any(|finding| finding.kind == FindingKind::Script);
    add_new_findings(findings, &mut check.findings);
    if fails {
        // Examples would be tried on other rules than those of the scripts.
        return;
    }
    let (examples, mistakes) = read_examples(program, folder, settings, interrupt);
    check.findings.extend(mistakes);
    let results = run_examples(&examples, program, settings, as_of, interrupt);
    check.findings.extend(results.findings);
    check.examples = results.examples;
    check.unreached = results.unreached;
}

fn add_new_findings(new: Vec<Finding>, known: &mut Vec<Finding>) {
    for finding in new {
        if !known.iter().any(|one| one.message == finding.message) {
            known.push(finding);
        }
    }
}
