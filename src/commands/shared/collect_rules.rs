//! Collects the rules of a folder without applying them: for one row of `why`, or the many settings of `what-if`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use leora_execution::{CollectedRule, RuleCollector, RunContext, SharedRows};
use leora_host::HostError;
use leora_postgres::Session;
use leora_report::{Entry, Failure};
use leora_rule::{Relation, RuleError};
use leora_script::{Program, ScriptError, ScriptErrorKind, Settings, StepResult};

use crate::commands::context::Context;
use crate::commands::shared::loaded_folder::LoadedFolder;
use crate::commands::shared::steps::{lock_host, read_limits};

/// Collects the rules of one folder, as often as settings are tried, in the transaction of one session.
pub(crate) struct FolderRuleCollector<'a> {
    run: Arc<RunContext>,
    program: &'a Program,
    context: Context,
    host: Arc<Mutex<RuleCollector>>,
}

pub(crate) struct FolderRules {
    /// In order.
    pub(crate) rules: Vec<CollectedRule>,
    /// For each rule the settings that are off, with the comments beside them.
    pub(crate) switches: Vec<Switches>,
    /// The tables that the rules set, as they are stored now.
    pub(crate) stored: BTreeMap<String, Relation>,
    /// The settings that the scripts asked for, with their values.
    pub(crate) settings: BTreeMap<String, String>,
    /// What could not be evaluated, and what would end a run.
    pub(crate) notes: Vec<String>,
}

/// Settings that are off, with the comments beside them.
pub(crate) type Switches = Vec<(String, Option<String>)>;

/// Whether steps after one that ended early are evaluated.
enum Continuation {
    Continue,
    Stop,
}

impl<'a> FolderRuleCollector<'a> {
    pub(crate) fn new(mut session: Session, loaded: &'a LoadedFolder, context: &Context) -> Self {
        session.set_read_limits(read_limits(&loaded.folder.manifest.limits));
        let run = loaded.run_context("", context);
        let host = Arc::new(Mutex::new(RuleCollector::new(session, Arc::clone(&run))));
        Self { run, program: &loaded.program, context: context.silent(), host }
    }

    /// Runs each step to its last rule, with these settings.
    pub(crate) fn collect(&self, settings: &Settings) -> Result<FolderRules, Failure> {
        let environment = self.context.run_environment(self.host.clone(), settings);
        let (mut used_settings, mut notes) = (BTreeMap::new(), Vec::new());
        let mut switches = Vec::new();
        for (index, step) in self.run.folder.steps.iter().enumerate() {
            let result = self.program.run_to_last_rule(index, &environment);
            let mut host = lock_host(&self.host);
            notes.extend(host.database.take_notes());
            let mut continuation = Continuation::Continue;
            if let Some(StepResult { entries, settings, failure, .. }) = result {
                used_settings.extend(settings);
                notes.extend(unmet_expectations(&entries, &step.source.path));
                switches.extend(entries.into_iter().filter_map(entry_switches));
                if let Some(error) = failure {
                    let (file, skipped) = (&step.source.path, host.skipped_sql());
                    continuation = note_failure(error, file, skipped, &mut notes)?;
                }
            }
            host.skip_sql(self.program.sql_files(index));
            if matches!(continuation, Continuation::Stop) {
                break;
            }
        }
        let (rules, stored) = lock_host(&self.host).take_rules();
        Ok(FolderRules { rules, switches, stored, settings: used_settings, notes })
    }

    /// Lists the rows that rules would change.
    pub(crate) fn list_rows(&self, rules: &FolderRules, rows: &SharedRows) -> Result<(), Failure> {
        let listed = lock_host(&self.host).list_rows(&rules.rules, rows);
        listed.map_err(|error| Failure::from(ScriptError::from(error)))
    }

    /// Reads in the session, between two collections.
    pub(crate) fn with_session<T>(&self, read: impl FnOnce(&mut Session) -> T) -> T {
        read(lock_host(&self.host).database.session())
    }
}

pub(crate) fn rule_failure(error: RuleError) -> Failure {
    Failure::from(ScriptError::from(HostError::from(error)))
}

fn entry_switches(entry: Entry) -> Option<Switches> {
    match entry {
        Entry::Change { switches, .. } => Some(switches),
        _ => None,
    }
}

/// The expectations that do not hold: a run would end at them, but the later rules are still of interest.
fn unmet_expectations(entries: &[Entry], file: &str) -> Vec<String> {
    let note = |entry: &Entry| match entry {
        Entry::Expectation(one) if !one.held && !one.warning => {
            Some(format!("a run would end in {file}: it expects that {}", one.label))
        }
        _ => None,
    };
    entries.iter().filter_map(note).collect()
}

/// Notes why a step ended early, or returns the mistake that it is.
fn note_failure(
    error: ScriptError,
    file: &str,
    skipped_sql: &[String],
    notes: &mut Vec<String>,
) -> Result<Continuation, Failure> {
    let line = error.place.as_ref().map_or(1, |place| place.line);
    let place = match &error.place {
        Some(place) => format!("{}:{}", place.file, place.line),
        None => file.to_owned(),
    };
    let message = &error.message;
    let host_error = match &error.kind {
        ScriptErrorKind::Refused => {
            notes.push(format!("a run would end at {place}, which refuses: {message}"));
            return Ok(Continuation::Stop);
        }
        ScriptErrorKind::Host(host_error) => host_error,
        _ => return Err(error.into()),
    };
    match host_error.as_ref() {
        HostError::Unpredictable { reason } => {
            notes.push(format!("{file} is not looked at from line {line} on: {reason}"));
            Ok(Continuation::Continue)
        }
        _ if is_missing(host_error) && !skipped_sql.is_empty() => {
            let files = skipped_sql.join(", ");
            notes.push(format!("{place} can't be looked at before {files} has run: {message}"));
            Ok(Continuation::Continue)
        }
        _ => Err(error.into()),
    }
}

/// Whether something is not there that an SQL file may make.
fn is_missing(error: &HostError) -> bool {
    match error {
        HostError::NoTable { .. } => true,
        HostError::Rule(error) => matches!(
            error.innermost(),
            RuleError::UnknownColumn { .. } | RuleError::NotALabel { .. }
        ),
        _ => false,
    }
}
