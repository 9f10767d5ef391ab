//! `--format json`: one document on standard output, of every verb and of every way to fail, and its exit code.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Database, Output, Project, own_text};

/// What to ask of a verb, and the exit code. `URL` is a database with the sample, and confirmed; `GONE` is one that nobody
/// answers for; nothing is no database at all.
const ASKED: [(&str, &[(&str, i32)]); 15] = [
    (
        "run",
        &[
            ("run", 2),
            ("run scripts/none", 2),
            ("run scripts/phase2", 2),
            ("run scripts/phase2 GONE", 3),
            ("run scripts/phase2 URL --set nothing=1", 2),
            ("run scripts/phase2 URL --approved none.json", 2),
            ("run scripts/refuses URL", 4),
            ("run scripts/expects URL", 1),
            ("run scripts/misspelt URL", 2),
            ("run scripts/phase2 URL --confirm other", 4),
            ("scripts/phase2 URL", 0),
            ("scripts/phase2 URL --report no/such/x.html", 2),
        ],
    ),
    (
        "plan",
        &[
            ("plan", 2),
            ("plan scripts/none", 2),
            ("plan scripts/phase2", 2),
            ("plan scripts/phase2 GONE", 3),
            ("plan scripts/phase2 URL", 0),
            ("plan scripts/phase2 URL --out no/such/plan.json", 2),
            ("plan scripts/refuses URL", 4),
            ("plan scripts/expects URL", 1),
        ],
    ),
    (
        "why",
        &[
            ("why scripts/phase2", 2),
            ("why scripts/phase2 x GONE", 3),
            ("why scripts/phase2 nobody URL", 2),
            ("why scripts/phase2 ROW URL", 0),
            ("why scripts/misspelt ROW URL", 2),
        ],
    ),
    (
        "what-if",
        &[
            ("what-if scripts/phase2", 2),
            ("what-if scripts/phase2 --vary active_within", 2),
            ("what-if scripts/phase2 --vary nothing=1 URL", 2),
            ("what-if scripts/phase2 --vary active_within=90d,6mo URL", 0),
            ("what-if scripts/phase2 --vary active_within=90d GONE", 3),
        ],
    ),
    (
        "check",
        &[
            ("check", 2),
            ("check scripts/phase2", 0),
            ("check scripts/none", 2),
            ("check scripts/misspelt", 2),
            ("check scripts/phase2 URL", 0),
            ("check scripts/phase2 GONE", 3),
            ("check --settings scripts/phase2", 0),
            ("check --settings scripts/none", 2),
            ("check scripts/wrong", 1),
        ],
    ),
    (
        "undo",
        &[
            ("undo", 2),
            ("undo GONE", 3),
            ("undo nobody URL", 2),
            ("undo URL --dry-run", 0),
            ("undo URL", 0),
            ("undo a b", 2),
        ],
    ),
    (
        "status",
        &[
            ("status", 2),
            ("status GONE", 3),
            ("status URL", 0),
            ("status nobody URL", 2),
            ("status scripts/phase2 URL", 0),
        ],
    ),
    (
        "api",
        &[
            ("api", 0),
            ("api within", 0),
            ("api nothing", 2),
            ("api --definitions defined", 0),
            ("api --definitions /dev/null/x", 2),
        ],
    ),
    (
        "doctor",
        &[
            ("doctor", 1),
            ("doctor GONE", 1),
            ("doctor URL", 0),
            ("doctor scripts/phase2 URL", 0),
            ("doctor scripts/none URL", 2),
            ("doctor --grants URL", 2),
            ("doctor --grants scripts/phase2 URL", 0),
            ("doctor --grants scripts/phase2 GONE", 3),
        ],
    ),
    ("new", &[("new", 2), ("new made", 0), ("new scripts/phase2", 2), ("new --bundled", 2)]),
    (
        "fmt",
        &[
            ("fmt", 0),
            ("fmt scripts/phase2 --check", 0),
            ("fmt scripts/ragged --check", 1),
            ("fmt scripts/broken", 2),
            ("fmt scripts/none", 2),
        ],
    ),
    ("completions", &[("completions", 2), ("completions bash", 0), ("completions csh", 2)]),
    ("lsp", &[("lsp", 2)]),
    ("man", &[("man", 0), ("man plan", 0), ("man nothing", 2)]),
    ("sandbox", &[("sandbox", 2), ("sandbox stop", 0), ("sandbox url", 0), ("sandbox dance", 2)]),
];

/// The verbs that the help lists, without `help` itself.
fn verbs(help: &str) -> BTreeSet<String> {
    let listed = help.split("Commands:\n").nth(1).expect("the commands").lines();
    let listed = listed
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let verbs =
        listed.filter_map(|line| line.split_whitespace().next()).filter(|verb| *verb != "help");
    verbs.map(str::to_owned).collect()
}

struct Asked {
    project: Project,
    database: Database,
    row: String,
    sandbox: TempDir,
}

impl Asked {
    fn new() -> Self {
        let (project, database) = (Project::new(), Database::sample());
        let row = database.value("SELECT id::text FROM \"Customer\" ORDER BY id LIMIT 1");
        let folder = |name: &str, script: &str| {
            project.write(
                &format!("scripts/{name}/leora.toml"),
                "title = \"Try\"\naccess = \"read-only\"\n",
            );
            project.write(&format!("scripts/{name}/01_step.rhai"), script);
        };
        folder("refuses", "refuse(\"it is not safe\", \"make it safe\");");
        folder("expects", "expect(\"one is two\", 1 == 2);");
        folder("misspelt", "tabel(\"Customer\").count();");
        project.write("scripts/ragged/01_step.rhai", "note(\"a\");  \n");
        project.write("scripts/broken/01_step.rhai", "note(\"a\";\n");
        let classes = project.path("scripts/phase2");
        assert!(classes.is_dir());
        wrong_example(&project);
        Self { project, database, row, sandbox: tempfile::tempdir().expect("a folder") }
    }

