//! Errors in a manifest, at their place and in the words of somebody who writes one.

use std::ops::Range;

use leora_report::Place;
use leora_rule::nearest;

use crate::error::FolderError;
use crate::source_file::SourceFile;

pub(crate) fn explain_toml_error(
    source: &SourceFile,
    span: Option<Range<usize>>,
    message: &str,
) -> FolderError {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let (message, help) = match (message, quoted.as_slice()) {
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
        (text, _) if text.ends_with("expected a sequence") => (
            "a list is needed here".into(),
            "write it in brackets, as in [\"one\", \"two\"]".into(),
        ),
        ("duplicate key", _) => ("this key stands twice".into(), "remove one of the two".into()),
        _ => (
            "this can't be read".into(),
            "a text stands in \"quotes\", a list in [brackets], and each key on a line of its own"
                .into(),
        ),
    };
    manifest_error(source, span, message, Some(help))
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
    }
}
