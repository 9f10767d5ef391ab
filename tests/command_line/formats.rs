//! How results are printed: as one JSON document, without escape codes in pipes, and safe for a terminal.

use std::io::Read;
use std::process::Stdio;

use serde_json::Value;

use crate::support::{Database, Project};

const WRITES: &str = "writes = [\"Customer.accountType\"]";

/// The document of a failed run.
#[track_caller]
fn failure(database: &Database, project: &Project, code: i32, kind: &str) -> Value {
    let document = project.run(database, "scripts/try --format json").exits(code).json();
    assert_eq!(document["error"]["kind"], kind);
    assert!(document["error"]["message"].is_string());
    document
}

#[test]
fn json_of_a_run() {
    let (project, database) = (Project::new(), Database::sample());
    project
        .script(WRITES, "//! All active\nupdate(\"Customer\").set(\"accountType\", \"ACTIVE\");");
    let document =
        project.run(&database, "scripts/try --format json --as-of 2025-10-25").exits(0).json();
    assert_eq!(document["outcome"], "done");
    assert_eq!(document["error"], Value::Null);
    assert_eq!(document["folder"], "scripts/try");
    assert_eq!(document["as_of"], "2025-10-25");
    assert_eq!(document["target"]["name"], database.name.as_str());
    assert_eq!(document["target"]["from"], "--database-url");
    let step = &document["steps"][0];
    assert_eq!((&step["name"], &step["title"]), (&"01_step".into(), &"All active".into()));
    assert_eq!(
        step["changes"][0]["transitions"],
        serde_json::json!([{ "old": null, "new": "ACTIVE", "rows": 5394 }])
    );
}

#[test]
fn json_of_a_script_error() {
    let (project, database) = (Project::new(), Database::sample());
    project.script(WRITES, "\nupdate(\"Customer\").set(\"accountType\", \"ACTIV\");");
    let document = failure(&database, &project, 2, "script");
    assert_eq!(
        document["error"],
        serde_json::json!({
            "kind": "script",
            "message": "AccountType has no value ACTIV; its values are ACTIVE, TARGET, PROSPECT",
            "file": "scripts/try/01_step.rhai", "line": 2, "column": 39,
            "sqlstate": null, "details": [], "help": "did you mean ACTIVE?",
        })
    );
    assert_eq!(document["outcome"], "failed");
}

#[test]
fn json_of_each_kind_of_failure() {
    let (project, database) = (Project::new(), Database::sample());
    project.script("", "loop { }");
    failure(&database, &project, 2, "limit");
    project.script("writs = []", "");
    let document = failure(&database, &project, 2, "manifest");
    assert_eq!(document["error"]["line"], 3);
    project.script("", "expect(\"one is two\", 1 == 2);");
    failure(&database, &project, 1, "expectation");
    project.script("", "refuse(\"it is not safe\", \"make it safe\");");
    let document = failure(&database, &project, 4, "refused");
    assert_eq!(
        (&document["outcome"], &document["error"]["help"]),
        (&"refused".into(), &"make it safe".into())
    );
    project.script("access = \"rolled-back\"", "table(\"CallPlan\").insert(#{ name: \"x\" });");
    let document = failure(&database, &project, 3, "database");
    assert_eq!(document["error"]["sqlstate"], "23502");
    let unnamed = project.output(&mut project.command("scripts/try --format json")).exits(2).json();
    assert_eq!(unnamed["error"]["kind"], "usage");
    let closed = "scripts/try --format json --database-url postgresql://u@127.0.0.1:1/d";
    let closed = project.output(&mut project.command(closed)).exits(3).json();
    assert_eq!(closed["error"]["kind"], "connection");
    project.script("", "");
    let unconfirmed = format!("scripts/try --format json --database-url {}", database.url());
    let unconfirmed = project.output(&mut project.command(&unconfirmed)).exits(4).json();
    assert_eq!(unconfirmed["error"]["kind"], "not_confirmed");
}

