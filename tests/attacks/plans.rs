//! Scripts, plan files and databases that make an approved run another one than was planned: it is refused, and what it
//! did is rolled back.

use std::process::Command;

use crate::support::{Database, Gate, Output, Project, attacked};

/// A table, and a view that tells a run, which has written its record, from a plan and from the look that a run takes
/// ahead.
const OBJECTS: &str = "\
CREATE TABLE \"Item\" (id int PRIMARY KEY, size int, note text, mark text); \
INSERT INTO \"Item\" SELECT n, n FROM generate_series(1, 40) n; \
CREATE SEQUENCE intrusions; CREATE TABLE \"Other\" (id int PRIMARY KEY, number int DEFAULT nextval('intrusions')); \
CREATE VIEW at_work AS SELECT pg_current_xact_id_if_assigned() IS NOT NULL AS yes";

const MANIFEST: &str = "\
writes = [\"Item.note\", \"Item.mark\", \"Item\", \"Other\"]\nsql = [\"usual.sql\", \"intruder.sql\"]\nrecords = [\"usual\", \"intruder\"]";

const AT_WORK: &str = "let at_work = table(\"at_work\").rows([\"yes\"])[0].yes;\n";

struct Case {
    project: Project,
    database: Database,
}

impl Case {
    /// A folder with this script, whose plan is saved.
    fn planned(manifest: &str, script: &str) -> Self {
        let (project, database) = (Project::new(), Database::empty());
        database.run(OBJECTS);
        project
            .write("sql/usual.sql", "CREATE TABLE usual (id int);\n")
            .write(
                "sql/intruder.sql",
                "SELECT nextval('intrusions'); CREATE TABLE intruder (id int);\n",
            )
            .script(manifest, script);
        project.run(&database, "plan scripts/try --out plan.json").exits(0);
        Self { project, database }
    }

    fn approved(&self) -> Output {
        self.project.run(&self.database, "run scripts/try --approved plan.json")
    }

    /// The approved run is refused, with these words, and leaves nothing behind.
    #[track_caller]
    fn refused(&self, words: &[&str]) {
        let before = self.database.fingerprint();
        let output = self.approved().exits(4);
        assert_refused(output.tells("othing was changed"), words);
        assert_eq!(self.database.fingerprint(), before);
    }

    /// The same for a run of another address.
    #[track_caller]
    fn refused_at(&self, url: &str, words: &[&str]) {
        let before = self.database.fingerprint();
        assert_refused(
            self.project.output(&mut self.at(url, "run scripts/try --approved plan.json")).exits(4),
            words,
        );
        assert_eq!(self.database.fingerprint(), before);
    }

    fn at(&self, url: &str, arguments: &str) -> Command {
        let mut command = self.project.command(arguments);
        command.args(["--database-url", url, "--confirm", &self.database.name]);
        command
    }

    /// Replaces a text in the plan.
    fn edit(&self, from: &str, to: &str) -> &Self {
        self.project.edit("plan.json", from, to);
        self
    }
}

#[track_caller]
fn assert_refused(output: Output, words: &[&str]) {
    let mut output = output.tells("leora-run plan scripts/try --out plan.json");
    for word in words {
        output = output.tells(word);
    }
}

const NOT_APPROVED: &str = "this run is not the one that was approved";

#[test]
fn a_script_that_does_more_when_it_runs() {
    for (hidden, words) in [
        (
            "update(\"Item\").set(\"note\", \"INTRUDED\");",
            "01_step Item.note (none) -> INTRUDED: planned nothing, now 40 rows",
        ),
        ("run_sql(\"intruder.sql\");", "01_step intruder.sql: planned nothing, now it runs"),
        (
            "table(\"Other\").insert(#{ id: 99 });",
            "01_step inserts into Other: planned nothing, now 1 row",
        ),
        (
            "record_migration(\"intruder\");",
            "01_step migration intruder: planned nothing, now recorded",
        ),
    ] {
        attacked(&format!("a script that does this only when it runs: {hidden}"));
        let usual = "update(\"Item\").where(col(\"size\") > 10).set(\"mark\", \"usual\");\nrun_sql(\"usual.sql\");\n";
        let case = Case::planned(MANIFEST, &format!("{AT_WORK}{usual}if at_work {{ {hidden} }}"));
        case.refused(&[NOT_APPROVED, words]);
        // A rollback would not take back a number of a sequence.
        assert_eq!(case.database.value("SELECT is_called FROM intrusions"), "f", "{hidden}");
    }
}

