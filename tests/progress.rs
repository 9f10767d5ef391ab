//! What a terminal shows while the server takes its time: every command says what it waits for.

use std::io::Read;
use std::process::{Child, Command, Stdio};

use crate::support::{Database, Project};

/// The program at a terminal, of whose lines the last is drawn over and over.
struct Terminal {
    script: Child,
    drawn: Vec<u8>,
}

impl Terminal {
    fn start(project: &Project, database: &Database, arguments: &str) -> Self {
        let program = env!("CARGO_BIN_EXE_leora-run");
        let line = format!(
            "stty cols 100; exec {program} {arguments} --color never --lock-timeout 60s --database-url '{}'",
            database.url()
        );
        let mut script = Command::new("script");
        script.args(["-q", "-e", "-c", &line, "/dev/null"]).current_dir(project.path(""));
        script.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let script = script.env("TERM", "xterm").spawn().expect("script, of bsdutils");
        Self { script, drawn: Vec::new() }
    }

    fn read(&mut self) -> bool {
        let mut buffer = [0; 4096];
        let output = self.script.stdout.as_mut().expect("a pipe");
        let read = output.read(&mut buffer).expect("it reads");
        self.drawn.extend_from_slice(&buffer[..read]);
        read > 0
    }

    /// Waits until this was drawn, with the seconds that it has taken, at least one.
    #[track_caller]
    fn shows(&mut self, what: &str) {
        let line = format!("{what}  1s");
        while !String::from_utf8_lossy(&self.drawn).contains(&line) {
            assert!(self.read(), "never {line}: {}", String::from_utf8_lossy(&self.drawn));
        }
    }

    fn ends(mut self) -> Option<i32> {
        while self.read() {}
        self.script.wait().expect("it ends").code()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.script.kill();
        let _ = self.script.wait();
    }
}

/// Runs a command while another session keeps everybody from the table.
#[track_caller]
fn waits(project: &Project, database: &Database, arguments: &str, what: &str, code: i32) {
    let mut other = database.session();
    other.run("BEGIN; LOCK TABLE \"Customer\"");
    let mut terminal = Terminal::start(project, database, arguments);
    terminal.shows(what);
    other.run("ROLLBACK");
    assert_eq!(terminal.ends(), Some(code), "{arguments}");
}

#[test]
fn commands_that_only_read_say_what_they_wait_for() {
    let (project, database) = (Project::new(), Database::sample());
    let row = database.value("SELECT id::text FROM \"Customer\" ORDER BY id LIMIT 1");
    project.script("access = \"read-only\"", "table(\"Customer\").count();");
    for (arguments, what) in [
        ("check scripts/try".to_owned(), "preparing the statements of scripts/try"),
        (format!("why scripts/phase2 {row}"), "running the scripts"),
        ("what-if scripts/phase2 --vary active_within=3mo,6mo".to_owned(), "running the scripts"),
    ] {
        waits(&project, &database, &arguments, what, 0);
    }
}

#[test]
fn a_step_that_reads_says_what() {
    let (project, database) = (Project::new(), Database::sample());
    for (script, what) in [
        ("table(\"Customer\").count();", "counting Customer"),
        ("table(\"Customer\").distribution(\"accountType\");", "Customer.accountType"),
        (
            "table(\"Customer\").distribution_by(\"tenantId\", \"accountType\");",
            "Customer.accountType by tenantId",
        ),
        ("table(\"Customer\").rows([\"id\"], 1);", "reading Customer"),
    ] {
        project.script("access = \"read-only\"", script);
        waits(&project, &database, "scripts/try", what, 0);
    }
}

#[test]
fn an_undo_says_which_columns_it_puts_back() {
    let (project, database) = Project::after_phase2();
    database.run(
        "CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS \
         'BEGIN PERFORM pg_advisory_xact_lock(77); RETURN NEW; END'; \
         CREATE TRIGGER hold BEFORE UPDATE ON \"Customer\" FOR EACH ROW EXECUTE FUNCTION hold()",
    );
    let mut other = database.session();
    other.run("SELECT pg_advisory_lock(77)");
    let confirmed = format!("undo --confirm {}", database.name);
    let mut terminal = Terminal::start(&project, &database, &confirmed);
    terminal.shows("Customer.accountPriority, Customer.accountType");
    other.run("SELECT pg_advisory_unlock(77)");
    assert_eq!(terminal.ends(), Some(0));
}

#[test]
fn elsewhere_nothing_of_it_is_written() {
    let (project, database) = (Project::new(), Database::sample());
    project.script("access = \"read-only\"", "table(\"Customer\").count();");
    let output = project.run(&database, "scripts/try").exits(0);
    assert_eq!(output.stderr, "");
}
