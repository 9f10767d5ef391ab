//! Formatting scripts: indentation, the columns of arms, blanks at the end of lines, and the last line break. Nothing else
//! is touched, and what a script means never.

mod arms;
mod indentation;
mod line;
mod meaning;
#[cfg(test)]
mod property;
#[cfg(test)]
mod tests;

use leora_folder::{Limits, SourceFile};
use leora_report::Place;

use crate::ScriptError;
use crate::compiled_script::CompiledScript;
use crate::engine;
use crate::format::arms::align_arms;
use crate::format::indentation::{Indent, Reason, columns, indent};
use crate::format::line::split_lines;
use crate::format::meaning::means_the_same;
use crate::piece::split_pieces;

/// The formatted text of a script; the same text where it is formatted already.
///
/// # Errors
/// [`ScriptError`] when the script does not compile, or when its formatted text would not mean the same.
pub fn format_script(source: &SourceFile, limits: &Limits) -> Result<String, ScriptError> {
    let engine = engine::compiling(limits);
    let before = CompiledScript::compile(&engine, source, limits)?;
    let text = format(&source.text);
    match means_the_same(&source.path, &before, &text, &engine) {
        true => Ok(text),
        false => Err(ScriptError::mistake(
            "formatting would change what this script means, so it is left as it is",
            Some("lay it out by hand, and report the script as a fault of this program".into()),
            Some(Place::from_byte_offset(&source.path, &source.text, 0)),
        )),
    }
}

fn format(text: &str) -> String {
    let pieces = split_pieces(text);
    let lines = split_lines(text, &pieces);
    let indents = indent(text, &lines, &pieces);
    let arms = align_arms(text, &lines, &pieces);
    let mut formatted = String::with_capacity(text.len());
    let mut comment_column = 0;
    for (at, line) in lines.iter().enumerate() {
        let content = &text[line.bytes.clone()];
        let next = lines.get(at + 1).map_or(text.len(), |next| next.bytes.start);
        let content = if line.begins_inside { content } else { content.trim_start() };
        let content = if line.ends_inside { content } else { content.trim_end() };
        let column = match indents[at] {
            Some(Indent { by: Reason::CommentAbove, .. }) => comment_column,
            Some(indent) => indent.after,
            None => 0,
        };
        let start = formatted.len();
        formatted += &" ".repeat(column);
        formatted += arms.get(&at).map_or(content, String::as_str);
        if let Some(comment) = pieces[line.pieces.clone()].last().filter(|last| last.is_comment()) {
            let code = formatted[start..].strip_suffix(comment.text).unwrap_or_default();
            comment_column = columns(code);
        }
        formatted += &text[line.bytes.end..next];
    }
    let line_break = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let end = formatted.trim_end().len();
    formatted.truncate(end);
    if end > 0 {
        formatted += line_break;
    }
    formatted
}
