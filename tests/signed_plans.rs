//! `plan --sign` and `run --require-signature`: a plan that is passed between people, with keys that openssl makes.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::support::{Database, Output, Project, attacked};

/// A small folder, and two people's keys: `ann.pem` and `ann.pub`, `bob.pem` and `bob.pub`.
struct Case {
    project: Project,
    database: Database,
}

impl Case {
    fn new() -> Self {
        let (project, database) = (Project::new(), Database::empty());
        database.run("CREATE TABLE \"Item\" (id int PRIMARY KEY, note text); INSERT INTO \"Item\" VALUES (1)");
        project.script("writes = [\"Item.note\"]", "update(\"Item\").set(\"note\", \"a\");");
        let case = Self { project, database };
        for name in ["ann", "bob"] {
            case.openssl(&format!("genpkey -algorithm ed25519 -out {name}.pem"));
            case.openssl(&format!("pkey -in {name}.pem -pubout -out {name}.pub"));
        }
        case
    }

    /// As docs/command-line.md says.
    fn openssl(&self, arguments: &str) {
        let mut openssl = Command::new("openssl");
        openssl.args(arguments.split(' ')).current_dir(self.project.path(""));
        let output = openssl.output().expect("openssl is there");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn plan(&self, options: &str) -> Output {
        self.project.run(&self.database, &format!("plan scripts/try --out plan.json {options}"))
    }

    fn approved(&self, options: &str) -> Output {
        let run = format!("run scripts/try --approved plan.json {options}");
        self.project.run(&self.database, &run)
    }

    fn text(&self, file: &str) -> String {
        fs::read_to_string(self.project.path(file)).expect("a file")
    }

    /// The text between the first and the last line of a public key.
    fn key_text(&self, file: &str) -> String {
        self.text(file).lines().nth(1).expect("a line").to_owned()
    }

    #[track_caller]
    fn unchanged(&self) {
        assert_eq!(self.database.value("SELECT count(note) FROM \"Item\""), "0");
    }
}

#[test]
fn a_plan_runs_that_an_approver_has_signed() {
    let case = Case::new();
    case.plan("--sign ann.pem").exits(0);
    let text = case.key_text("ann.pub");
    case.approved(&format!("--require-signature {text}")).exits(0).says("1 of 1 row changed");

    let both = format!("{}{}", case.text("bob.pub"), case.text("ann.pub"));
    case.project.write("approvers.pub", &both);
    for keys in [
        "--require-signature bob.pub --require-signature ann.pub",
        "--require-signature approvers.pub",
    ] {
        case.plan("--sign ann.pem").exits(0);
        case.approved(keys).exits(0);
    }
    // Who does not ask for a signature runs a signed plan like any other.
    case.plan("--sign bob.pem").exits(0);
    case.approved("").exits(0);
}

#[test]
fn a_plan_that_nobody_or_somebody_else_has_signed_is_refused() {
    let case = Case::new();
    let refused = |what: &str, words: &str| {
        attacked(what);
        let output = case.approved("--require-signature ann.pub").exits(4).tells(words);
        output.tells("leora-run plan scripts/try --out plan.json --sign KEYFILE");
        case.unchanged();
    };
    case.plan("").exits(0);
    refused("a plan without a signature", "the plan plan.json is not signed");
    case.plan("--sign bob.pem").exits(0);
    refused("a plan that somebody else has signed", "signed with none of the keys");
    let signature = |case: &Case| {
        let plan: serde_json::Value = serde_json::from_str(&case.text("plan.json")).expect("JSON");
        plan["signature"].as_str().expect("a signature").to_owned()
    };
    case.plan("--sign ann.pem").exits(0);
    let of_another = signature(&case);
    case.project.write("scripts/try/02_more.rhai", "note(\"more\");");
    case.plan("--sign bob.pem").exits(0);
    case.project.edit("plan.json", &signature(&case), &of_another);
    refused("a plan with the signature of another plan", "signed with none of the keys");
    case.project.edit("plan.json", &of_another, "*");
    refused("a plan with a signature that is none", "signed with none of the keys");
}

#[test]
fn keys_that_are_none_are_told_and_never_shown() {
    let case = Case::new();
    let secret = case.key_text("ann.pem");
    let told = |output: Output, words: &str| {
        output.exits(2).tells(words).says_not(&secret);
        case.unchanged();
    };
    attacked("a private key that others can read");
    let path = case.project.path("ann.pem");
    fs::set_permissions(&path, Permissions::from_mode(0o640)).expect("a mode");
    told(case.plan("--sign ann.pem"), "the plan can't be signed with ann.pem: others may read it");
    assert!(!case.project.path("plan.json").exists());
    fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("a mode");
    told(case.plan("--sign nowhere.pem"), "no such file");
    told(case.plan("--sign ."), "it is no regular file");
    case.openssl("genpkey -algorithm RSA -out rsa.pem");
    told(case.plan("--sign rsa.pem"), "it holds no Ed25519 key");
    case.plan("--sign ann.pem").exits(0).says_not(&secret);
    assert!(!case.text("plan.json").contains(&secret));
    told(
        case.approved("--require-signature ann.pem"),
        "it holds something else than public Ed25519 keys",
    );
    told(case.approved("--require-signature rsa.pem"), "it holds something else");
    told(case.approved("--require-signature MCowBQYDK2VwAyEAxx"), "it is no Ed25519 key in base64");
    told(case.approved("--require-signature nowhere.pub"), "no such file");
    let alone = "run scripts/try --require-signature ann.pub";
    case.project.run(&case.database, alone).exits(2);
    case.project.run(&case.database, "plan scripts/try --sign ann.pem").exits(2);
}
