//! Definition files, from which an editor's language server knows what scripts can call.

use leora_folder::Limits;

use crate::api::{Form, FormKind, Function, GROUPS};
use crate::engine;

/// The definition files, name and text: those of the language, and ours.
pub fn editor_definitions() -> Vec<(String, String)> {
    let language = engine::language(&Limits::default());
    let mut files: Vec<(String, String)> = language
        .definitions()
        .with_headers(true)
        .iter_files()
        .map(|(name, text)| (name, without_results(&text)))
        .collect();
    files.push(("leora-run.d.rhai".into(), ours()));
    files
}

/// The types of functions that may fail: what they return when they do not.
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

fn ours() -> String {
    let functions = GROUPS.iter().flat_map(|group| group.functions);
    let described: Vec<String> = functions.map(definition).collect();
    format!("module static;\n\n{}\n", described.join("\n\n"))
}

fn definition(function: &Function) -> String {
    let example = function.example.lines().map(|line| format!("/// {line}"));
    let mut told = vec![format!("/// {}", function.about), "///".into(), "/// ```rhai".into()];
    told.extend(example);
    told.push("/// ```".into());
    let told = told.join("\n");
    let forms =
        function.forms.iter().map(|form| format!("{told}\n{}", declared(&Form::parse(form))));
    forms.collect::<Vec<_>>().join("\n\n")
}

/// A form as the language server reads it.
fn declared(form: &Form) -> String {
    let Form { kind, name, parameters, returns } = form;
    let returns = editor_type(returns);
    let named = |(name, sort): &(String, String)| format!("{name}: {}", editor_type(sort));
    let listed = |one: &dyn Fn(&(String, String)) -> String| {
        parameters.iter().map(one).collect::<Vec<_>>().join(", ")
    };
    match kind {
        FormKind::Function | FormKind::Method => {
            format!("fn {name}({}) -> {returns};", listed(&named))
        }
        FormKind::Property => format!("fn get {name}({}) -> {returns};", listed(&named)),
        FormKind::Operator => {
            format!("op {name}({}) -> {returns};", listed(&|(_, sort)| editor_type(sort).into()))
        }
        FormKind::Word => format!("const {name}: {returns};"),
    }
}

/// A type of the reference as the language server calls it.
fn editor_type(sort: &str) -> &str {
    match sort {
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
