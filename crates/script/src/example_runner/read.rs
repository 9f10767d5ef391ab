//! Reads the examples of a folder.

use std::sync::{Arc, Mutex};

use leora_folder::ScriptFolder;
use leora_host::ExampleHost;
use leora_report::{Finding, FindingKind};
use leora_system::Interrupt;

use crate::run_environment::RunEnvironment;
use crate::{Example, Program, Settings};

/// The examples of a folder, and the mistakes in their files.
pub fn read_examples(
    program: &Program,
    folder: &ScriptFolder,
    settings: &Settings,
    interrupt: &Interrupt,
) -> (Vec<Example>, Vec<Finding>) {
    let host = Arc::new(Mutex::new(ExampleHost::default()));
    let environment = RunEnvironment::in_memory(host, settings, interrupt);
    let (mut examples, mut findings) = (Vec::new(), Vec::new());
    for source in &folder.examples {
        match program.run_example_file(source, &environment) {
            Ok(result) => {
                let failure = result.failure.into_iter();
                findings.extend(failure.map(|error| error.into_finding(FindingKind::Script)));
                examples.extend(result.examples);
            }
            Err(mistakes) => findings.extend(mistakes),
        }
    }
    (examples, findings)
}
