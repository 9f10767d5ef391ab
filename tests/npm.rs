//! Phase 2 by npm, with a backup before and a message after, as docs/migration-guide.md has it: its own package.json and
//! its own script, with the real npm and the real pg_dump.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use super::docs::{blocks, in_shell};
use crate::support::{Output, Project, Session, own_text};

/// An application's folder with the guide's files, and a sandbox as its database.
struct Application {
    project: Project,
    url: String,
}

impl Application {
    fn new() -> Self {
        let project = Project::new();
        let guide = own_text("docs/migration-guide.md");
        for (language, text) in blocks(&guide) {
            match language {
                "json" => project.write("package.json", &text),
                "bash" => project.write("migrate.sh", &text),
                _ => &project,
            };
        }
        project.write("notify", "#!/bin/sh\nprintf '%s\\n' \"$*\" >> told\n");
        let may_run = fs::Permissions::from_mode(0o755);
        fs::set_permissions(project.path("notify"), may_run).expect("permissions");
        let mut application = Self { project, url: String::new() };
        application.shell("leora-run sandbox start").exits(0);
        application.url =
            application.shell("leora-run sandbox url").exits(0).stdout.trim().to_owned();
        application
    }

    /// With the server that pg_dump came with, which takes no newer one.
    fn shell(&self, line: &str) -> Output {
        let mut command = in_shell(&self.project, line);
        command.env_remove("LEORA_POSTGRES_BIN").env("DIRECT_URL", &self.url);
        command.env("NOTIFY", "./notify").env("npm_config_update_notifier", "false");
        Output::of(command.output().expect("a shell"))
    }

    /// Runs the script, and returns what was told.
    fn migrate(&self, name: &str, code: i32) -> String {
        let _ = fs::remove_file(self.project.path("told"));
        self.shell(&format!("bash migrate.sh {name}")).exits(code);
        fs::read_to_string(self.project.path("told")).expect("something was told")
    }

    fn document(&self, file: &str) -> Value {
        let text = fs::read_to_string(self.project.path(file)).expect("a file");
        serde_json::from_str(&text).expect("one document")
    }
}

impl Drop for Application {
    fn drop(&mut self) {
        self.shell("leora-run sandbox stop");
    }
}

#[test]
fn npm_runs_the_scripts_and_gives_back_their_exit_codes() {
    let application = Application::new();
    application.shell("npm run verify:phase2").exits(1);
    application.shell("npm run migrate:phase2").exits(4);
    application.shell("npm run migrate:phase2 -- --set reclassfy=true --confirm leora").exits(2);
    application.shell("npm run migrate:phase2 -- --confirm leora").exits(0).says("all committed");
    application.shell("npm run verify:phase2").exits(0);
}

#[test]
fn a_backup_comes_before_and_a_message_after_whatever_happens() {
    let application = Application::new();
    let told = application.migrate("crm", 4);
    assert_eq!(
        told,
        "Phase 2 failed with 4: \"crm\" is not the name of the target, which is leora\n"
    );
    let mut other = Session::of(&application.url);
    other.run("BEGIN; SELECT pg_advisory_xact_lock(7810771665791316597)");
    assert_eq!(application.migrate("leora", 5), "Another run is at work; nothing was changed\n");
    other.run("ROLLBACK");
    let step = "scripts/phase2/06_record_migration.rhai";
    application.project.edit(step, ");", ");\nexpect(\"no\", false);");
    let held = "An expectation did not hold; see migrate.json and verify.json\n";
    assert_eq!(application.migrate("leora", 1), held);
    application.project.edit(step, "expect(\"no\", false);", "");

    let told = application.migrate("leora", 0);
    let run = application.document("migrate.json")["run"].as_str().expect("a run").to_owned();
    assert_eq!(told, format!("Phase 2 is done; see .leora/runs/{run}.json\n"));
    assert_eq!(application.document(&format!(".leora/runs/{run}.json"))["outcome"], "done");
    assert_eq!(application.document("verify.json")["outcome"], "done");
    // The backup is of before.
    let listed = application.shell("pg_restore --list before.dump").exits(0);
    listed
        .says("TABLE public Customer")
        .says("TABLE DATA public Customer")
        .says_not("CallPlanActivity");

    let mut nowhere = in_shell(&application.project, "bash migrate.sh leora");
    nowhere.env("DIRECT_URL", "postgresql://nobody@127.0.0.1:1/x");
    let output = Output::of(nowhere.output().expect("a shell")).exits(3);
    output.says("No backup, so nothing was run");
}
