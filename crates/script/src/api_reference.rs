//! The reference of the script API, as a page in Markdown.

use leora_folder::{LIMITS, Limit};
use leora_rule::format_number;

use crate::api::{Form, FormKind, Function, GROUPS, Group};

/// The page.
pub fn render_api_reference() -> String {
    let mut parts = vec![INTRODUCTION.to_owned()];
    parts.push(GROUPS.iter().map(render_contents).collect::<Vec<_>>().join("\n"));
    parts.extend(GROUPS.iter().map(render_group));
    parts.push(render_limits());
    parts.join("\n\n") + "\n"
}

const INTRODUCTION: &str = "\
# What scripts can call

`leora-run api` prints this page from the code itself, and `leora-run api --definitions DIR` writes it for an editor's
language server. Every example runs in a test, each as a step of its own on the sample CRM.

A *condition* is true or false for each row. A *value* is a column, a text, a number, true or false, or `()` for none.
A *number* is an exact decimal of at most 28 digits, written without an exponent; `7 / 2` of whole numbers is 3, and `7.0 / 2` is 3.5.
[messages.md](messages.md) lists every message by what was written, and [folders.md](folders.md) tells what a rule means.

## Contents";

fn render_contents(group: &Group) -> String {
    let link = |function: &Function| format!("[`{}`](#{})", function.name, anchor(function));
    let links: Vec<String> = group.functions().map(link).collect();
    format!("- **{}**: {}", group.title, links.join(" · "))
}

fn heading(function: &Function) -> String {
    let form = Form::parse(function.forms[0]);
    match form.kind {
        FormKind::Function => format!("{}(...)", form.name),
        FormKind::Method => format!("{}.{}(...)", form.parameters[0].0, form.name),
        FormKind::Property => format!("{}.{}", form.parameters[0].0, form.name),
        FormKind::Operator => {
            let signs: Vec<String> =
                function.forms.iter().map(|form| Form::parse(form).name).collect();
            signs.join(" ")
        }
        FormKind::Word => form.name,
    }
}

/// The heading as a link's target: a sign has none of its own.
fn anchor(function: &Function) -> String {
    let kept = |c: char| c.is_alphanumeric() || c == '_';
    let name: String = heading(function).chars().filter(|&c| kept(c)).collect();
    match name.is_empty() {
        true if function.name == "==" => "comparing".into(),
        true => "calculating".into(),
        false => name,
    }
}

fn render_group(group: &Group) -> String {
    let functions: Vec<String> = group.functions().map(render_function).collect();
    format!("## {}\n\n{}\n\n{}", group.title, group.about, functions.join("\n\n"))
}

fn render_function(function: &Function) -> String {
    let forms: Vec<String> = function.forms.iter().map(|form| format!("{form}\n")).collect();
    let mut text = format!(
        "<a id=\"{}\"></a>\n\n### `{}`\n\n{}\n\n```text\n{}```\n\n```rhai\n{}\n```",
        anchor(function),
        heading(function),
        function.about,
        forms.concat(),
        function.example,
    );
    if !function.errors.is_empty() {
        text += "\n\nIt may say:\n";
        for error in function.errors {
            text += &format!("\n- {}", render_code(error));
        }
    }
    text
}

/// A text as code, also when it has backquotes in it.
fn render_code(text: &str) -> String {
    match text.contains('`') {
        true => format!("`` {text} ``"),
        false => format!("`{text}`"),
    }
}

fn render_limits() -> String {
    let rows: String = LIMITS
        .iter()
        .map(|limit| {
            let [default, least, most] =
                [limit.default, limit.least, limit.most].map(format_number);
            let Limit { name, unit, meaning, .. } = limit;
            format!("| `{name}` | {default} {unit} | {least} to {most} | {meaning} |\n")
        })
        .collect();
    format!(
        "## Limits of a step\n\nThere is no file, no network, no process, no clock but the business date, no `eval`. A script \
         that uses up a limit ends at that line, and nothing is changed. The operator changes a limit in the manifest; a script \
         can't:\n\n```toml\n[limits]\ntime = 30\n```\n\n| limit | default | can be | what it counts |\n| --- | --- | --- | --- |\n{rows}",
    )
    .trim_end()
    .to_owned()
}