#[test]
fn escape_codes_only_where_they_are_wanted() {
    let (project, database) = (Project::new(), Database::sample());
    let escaped = |arguments: &str, name: &str, value: &str| {
        let mut command = project.on(&database, arguments);
        let output = project.output(command.env(name, value));
        (output.stdout + output.stderr.as_str()).contains('\u{1b}')
    };
    for script in ["show(table(\"Customer\").distribution(\"city\"));", "show(1"] {
        project.script("access = \"read-only\"", script);
        assert!(!escaped("scripts/try", "TERM", "xterm-256color"));
        assert!(!escaped("scripts/try --color never", "TERM", "xterm-256color"));
        assert!(!escaped("scripts/try --color auto", "NO_COLOR", "1"));
        assert!(escaped("scripts/try --color always", "TERM", "xterm-256color"));
        assert!(!escaped("scripts/try --color always --format json", "TERM", "xterm-256color"));
    }
}

#[test]
fn text_that_would_drive_the_terminal_is_made_visible() {
    let (project, database) = (Project::new(), Database::sample());
    database
        .run("UPDATE \"Tenant\" SET slug = E'a\\x1b]0;pwn\\x07b\\u202e' WHERE slug = 'redwood'");
    let bare = |script: &str, code: i32| {
        project.script("access = \"read-only\"", script);
        let output = project.run(&database, "scripts/try").exits(code);
        let dangerous = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
        assert!(!output.stdout.contains(dangerous), "{:?}", output.stdout);
        output
    };
    bare("show(table(\"Tenant\").rows([\"slug\"]));", 0).says("a␛]0;pwn␇b\u{fffd}");
    bare("show(table(\"Tenant\").distribution(\"slug\"));", 0).says("a␛]0;pwn␇b\u{fffd}");
    bare("for one in table(\"Tenant\").rows([\"slug\"]) { note(one.slug); }", 0).says("a␛]0;pwn␇b");
    bare("expect(table(\"Tenant\").rows([\"slug\"])[0].slug + \"\\x1b[2J\", false);", 1)
        .says("␛[2J");
    bare("//! Title \u{1b}[31m\nthrow \"\\x1b]0;pwn\\x07\";", 2)
        .says("error: ␛]0;pwn␇")
        .says("Title ␛[31m");
}

#[test]
fn a_reader_that_goes_away_does_not_stop_the_run() {
    let (project, database) = (Project::new(), Database::sample());
    project.script(
        WRITES,
        "for i in 0..500 { note(`a line to fill the pipe ${i}`); }\n\
         update(\"Customer\").set(\"accountType\", \"ACTIVE\");",
    );
    let mut command = project.on(&database, "scripts/try");
    let mut child = project.start(command.stdout(Stdio::piped()));
    let mut stdout = child.stdout.take().expect("a pipe");
    stdout.read_exact(&mut [0; 4]).expect("the title");
    drop(stdout);
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
    assert_eq!(database.classes(), ["ACTIVE/- 5394"]);
}

#[test]
fn a_long_title_is_cut_in_the_table_of_steps_and_no_line_is_broken() {
    let (project, database) = (Project::new(), Database::sample());
    let title = "Look at what is gone / questionable / doubtful among all the customers there are";
    let step = format!(
        "//! {title}\nupdate(\"Customer\").set(\"accountType\", \"ACTIVE\");\nexpect(\"held\", true);\n"
    );
    project.script("writes = [\"Customer.accountType\"]", &step);
    project.write("scripts/try/02_short.rhai", "//! A short title\nrefuse(\"no\", \"go away\");\n");
    let output = project.run(&database, "scripts/try");
    let table: Vec<&str> = output.stdout.lines().filter(|line| line.starts_with("  │")).collect();
    assert_eq!(table.len(), 3, "{}", output.stdout);
    assert!(table[1].contains("1 Look at what is gone / questi"), "{}", output.stdout);
    assert!(table[1].contains("… "), "{}", output.stdout);
    let widths: Vec<usize> = table.iter().map(|line| line.chars().count()).collect();
    assert_eq!(widths, [80, 80, 80], "all the room is used: {}", output.stdout);
}
