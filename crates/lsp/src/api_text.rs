//! The reference of the script API, as the editor shows it.

use gen_lsp_types as lsp;
use leora_report::ApiFunction;
use leora_script::{Form, FormKind, find_functions};

/// Which functions of a name are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written<'t> {
    /// It stands alone.
    Alone,
    /// It stands behind a dot, after a value of this type, where that is known.
    BehindDot(Option<&'t str>),
}

/// The functions of this name that can stand there, as Markdown.
pub(crate) fn describe_functions(name: &str, written: Written<'_>) -> Option<String> {
    let asked = match written {
        Written::BehindDot(Some(object)) => format!("{object}.{name}"),
        _ => name.to_owned(),
    };
    let mut found = find_functions(&asked).ok()?;
    found.retain(|function| function.forms.iter().any(|form| fits(&Form::parse(form), written)));
    let texts: Vec<String> = found.iter().map(describe).collect();
    (!texts.is_empty()).then(|| texts.join("\n\n---\n\n"))
}

fn fits(form: &Form, written: Written<'_>) -> bool {
    let is_behind_dot = matches!(form.kind, FormKind::Method | FormKind::Property);
    match written {
        Written::Alone => !is_behind_dot,
        Written::BehindDot(_) => is_behind_dot,
    }
}

fn describe(function: &ApiFunction) -> String {
    let ApiFunction { forms, about, example, .. } = function;
    format!("```text\n{}\n```\n\n{about}\n\n```rhai\n{example}\n```", forms.join("\n"))
}

pub(crate) fn markdown(value: String) -> lsp::MarkupContent {
    lsp::MarkupContent { kind: lsp::MarkupKind::Markdown, value }
}
