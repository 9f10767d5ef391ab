//! `plan`: what a run would do; nothing is changed.

mod strategy_estimates;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Instant;

use leora_report::{Entry, Failure, FailureKind, Lock, Outcome, PlanReport, Report, shell_path};
use leora_script::Program;

use crate::commands::context::Context;
use crate::commands::shared::{
    LoadedFolder, PrismaFiles, ReportPage, RowsFile, begin_preview, for_same_target, open_target,
    preview, set_outcome, target_report,
};
use crate::plan_file::PlanFile;
use crate::plan_file::signature::SigningKey;
use strategy_estimates::{estimate_strategies, estimated_ms, reading_ms};

#[derive(Clone, Copy, Debug)]
pub(crate) struct PlanSaving<'a> {
    pub(crate) out: Option<&'a Path>,
    pub(crate) sign: Option<&'a Path>,
}

/// The exit code is the one that the run would have.
pub(crate) fn plan(path: &Path, saving: PlanSaving<'_>, context: &Context) -> u8 {
    let out = saving.out;
    let mut report = context.new_report(path);
    let page = ReportPage::begin("plan", context);
    let rows = match RowsFile::begin_with_page(context) {
        Ok(rows) => rows,
        Err(failure) => return context.fail(failure),
    };
    let listing = rows.context(context);
    let ended = page.run(|| plan_folder(path, saving, &mut report, &listing));
    set_outcome(&mut report, ended, Outcome::Planned);
    let listed = rows.write_for(&mut report, &context.options);
    // Nothing was done that could be followed up or taken back.
    report.next.clear();
    report.back.clear();
    if let (None, Some(out)) = (&report.error, out) {
        let folder = shell_path(&report.folder);
        let approved = shell_path(&out.display().to_string());
        let run = format!("leora-run run {folder} --approved {approved}");
        report.next = for_same_target(&[run], context);
    }
    context.screen().show_report(&report);
    listed.iter().for_each(|remark| context.screen().remark(remark));
    page.write(&report, context);
    report.exit_code()
}

fn plan_folder(
    path: &Path,
    saving: PlanSaving<'_>,
    report: &mut Report,
    context: &Context,
) -> Result<(), Failure> {
    let key = saving.sign.map(load_signing_key).transpose()?;
    let loaded = LoadedFolder::load_for(report, path, context)?;
    let folder = &loaded.folder;
    let opened = open_target(context)?;
    report.target = Some(target_report(&opened.target));
    context.screen().show_as_planned();
    context.screen().show_title(report);
    warn_of_conditions(&loaded.program, context);
    let files = PrismaFiles::check(folder, context)?;
    let server = context.server(opened.target);
    let (mut session, locks) = begin_preview(&server, folder, context)?;
    let identity = saving.out.map(|_| session.server_identity()).transpose()?;
    let run = loaded.run_context(&report.run, context);
    let started = Instant::now();
    let (session, ran) = preview(session, &run, &loaded, report, context);
    let held = (!folder.sql.is_empty()).then(|| started.elapsed());
    drop(session);
    let strategies = estimate_strategies(report, folder.manifest.strategy);
    let about_ms = reading_ms(report) + estimated_ms(&strategies, folder.manifest.strategy);
    let only_read = tables_only_read(report, &locks);
    report.plan = Some(PlanReport { about_ms, locks, only_read, strategies, held });
    ran?;
    files.predict(report);
    let (Some(out), Some(identity)) = (saving.out, identity) else { return Ok(()) };
    let mut plan = PlanFile::new(folder, server.target(), identity, report);
    if let Some(key) = &key {
        plan.sign(key);
    }
    save_plan(&plan, out)
}

/// The tables whose rows the rules read, and which a run does not lock.
fn tables_only_read(report: &Report, locks: &[Lock]) -> Vec<String> {
    let entries = report.steps.iter().flat_map(|step| &step.entries);
    let previews = entries.filter_map(|entry| match entry {
        Entry::Change { change, .. } => Some((&change.table, change.preview.as_ref()?)),
        _ => None,
    });
    let mut written: BTreeSet<&String> = locks.iter().map(|lock| &lock.table).collect();
    let mut read = BTreeSet::new();
    for (table, preview) in previews {
        written.insert(table);
        read.extend(&preview.other_tables);
    }
    read.difference(&written).map(|table| (*table).clone()).collect()
}

fn warn_of_conditions(program: &Program, context: &Context) {
    for finding in program.conditions_without_row() {
        let place = finding
            .place
            .map_or_else(String::new, |place| format!("{}:{}: ", place.file, place.line));
        context.screen().note(&format!("{place}{}", finding.message));
    }
}

fn load_signing_key(path: &Path) -> Result<SigningKey, Failure> {
    SigningKey::load(path).map_err(|reason| {
        Failure::new(
            FailureKind::Usage,
            format!("the plan can't be signed with {}: {reason}", path.display()),
            Some("give --sign the file of a private key that only you can read".into()),
        )
    })
}

fn save_plan(plan: &PlanFile, path: &Path) -> Result<(), Failure> {
    plan.save(path).map_err(|error| {
        Failure::new(
            FailureKind::Usage,
            format!("the plan can't be written to {}: {error}", path.display()),
            Some("give --out a path that can be written".into()),
        )
    })
}
