//! The check of a folder's rules by a dry run: errors that a run would end with, and mistakes in the rules themselves.

use jiff::civil::Date;
use leora_folder::ScriptFolder;
use leora_host::GivenAnswers;
use leora_report::{Finding, FindingKind};
use leora_system::Interrupt;

use crate::dry_run::dry_run;
use crate::{Program, Settings, lint};

/// The findings with these settings, then also with every switch on, each once.
pub fn check_rules(
    program: &Program,
    folder: &ScriptFolder,
    settings: &Settings,
    as_of: Date,
    interrupt: &Interrupt,
) -> Vec<Finding> {
    let switches_on = settings.with_switches_on(program.settings());
    let mut found: Vec<Finding> = Vec::new();
    for settings in [settings, &switches_on] {
        let dry_run = dry_run(program, &GivenAnswers::default(), settings, as_of, interrupt);
        let failures = dry_run.failures.into_iter();
        let failures = failures.map(|error| error.into_finding(FindingKind::Script));
        for finding in failures.chain(lint::check_rules(&dry_run.rules, folder, as_of)) {
            if !found.iter().any(|known| known.message == finding.message) {
                found.push(finding);
            }
        }
        if switches_on == *settings {
            break;
        }
    }
    found
}
