//! `lsp`, by the protocol that editors speak: a session each, with the real program at the other end.

mod client;
mod database;
mod neovim;
mod quick_fixes;
mod scripts;
mod vscode;

use serde_json::json;

use self::client::Editor;

const SCRIPT: &str = "scripts/phase2/01_classify_customers.rhai";

/// The names that are proposed at the first `|` of a text.
fn proposed(editor: &mut Editor<'_>, file: &str, text: &str) -> Vec<String> {
    let params = at_mark(editor, file, text);
    let items = editor.ask("textDocument/completion", params);
    let names = items.as_array().expect("a list").iter();
    names.map(|item| item["label"].as_str().expect("a label").to_owned()).collect()
}

/// What is shown at the first `|` of a text.
fn hovered(editor: &mut Editor<'_>, file: &str, text: &str) -> String {
    let params = at_mark(editor, file, text);
    let shown = editor.ask("textDocument/hover", params);
    shown["contents"]["value"].as_str().unwrap_or_default().to_owned()
}

/// Where the name at the first `|` of a text is defined: the file's name, and the line from 1.
fn defined(editor: &mut Editor<'_>, file: &str, text: &str) -> String {
    let params = at_mark(editor, file, text);
    let found = editor.ask("textDocument/definition", params);
    let file = found["uri"].as_str().expect("a file").rsplit('/').next().unwrap_or_default();
    format!("{file}:{}", found["range"]["start"]["line"].as_u64().expect("a line") + 1)
}

/// Types a text without its `|`; returns that place.
fn at_mark(editor: &mut Editor<'_>, file: &str, text: &str) -> serde_json::Value {
    let (before, _) = text.split_once('|').expect("a |");
    editor.change(file, &text.replacen('|', "", 1));
    let line = before.matches('\n').count();
    let character = before.rsplit('\n').next().unwrap_or_default().encode_utf16().count();
    let position = json!({ "line": line, "character": character });
    json!({ "textDocument": { "uri": editor.uri(file) }, "position": position })
}
