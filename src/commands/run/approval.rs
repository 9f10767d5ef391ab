//! `run --approved plan.json`: runs only what was planned.

use std::path::Path;
use std::sync::Arc;

use leora_execution::RunContext;
use leora_folder::ScriptFolder;
use leora_postgres::{Session, Target};
use leora_report::{Failure, FailureKind, Report, shell_path};

use crate::commands::context::Context;
use crate::commands::shared::{LoadedFolder, dry_run, target_report};
use crate::plan_file::PlanFile;

pub(crate) fn load_plan(path: &Path) -> Result<PlanFile, Failure> {
    PlanFile::load(path).map_err(|reason| {
        Failure::new(
            FailureKind::Usage,
            format!("the plan {} can't be read: {reason}", path.display()),
            Some("make it with leora-run plan FOLDER --out plan.json".into()),
        )
    })
}

/// The context with the settings and the business date of the plan.
pub(crate) fn with_plan_options(plan: &PlanFile, context: &Context) -> Result<Context, Failure> {
    let mut planned = context.clone();
    planned.options.set = plan.settings.clone().into_iter().collect();
    planned.options.as_of = plan.as_of.parse().map_err(|_| {
        let fact = format!("the plan's business date {} is none", plan.as_of);
        Failure::new(FailureKind::Usage, fact, Some("make the plan anew".into()))
    })?;
    Ok(planned)
}

/// Refuses a run whose scripts, SQL files or target are not those of the plan.
pub(crate) fn check_files_and_target(
    plan: &PlanFile,
    folder: &ScriptFolder,
    target: &Target,
) -> Result<(), Failure> {
    let report = Report {
        folder: folder.path.clone(),
        target: Some(target_report(target)),
        ..Report::default()
    };
    let now = PlanFile::from_report(folder, &report);
    refuse_differences(plan.file_and_target_differences(&now), approve_new_plan(folder))
}

/// Refuses a run whose transitions are not those of the plan: they are predicted in the run's own transaction, under its
/// locks, before its first write.
pub(crate) fn check_rows(
    plan: &PlanFile,
    session: Session,
    run: &Arc<RunContext>,
    loaded: &LoadedFolder,
    context: &Context,
) -> Result<Session, Failure> {
    let (session, predicted, ended) = dry_run(session, run, loaded, context);
    ended?;
    let tolerance = context.options.tolerance;
    let now = PlanFile::from_report(&run.folder, &predicted);
    let help = format!(
        "{}; or let counts move further than {tolerance} %: --tolerance PERCENT",
        approve_new_plan(&run.folder)
    );
    refuse_differences(plan.row_differences(&now, tolerance), help)?;
    Ok(session)
}

fn approve_new_plan(folder: &ScriptFolder) -> String {
    let folder = shell_path(&folder.path);
    format!("look at a new plan, and approve that: leora-run plan {folder} --out plan.json")
}

fn refuse_differences(differences: Vec<String>, help: String) -> Result<(), Failure> {
    if differences.is_empty() {
        return Ok(());
    }
    let fact = "this run is not the one that was approved";
    Err(Failure { details: differences, ..Failure::new(FailureKind::Refused, fact, Some(help)) })
}