#[test]
fn a_script_that_does_less_or_else_when_it_runs() {
    for (usual, words) in [
        (
            "update(\"Item\").where(col(\"size\") > 10).set(\"note\", \"usual\");",
            "01_step Item.note (none) -> usual: planned 30 rows, now nothing",
        ),
        (
            "run_sql(\"usual.sql\");",
            "01_step usual.sql: planned it runs, with new table usual, now nothing",
        ),
        ("record_migration(\"usual\");", "01_step migration usual: planned recorded, now nothing"),
        (
            "update(\"Item\").where(col(\"size\") <= 4).set(\"note\", \"usual\");",
            "01_step Item.note (none) -> usual: planned 4 rows, now nothing",
        ),
    ] {
        attacked(&format!("a script that leaves out when it runs: {usual}"));
        let case = Case::planned(MANIFEST, &format!("{AT_WORK}if !at_work {{ {usual} }}"));
        case.refused(&[NOT_APPROVED, words]);
    }
    attacked("a script that writes another value when it runs");
    let script = "update(\"Item\").where(col(\"size\") > 10).set(\"note\", if at_work { \"b\" } else { \"a\" });";
    Case::planned(MANIFEST, &format!("{AT_WORK}{script}")).refused(&[
        NOT_APPROVED,
        "01_step Item.note (none) -> a: planned 30 rows, now nothing",
        "01_step Item.note (none) -> b: planned nothing, now 30 rows",
    ]);
    attacked("a script that writes as many other rows when it runs");
    let script = "update(\"Item\").where(if at_work { col(\"size\") > 36 } else { col(\"size\") <= 4 }).set(\"note\", \"a\");";
    Case::planned(MANIFEST, &format!("{AT_WORK}{script}")).refused(&[
        NOT_APPROVED,
        "01_step Item.note: planned one rule, now another, with other conditions or values",
    ]);
    attacked("a script that does the same in another order");
    let (rule, file) = ("update(\"Item\").set(\"note\", \"a\");", "run_sql(\"usual.sql\");");
    let script = format!("if at_work {{ {file} {rule} }} else {{ {rule} {file} }}");
    Case::planned(MANIFEST, &format!("{AT_WORK}{script}")).refused(&[
        NOT_APPROVED,
        "01_step order: planned Item.note, usual.sql, now usual.sql, Item.note",
    ]);
}

#[test]
fn a_script_that_does_more_after_something_that_no_plan_predicts() {
    let insert = "table(\"Other\").insert(#{ id: 99 });\n";
    attacked("rows of a table that a plan says are inserted, and no more");
    let case = Case::planned(MANIFEST, insert);
    case.approved().exits(0);
    for hidden in [
        "update(\"Item\").set(\"note\", \"INTRUDED\");",
        "run_sql(\"intruder.sql\");",
        "record_migration(\"intruder\");",
    ] {
        attacked(&format!("a script that does this after an insert: {hidden}"));
        Case::planned(MANIFEST, &format!("{insert}{hidden}")).refused(&[
            NOT_APPROVED,
            "the plan knows nothing of 01_step after: it inserts into Other",
        ]);
    }
}

#[test]
fn a_script_that_does_more_between_batches() {
    let manifest = "writes = [\"Item.note\", \"Item.mark\"]\nstrategy = \"batches\"";
    let honest = "update(\"Item\").where(col(\"size\") > 10).set(\"mark\", \"usual\");";
    attacked("a rule that a script has only when it runs, before the first batch");
    let hidden = "if at_work { update(\"Item\").set(\"note\", \"INTRUDED\"); }";
    Case::planned(manifest, &format!("{AT_WORK}{hidden}\n{honest}")).refused(&[
        NOT_APPROVED,
        "01_step Item.note (none) -> INTRUDED: planned nothing, now 40 rows",
    ]);
    attacked("a rule that a script has only when it runs, after the first batches");
    let written = "query(\"SELECT count(*) FROM \\\"Item\\\"\");";
    let case = Case::planned(manifest, &format!("{AT_WORK}{honest}\n{written}\n{hidden}"));
    let output = case.approved().exits(4);
    output
        .tells(NOT_APPROVED)
        .tells("01_step Item.note (none) -> INTRUDED: planned nothing, now 40 rows")
        .tells("leora-run undo")
        .says_not("Nothing was changed");
    assert_eq!(case.database.value("SELECT count(*) FROM \"Item\" WHERE note IS NOT NULL"), "0");
    assert_eq!(case.database.value("SELECT count(*) FROM \"Item\" WHERE mark = 'usual'"), "30");
    attacked("a rule that a script has only when it plans, after the first batches");
    let left_out = "if !at_work { update(\"Item\").set(\"note\", \"usual\"); }";
    let case = Case::planned(manifest, &format!("{AT_WORK}{honest}\n{written}\n{left_out}"));
    let output = case.approved().exits(4);
    output
        .tells(NOT_APPROVED)
        .tells("01_step Item.note (none) -> usual: planned 40 rows, now nothing")
        .tells("leora-run undo")
        .says_not("Nothing was changed");
    assert_eq!(case.database.value("SELECT outcome FROM leora_run.run"), "partial");
    attacked("a rule that a script has only when it plans, while all batches wait");
    let case = Case::planned(manifest, &format!("{AT_WORK}{honest}\n{left_out}"));
    case.approved().exits(4).tells(NOT_APPROVED).says("nothing was changed");
    assert_eq!(case.database.value("SELECT count(*) FROM \"Item\" WHERE mark = 'usual'"), "0");
}

