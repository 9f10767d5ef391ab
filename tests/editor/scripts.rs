//! What an editor shows of scripts and manifests, saved or not.

use std::time::{Duration, Instant};

use serde_json::json;

use super::client::Editor;
use super::{SCRIPT, defined, hovered, proposed};
use crate::support::Project;

const MANIFEST: &str = "scripts/phase2/leora.toml";

#[test]
fn findings_come_as_one_types_and_go_when_they_are_mended() {
    let project = Project::new();
    let mut editor = Editor::start(&project, &[]);
    let text = std::fs::read_to_string(project.path(SCRIPT)).expect("the script");
    // Unsaved: the disk has the shipped text all along.
    editor.open_text(SCRIPT, &text.replace(".within(active_within)", ".withn(active_within)"));
    assert_eq!(
        editor.diagnostics(SCRIPT),
        ["14:22-27 unknown_function: there is no function `withn`; did you mean `within`?"]
    );
    editor.change(SCRIPT, &text.replace("\"ACTIVE\"   ]", "\"TARGET\"   ]"));
    let examples = "scripts/phase2/examples/classification.rhai";
    let failed = editor.diagnostics(examples);
    assert!(failed.len() > 3, "{failed:?}");
    let expected = "example: expected ACTIVE, got TARGET, by arm 1; it read accountType = (none), lastOrderDate";
    assert!(failed[0].contains(expected), "{failed:?}");
    editor.change(SCRIPT, &text);
    assert_eq!(editor.diagnostics(SCRIPT), [] as [&str; 0]);
    assert_eq!(editor.diagnostics(examples), [] as [&str; 0]);
    assert_eq!(editor.end(), Some(0));
}

/// How long the findings of an edit may take: what comes before the next letter is typed. A build without optimization is
/// several times slower.
const MOST_TIME: Duration = Duration::from_millis(if cfg!(debug_assertions) { 250 } else { 50 });

#[test]
fn findings_of_each_shipped_folder_come_before_the_next_letter() {
    let project = Project::new();
    for folder in ["phase2", "rollback-phase2", "verify", "segments", "overrides"] {
        let mut editor = Editor::start(&project, &[]);
        let files =
            std::fs::read_dir(project.path(&format!("scripts/{folder}"))).expect("a folder");
        let names =
            files.map(|file| file.expect("a file").file_name().into_string().expect("text"));
        let script = names.filter(|name| name.ends_with(".rhai")).min().expect("a script");
        let script = format!("scripts/{folder}/{script}");
        let text = std::fs::read_to_string(project.path(&script)).expect("the script");
        editor.open_text(&script, &format!("{text}\nlet unused = 1;\n"));
        editor.diagnostics(&script);
        let mut edit = |number: u32| {
            let began = Instant::now();
            editor.change(&script, &format!("{text}\nlet unused{number} = 1;\n"));
            let found = editor.diagnostics(&script);
            assert!(found[0].contains(&format!("unused{number}")), "{found:?}");
            began.elapsed()
        };
        // The fastest: other tests run at the same time.
        let fastest = (0..15).map(&mut edit).min().expect("edits");
        assert!(fastest < MOST_TIME, "{folder}: {fastest:?}");
        editor.vanish();
    }
}

#[test]
fn the_manifest_is_checked_with_the_scripts_that_it_permits() {
    let project = Project::new();
    let mut editor = Editor::start(&project, &[]);
    let text = std::fs::read_to_string(project.path(MANIFEST)).expect("the manifest");
    editor.open_text(MANIFEST, &text.replace("access =", "acces ="));
    let found = editor.diagnostics(MANIFEST);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].contains("manifest: a manifest has no key acces; did you mean access?"),
        "{found:?}"
    );
    editor.change(MANIFEST, &text.replace("\"Customer.accountType\", ", ""));
    let found = editor.diagnostics(SCRIPT);
    assert!(
        found[0].contains("not_allowed: the manifest does not allow setting Customer.accountType"),
        "{found:?}"
    );
    assert!(
        found[0].ends_with("add \"Customer.accountType\" to writes = [...] in leora.toml"),
        "{found:?}"
    );
    assert_eq!(editor.vanish(), Some(0));
}

