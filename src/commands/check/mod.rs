//! `check`: what is wrong with folders, and whether their examples hold; nothing is run.

mod probe_statements;

use std::fs;
use std::path::{Path, PathBuf};

use leora_folder::ScriptFolder;
use leora_postgres::Server;
use leora_report::{
    CheckReport, Failure, FailureKind, Finding, FindingKind, FolderCheck, Setting, SettingReport,
};
use leora_script::{Program, Settings, check_rules, count_rules, read_examples, run_examples};

use crate::commands::context::Context;
use crate::commands::shared::script_folder::open;
use crate::commands::shared::target;
use probe_statements::prepare;

/// Checks folders and shows what was found; returns the exit code.
pub(crate) fn check(given: &[PathBuf], context: &Context) -> u8 {
    let folders = match folders(given) {
        Ok(folders) => folders,
        Err(failure) => return refuse(failure, context),
    };
    let settings = Settings::new(context.options.set.clone());
    // Kept to the end: the sandbox stops when it is dropped.
    let asked = context.options.sandbox || context.options.database_url.is_some();
    let found = match asked.then(|| target::find(context)).transpose() {
        Ok(found) => found,
        Err(failure) => return refuse(failure, context),
    };
    let server = found.as_ref().map(|found| context.server(found.target.clone()));
    let mut report =
        CheckReport { as_of: context.options.as_of.to_string(), ..CheckReport::default() };
    let (mut asked, mut all_compile) = (Vec::new(), true);
    for path in &folders {
        let (found, settings_there) = match folder(path, &settings, server.as_ref(), context) {
            Ok(found) => found,
            Err(failure) => return refuse(failure, context),
        };
        match settings_there {
            Some(there) => asked.extend(there),
            None => all_compile = false,
        }
        report.folders.push(found);
    }
    // A folder that does not compile may be the one that asks for it.
    if all_compile && let Err(unknown) = settings.check_known(&asked) {
        report.findings.push(Finding {
            kind: FindingKind::Setting,
            message: unknown.to_string(),
            help: Some(unknown.help),
            place: None,
        });
    }
    context.screen().show_check(&report);
    report.exit_code()
}

/// Lists the settings of folders; returns the exit code.
pub(crate) fn settings(given: &[PathBuf], context: &Context) -> u8 {
    let listed = folders(given).and_then(|folders| {
        let set = Settings::new(context.options.set.clone());
        let (mut listed, mut known) = (Vec::new(), Vec::new());
        for path in &folders {
            let folder = open(path, context)?;
            know(&folder, context);
            let program = Program::compile(&folder)?;
            known.extend(program.settings().to_vec());
            listed.extend(program.settings().iter().cloned().map(|setting| SettingReport {
                folder: folder.path.clone(),
                set: set.text(&setting.name).map(str::to_owned),
                setting,
            }));
        }
        set.check_known(&known)?;
        Ok(listed)
    });
    match listed {
        Ok(listed) => {
            context.screen().show_settings(&listed);
            0
        }
        Err(failure) => refuse(failure, context),
    }
}

fn refuse(failure: Failure, context: &Context) -> u8 {
    let code = failure.kind.exit_code();
    context.screen().show_refusal(failure);
    code
}

/// The folders that were given, else every one under scripts/.
fn folders(given: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    if !given.is_empty() {
        return Ok(given.to_vec());
    }
    let entries = fs::read_dir("scripts").into_iter().flatten().filter_map(Result::ok);
    let mut found: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.join("leora.toml").is_file())
        .collect();
    found.sort();
    if found.is_empty() {
        return Err(Failure::new(
            FailureKind::Usage,
            "there is no script folder under scripts/ here",
            Some("give one, as in leora-run check scripts/phase2".into()),
        ));
    }
    Ok(found)
}

fn know(folder: &ScriptFolder, context: &Context) {
    for source in folder.sources().chain(&folder.examples) {
        context.screen().remember_source(&source.path, &source.text);
    }
}

/// What is found in one folder, and its settings when it compiles.
fn folder(
    path: &Path,
    settings: &Settings,
    server: Option<&Server>,
    context: &Context,
) -> Result<(FolderCheck, Option<Vec<Setting>>), Failure> {
    let mut found = FolderCheck { folder: path.display().to_string(), ..FolderCheck::default() };
    let folder = match open(path, context) {
        Ok(folder) => folder,
        Err(failure) => {
            found.findings.push(of_failure(failure));
            return Ok((found, None));
        }
    };
    know(&folder, context);
    found.folder.clone_from(&folder.path);
    found.title.clone_from(&folder.manifest.title);
    found.scripts = folder.steps.len() + folder.modules.len();
    let (program, findings) = Program::check(&folder);
    found.findings.extend(findings);
    let Some(program) = program else { return Ok((found, None)) };
    found.rules = count_rules(&program);
    look(&folder, &program, settings, &mut found, context);
    if let Some(server) = server {
        let prepared =
            prepare(&context.run_context("", &folder), &program, settings, server, context)?;
        found.prepared = Some(prepared.statements);
        found.findings.retain(|known| !is_misspelt(known, &prepared.findings));
        add(prepared.findings, &mut found);
    }
    Ok((found, Some(program.settings().to_vec())))
}

/// What its rules say, and whether its examples hold.
fn look(
    folder: &ScriptFolder,
    program: &Program,
    settings: &Settings,
    found: &mut FolderCheck,
    context: &Context,
) {
    let (as_of, interrupt) = (context.options.as_of, &context.interrupt);
    let findings = check_rules(program, folder, settings, as_of, interrupt);
    let fails = findings.iter().any(|finding| finding.kind == FindingKind::Script);
    add(findings, found);
    if fails {
        // Whatever an example would say then is not what the rules say.
        return;
    }
    let (examples, wrong) = read_examples(program, folder, settings, interrupt);
    found.findings.extend(wrong);
    let tried = run_examples(&examples, program, settings, as_of, interrupt);
    found.findings.extend(tried.findings);
    found.examples = tried.examples;
    found.unreached = tried.unreached;
}

/// Whether the manifest does not allow what the database does not have: nobody should add it there.
fn is_misspelt(known: &Finding, by_database: &[Finding]) -> bool {
    let line = |finding: &Finding| finding.place.clone().map(|place| (place.file, place.line));
    known.kind == FindingKind::NotAllowed
        && known.place.is_some()
        && by_database.iter().any(|finding| line(finding) == line(known))
}

/// Adds what was not found already, from another side.
fn add(findings: Vec<Finding>, found: &mut FolderCheck) {
    for finding in findings {
        if !found.findings.iter().any(|known| known.message == finding.message) {
            found.findings.push(finding);
        }
    }
}

fn of_failure(failure: Failure) -> Finding {
    let kind = match failure.kind {
        FailureKind::Manifest => FindingKind::Manifest,
        _ => FindingKind::Script,
    };
    let Failure { message, help, place, .. } = failure;
    Finding { kind, message, help, place }
}
