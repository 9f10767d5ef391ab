//! `run`: a folder's steps in order, in one transaction.

mod approval;
mod batches;
mod execution;
mod trigger_rights;
mod vacuum;

use std::path::Path;

use leora_report::{Failure, Outcome, Report};
use leora_rule::Access;

use crate::commands::context::Context;
use crate::commands::shared::{
    LoadedFolder, PrismaFiles, ReportPage, RowsFile, TargetLookup, archive_report, confirm_target,
    describe_folder, for_same_target, open_folder, preconnect, set_outcome, target_report,
};
use execution::Execution;

pub(crate) fn run(path: &Path, context: &Context) -> u8 {
    let mut report = context.new_report(path);
    let page = ReportPage::begin("run", context);
    let rows = match RowsFile::begin_with_page(context) {
        Ok(rows) => rows,
        Err(failure) => return context.fail(failure),
    };
    let listing = rows.context(context);
    let ended = page.run(|| run_folder(path, &mut report, &listing));
    set_outcome(&mut report, ended, Outcome::Done);
    let listed = rows.write_for(&mut report, &context.options);
    suggest_undo(&mut report, context);
    context.screen().show_report(&report);
    listed.iter().for_each(|remark| context.screen().remark(remark));
    archive_report(&report, context);
    page.write(&report, context);
    report.exit_code()
}

/// Suggests to undo a run that changed rows, first.
fn suggest_undo(report: &mut Report, context: &Context) {
    let changed = report.steps.iter().any(|step| step.changed() > 0);
    if changed && report.access == Some(Access::ReadWrite) {
        let undo = for_same_target(&[format!("leora-run undo {}", report.run)], context);
        // A run that stopped between batches suggests it already.
        if !report.back.starts_with(&undo) {
            report.back.splice(0..0, undo);
        }
    }
}

fn run_folder(path: &Path, report: &mut Report, given: &Context) -> Result<(), Failure> {
    let folder = open_folder(path, given)?;
    let approved = given.options.approved.as_deref();
    let plan = approved.map(|path| approval::load_plan(path, &folder, given)).transpose()?;
    let context = &match &plan {
        Some(plan) => approval::with_plan_options(plan, given)?,
        None => given.clone(),
    };
    report.as_of = context.options.as_of.to_string();
    describe_folder(&folder, report, context);
    let lookup = TargetLookup::start(context);
    let preconnected = preconnect(&lookup, folder.manifest.access, context);
    let loaded = LoadedFolder::compile(folder, context)?;
    loaded.describe_settings(report);
    if plan.is_none() {
        loaded.check_settings()?;
    }
    // The sandbox stops when this is dropped.
    let opened = lookup.open(context)?;
    report.target = Some(target_report(&opened.target));
    context.screen().show_title(report);
    if let Some(plan) = &plan {
        approval::check_files_and_target(plan, &loaded.folder, &opened.target)?;
        loaded.check_settings()?;
    }
    if loaded.folder.manifest.access == Access::ReadWrite && opened.sandbox.is_none() {
        confirm_target(&opened.target, context)?;
    }
    let files = PrismaFiles::write_aside(&loaded.folder, context)?;
    let server = preconnected.unwrap_or_else(|| context.server(opened.target));
    Execution::new(&loaded, plan.as_ref(), &server, report, context).run(report)?;
    if let Some(remedy) = files.remedy_for_missing_folder(&loaded.folder, report) {
        context.screen().note(&remedy);
    }
    files.put_in_place(report);
    Ok(())
}
