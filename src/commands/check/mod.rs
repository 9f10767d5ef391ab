//! `check`: what is wrong with folders, and whether their examples hold; nothing is run.

mod changed_files;
mod check_folder;
mod folders;
mod probe_statements;
mod settings;
mod watch;

use std::path::PathBuf;

use leora_postgres::Server;
use leora_report::{CheckReport, Failure, Finding, FindingKind, TableShapes};
use leora_script::Settings;

use crate::commands::context::Context;
use crate::commands::shared::{OpenTarget, keep_table_shapes, open_target};
use check_folder::check_folder;
pub(crate) use folders::find_folders;
use settings::list_settings;
pub(crate) use watch::watch;

pub(crate) fn check(given: &[PathBuf], context: &Context) -> u8 {
    let checked =
        CheckTarget::open(context).and_then(|target| check_folders(given, &target, context));
    match checked {
        Ok(report) => {
            context.screen().show_check(&report);
            report.exit_code()
        }
        Err(failure) => refuse(failure, context),
    }
}

pub(crate) fn settings(given: &[PathBuf], context: &Context) -> u8 {
    match list_settings(given, context) {
        Ok(listed) => {
            context.screen().show_settings(&listed);
            0
        }
        Err(failure) => refuse(failure, context),
    }
}

/// For an editor that has no database.
fn keep_columns(tables: &TableShapes, context: &Context) {
    if let Err(error) = keep_table_shapes(tables, &context.directory) {
        let note = format!("the columns could not be kept in .leora for editors: {error}");
        context.screen().note(&note);
    }
}

fn refuse(failure: Failure, context: &Context) -> u8 {
    let code = failure.kind.exit_code();
    context.screen().show_refusal(failure);
    code
}

/// The database that prepares the statements, where one is named.
struct CheckTarget {
    server: Option<Server>,
    /// The sandbox stops when this is dropped.
    _opened: Option<OpenTarget>,
}

impl CheckTarget {
    fn open(context: &Context) -> Result<Self, Failure> {
        let names_database = context.options.sandbox || context.options.database_url.is_some();
        let opened = names_database.then(|| open_target(context)).transpose()?;
        let server = opened.as_ref().map(|opened| context.server(opened.target.clone()));
        Ok(Self { server, _opened: opened })
    }
}

fn check_folders(
    given: &[PathBuf],
    target: &CheckTarget,
    context: &Context,
) -> Result<CheckReport, Failure> {
    let paths = find_folders(given)?;
    let mut report =
        CheckReport { as_of: context.options.as_of.to_string(), ..CheckReport::default() };
    let (mut known, mut all_compile) = (Vec::new(), true);
    let mut tables = TableShapes::default();
    for path in &paths {
        let (check, settings) = check_folder(path, target.server.as_ref(), &mut tables, context)?;
        all_compile &= settings.is_some();
        known.extend(settings.unwrap_or_default());
        report.folders.push(check);
    }
    if !tables.tables.is_empty() {
        keep_columns(&tables, context);
    }
    // A setting that no script has may be one of a folder that does not compile.
    let settings = Settings::new(context.options.set.clone());
    if all_compile && let Err(unknown) = settings.check_known(&known) {
        report.findings.push(Finding {
            kind: FindingKind::Setting,
            message: unknown.to_string(),
            help: Some(unknown.help),
            place: None,
            fix: None,
        });
    }
    Ok(report)
}