    fn ask(&self, arguments: &str) -> Output {
        let (url, name) = (self.database.url(), &self.database.name);
        let mut command = self.project.command("--format json");
        for word in arguments.split(' ') {
            match word {
                "URL" if arguments.contains("--confirm") => command.args(["--database-url", &url]),
                "URL" => command.args(["--database-url", &url, "--confirm", name]),
                "GONE" => command.args([
                    "--database-url",
                    "postgresql://u@127.0.0.1:1/d",
                    "--confirm",
                    "d",
                ]),
                "ROW" => command.arg(&self.row),
                word => command.arg(word),
            };
        }
        command.env("LEORA_SANDBOX", self.sandbox.path());
        self.project.output(&mut command)
    }
}

/// A folder whose example does not give what it says.
fn wrong_example(project: &Project) {
    project.write(
        "scripts/wrong/leora.toml",
        "title = \"Try\"\naccess = \"read-write\"\nwrites = [\"Customer.accountType\"]\n",
    );
    project.write(
        "scripts/wrong/01_step.rhai",
        "update(\"Customer\").set(\"accountType\", \"ACTIVE\");",
    );
    project.write(
        "scripts/wrong/examples/one.rhai",
        "example(\"one\", #{}, \"accountType\", \"TARGET\");",
    );
}

#[test]
fn every_verb_gives_one_document_however_it_ends() {
    let asked = Asked::new();
    let help = asked.project.output(&mut asked.project.command("--help")).exits(0).stdout;
    let known: BTreeSet<String> = ASKED.iter().map(|(verb, _)| (*verb).to_owned()).collect();
    assert_eq!(verbs(&help), known, "a verb that this test does not ask");
    let mut wrong = Vec::new();
    let mut told: BTreeMap<&str, String> = BTreeMap::new();
    for (verb, ways) in ASKED {
        let common = [(format!("{verb} --nonsense"), 2), (format!("{verb} --as-of never"), 2)];
        let ways = ways.iter().map(|(way, code)| ((*way).to_owned(), *code));
        for (way, code) in common.into_iter().chain(ways) {
            let output = asked.ask(&way);
            let document = serde_json::from_str::<Value>(&output.stdout);
            let fits = document.as_ref().is_ok_and(|document| fits(document, output.code));
            if code == 0 {
                *told.entry(verb).or_default() += &output.stdout;
            }
            if output.code != code || !fits {
                wrong.push(format!(
                    "{way}: {} for {code}\n{}\n{}",
                    output.code, output.stdout, output.stderr
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    for (verbs, keys) in documented() {
        for (verb, key) in verbs.iter().flat_map(|verb| keys.iter().map(move |key| (verb, key))) {
            let has = told[verb.as_str()].contains(&format!("\"{key}\": "));
            assert!(has, "docs/command-line.md: no document of {verb} has {key}");
        }
    }
}

/// The rows of the page about documents: the commands, and the keys that theirs have.
fn documented() -> Vec<(Vec<String>, Vec<String>)> {
    let page = own_text("docs/command-line.md");
    let rows = page.split("| command | the document |\n").nth(1).expect("the table");
    let rows = rows.lines().take_while(|line| line.starts_with('|')).skip(1);
    let quoted = |cell: &str| {
        let words = cell.split('`').skip(1).step_by(2).filter(|word| !word.starts_with("--"));
        words.map(str::to_owned).collect()
    };
    rows.map(|row| row.trim_matches('|').split_once('|').expect("two cells"))
        .map(|(verbs, keys)| (quoted(verbs), quoted(keys)))
        .collect()
}

/// Whether a document tells the same as the exit code: an error, findings or checks where it is not 0.
fn fits(document: &Value, code: i32) -> bool {
    let told = !document["error"].is_null()
        || document["verdict"] == "fail"
        || document["findings"].as_array().is_some_and(|findings| !findings.is_empty())
        || document["files"]
            .as_array()
            .is_some_and(|files| files.iter().any(|file| file["changed"] == true))
        || document["examples"].is_object()
        || document["examples"].is_array();
    document.is_object() && (code == 0 || told)
}

#[test]
fn a_fault_that_is_nobodys_mistake_gives_a_document_too() {
    let (project, gone) = (Project::new(), tempfile::tempdir().expect("a folder"));
    let folder = gone.path().join("gone");
    std::fs::create_dir(&folder).expect("a folder");
    let program = project.command("check").get_program().to_string_lossy().into_owned();
    let script =
        format!("cd '{0}' && rmdir '{0}' && exec '{program}' check \"$@\"", folder.display());
    let ask = |arguments: &[&str]| {
        std::fs::create_dir_all(&folder).expect("a folder");
        let mut shell = std::process::Command::new("sh");
        Output::of(shell.args(["-c", &script, "sh"]).args(arguments).output().expect("a shell"))
    };
    let document = ask(&["--format", "json"]).exits(3).json();
    assert_eq!(document["error"]["kind"], "internal");
    assert_eq!(document["outcome"], "failed");
    ask(&[]).exits(3).says("error: the current directory can't be used: ");
}
