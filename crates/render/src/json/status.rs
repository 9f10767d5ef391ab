//! The document of `status`: the runs, one run, or a folder.

use leora_report::{PastRule, PastRun, PastStep, RunStatus, Status};
use leora_rule::Transition;
use serde::Serialize;
use serde_json::Value;

use crate::json::document::render_document;

pub(crate) fn render_status(status: &Status) -> String {
    render_document(&match status {
        Status::Runs(runs) => {
            StatusDocument::Runs { runs: runs.iter().map(RunDocument::new).collect() }
        }
        Status::Run(status) => StatusDocument::Run {
            run: RunDocument::new(&status.run),
            steps: &status.steps,
            transitions: transitions(status),
        },
        Status::Folder(status) => StatusDocument::Folder {
            folder: &status.folder,
            last: status.last.as_ref().map(RunDocument::new),
            changed: &status.changed,
        },
    })
}

#[derive(Serialize)]
#[serde(untagged)]
enum StatusDocument<'r> {
    Runs { runs: Vec<RunDocument<'r>> },
    Run { run: RunDocument<'r>, steps: &'r [PastStep], transitions: Vec<TransitionDocument<'r>> },
    Folder { folder: &'r str, last: Option<RunDocument<'r>>, changed: &'r [String] },
}

#[derive(Serialize)]
struct RunDocument<'r> {
    #[serde(flatten)]
    run: &'r PastRun,
    can_be_undone: bool,
    settings: Value,
    checksums: Value,
}

impl<'r> RunDocument<'r> {
    fn new(run: &'r PastRun) -> Self {
        let parse = |text: &str| serde_json::from_str(text).unwrap_or(Value::Null);
        Self {
            run,
            can_be_undone: run.can_be_undone(),
            settings: parse(&run.settings),
            checksums: parse(&run.checksums),
        }
    }
}

#[derive(Serialize)]
struct TransitionDocument<'r> {
    table: &'r str,
    column: &'r str,
    #[serde(flatten)]
    transition: &'r Transition,
}

fn transitions(status: &RunStatus) -> Vec<TransitionDocument<'_>> {
    let mut all = Vec::new();
    for PastRule { table, column, transitions, .. } in &status.rules {
        all.extend(transitions.iter().map(|transition| TransitionDocument {
            table,
            column,
            transition,
        }));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_has_its_settings_as_an_object() {
        let run = PastRun {
            id: "01".into(),
            settings: r#"{"active_within":"6mo"}"#.into(),
            checksums: "not JSON".into(),
            ..PastRun::default()
        };
        let document: Value =
            serde_json::from_str(&render_status(&Status::Runs(vec![run]))).unwrap();
        let run = &document["runs"][0];
        assert_eq!(run["run"], "01");
        assert_eq!(run["settings"]["active_within"], "6mo");
        assert_eq!((&run["checksums"], &run["can_be_undone"]), (&Value::Null, &Value::Bool(false)));
        assert!(run.get("number").is_none() && run.get("started_at").is_none(), "{run}");
    }
}
