//! What is printed to be copied or run is what it says, whatever the names in it, and nothing else.

use std::fs;
use std::process::Command;

use super::hostile::{TEXTS, in_script};
use super::workflow::commands_in;
use crate::support::{Browser, Database, Looks, Output, Project, attacked, execute, server};

/// A role with a hostile name, dropped with what it has.
struct Role<'d> {
    database: &'d Database,
    name: String,
}

impl<'d> Role<'d> {
    fn new(database: &'d Database, name: &str) -> Self {
        let name = role_name(database, name);
        database.run(&format!("CREATE ROLE {} LOGIN", quoted(&name)));
        Self { database, name }
    }
}

impl Drop for Role<'_> {
    fn drop(&mut self) {
        let name = quoted(&self.name);
        // Where the test has failed, it may not be there.
        let dropped =
            self.database.session().try_run(&format!("DROP OWNED BY {name}; DROP ROLE {name}"));
        assert!(dropped.is_ok() || std::thread::panicking(), "{dropped:?}");
    }
}

/// A name that no other test gives to a role, and short enough to be one.
fn role_name(database: &Database, text: &str) -> String {
    format!("{} {text}", database.name.trim_start_matches("leora_test_"))
}

/// A name in the SQL of the test.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Runs a file with psql, which must succeed, in a folder where nothing else may be left.
#[track_caller]
fn run_with_psql(project: &Project, database: &Database, file: &str) {
    let mut command = Command::new("psql");
    command.args([
        "--no-psqlrc",
        "--quiet",
        "--set=ON_ERROR_STOP=1",
        "--set=probe=probed",
        "--file",
        file,
    ]);
    command.arg(database.url()).current_dir(project.path("")).env("PGCLIENTENCODING", "UTF8");
    let output = project.output(&mut command);
    assert_eq!(
        output.code,
        0,
        "{}\n{}",
        output.stderr,
        std::fs::read_to_string(project.path(file)).expect("SQL")
    );
    assert_eq!(database.value("SELECT count(*) FROM probe"), "0", "{}", output.stdout);
    assert!(!project.path("probed").exists());
}

#[test]
fn printed_grants_are_run_by_psql_as_what_they_are() {
    let (project, database) = (Project::new(), Database::sample());
    assert!(server().admin.contains("postgresql://"), "psql reads this address");
    let table = |name| format!("CREATE TABLE hostile.{} (id int PRIMARY KEY);", quoted(name));
    let tables: String = TEXTS.into_iter().map(table).collect();
    database.run(&format!("CREATE TABLE probe (found int); CREATE SCHEMA hostile; {tables}"));
    let address = format!(
        "{}{}schema=hostile",
        database.url(),
        if database.url().contains('?') { '&' } else { '?' }
    );
    let reads: Vec<String> =
        TEXTS.iter().map(|name| format!("table({}).count();", in_script(name))).collect();
    let reads = reads.join("\n");
    for text in TEXTS {
        attacked(&format!("printed grants with {text:?}"));
        let role = Role::new(&database, text);
        // A step that can't be examined to its end, with its reason, and the statements for the rest.
        project.script("access = \"read-only\"", &reads);
        project.write("scripts/try/02_thrown.rhai", &format!("throw {};", in_script(text)));
        let mut command = project.command("doctor scripts/try --grants");
        command.args(["--role", &role.name, "--database-url", &address]);
        let printed = project.output(&mut command).exits(0).stdout;
        project.write("grants.sql", &printed);
        run_with_psql(&project, &database, "grants.sql");
        let without = database.value(&format!(
            "SELECT string_agg(c.relname, ' | ') FROM pg_roles r, pg_class c \
             WHERE r.rolname = '{}' AND c.relnamespace = 'hostile'::regnamespace AND c.relkind = 'r' \
               AND NOT has_table_privilege(r.oid, c.oid, 'SELECT')",
            role.name.replace('\'', "''"),
        ));
        assert_eq!(without, "", "{:?} by:\n{printed}", role.name);
    }
}

