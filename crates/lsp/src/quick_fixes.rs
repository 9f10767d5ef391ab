//! The fixes of findings, as the editor offers them.

use std::collections::HashMap;
use std::path::PathBuf;

use gen_lsp_types as lsp;
use leora_report::{Fix, Replacement};

use crate::diagnostics::Diagnosed;
use crate::positions::range;

/// The fixes of what is underlined in a range. `text_of` gives the text of a file as it is now, with its address.
pub(crate) fn quick_fixes(
    found: &[Diagnosed],
    within: lsp::Range,
    text_of: impl Fn(&PathBuf) -> Option<(lsp::Uri, String)>,
) -> Vec<lsp::CodeAction> {
    let touches = |one: &lsp::Range| one.start <= within.end && within.start <= one.end;
    let here = found.iter().filter(|one| touches(&one.diagnostic.range));
    here.filter_map(|Diagnosed { diagnostic, fix }| {
        let fix = fix.as_ref()?;
        Some(lsp::CodeAction {
            title: fix.title.clone(),
            kind: Some(lsp::CodeActionKind::QuickFix),
            diagnostics: Some(vec![diagnostic.clone()]),
            is_preferred: Some(true),
            edit: Some(edit(fix, &text_of)?),
            ..lsp::CodeAction::default()
        })
    })
    .collect()
}

/// The fix as an edit; `None` where a text is no longer the one that it was made for.
fn edit(
    fix: &Fix,
    text_of: &impl Fn(&PathBuf) -> Option<(lsp::Uri, String)>,
) -> Option<lsp::WorkspaceEdit> {
    let mut changes: HashMap<lsp::Uri, Vec<lsp::TextEdit>> = HashMap::new();
    for Replacement { place, replaced, text } in &fix.replacements {
        let (uri, now) = text_of(&PathBuf::from(&place.file))?;
        let start = place.byte_offset(&now);
        if !now[start..].starts_with(replaced.as_str()) {
            return None;
        }
        let range = range(&now, start..start + replaced.len());
        changes.entry(uri).or_default().push(lsp::TextEdit { range, new_text: text.clone() });
    }
    Some(lsp::WorkspaceEdit { changes: Some(changes), ..lsp::WorkspaceEdit::default() })
}
