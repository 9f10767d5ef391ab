//! The quick fixes that an editor offers, and what is left when they are applied.

use serde_json::{Value, json};

use super::client::Editor;
use crate::support::Project;

/// What is said of the first mistake of a text, and its fixes, each with the texts that it leads to.
fn fixes(editor: &mut Editor<'_>, file: &str, text: &str) -> (Value, Vec<(String, Vec<String>)>) {
    editor.change(file, text);
    let found = editor.raw_diagnostics(file);
    let range = found[0]["range"].clone();
    let params = json!({
        "textDocument": { "uri": editor.uri(file) }, "range": range, "context": { "diagnostics": found },
    });
    let actions = editor.ask("textDocument/codeAction", params);
    let described = |action: &Value| {
        let changes = action["edit"]["changes"].as_object().expect("changes");
        let edits = changes.iter().map(|(uri, edits)| editor.edited(uri, text, edits)).collect();
        (action["title"].as_str().expect("a title").to_owned(), edits)
    };
    let fixes = actions.as_array().expect("a list").iter().map(described).collect();
    (found[0]["message"].clone(), fixes)
}

#[test]
fn what_a_text_mends_is_offered_as_a_fix() {
    let project = Project::new();
    project.script("writes = [\"T.c\"]", "note(\"x\");");
    project.write("scripts/try/lib/shared.rhai", "fn double(a) { a + a }");
    let mut editor = Editor::start(&project, &[]);
    let script = "scripts/try/01_step.rhai";
    editor.open(script);
    for (text, title, mended) in [
        ("if today() = 1 { }", "write `==`", "if today() == 1 { }"),
        (
            "update(\"T\").where(col(\"a\") == 1 && col(\"b\") == 2 && col(\"d\") == 3).set(\"c\", 1);",
            "write `and`",
            "update(\"T\").where(col(\"a\") == 1 and col(\"b\") == 2 and col(\"d\") == 3).set(\"c\", 1);",
        ),
        ("let a = col(\"a\") AND true;", "write `and`", "let a = col(\"a\") and true;"),
        ("note(col(\"a\").is_nul());", "write `is_null`", "note(col(\"a\").is_null());"),
        (
            "let width = 1; note(`ö𝒳` + widt);",
            "write `width`",
            "let width = 1; note(`ö𝒳` + width);",
        ),
        (
            "import \"lib/sharde\" as s; s::double(1);",
            "write `lib/shared`",
            "import \"lib/shared\" as s; s::double(1);",
        ),
        (
            "import \"lib/shared\" as s; s::duble(1);",
            "write `double`",
            "import \"lib/shared\" as s; s::double(1);",
        ),
        ("note('ACTIVE');", "write `\"ACTIVE\"`", "note(\"ACTIVE\");"),
        ("let a = null; note(a);", "write `()`", "let a = (); note(a);"),
        ("# a note", "write `//`", "// a note"),
        ("let a = 1;", "write `_a`", "let _a = 1;"),
        ("note(`${1 <> 2}`);", "write `!=`", "note(`${1 != 2}`);"),
        (
            "table(\"T\").where(top_percent(20%, \"a\"));",
            "write `20`",
            "table(\"T\").where(top_percent(20, \"a\"));",
        ),
        (
            "table(\"T\").where(top_percent(0.2, \"a\"));",
            "write `20`",
            "table(\"T\").where(top_percent(20, \"a\"));",
        ),
        (
            "let share = 20 %; note(`${share}`);",
            "write `0.2`",
            "let share = 0.2; note(`${share}`);",
        ),
        ("note(\"x\") // x\nnote(\"y\");", "write `;`", "note(\"x\"); // x\nnote(\"y\");"),
        ("note(\"x\"));", "remove `)`", "note(\"x\");"),
        ("note(\"x\";", "write `)`", "note(\"x\");"),
        ("note(\"x\"", "write `)`", "note(\"x\")"),
        ("note(`${[1, 2}`);", "write `]`", "note(`${[1, 2]}`);"),
        ("let m = [1\nlet n = m; n;", "write `];`", "let m = [1];\nlet n = m; n;"),
        ("if true { note(\"x\");", "write `}`", "if true { note(\"x\");}"),
        (
            "update(\"T\").set(\"c\", [\n  [ col(\"a\"), 1 ],\n  [ otherwise, 2, // two\n]);",
            "write `]`",
            "update(\"T\").set(\"c\", [\n  [ col(\"a\"), 1 ],\n  [ otherwise, 2], // two\n]);",
        ),
        ("note(“x”);", "write `\"x\"`", "note(\"x\");"),
        ("note(\"x”);", "write `\"`", "note(\"x\");"),
        ("note(„x\");", "write `\"`", "note(\"x\");"),
        (
            "table(\"T\").where(col(\"a\") == ());",
            "write `.is_null()`",
            "table(\"T\").where(col(\"a\").is_null());",
        ),
        (
            "table(\"T\").where(col(\"b\") and col(\"a\").lower() != null);",
            "write `.is_not_null()`",
            "table(\"T\").where(col(\"b\") and col(\"a\").lower().is_not_null());",
        ),
        (
            "table(\"T\").where(col(\"a\") IS NULL);",
            "write `.is_null()`",
            "table(\"T\").where(col(\"a\").is_null());",
        ),
        (
            "table(\"T\").where(round(col(\"a\"), digits: 2) > 1);",
            "remove `digits:`",
            "table(\"T\").where(round(col(\"a\"), 2) > 1);",
        ),
        (
            "table(\"T\").where(col(\"a\").startsWith(\"x\"));",
            "write `starts_with`",
            "table(\"T\").where(col(\"a\").starts_with(\"x\"));",
        ),
        (
            "let rows = related(\"U\", \"t\"); table(\"T\").where(rows.size() > 2);",
            "write `count`",
            "let rows = related(\"U\", \"t\"); table(\"T\").where(rows.count() > 2);",
        ),
        ("update(\"T\").set(#{ c = 1 });", "write `:`", "update(\"T\").set(#{ c : 1 });"),
        (
            "update(\"T\").set(\"e\", 1);",
            "add \"T.e\" to writes",
            "title = \"Try\"\naccess = \"read-write\"\nwrites = [\"T.c\", \"T.e\"]\n",
        ),
    ] {
        let (told, fixes) = fixes(&mut editor, script, text);
        assert_eq!(fixes, [(title.into(), vec![mended.into()])], "{text}");
        if !mended.starts_with("title") {
            editor.change(script, mended);
            let left = editor.raw_diagnostics(script);
            assert!(!left.iter().any(|one| one["message"] == told), "{mended}: {left:?}");
        }
    }
    let manifest = "scripts/try/leora.toml";
    editor.open(manifest);
    editor.change(script, "note(\"x\");");
    let text = "title = \"T\"\naccess = \"read-only\"\nsqll = []\n";
    assert_eq!(
        fixes(&mut editor, manifest, text).1,
        [("write sql".into(), vec![text.replace("sqll", "sql")])]
    );
    assert_eq!(editor.end(), Some(0));
}
