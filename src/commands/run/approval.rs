//! `run --approved plan.json`: only what was planned.

use std::path::Path;
use std::sync::Arc;

use leora_execution::RunContext;
use leora_folder::ScriptFolder;
use leora_postgres::{Session, Target};
use leora_report::{Failure, FailureKind, Report};
use leora_script::{Program, Settings};

use crate::commands::context::Context;
use crate::commands::shared::preview::dry_run;
use crate::commands::shared::target;
use crate::plan_file::PlanFile;

/// Reads an approved plan.
pub(crate) fn read(path: &Path) -> Result<PlanFile, Failure> {
    PlanFile::read(path).map_err(|reason| {
        Failure::new(
            FailureKind::Usage,
            format!("the plan {} can't be read: {reason}", path.display()),
            Some("make it with leora-run plan FOLDER --out plan.json".into()),
        )
    })
}

/// The context with the settings and the business date of the plan.
pub(crate) fn adopt(plan: &PlanFile, context: &Context) -> Result<Context, Failure> {
    let mut adopted = context.clone();
    adopted.options.set = plan.settings.clone().into_iter().collect();
    let as_of = plan.as_of.parse().map_err(|_| {
        let fact = format!("the plan's business date {} is none", plan.as_of);
        Failure::new(FailureKind::Usage, fact, Some("make the plan anew".into()))
    })?;
    adopted.options.as_of = as_of;
    Ok(adopted)
}

/// Refuses a run whose scripts, SQL or target are not those of the plan.
pub(crate) fn check_before(
    plan: &PlanFile,
    folder: &ScriptFolder,
    target: &Target,
) -> Result<(), Failure> {
    let report = Report {
        folder: folder.path.clone(),
        target: Some(target::told(target)),
        ..Report::default()
    };
    let help = format!(
        "look at a new plan, and approve that: leora-run plan {} --out plan.json",
        folder.path
    );
    differs(plan.differences_before(&PlanFile::of(folder, &report)), help)
}

/// Refuses a run whose transitions are not those of the plan: foretold in the run's own transaction, under its
/// locks, before its first write.
pub(crate) fn check_rows(
    plan: &PlanFile,
    session: Session,
    run: &Arc<RunContext>,
    program: &Program,
    settings: &Settings,
    context: &Context,
) -> Result<Session, Failure> {
    let (session, foretold, rehearsed) = dry_run(session, run, program, settings, context);
    rehearsed?;
    let now = PlanFile::of(&run.folder, &foretold);
    let told = plan.differences_in_rows(&now, context.options.tolerance);
    let help = format!(
        "look at a new plan, and approve that: leora-run plan {} --out plan.json; or let counts move further than {} %: --tolerance PERCENT",
        run.folder.path, context.options.tolerance
    );
    differs(told, help)?;
    Ok(session)
}

fn differs(told: Vec<String>, help: String) -> Result<(), Failure> {
    if told.is_empty() {
        return Ok(());
    }
    let fact = "this run is not the one that was approved";
    Err(Failure { details: told, ..Failure::new(FailureKind::Refused, fact, Some(help)) })
}
