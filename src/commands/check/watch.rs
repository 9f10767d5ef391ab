//! `check --watch`: checks again whenever a file of the folders is saved.

use std::path::PathBuf;
use std::time::Duration;

use leora_report::{Failure, FailureKind};

use crate::commands::check::changed_files::ChangedFiles;
use crate::commands::check::folders::find_folders;
use crate::commands::check::{CheckTarget, check_folders};
use crate::commands::context::Context;

/// How long nothing may change before the folders are checked again: an editor saves in several steps.
const QUIET: Duration = Duration::from_millis(100);

/// Checks until an interrupt ends it. That is its only end, so its exit code is that of an interrupt: whoever runs it from
/// a script must not take it for a check that found nothing.
pub(crate) fn watch(given: &[PathBuf], context: &Context) -> u8 {
    match watch_until_interrupted(given, context) {
        Ok(never) => match never {},
        Err(failure) if failure.kind == FailureKind::Interrupted => failure.kind.exit_code(),
        Err(failure) => {
            let code = failure.kind.exit_code();
            context.screen().show_refusal(failure);
            code
        }
    }
}

fn watch_until_interrupted(
    given: &[PathBuf],
    context: &Context,
) -> Result<std::convert::Infallible, Failure> {
    // Opened once: starting the sandbox takes longer than a check.
    let target = CheckTarget::open(context)?;
    // Without a folder at the start, the arguments are wrong; one that goes later may come back.
    find_folders(given)?;
    let mut last_code = None;
    let mut changed = None;
    loop {
        // New each time, and before the check: a folder may have been replaced, and no change in between is missed.
        let mut folders = find_folders(given).unwrap_or_default();
        // Where another may come.
        folders.extend(given.is_empty().then(|| PathBuf::from("scripts")));
        let mut changes = ChangedFiles::watch(&folders, &context.directory)?;
        let checked = check_folders(given, &target, context);
        if context.interrupt.is_raised() {
            return Err(interrupted());
        }
        let code = match &checked {
            Ok(report) => report.exit_code(),
            Err(failure) => failure.kind.exit_code(),
        };
        let rings = last_code.replace(code).is_some_and(|last| last != code);
        context.screen().begin_again(changed.as_deref(), rings);
        match checked {
            Ok(report) => context.screen().show_check(&report),
            Err(failure) => context.screen().show_refusal(failure),
        }
        context.screen().remark("Watching for changes; Ctrl-C ends it.");
        changed = Some(context.runtime.block_on(async {
            tokio::select! {
                changed = changes.next(QUIET) => changed,
                () = context.interrupt.wait() => Err(interrupted()),
            }
        })?);
    }
}

fn interrupted() -> Failure {
    Failure::new(FailureKind::Interrupted, "interrupted", None)
}