#[test]
fn a_role_that_is_missing_is_made_by_what_is_printed() {
    let (project, database) = (Project::new(), Database::sample());
    database.run("CREATE TABLE probe (found int)");
    project.script("access = \"read-only\"", "table(\"Customer\").count();");
    for text in TEXTS {
        attacked(&format!("a missing role {text:?}"));
        let name = role_name(&database, text);
        let mut command = project.on(&database, "doctor scripts/try --grants");
        let printed = project.output(command.arg("--role").arg(&name)).exits(0).stdout;
        project.write("grants.sql", &printed);
        let role = Role { database: &database, name };
        run_with_psql(&project, &database, "grants.sql");
        let literal = role.name.replace('\'', "''");
        let made = format!("SELECT count(*) FROM pg_roles WHERE rolname = '{literal}'");
        assert_eq!(database.value(&made), "1", "{printed}");
    }
}

/// A folder whose path, title, labels, settings and values are all this text.
fn hostile_folder(project: &Project, text: &str) -> String {
    let folder = format!("scripts/{}", text.replace('/', "_"));
    let (title, text) = (serde_json::json!(text.replace('\u{7f}', "")), in_script(text));
    project.write(
        &format!("{folder}/leora.toml"),
        &format!("title = {title}\naccess = \"read-write\"\n"),
    );
    let script = format!(
        "let w = setting({text}, false);\nnote({text});\nshow({text}, table(\"Customer\").distribution(\"accountType\"));\n\
         warn_unless({text}, false, {text});\n"
    );
    project.write(&format!("{folder}/01_step.rhai"), &script);
    folder
}

#[test]
fn nothing_in_the_log_of_a_workflow_is_a_command_but_annotations() {
    let (project, database) = (Project::new(), Database::sample());
    for text in TEXTS {
        attacked(&format!("the log of a workflow with {text:?}"));
        let folder = hostile_folder(&project, text);
        for format in ["github", "text", "json"] {
            let annotated = usize::from(format == "github");
            let unknown_setting = format!("--set={text}=1");
            let no_date = format!("--as-of={text}");
            for (arguments, annotations) in [
                (["--verbose", &folder], annotated),
                ([&unknown_setting, "scripts/verify"], annotated),
                ([&no_date, "scripts/verify"], 0),
            ] {
                let mut command = project.on(&database, "plan");
                command.args(["--format", format]).args(arguments).env("GITHUB_ACTIONS", "true");
                only_annotates(&project.output(&mut command), annotations);
            }
        }
        fs::remove_dir_all(project.path(&folder)).expect("removed");
    }
}

/// Whether a runner would carry out this many annotations, and nothing else.
#[track_caller]
fn only_annotates(output: &Output, annotations: usize) {
    let told = format!("{}\n{}", output.stdout, output.stderr);
    let found = commands_in(&output.stdout);
    assert_eq!(found.len(), annotations, "{found:?}\n{told}");
    assert!(found.iter().all(|name| name == "error" || name == "warning"), "{found:?}\n{told}");
    assert_eq!(commands_in(&output.stderr), [""; 0], "{told}");
}

#[test]
fn json_has_the_texts_that_they_were() {
    let (project, database) = (Project::new(), Database::sample());
    for text in TEXTS {
        attacked(&format!("JSON with {text:?}"));
        let folder = hostile_folder(&project, text);
        let mut command = project.on(&database, "plan --format json");
        let json = project.output(command.arg(&folder)).exits(0).json();
        assert_eq!(json["folder"], *folder, "{json:#}");
        let step = &json["steps"][0];
        assert_eq!(step["notes"][0], text, "{json:#}");
        assert_eq!(step["expectations"][0]["label"], text, "{json:#}");
    }
}

