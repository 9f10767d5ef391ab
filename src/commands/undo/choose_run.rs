//! Choosing the run to undo.

use leora_report::{Failure, FailureKind, PastRun, shell_argument};

/// How many runs a message names.
const NAMED: usize = 3;

/// The run whose id starts as given, else the last with changes that is neither an undo nor undone. What somebody else ran is
/// named: its tables may be that role's, and what they call would run with the rights of this one.
pub(crate) fn choose_run<'r>(
    runs: &'r [PastRun],
    given: Option<&str>,
) -> Result<&'r PastRun, Failure> {
    let Some(given) = given else {
        let undoable = |run: &&PastRun| run.can_be_undone() && run.undoes.is_none();
        let last = runs.iter().find(undoable).ok_or_else(|| nothing_to_undo(runs))?;
        return match &last.stranger {
            Some(role) => Err(of_a_stranger(last, role)),
            None => Ok(last),
        };
    };
    let matching: Vec<&PastRun> = runs.iter().filter(|run| run.id.starts_with(given)).collect();
    match matching.as_slice() {
        [run] if run.can_be_undone() => Ok(run),
        [run] => Err(refuse(why_not_undoable(run, given))),
        [] => Err(refuse(format!("no run has an id that starts with {given}"))),
        several => {
            let ids: Vec<&str> = several.iter().take(NAMED).map(|run| run.id.as_str()).collect();
            let more = if several.len() > NAMED { ", ..." } else { "" };
            let fact = format!("{} runs have an id that starts with {given}", several.len());
            let help = format!("write more of the one that is meant: {}{more}", ids.join(", "));
            Err(Failure::new(FailureKind::Usage, fact, Some(help)))
        }
    }
}

fn why_not_undoable(run: &PastRun, given: &str) -> String {
    if run.undone {
        format!("run {given} is undone already")
    } else if !run.has_committed() {
        format!("run {given} ended as {}, so there is nothing to put back", run.outcome)
    } else if run.changed == 0 {
        format!("run {given} changed nothing")
    } else {
        format!(
            "the journal of run {given} is not kept any more: keep_runs in leora.toml says how many are, 20 unless it is there"
        )
    }
}

fn of_a_stranger(run: &PastRun, role: &str) -> Failure {
    let fact = format!("the last run that can be undone is one of {role}, another role");
    let help = format!(
        "look at it with leora-run status {0}, and name it to take it back: leora-run undo {0}",
        shell_argument(&run.id)
    );
    Failure::new(FailureKind::Usage, fact, Some(help))
}

fn refuse(fact: String) -> Failure {
    let help = "leora-run status lists the runs, and tells which can be undone".to_owned();
    Failure::new(FailureKind::Usage, fact, Some(help))
}

/// Nothing but, perhaps, an undo is left to undo.
fn nothing_to_undo(runs: &[PastRun]) -> Failure {
    let Some(last) = runs.first() else {
        let fact = "there is no run to undo: nothing has been run on this database".to_owned();
        let help = "leora-run FOLDER runs a folder; --database-url or --sandbox selects the database that was changed";
        return Failure::new(FailureKind::Usage, fact, Some(help.to_owned()));
    };
    let failure = match runs.iter().any(PastRun::can_be_undone) {
        true => refuse("there is no run to undo, only an undo".into()),
        false => {
            let why = why_not_undoable(last, &last.id);
            refuse(format!("there is no run to undo; of the last one: {why}"))
        }
    };
    match runs.iter().find(|run| run.can_be_undone()) {
        Some(undo) => Failure {
            help: Some(format!(
                "to take back the last undo: leora-run undo {}",
                shell_argument(&undo.id)
            )),
            ..failure
        },
        None => failure,
    }
}

#[cfg(test)]
mod tests {
    use leora_report::{Outcome, PastOutcome, PastRun};

    use super::choose_run;

    fn run(id: &str) -> PastRun {
        PastRun {
            id: id.into(),
            outcome: PastOutcome::Ended(Outcome::Done),
            changed: 1,
            journal_bytes: 1,
            ..PastRun::default()
        }
    }

    fn chosen(runs: &[PastRun], given: Option<&str>) -> Result<String, String> {
        choose_run(runs, given).map(|run| run.id.clone()).map_err(|failure| failure.message)
    }

    #[test]
    fn the_last_run_with_changes_is_chosen() {
        let undo = PastRun { undoes: Some("a0".into()), ..run("d0") };
        let unchanged = PastRun { changed: 0, ..run("c0") };
        let runs = [undo, unchanged, run("b0"), PastRun { undone: true, ..run("a0") }];
        assert_eq!(chosen(&runs, None), Ok("b0".into()));
        assert_eq!(chosen(&runs, Some("d")), Ok("d0".into()));
    }

    #[test]
    fn a_run_of_somebody_else_has_to_be_named() {
        let runs = [PastRun { stranger: Some("ann".into()), ..run("b0") }, run("a0")];
        let fact = "the last run that can be undone is one of ann, another role";
        assert_eq!(chosen(&runs, None), Err(fact.into()));
        assert_eq!(chosen(&runs, Some("b")), Ok("b0".into()));
    }

    #[test]
    fn only_an_undo_is_left() {
        let undo = PastRun { undoes: Some("a0".into()), ..run("b0") };
        let runs = [undo, PastRun { undone: true, ..run("a0") }];
        let failure = choose_run(&runs, None).unwrap_err();
        assert_eq!(failure.message, "there is no run to undo, only an undo");
        assert_eq!(failure.help.unwrap(), "to take back the last undo: leora-run undo b0");
    }

    #[test]
    fn nothing_that_was_run_can_be_undone() {
        let nothing = "there is no run to undo: nothing has been run on this database";
        assert_eq!(chosen(&[], None), Err(nothing.into()));
        let unchanged = PastRun { changed: 0, ..run("b0") };
        let why = "there is no run to undo; of the last one: run b0 changed nothing";
        assert_eq!(chosen(&[unchanged], None), Err(why.into()));
        let runs = [run("a0"), run("a1"), run("b0")];
        let failure = choose_run(&runs, Some("a")).unwrap_err();
        assert_eq!(failure.help.unwrap(), "write more of the one that is meant: a0, a1");
    }

    #[test]
    fn a_run_that_was_named_must_be_the_only_one_and_undoable() {
        let failed = PastRun { outcome: PastOutcome::Ended(Outcome::Failed), ..run("c0") };
        let runs = [
            run("a0"),
            run("a1"),
            PastRun { undone: true, ..run("b0") },
            failed,
            PastRun { changed: 0, ..run("d0") },
            PastRun { journal_bytes: 0, ..run("e0") },
        ];
        for (given, fact) in [
            ("a", "2 runs have an id that starts with a"),
            ("f", "no run has an id that starts with f"),
            ("b", "run b is undone already"),
            ("c", "run c ended as failed, so there is nothing to put back"),
            ("d", "run d changed nothing"),
        ] {
            assert_eq!(chosen(&runs, Some(given)), Err(fact.into()));
        }
        assert!(chosen(&runs, Some("e")).unwrap_err().contains("is not kept any more"));
    }
}