#[test]
fn a_script_is_formatted_and_one_that_does_not_compile_is_left() {
    let project = Project::new();
    let mut editor = Editor::start(&project, &[]);
    let script = "scripts/try/01_step.rhai";
    let manifest = "title = \"T\"\naccess = \"read-only\"\n";
    project.write("scripts/try/leora.toml", manifest);
    editor.open_text(script, "let a = 1;\nif a == 1 {\nnote(\"x\");   \n}\n");
    let params = json!({ "textDocument": { "uri": editor.uri(script) }, "options": { "tabSize": 4, "insertSpaces": true } });
    let edits = editor.ask("textDocument/formatting", params.clone());
    assert_eq!(edits[0]["newText"], "    note(\"x\");\n", "{edits}");
    assert_eq!(edits[0]["range"]["start"], json!({ "line": 2, "character": 0 }));
    editor.change(script, "let a = ;");
    let refusal = editor.refusal("textDocument/formatting", params);
    assert_eq!(refusal, "line 1: `;` means nothing here");
    let refusal = editor.refusal("textDocument/foldingRange", json!({}));
    assert_eq!(refusal, "leora-run does not answer textDocument/foldingRange");
    assert_eq!(editor.end(), Some(0));
}

#[test]
fn names_are_completed_explained_and_found_where_they_are_defined() {
    let project = Project::new();
    let mut editor = Editor::start(&project, &[]);
    let text = std::fs::read_to_string(project.path(SCRIPT)).expect("the script");
    editor.open(SCRIPT);
    // The folder is known once it was checked.
    editor.change(SCRIPT, &format!("{text}let unused = 1;\n"));
    editor.diagnostics(SCRIPT);
    let of = |name: &str, proposed: Vec<String>| {
        assert!(proposed.contains(&name.to_owned()), "{name}: {proposed:?}")
    };
    of(
        "accountType",
        proposed(&mut editor, SCRIPT, &format!("{text}update(\"Customer\").where(col(\"accountT|")),
    );
    of("Customer", proposed(&mut editor, SCRIPT, &format!("{text}update(\"|")));
    of("phase2-migration.sql", proposed(&mut editor, SCRIPT, &format!("{text}run_sql(\"|\");")));
    of("target_within", proposed(&mut editor, SCRIPT, &format!("{text}let x = tar|")));
    of("update", proposed(&mut editor, SCRIPT, &format!("{text}upd|")));
    let methods = proposed(&mut editor, SCRIPT, &format!("{text}col(\"a\").|"));
    assert!(methods.contains(&"within".into()) && !methods.contains(&"set".into()), "{methods:?}");
    assert_eq!(proposed(&mut editor, SCRIPT, &format!("{text}// upd|")), [] as [&str; 0]);
    let shown =
        hovered(&mut editor, SCRIPT, &text.replace("last_order.within", "last_order.wi|thin"));
    assert!(shown.contains("column.within(how_long: period) -> condition"), "{shown}");
    let shown = hovered(
        &mut editor,
        SCRIPT,
        &text.replace("within(active_within)", "within(active|_within)"),
    );
    assert!(shown.contains("Setting **active_within**, `months(6)` by default"), "{shown}");
    assert!(shown.contains("an order this recent makes a customer ACTIVE"), "{shown}");
    let place = defined(
        &mut editor,
        SCRIPT,
        &text.replace("within(active_within)", "within(active|_within)"),
    );
    assert_eq!(place, "01_classify_customers.rhai:3");
    let place = defined(&mut editor, SCRIPT, &format!("{text}run_sql(\"phase2|-migration.sql\");"));
    assert_eq!(place, "phase2-migration.sql:1");
    let examples = "scripts/phase2/examples/classification.rhai";
    editor.open(examples);
    let place = defined(&mut editor, examples, "given(#{ setting: #{ recl|assify: true } });");
    assert_eq!(place, "01_classify_customers.rhai:5");
    let verify = "scripts/verify/02_tables.rhai";
    let text = std::fs::read_to_string(project.path(verify)).expect("a script");
    editor.open(verify);
    editor.change(verify, &format!("let unused = 1;\n{text}"));
    editor.diagnostics(verify);
    assert!(text.contains("import \"lib/"), "{text}");
    let place = defined(&mut editor, verify, &text.replacen("import \"lib/", "import \"lib/|", 1));
    assert!(place.ends_with(".rhai:1"), "{place}");
    editor.open(MANIFEST);
    of("max_changed", proposed(&mut editor, MANIFEST, "title = \"T\"\nmax|"));
    of("rolled-back", proposed(&mut editor, MANIFEST, "title = \"T\"\naccess = \"|\""));
    let shown = hovered(&mut editor, MANIFEST, "titl|e = \"T\"");
    assert_eq!(shown, "What the folder does, in one line.");
    assert_eq!(
        defined(&mut editor, MANIFEST, "sql = [\"phase2-|migration.sql\"]"),
        "phase2-migration.sql:1"
    );
    assert_eq!(editor.end(), Some(0));
}
