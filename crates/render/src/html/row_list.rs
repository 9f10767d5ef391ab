//! The rows of a change, for the page's script: the first of each transition, with what the run read of them.

use leora_report::{FirstRows, Outcome, Report, shell_option, shell_path};
use leora_rule::Transition;
use maud::{Markup, PreEscaped, html};
use serde::Serialize;

use crate::html::security::embed_json;

/// Where the address of the sandbox comes from.
const SANDBOX: &str = "--sandbox";

/// What the script reads.
#[derive(Serialize)]
struct PageRows<'r> {
    column: String,
    /// The names of the cells: key, names of the row, columns read, facts.
    columns: Vec<&'r str>,
    /// How many of them are the key.
    keys: usize,
    /// How many of them are the key and name the row.
    named: usize,
    /// The one that a row is opened by.
    first: usize,
    file: Option<&'r str>,
    /// The command that lists all rows.
    all: String,
    /// The command that explains one.
    why: Option<String>,
    transitions: Vec<PageTransition<'r>>,
}

#[derive(Serialize)]
struct PageTransition<'r> {
    old: Option<&'r str>,
    new: Option<&'r str>,
    /// How many rows it has in all.
    count: u64,
    rows: &'r [(Option<usize>, Vec<Option<String>>)],
}

/// The rows of a change whose transitions are shown in this order.
pub(crate) fn render_rows(
    rows: Option<&FirstRows>,
    transitions: &[Transition],
    report: &Report,
) -> Markup {
    let Some(rows) = rows else { return html! {} };
    let page = PageRows::new(rows, transitions, report);
    html! { script.row-list type="application/json" { (PreEscaped(embed_json(&page))) } }
}

impl<'r> PageRows<'r> {
    fn new(rows: &'r FirstRows, transitions: &'r [Transition], report: &Report) -> Self {
        let rule = &rows.rule;
        let named = rule.key.len() + rule.labels.len();
        let all = rule.key.iter().chain(&rule.labels).chain(&rule.reads).chain(&rule.facts);
        let transition = |one: &'r Transition| {
            let own = rows.transitions.iter().find(|own| own.old == one.old && own.new == one.new);
            let rows = own.map_or(&[][..], |own| &own.rows);
            PageTransition {
                old: one.old.as_deref(),
                new: one.new.as_deref(),
                count: one.rows,
                rows,
            }
        };
        let is_undo = report.undoes.is_some();
        let is_sandbox = report.target.as_ref().is_some_and(|target| target.from == SANDBOX);
        let target = if is_sandbox { format!(" {SANDBOX}") } else { String::new() };
        Self {
            column: format!("{}.{}", rule.table, rule.column),
            columns: all.map(String::as_str).collect(),
            keys: rule.key.len(),
            named,
            first: if rule.labels.is_empty() { 0 } else { rule.key.len() },
            file: rule.file.as_deref(),
            all: format!("{}{target} --rows rows.csv", list_command(report)),
            why: (!is_undo)
                .then(|| format!("leora-run why {}{target}", shell_path(&report.folder))),
            transitions: transitions.iter().map(transition).collect(),
        }
    }
}

/// A plan is asked again, and of what was done the journal.
fn list_command(report: &Report) -> String {
    if report.outcome != Outcome::Planned {
        return format!("leora-run status {}", report.run);
    }
    let settings: String = report
        .settings
        .iter()
        .map(|(name, value)| format!(" {}", shell_option("--set", &format!("{name}={value}"))))
        .collect();
    match &report.undoes {
        Some(run) => format!("leora-run undo {run} --dry-run"),
        None => format!(
            "leora-run plan {} --as-of {}{settings}",
            shell_path(&report.folder),
            report.as_of
        ),
    }
}
