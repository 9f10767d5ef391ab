//! Errors in a manifest, at their place and in the words of somebody who writes one.

use std::ops::Range;

use leora_report::Place;
use leora_rule::nearest;

use crate::error::FolderError;
use crate::manifest_fix::fix_name;
use crate::source_file::SourceFile;

pub(crate) fn explain_toml_error(
    source: &SourceFile,
    span: Option<Range<usize>>,
    error_text: &str,
) -> FolderError {
    let quoted: Vec<&str> = error_text.split('`').skip(1).step_by(2).collect();
    let (message, help) = match (error_text, quoted.as_slice()) {
        (text, [field, known @ ..]) if text.starts_with("unknown field") => {
            (format!("a manifest has no key {field}"), suggest_name(field, known, "its keys are"))
        }
        (text, [found, known @ ..]) if text.starts_with("unknown variant") => {
            (format!("{found} means nothing here"), suggest_name(found, known, "write one of"))
        }
        (text, ["access"]) if text.starts_with("missing field") => (
            "access is missing".into(),
            "add access = \"read-only\", \"rolled-back\" or \"read-write\"".into(),
        ),
        (text, [field]) if text.starts_with("missing field") => {
            (format!("{field} is missing"), format!("add {field} = \"...\""))
        }
        (text, _) if text.starts_with("invalid type: ") || text.starts_with("invalid value: ") => {
            wrong_type(text, &key_of(source, span.as_ref()))
        }
        ("wanted string or table", _) => {
            let key = key_of(source, span.as_ref());
            ("a text is needed here".into(), format!("write it in quotes, as in {key} = \"...\""))
        }
        ("duplicate key", _) => ("this key stands twice".into(), "remove one of the two".into()),
        _ => (
            "this can't be read".into(),
            "a text stands in \"quotes\", a list in [brackets], and each key on a line of its own"
                .into(),
        ),
    };
    let near = match quoted.as_slice() {
        [found, known @ ..] if error_text.starts_with("unknown ") => {
            nearest(found, known.iter().copied()).map(|near| (*found, near))
        }
        _ => None,
    };
    let start = span.as_ref().map_or(0, |span| span.start);
    let mended = near.and_then(|(found, near)| fix_name(source, start, found, near));
    match manifest_error(source, span, message, Some(help)) {
        FolderError::Manifest { file, place, message, help, .. } => {
            FolderError::Manifest { file, place, message, help, fix: mended.map(Box::new) }
        }
        other => other,
    }
}

/// Of `invalid type: integer `20`, expected a string`: what is needed, and how to write it.
fn wrong_type(text: &str, key: &str) -> (String, String) {
    let (found, wanted) = text.split_once(", expected ").unwrap_or((text, ""));
    let found = found.split_once(": ").map_or(found, |(_, found)| found);
    let is_found = |kind: &str| found.starts_with(kind);
    let kind = match () {
        () if is_found("integer") || is_found("floating point") => "a number",
        () if is_found("boolean") => "true or false",
        () if is_found("string") => "a text",
        () if is_found("sequence") => "a list",
        () => "something else",
    };
    let example = match key {
        "max_changed" => "max_changed = \"20%\"".to_owned(),
        _ if key.is_empty() => "\"...\"".to_owned(),
        key => format!("{key} = \"...\""),
    };
    let (needed, help) = match wanted {
        "a sequence" => ("a list", "write it in brackets, as in [\"one\", \"two\"]".to_owned()),
        "a boolean" => ("true or false", "write it without quotes".to_owned()),
        "u32" | "i64" => {
            ("a whole number", format!("write it without quotes and decimals, as in {key} = 10"))
        }
        _ => ("a text", format!("write it in quotes, as in {example}")),
    };
    (format!("{needed} is needed here, and this is {kind}"), help)
}

/// The key in whose line a value stands.
fn key_of(source: &SourceFile, span: Option<&Range<usize>>) -> String {
    let before = span.and_then(|span| source.text.get(..span.start)).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    line.split_once('=').map_or("", |(key, _)| key.trim()).to_owned()
}

pub(crate) fn suggest_name(found: &str, known: &[&str], otherwise: &str) -> String {
    nearest(found, known.iter().copied()).map_or_else(
        || format!("{otherwise} {}", known.join(", ")),
        |near| format!("did you mean {near}?"),
    )
}

pub(crate) fn manifest_error(
    source: &SourceFile,
    span: Option<Range<usize>>,
    message: String,
    help: Option<String>,
) -> FolderError {
    let start = span.map_or(0, |span| span.start);
    FolderError::Manifest {
        file: source.clone(),
        place: Place::from_byte_offset(&source.path, &source.text, start),
        message,
        help,
        fix: None,
    }
}
