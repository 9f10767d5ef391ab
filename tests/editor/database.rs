//! What an editor shows of a database: columns, labels, counts, distributions. It is only read.

use serde_json::{Value, json};

use super::client::Editor;
use super::{SCRIPT, at_mark, hovered, proposed};
use crate::support::{Database, Project};

/// The text that a command is answered with.
fn execute(editor: &mut Editor<'_>, command: &str, arguments: &Value) -> String {
    let params = json!({ "command": command, "arguments": arguments });
    let answer = editor.ask("workspace/executeCommand", params);
    answer.as_str().unwrap_or_default().to_owned()
}

/// The lenses of a file: the line from 1, and the title.
fn lenses(editor: &mut Editor<'_>, file: &str) -> Vec<String> {
    let document = json!({ "uri": editor.uri(file) });
    let lenses = editor.ask("textDocument/codeLens", json!({ "textDocument": document }));
    let line = |lens: &Value| lens["range"]["start"]["line"].as_u64().expect("a line") + 1;
    let title = |lens: &Value| lens["command"]["title"].as_str().expect("a title").to_owned();
    let lenses = lenses.as_array().expect("a list").iter();
    lenses.map(|lens| format!("{}: {}", line(lens), title(lens))).collect()
}

/// Asks again, as editors do, each time that the program says that they have changed.
fn lenses_once_checked(editor: &mut Editor<'_>, file: &str) -> Vec<String> {
    loop {
        let shown = lenses(editor, file);
        if !shown.is_empty() {
            return shown;
        }
        editor.notice("workspace/codeLens/refresh", |_| true);
    }
}

#[test]
fn a_database_gives_columns_labels_counts_and_distributions_and_is_only_read() {
    let (project, database) = (Project::new(), Database::sample());
    let before = database.whole_fingerprint();
    let url = database.url();
    let mut editor = Editor::start(&project, &["--database-url", &url]);
    let text = std::fs::read_to_string(project.path(SCRIPT)).expect("the script");
    editor.open_text(SCRIPT, &format!("{text}let unused = 1;\n"));
    editor.diagnostics(SCRIPT);
    let names = json!(["Customer", "accountType"]);
    let shown = execute(&mut editor, "leora-run.distribution", &names);
    assert_eq!(shown, "Customer.accountType: (none) 5,394 (100.0%)");
    let labels = proposed(
        &mut editor,
        SCRIPT,
        &format!("{text}update(\"Customer\").set(\"accountType\", \"|"),
    );
    assert_eq!(labels, ["ACTIVE", "TARGET", "PROSPECT"]);
    let columns =
        proposed(&mut editor, SCRIPT, &format!("{text}update(\"Customer\").where(col(\"accountT|"));
    assert!(columns.contains(&"accountType".into()) && columns.len() > 10, "{columns:?}");
    let about =
        hovered(&mut editor, SCRIPT, &text.replace("col(\"accountType", "col(\"account|Type"));
    assert_eq!(
        about,
        "**Customer.accountType** `\"AccountType\"`, may be missing\n\nIts values: ACTIVE, TARGET, PROSPECT"
    );
    let at = at_mark(&mut editor, SCRIPT, &text.replace("col(\"accountType", "col(\"account|Type"));
    let range = json!({ "start": at["position"], "end": at["position"] });
    let params = json!({ "textDocument": at["textDocument"], "range": range, "context": { "diagnostics": [] } });
    let actions = editor.ask("textDocument/codeAction", params);
    assert_eq!(actions[0]["command"]["arguments"], names, "{actions}");
    assert_eq!(lenses(&mut editor, SCRIPT), ["11: count the rows"]);
    let here = json!([editor.uri(SCRIPT)]);
    let counted = execute(&mut editor, "leora-run.count", &here);
    let rule = "5,394 rows, of which 5,394 would change";
    let missing = "Customer.accountPriority is not there before phase2-migration.sql has run";
    assert_eq!(
        counted,
        format!(
            "01_classify_customers.rhai:11: {rule}\n05_account_priorities.rhai:6: not counted: {missing}"
        )
    );
    assert_eq!(lenses(&mut editor, SCRIPT), [format!("11: {rule}")]);
    editor.change(SCRIPT, &format!("{text}\n"));
    assert_eq!(lenses(&mut editor, SCRIPT), ["11: count the rows"]);
    let examples = "scripts/phase2/examples/classification.rhai";
    editor.open(examples);
    let held = lenses_once_checked(&mut editor, examples);
    assert!(held[0].ends_with(": ✓ ACTIVE, by arm 1"), "{held:?}");
    assert_eq!(editor.end(), Some(0));
    assert_eq!(database.whole_fingerprint(), before);
}

#[test]
fn without_a_database_the_columns_of_the_last_check_are_known_and_none_is_asked() {
    let (project, database) = (Project::new(), Database::sample());
    project.run(&database, "check scripts/phase2").exits(0);
    let mut editor = Editor::start(&project, &[]);
    editor.open(SCRIPT);
    let text = "update(\"Customer\").set(\"accountPriority\", \"|";
    // The SQL file of a later step adds it: the check has tried that.
    assert_eq!(proposed(&mut editor, SCRIPT, text), ["LOW", "MEDIUM", "HIGH"]);
    assert_eq!(lenses(&mut editor, SCRIPT), [] as [&str; 0]);
    let params = json!({ "command": "leora-run.distribution", "arguments": ["Customer", "city"] });
    let refusal = editor.refusal("workspace/executeCommand", params);
    assert_eq!(refusal, "no database is named: start the server with --database-url or --sandbox");
    assert_eq!(editor.end(), Some(0));
}

#[test]
fn a_question_that_is_cancelled_ends_and_the_next_is_answered() {
    let (project, database) = (Project::new(), Database::sample());
    let url = database.url();
    let mut editor = Editor::start(&project, &["--database-url", &url]);
    editor.open(SCRIPT);
    let mut other = database.session();
    other.run("BEGIN; LOCK TABLE \"Customer\" IN ACCESS EXCLUSIVE MODE");
    let names = json!(["Customer", "accountType"]);
    let params = json!({ "command": "leora-run.distribution", "arguments": names });
    let waits = editor.request("workspace/executeCommand", params.clone());
    let behind = editor.request("workspace/executeCommand", params);
    let waiting = "SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
    database.wait_until(waiting);
    for id in [waits, behind] {
        editor.tell("$/cancelRequest", json!({ "id": id }));
        let error = editor.answer(id)["error"].clone();
        assert_eq!(error["code"], -32800, "{error}");
    }
    // The lock is still held.
    database.wait_until(&waiting.replace("= 1", "= 0"));
    other.run("COMMIT");
    let shown = execute(&mut editor, "leora-run.distribution", &names);
    assert_eq!(shown, "Customer.accountType: (none) 5,394 (100.0%)");
    // Of what has been answered, nothing is left to cancel.
    editor.tell("$/cancelRequest", json!({ "id": 1 }));
    assert_eq!(editor.end(), Some(0));
}
