//! Definition files, from which an editor's language server knows what scripts can call.

use leora_folder::Limits;

use crate::api::{Form, FormKind, Function, GROUPS, Group};
use crate::engine;

/// The definition files, name and text: those of the language, and that of the API.
pub fn editor_definitions() -> Vec<(String, String)> {
    let language = engine::language(&Limits::default());
    let mut files: Vec<(String, String)> = language
        .definitions()
        .with_headers(true)
        .iter_files()
        .map(|(name, text)| (name, without_results(&without_refused(&text))))
        .collect();
    files.push(("leora-run.d.rhai".into(), api_definitions()));
    files
}

/// What scripts are refused: an editor should not propose it.
const REFUSED: [&str; 4] = ["eval", "curry", "sleep", "timestamp"];

/// Leaves out the functions that scripts are refused, with their comments, and all that takes a moment of the clock.
fn without_refused(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    // A comment, until what it is about is known.
    let mut comment = String::new();
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        if line.trim_start().starts_with("///") {
            comment += line;
            continue;
        }
        let is_declaration = ["fn ", "op "].iter().any(|word| line.starts_with(word));
        if is_declaration && is_refused(line) {
            lines.next_if(|next| next.trim().is_empty());
        } else {
            kept += &comment;
            kept += line;
        }
        comment.clear();
    }
    kept + comment.as_str()
}

fn is_refused(declaration: &str) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let (head, _) = declaration.split_once('(').unwrap_or((declaration, ""));
    let name = head.rsplit(' ').next().unwrap_or_default();
    let of_clock = |word: &str| ["timestamp", "Instant"].contains(&word);
    REFUSED.contains(&name) || declaration.split(|c| !is_name(c)).any(of_clock)
}

/// Replaces the types of functions that may fail by what they return when they do not.
fn without_results(text: &str) -> String {
    let line = |line: &str| match line.split_once("-> Result<") {
        Some((head, rest)) => {
            let given = rest.rsplit_once(',').map_or(rest, |(given, _)| given);
            format!("{head}-> {given};")
        }
        None => line.to_owned(),
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n") + "\n"
}

fn api_definitions() -> String {
    let functions = GROUPS.iter().flat_map(Group::functions);
    let definitions: Vec<String> = functions.map(define_function).collect();
    format!("module static;\n\n{}\n", definitions.join("\n\n"))
}

fn define_function(function: &Function) -> String {
    let example = function.example.lines().map(|line| format!("/// {line}"));
    let mut doc = vec![format!("/// {}", function.about), "///".into(), "/// ```rhai".into()];
    doc.extend(example);
    doc.push("/// ```".into());
    let doc = doc.join("\n");
    let forms =
        function.forms.iter().map(|form| format!("{doc}\n{}", define_form(&Form::parse(form))));
    forms.collect::<Vec<_>>().join("\n\n")
}

fn define_form(form: &Form) -> String {
    let Form { kind, name, parameters, returns } = form;
    let returns = editor_type(returns);
    let named = |(name, of_type): &(String, String)| format!("{name}: {}", editor_type(of_type));
    let join = |one: &dyn Fn(&(String, String)) -> String| {
        parameters.iter().map(one).collect::<Vec<_>>().join(", ")
    };
    match kind {
        FormKind::Function | FormKind::Method => {
            format!("fn {name}({}) -> {returns};", join(&named))
        }
        FormKind::Property => format!("fn get {name}({}) -> {returns};", join(&named)),
        FormKind::Operator => {
            format!("op {name}({}) -> {returns};", join(&|(_, one)| editor_type(one).into()))
        }
        FormKind::Word => format!("const {name}: {returns};"),
    }
}

fn editor_type(name: &str) -> &str {
    match name {
        "text" => "string",
        "integer" => "int",
        "number" => "float",
        "truth" => "bool",
        "list" => "array",
        "value" => "?",
        "nothing" => "()",
        "condition" => "column",
        other => other,
    }
}
