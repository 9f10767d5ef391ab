//! Lines above the code: what became of an example, and how many rows a rule would change.

use std::path::Path;

use gen_lsp_types as lsp;
use leora_report::{ExampleOutcome, ExampleResult};
use leora_rule::format_count;
use leora_script::calls_of;
use serde_json::json;

use crate::database::RuleCount;
use crate::positions::range;

/// The command that counts the rows of a folder's rules. Its argument is the address of a script.
pub(crate) const COUNT: &str = "leora-run.count";

/// What became of the examples in a file.
pub(crate) fn example_lenses(
    path: &Path,
    text: &str,
    examples: &[ExampleResult],
) -> Vec<lsp::CodeLens> {
    let here = examples.iter().filter_map(|example| {
        let place = example.place.as_ref()?;
        (Path::new(&place.file) == path).then(|| {
            let start = place.byte_offset(text);
            lens(range(text, start..start), describe(&example.outcome), "", None)
        })
    });
    here.collect()
}

fn describe(outcome: &ExampleOutcome) -> String {
    match outcome {
        ExampleOutcome::Run { got, passed: true, by, .. } => format!("✓ {got}, {}", by.describe()),
        ExampleOutcome::Run { expected, got, by, .. } => {
            format!("✗ expected {expected}, got {got}, {}", by.describe())
        }
        ExampleOutcome::NotRun { message, .. } => format!("✗ could not be tried: {message}"),
    }
}

/// A lens on each `update(..)`: it counts, and then has the counts.
pub(crate) fn rule_lenses(
    path: &Path,
    text: &str,
    counts: Option<&[RuleCount]>,
    uri: &lsp::Uri,
) -> Vec<lsp::CodeLens> {
    let lens_at = |bytes: std::ops::Range<usize>| {
        let range = range(text, bytes);
        let is_here = |one: &&RuleCount| {
            Path::new(&one.file) == path && one.line == range.start.line as usize + 1
        };
        let here: Vec<String> =
            counts.into_iter().flatten().filter(is_here).map(describe_count).collect();
        let title = match (counts, here.is_empty()) {
            (None, _) => "count the rows".to_owned(),
            (Some(_), true) => "no rule, with these settings".to_owned(),
            (Some(_), false) => here.join(" · "),
        };
        lens(range, title, COUNT, Some(vec![json!(uri)]))
    };
    calls_of(text, "update").into_iter().map(lens_at).collect()
}

/// `5,394 rows, of which 1,089 would change`
pub(crate) fn describe_count(one: &RuleCount) -> String {
    match &one.count {
        Ok(count) => format!(
            "{}, of which {} would change",
            format_count(count.rows, "row"),
            leora_rule::format_number(count.changed)
        ),
        Err(why) => format!("not counted: {why}"),
    }
}

fn lens(
    range: lsp::Range,
    title: String,
    command: &str,
    arguments: Option<Vec<serde_json::Value>>,
) -> lsp::CodeLens {
    let command = lsp::Command { title, command: command.to_owned(), arguments, tooltip: None };
    lsp::CodeLens { range, command: Some(command), data: None }
}