/// What a printed command would run, by the shell: its arguments.
fn arguments_of(project: &Project, printed: &str) -> Vec<String> {
    let program = format!("leora-run() {{ printf '%s\\0' \"$@\"; }}\n{printed}\n");
    let output = Command::new("bash").args(["-c", &program]).current_dir(project.path("")).output();
    let output = Output::of(output.expect("a shell")).exits(0);
    assert!(!project.path("probed").exists(), "{printed}");
    output.stdout.split_terminator('\0').map(str::to_owned).collect()
}

#[test]
fn printed_commands_have_the_arguments_that_they_name() {
    let (project, database) = (Project::new(), Database::sample());
    for text in TEXTS {
        attacked(&format!("a printed command with {text:?}"));
        let folder = hostile_folder(&project, text);
        let out = format!("{}.json", text.replace('/', "_"));
        let mut command = project.on(&database, "plan");
        command.arg(&folder).arg(format!("--out={out}"));
        let planned = project.output(&mut command).exits(0).stdout;
        let printed = planned.lines().last().expect("a command").trim();
        let arguments = arguments_of(&project, printed);
        let out = if out.starts_with('-') { format!("./{out}") } else { out };
        assert_eq!(arguments, ["run", &folder, "--approved", &out], "{planned}");
        let mut command = project.on(&database, "doctor --role nobody --format json");
        let told = project.output(command.arg(&folder)).exits(1).json();
        let remedies = told["checks"].as_array().expect("checks").iter();
        let remedies: Vec<&str> = remedies.filter_map(|check| check["remedy"].as_str()).collect();
        let remedies = remedies.join("\n");
        let printed =
            remedies.split("make it: ").nth(1).and_then(|rest| rest.split(" prints").next());
        let arguments = arguments_of(&project, printed.expect("a command"));
        assert_eq!(arguments, ["doctor", "--grants", &folder, "--role", "nobody"], "{told}");
    }
}

#[test]
fn the_page_shows_the_texts_that_they_were() {
    let (project, database) = (Project::new(), Database::sample());
    let notes: Vec<String> =
        TEXTS.iter().map(|text| format!("note({});", in_script(text))).collect();
    project.script("access = \"read-only\"", &notes.join("\n"));
    project.run(&database, "scripts/try --report report.html").exits(0);
    let browser = Browser::start(Looks::default());
    browser.open(&project.path("report.html"));
    let shown = browser.evaluate("return document.body.textContent");
    let title = browser.evaluate("return document.title");
    assert_ne!(title, "probed");
    for text in TEXTS {
        attacked(&format!("a page with {text:?}"));
        // A parser of HTML reads every end of a line as a line feed.
        let text = text.replace('\r', "\n");
        assert!(shown.as_str().expect("a text").contains(&text), "{text:?}");
    }
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn a_database_is_confirmed_by_the_name_that_is_printed() {
    let project = Project::new();
    project.script("writes = [\"T.c\"]", "note(\"x\");");
    for (number, text) in TEXTS.iter().enumerate() {
        attacked(&format!("a database {text:?}"));
        let name = format!("{}{number} {text}", std::process::id());
        let admin = &server().admin;
        execute(admin, &format!("CREATE DATABASE {}", quoted(&name)));
        let mut url = url::Url::parse(admin).expect("an address");
        url.set_path(&format!("/{}", escaped(&name)));
        let mut command = project.command("scripts/try --format json --database-url");
        let output = project.output(command.arg(url.as_str()));
        execute(admin, &format!("DROP DATABASE {} WITH (FORCE)", quoted(&name)));
        let told = output.exits(4).json();
        let help = told["error"]["help"].as_str().expect("help");
        let printed = help.split("give ").nth(1).and_then(|rest| rest.split("; to try").next());
        let arguments =
            arguments_of(&project, &format!("leora-run {}", printed.expect("an option")));
        assert_eq!(arguments, ["--confirm", &name], "{told}");
    }
}

/// A name in an address.
fn escaped(name: &str) -> String {
    name.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
