//! Checking one folder: its scripts, its examples, and its statements where there is a database.

use std::path::Path;

use leora_postgres::Server;
use leora_report::{
    Failure, FailureKind, Finding, FindingKind, FolderCheck, Observer, Setting, TableShapes,
};
use leora_script::Settings;

use crate::commands::check::folders::remember_sources;
use crate::commands::check::probe_statements::probe_statements;
use crate::commands::context::Context;
use crate::commands::shared::{LoadedFolder, open_folder};

/// Also returns the folder's settings, when it compiles; adds the tables of the database, where one is asked.
pub(crate) fn check_folder(
    path: &Path,
    server: Option<&Server>,
    tables: &mut TableShapes,
    context: &Context,
) -> Result<(FolderCheck, Option<Vec<Setting>>), Failure> {
    context.screen().on_start(&format!("checking {}", path.display()));
    let folder = match open_folder(path, context) {
        Ok(folder) => folder,
        Err(failure) => {
            let (folder, findings) = (path.display().to_string(), vec![failure_finding(failure)]);
            return Ok((FolderCheck { folder, findings, ..FolderCheck::default() }, None));
        }
    };
    remember_sources(&folder, context);
    let settings = Settings::new(context.options.set.clone());
    let checked =
        leora_script::check_folder(&folder, &settings, context.options.as_of, &context.interrupt);
    let mut check = checked.check;
    let Some(program) = checked.program else { return Ok((check, None)) };
    let loaded = LoadedFolder { folder, program, settings };
    if let Some(server) = server {
        let probed = probe_statements(&loaded, server, context)?;
        check.prepared = Some(probed.statements);
        check.findings.retain(|known| !is_wrong_name(known, &probed.findings));
        add_new_findings(probed.findings, &mut check);
        tables.add(probed.tables.unwrap_or_default());
    }
    Ok((check, Some(loaded.program.settings().to_vec())))
}

/// Whether a column is missing in the manifest only because its name is wrong: the database does not have it either, so
/// it should not be added to the manifest.
fn is_wrong_name(known: &Finding, of_database: &[Finding]) -> bool {
    let line = |finding: &Finding| finding.place.clone().map(|place| (place.file, place.line));
    known.kind == FindingKind::NotAllowed
        && known.place.is_some()
        && of_database.iter().any(|finding| line(finding) == line(known))
}

fn add_new_findings(findings: Vec<Finding>, check: &mut FolderCheck) {
    for finding in findings {
        if !check.findings.iter().any(|known| known.message == finding.message) {
            check.findings.push(finding);
        }
    }
}

fn failure_finding(failure: Failure) -> Finding {
    let kind = match failure.kind {
        FailureKind::Manifest => FindingKind::Manifest,
        _ => FindingKind::Script,
    };
    let Failure { message, help, place, .. } = failure;
    Finding { kind, message, help, place, fix: None }
}
