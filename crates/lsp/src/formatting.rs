//! Formatting, as `fmt` does it.

use std::path::Path;

use gen_lsp_types as lsp;
use leora_folder::{SourceFile, limits_of, sha256_hex};
use leora_script::format_script;

use crate::positions::range;

/// The edits that format a script: none where it is formatted, and none for what is no script.
///
/// # Errors
/// Why it can't be formatted, in words.
pub(crate) fn format(path: &Path, text: &str) -> Result<Vec<lsp::TextEdit>, String> {
    if path.extension().is_none_or(|extension| extension != "rhai") {
        return Ok(vec![]);
    }
    let file = path.display().to_string();
    let limits = limits_of(&file);
    let sha256 = sha256_hex(text.as_bytes());
    let source = SourceFile { path: file, text: text.to_owned(), sha256 };
    let formatted = format_script(&source, &limits).map_err(|error| {
        let line = error.place.as_ref().map_or(1, |place| place.line);
        format!("line {line}: {}", error.message)
    })?;
    Ok(difference(text, &formatted).into_iter().collect())
}

/// The lines that differ, as one edit: the rest keeps its marks and the cursor.
fn difference(old: &str, new: &str) -> Option<lsp::TextEdit> {
    if old == new {
        return None;
    }
    let lines = old.split_inclusive('\n').zip(new.split_inclusive('\n'));
    let start: usize = lines.take_while(|(a, b)| a == b).map(|(a, _)| a.len()).sum();
    let (old_rest, new_rest) = (&old[start..], &new[start..]);
    let lines = old_rest.split_inclusive('\n').rev().zip(new_rest.split_inclusive('\n').rev());
    let end: usize = lines.take_while(|(a, b)| a == b).map(|(a, _)| a.len()).sum();
    let range = range(old, start..old.len() - end);
    Some(lsp::TextEdit { range, new_text: new[start..new.len() - end].to_owned() })
}

#[cfg(test)]
mod tests {
    use super::difference;
    use crate::positions::offset;

    #[test]
    fn only_the_lines_that_differ_are_replaced() {
        for (old, new, replaced) in [
            ("a\nb\nc\n", "a\nB\nc\n", Some("b\n")),
            ("a\nb", "a\nb\n", Some("b")),
            ("a\na\n", "a\n", Some("a\n")),
            ("a\n", "a\na\n", Some("")),
            ("", "a\n", Some("")),
            ("a\n", "a\n", None),
        ] {
            let edit = difference(old, new);
            let applied = edit.as_ref().map_or_else(
                || old.to_owned(),
                |edit| {
                    let (start, end) = (offset(old, edit.range.start), offset(old, edit.range.end));
                    format!("{}{}{}", &old[..start], edit.new_text, &old[end..])
                },
            );
            assert_eq!(applied, new);
            let range = edit.map(|edit| offset(old, edit.range.start)..offset(old, edit.range.end));
            assert_eq!(range.map(|range| &old[range]), replaced, "{old:?} -> {new:?}");
        }
    }
}