#[test]
fn a_plan_whose_settings_were_edited() {
    let script = "if setting(\"extra\", false) { run_sql(\"intruder.sql\"); }\nif setting(\"share\", 1.5) < 1.4 { run_sql(\"usual.sql\"); }\nsetting(\"within\", months(6));";
    for (from, to) in [
        ("\"extra\": \"false\"", "\"extra\": \"true\""),
        ("\"share\": \"1.5\"", "\"share\": \"1.7\""),
        ("\"within\": \"6mo\"", "\"within\": \"7mo\""),
        ("\"as_of\": \"", "\"as_of\": \"1"),
        ("\"folder\": \"scripts/try\"", "\"folder\": \"scripts/tri\""),
    ] {
        attacked(&format!("a plan with {to} for {from}"));
        let case = Case::planned(MANIFEST, script);
        case.edit(from, to).refused(&["plan.json was changed after it was made"]);
    }
    let case = Case::planned(MANIFEST, script);
    case.edit("\"share\": \"1.5\"", "\"share\": \"1.50\"");
    case.edit("\"within\": \"6mo\"", "\"within\": \"6 months\"");
    case.approved().exits(0);
}

#[test]
fn a_plan_for_another_place_of_the_server() {
    let script = "update(\"Item\").where(col(\"size\") > 10).set(\"note\", \"usual\");";
    let case = Case::planned(MANIFEST, script);
    let [gate, other] = [0, 1].map(|_| Gate::open(&case.database, None));
    let [url, other_url] = [&gate, &other].map(|gate| case.database.url_by(gate.port()));
    case.project.output(&mut case.at(&url, "plan scripts/try --out plan.json")).exits(0);
    attacked("an approved plan on another port");
    let words = [
        format!("the plan is for 127.0.0.1:{}", gate.port()),
        format!("this is 127.0.0.1:{}", other.port()),
    ];
    case.refused_at(&other_url, &[NOT_APPROVED, &words[0], &words[1]]);

    let case = Case::planned(MANIFEST, script);
    attacked("an approved plan on another schema");
    case.database.run(&format!("CREATE SCHEMA sales; SET search_path = sales; {OBJECTS}"));
    let url = case.database.url();
    let schema = format!("{url}{}schema=sales", if url.contains('?') { "&" } else { "?" });
    case.refused_at(
        &schema,
        &[NOT_APPROVED, "the plan is for schema public, and this is schema sales"],
    );

    attacked("an approved plan as another role");
    let role = format!("{}_other", case.database.name);
    case.database.run(&format!("CREATE ROLE {role} SUPERUSER LOGIN PASSWORD 'secret'"));
    let told = format!("this is role {role}");
    case.refused_at(&case.database.url_as(&role, "secret"), &[NOT_APPROVED, &told]);
    case.database.run(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}

#[test]
fn a_plan_for_another_database_of_the_same_name() {
    let script = "update(\"Item\").where(col(\"size\") > 10).set(\"note\", \"usual\");";
    let case = Case::planned(MANIFEST, script);
    attacked("an approved plan on a database that was made anew under the same name");
    let name = &case.database.name;
    let other = Database::empty();
    other.run(&format!("DROP DATABASE {name} WITH (FORCE)"));
    other.run(&format!("CREATE DATABASE {name}"));
    case.database.run(OBJECTS);
    case.refused(&[NOT_APPROVED, "was made anew since"]);
}
