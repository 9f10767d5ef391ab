//! `status`: what ran here, when, by whom, with what result. It reads only.

use std::path::Path;

use leora_folder::ScriptFolder;
use leora_postgres::{History, Session, Transaction};
use leora_report::{Failure, FailureKind, FolderStatus, PastRun, RunStatus, Status};

use crate::commands::context::Context;
use crate::commands::shared::target;

/// Shows the runs, one run, or what changed in a folder since it ran; returns the exit code.
pub(crate) fn status(of: Option<&str>, context: &Context) -> u8 {
    match look(of, context) {
        Ok(status) => {
            context.screen().show_status(&status);
            0
        }
        Err(failure) => context.fail(failure),
    }
}

fn look(of: Option<&str>, context: &Context) -> Result<Status, Failure> {
    let found = target::find(context)?;
    let server = context.server(found.target);
    let mut session = Session::connect(&server, context.timeouts())?;
    session.begin(Transaction::ReadOnly)?;
    tell(&mut session, of)
}

fn tell(session: &mut Session, of: Option<&str>) -> Result<Status, Failure> {
    let runs = History::new(session).runs()?;
    let Some(of) = of else { return Ok(Status::Runs(runs)) };
    if Path::new(of).is_dir() {
        return folder(Path::new(of), &runs).map(|status| Status::Folder(Box::new(status)));
    }
    let matching: Vec<&PastRun> = runs.iter().filter(|run| run.id.starts_with(of)).collect();
    let [run] = matching.as_slice() else {
        let fact = if matching.is_empty() {
            format!("no run has an id that starts with {of}, and there is no folder of this name")
        } else {
            format!("more than one run has an id that starts with {of}")
        };
        let help = "leora-run status lists the runs".to_owned();
        return Err(Failure::new(FailureKind::Usage, fact, Some(help)));
    };
    let run = PastRun::clone(run);
    let mut history = History::new(session);
    let (steps, rules) = (history.steps(&run.id)?, history.rules(&run.id)?);
    Ok(Status::Run(Box::new(RunStatus { run, steps, rules })))
}

/// What changed in a folder since it last ran to its end.
fn folder(path: &Path, runs: &[PastRun]) -> Result<FolderStatus, Failure> {
    let folder = ScriptFolder::open(path)?;
    let last =
        runs.iter().find(|run| run.undoes.is_none() && run.folder == folder.path && run.is_done());
    let then: std::collections::BTreeMap<String, String> =
        last.and_then(|run| serde_json::from_str(&run.meanings).ok()).unwrap_or_default();
    let now = folder.normalized_checksums();
    let differs = |(path, sum): &(&String, &String)| then.get(*path) != Some(*sum);
    let mut changed: Vec<String> =
        now.iter().filter(differs).map(|(path, _)| path.clone()).collect();
    changed.extend(
        then.keys().filter(|path| !now.contains_key(*path)).map(|path| format!("{path} (gone)")),
    );
    if last.is_none() {
        changed.clear();
    }
    Ok(FolderStatus { folder: folder.path, last: last.cloned(), changed })
}
