//! `status`: what ran here, when, by whom, with what result. It only reads.

use std::collections::BTreeMap;
use std::path::Path;

use leora_execution::lock_rows;
use leora_folder::ScriptFolder;
use leora_postgres::{History, Session};
use leora_report::{Failure, FailureKind, FolderStatus, Observer, PastRun, RunStatus, Status};

use crate::commands::context::Context;
use crate::commands::shared::{
    RowsFile, begin_read_only, folder_or_bundled, labels_of_past, open_target,
};

pub(crate) fn status(run_or_folder: Option<&str>, context: &Context) -> u8 {
    match list_and_read(run_or_folder, context) {
        Ok((status, listed)) => {
            context.screen().show_status(&status);
            listed.iter().for_each(|remark| context.screen().remark(remark));
            0
        }
        Err(failure) => context.fail(failure),
    }
}

/// The status, and what to say of the list of rows.
fn list_and_read(
    run_or_folder: Option<&str>,
    context: &Context,
) -> Result<(Status, Option<String>), Failure> {
    let rows = RowsFile::begin(context)?;
    let status = read_status(run_or_folder, &rows.context(context))?;
    Ok((status, rows.write()?))
}

fn read_status(run_or_folder: Option<&str>, context: &Context) -> Result<Status, Failure> {
    let opened = open_target(context)?;
    let mut session = begin_read_only(opened.target, context)?;
    context.screen().on_start("reading the history");
    let runs = History::new(&mut session).runs()?;
    let no_run = || {
        let fact = "--rows lists what one run has changed".to_owned();
        let help = "name the run, as in leora-run status RUN --rows rows.csv".to_owned();
        Failure::new(FailureKind::Usage, fact, Some(help))
    };
    match run_or_folder {
        None if context.rows.is_some() => Err(no_run()),
        None => Ok(Status::Runs(runs)),
        Some(given) => {
            let folder = folder_or_bundled(Path::new(given), context)?;
            if folder.is_dir() && context.rows.is_some() {
                return Err(no_run());
            }
            if folder.is_dir() {
                let status = folder_status(&ScriptFolder::open(&folder)?, &runs);
                return Ok(Status::Folder(Box::new(status)));
            }
            Ok(Status::Run(Box::new(run_status(given, &runs, &mut session, context)?)))
        }
    }
}

fn run_status(
    given: &str,
    runs: &[PastRun],
    session: &mut Session,
    context: &Context,
) -> Result<RunStatus, Failure> {
    let matching: Vec<&PastRun> = runs.iter().filter(|run| run.id.starts_with(given)).collect();
    let fact = match matching.as_slice() {
        [run] => {
            let mut history = History::new(session);
            let (steps, rules) = (history.steps(&run.id)?, history.rules(&run.id)?);
            if let Some(rows) = &context.rows {
                refuse_without_journal(run, given)?;
                let labels = labels_of_past(run, context);
                history.list_rows(&run.id, &labels, &mut lock_rows(rows))?;
            }
            return Ok(RunStatus { run: PastRun::clone(run), steps, rules });
        }
        [] => {
            format!(
                "no run has an id that starts with {given}, and there is no folder of this name"
            )
        }
        _ => format!("more than one run has an id that starts with {given}"),
    };
    let help = "leora-run status lists the runs".to_owned();
    Err(Failure::new(FailureKind::Usage, fact, Some(help)))
}

fn refuse_without_journal(run: &PastRun, given: &str) -> Result<(), Failure> {
    if run.changed == 0 || run.journal_bytes > 0 {
        return Ok(());
    }
    let fact = format!("of run {given} there is no journal here that could be listed");
    let help = "keep_runs in leora.toml says how many journals are kept; and who may not read a column, and the key of its \
        rows, does not see the journal of it";
    Err(Failure::new(FailureKind::Usage, fact, Some(help.into())))
}

/// What changed in a folder since it last ran to its end.
fn folder_status(folder: &ScriptFolder, runs: &[PastRun]) -> FolderStatus {
    let is_own = |run: &&PastRun| run.undoes.is_none() && run.folder == folder.path;
    let last = runs.iter().filter(is_own).find(|run| run.is_done()).cloned();
    let changed = last.as_ref().map_or_else(Vec::new, |last| changed_files(folder, last));
    FolderStatus { folder: folder.path.clone(), last, changed }
}

fn changed_files(folder: &ScriptFolder, last: &PastRun) -> Vec<String> {
    let then: BTreeMap<String, String> = serde_json::from_str(&last.meanings).unwrap_or_default();
    let now = folder.normalized_checksums();
    let changed = now.iter().filter(|(path, sum)| then.get(*path) != Some(sum));
    let gone = then.keys().filter(|path| !now.contains_key(*path));
    changed.map(|(path, _)| path.clone()).chain(gone.map(|path| format!("{path} (gone)"))).collect()
}
