//! Text of the database, of scripts and of files that would drive the terminal, or turn the text around it.

use std::process::{Command, Stdio};

use super::Target;
use crate::support::{Project, attacked};

/// An escape, a bell, a byte of the C1 controls, characters that turn or hide text, and a line end.
const HOSTILE: &str = "a\u{1b}[31m\u{7}\u{9b}2J\u{202e}\u{2066}\u{200f}\u{61c}\u{200b}\u{feff}\u{2028}\u{0}\r\nerror: forged";

#[track_caller]
fn is_harmless(name: &str, text: &str) {
    for c in text.chars().filter(|c| *c != '\n') {
        let drives = c.is_control();
        let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{61c}'
                                | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{2060}'..='\u{2064}');
        assert!(!drives && !turns, "{name} has {c:?}: {text:?}");
    }
}

#[test]
fn nothing_drives_the_terminal() {
    let hostile = HOSTILE.replace('\0', "");
    let target = Target::with_objects(&format!(
        "UPDATE \"Customer\" SET city = E'{0}', name = E'{0}'; UPDATE \"Tenant\" SET name = E'{0}', slug = E'{0}' || id; \
         ALTER TABLE \"Customer\" ADD \"{0}\" text; CREATE TYPE \"E{0}\" AS ENUM ('{0}'); \
         CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''{0}'' USING DETAIL = ''{0}'', HINT = ''{0}''; END'; \
         CREATE TRIGGER fail BEFORE UPDATE OF city ON \"Customer\" FOR EACH ROW EXECUTE FUNCTION fail();",
        hostile.replace('\'', "''"),
    ));
    let text = HOSTILE.replace('\0', "\\0").replace('\r', "\\r").replace('\n', "\\n");
    let quoted: String = HOSTILE.chars().map(|c| format!("\\U{:08x}", c as u32)).collect();
    let scripts = [
        ("rows", "show(table(\"Customer\").rows([\"name\", \"city\"], 3));".to_owned()),
        ("a distribution", "show(table(\"Customer\").distribution(\"city\"));".into()),
        ("a note", format!("note(\"{quoted}\"); print(\"{quoted}\"); show(\"{quoted}\");")),
        ("a map", format!("note(`${{#{{\"a\": \"{quoted}\"}}}}`);")),
        ("an expectation", format!("expect(\"{quoted}\", [\"{quoted}\"]);")),
        ("a thrown text", format!("throw \"{quoted}\";")),
        ("a refusal", format!("refuse(\"{quoted}\", \"{quoted}\");")),
        ("a table's name", format!("table(\"{quoted}\").count();")),
        ("a column's name", format!("table(\"Customer\").count(col(\"{quoted}\") == 1);")),
        ("a setting", format!("setting(\"{quoted}\", \"{quoted}\");")),
        ("a query", format!("query(\"SELECT {quoted}\");")),
        ("an SQL file's name", format!("run_sql(\"{quoted}\");")),
        ("a mistake in a comment", format!("/* {text} */ oops(); // {text}")),
        ("an error of the server", "update(\"Customer\").set(\"city\", \"x\");".into()),
        ("an import", format!("import \"{quoted}\" as x;")),
    ];
    let manifest = "access = \"rolled-back\"\nwrites = [\"Customer.city\"]";
    for (name, script) in &scripts {
        for format in ["text", "json"] {
            let output = target.attack_with(manifest, name, script);
            is_harmless(name, &output.stdout);
            is_harmless(name, &output.stderr);
            let _ = format;
        }
    }
    // JSON escapes the control characters; the others are text to programs.
    let json = target.project.run(&target.database, "scripts/try --format json");
    assert!(json.stdout.chars().all(|c| !c.is_control() || c == '\n'), "{}", json.stdout);
    target.unchanged();
}

#[test]
fn titles_and_arguments_do_not_drive_the_terminal() {
    let target = Target::new();
    let hostile = "a\u{1b}[31m\u{7}\u{202e}\u{200b}";
    let manifest = format!(
        "title = \"a\\u001b[31m\\u0007{}\"\naccess = \"read-only\"\nnext = [\"\\u001b[2J\"]\n",
        "\u{202e}"
    );
    target.project.write("scripts/try/leora.toml", &manifest);
    target.project.write("scripts/try/01_step.rhai", &format!("//! title {hostile}\nnote(\"x\");"));
    for arguments in
        ["scripts/try", "plan scripts/try", "status", "status scripts/try", "doctor scripts/try"]
    {
        let output = target.project.run(&target.database, arguments);
        is_harmless(arguments, &output.stdout);
        is_harmless(arguments, &output.stderr);
    }
    let told = [
        vec![hostile],
        vec!["run", hostile],
        vec!["status", hostile],
        vec!["undo", hostile],
        vec!["scripts/try", "--set", hostile],
        vec!["scripts/try", "--set", "\u{1b}[31m=1"],
        vec!["scripts/try", "--as-of", hostile],
        vec!["scripts/try", "--confirm", hostile],
        vec!["scripts/try", "--approved", hostile],
    ];
    let report = format!("{hostile}.html");
    let told = told.into_iter().chain([vec!["scripts/try", "--report", &report]]);
    for arguments in told {
        let mut command = target.project.on(&target.database, "");
        command.args(&arguments);
        let output = target.project.output(&mut command);
        is_harmless(&format!("{arguments:?}"), &output.stdout);
        is_harmless(&format!("{arguments:?}"), &output.stderr);
    }
    target.unchanged();
}

#[test]
fn a_question_does_not_drive_the_terminal() {
    attacked("a question with the name of a database");
    let project = Project::new();
    let program = env!("CARGO_BIN_EXE_leora-run");
    // A terminal, at which nobody answers.
    let line = format!(
        "exec {program} scripts/phase2 --color never --database-url postgresql://u@127.0.0.1:1/a%1B[2Jb%0Ac"
    );
    let mut script = Command::new("script");
    script.args(["-q", "-e", "-c", &line, "/dev/null"]).stdin(Stdio::null()).env("TERM", "xterm");
    let output = project.output(script.current_dir(project.path("")));
    let asked = output.stdout.replace('\r', "");
    let asked: Vec<&str> =
        asked.lines().filter(|line| line.contains("This will write to")).collect();
    assert_eq!(asked.len(), 1, "{}", output.stdout);
    assert!(
        asked[0].contains("This will write to a\u{241b}[2Jb c. Type its name to go on: "),
        "{asked:?}"
    );
    is_harmless("a question", asked[0]);
}
