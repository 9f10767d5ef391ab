//! `run --approved plan.json`: runs only what was planned.

use std::path::Path;
use std::sync::Arc;

use leora_execution::{Approval, Resumed, RunContext, add_written};
use leora_folder::ScriptFolder;
use leora_host::NOT_APPROVED;
use leora_postgres::{Session, Target};
use leora_report::{
    Failure, FailureKind, PastRule, Report, ServerIdentity, StepEffects, shell_path,
};
use leora_rule::Access;

use crate::commands::context::Context;
use crate::commands::shared::{LoadedFolder, dry_run};
use crate::plan_file::PlanFile;
use crate::plan_file::signature::ApproverKey;

/// Reads the plan that was approved: nobody has changed it since, and one of those has signed it who must.
pub(crate) fn load_plan(
    path: &Path,
    folder: &ScriptFolder,
    context: &Context,
) -> Result<PlanFile, Failure> {
    let plan = PlanFile::load(path).map_err(|reason| {
        let fact = format!("the plan {} can't be read: {reason}", path.display());
        let help = format!("make the plan anew: {}", plan_command(folder));
        Failure::new(FailureKind::Usage, fact, Some(help))
    })?;
    if !plan.is_whole() {
        let fact = format!("the plan {} was changed after it was made", path.display());
        let help = format!("make the plan anew: {}", plan_command(folder));
        return Err(Failure::new(FailureKind::Refused, fact, Some(help)));
    }
    check_signature(&plan, path, folder, context)?;
    Ok(plan)
}

fn check_signature(
    plan: &PlanFile,
    path: &Path,
    folder: &ScriptFolder,
    context: &Context,
) -> Result<(), Failure> {
    let mut keys = Vec::new();
    for given in &context.options.require_signature {
        keys.extend(ApproverKey::load(given).map_err(|reason| {
            let fact = format!("--require-signature {given} can't be used: {reason}");
            let help = "give the file of a public key, or the text between its first and last line";
            Failure::new(FailureKind::Usage, fact, Some(help.into()))
        })?);
    }
    if keys.is_empty() || plan.is_signed_by(&keys) {
        return Ok(());
    }
    let fact = match plan.is_signed() {
        true => "is signed with none of the keys that --require-signature names",
        false => "is not signed, and --require-signature asks for it",
    };
    let help =
        format!("whoever may approve it makes it anew: {} --sign KEYFILE", plan_command(folder));
    let fact = format!("the plan {} {fact}", path.display());
    Err(Failure::new(FailureKind::Refused, fact, Some(help)))
}

pub(crate) fn with_plan_options(plan: &PlanFile, context: &Context) -> Result<Context, Failure> {
    let mut planned = context.clone();
    planned.options.set = plan.settings.clone().into_iter().collect();
    planned.options.as_of = plan.as_of.parse().map_err(|_| {
        let fact = format!("the plan's business date {} is none", plan.as_of);
        Failure::new(FailureKind::Usage, fact, Some("make the plan anew".into()))
    })?;
    Ok(planned)
}

/// Refuses a run whose scripts, SQL files, address or program are not those of the plan.
pub(crate) fn check_files_and_target(
    plan: &PlanFile,
    folder: &ScriptFolder,
    target: &Target,
) -> Result<(), Failure> {
    let now = PlanFile::new(folder, target, ServerIdentity::default(), &Report::default());
    refuse_differences(plan.file_and_target_differences(&now), approve_new_plan(folder))
}

pub(crate) fn approved_effects(
    plan: &PlanFile,
    folder: &ScriptFolder,
    context: &Context,
) -> Approval {
    let tolerance = context.options.tolerance;
    Approval {
        steps: plan.steps.clone(),
        tolerance,
        commits: folder.manifest.access == Access::ReadWrite,
        help: format!(
            "{}; or let counts move further than {tolerance} %: --tolerance PERCENT",
            approve_new_plan(folder)
        ),
    }
}

/// Refuses a run on another server, or whose effects are not those of the plan: they are predicted in the run's own
/// transaction, under its locks, before its first write. Of one that goes on, the plan is of what is left, or of the whole
/// run, where what it has `written` counts too.
pub(crate) fn check_server_and_effects(
    plan: &PlanFile,
    mut session: Session,
    run: &Arc<RunContext>,
    loaded: &LoadedFolder,
    written: Vec<PastRule>,
    context: &Context,
) -> Result<(Session, Resumed), Failure> {
    let (folder, identity) = (&run.folder, session.server_identity()?);
    let now = PlanFile::new(folder, session.target(), identity, &Report::default());
    refuse_differences(plan.server_differences(&now), approve_new_plan(folder))?;
    let (session, mut predicted, ended) = dry_run(session, run, loaded, context);
    ended?;
    let left = check_effects(run, &predicted.effects);
    if left.is_ok() || written.is_empty() {
        return left.map(|()| (session, Resumed::Left));
    }
    add_written(&mut predicted.effects, &written);
    check_effects(run, &predicted.effects)?;
    Ok((session, Resumed::All(written)))
}

/// Refuses a run that has done, or would do, something else than was approved.
pub(crate) fn check_effects(run: &RunContext, effects: &[StepEffects]) -> Result<(), Failure> {
    let Some(approval) = &run.approval else { return Ok(()) };
    refuse_differences(approval.differences(effects), approval.help.clone())
}

fn plan_command(folder: &ScriptFolder) -> String {
    format!("leora-run plan {} --out plan.json", shell_path(&folder.path))
}

fn approve_new_plan(folder: &ScriptFolder) -> String {
    format!("make the plan anew, and approve that: {}", plan_command(folder))
}

fn refuse_differences(differences: Vec<String>, help: String) -> Result<(), Failure> {
    if differences.is_empty() {
        return Ok(());
    }
    let refused = Failure::new(FailureKind::Refused, NOT_APPROVED, Some(help));
    Err(Failure { details: differences, ..refused })
}
