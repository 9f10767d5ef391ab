//! `check` with a database: every statement is prepared on the schema that the earlier steps will leave; nothing is run.

use serde_json::Value;

use crate::support::{Database, Output, Project};

/// A project, a database, and the database's state.
struct Desk {
    project: Project,
    database: Database,
    before: String,
}

impl Desk {
    fn new() -> Self {
        let (project, database) = (Project::new(), Database::sample());
        let before = database.fingerprint();
        Self { project, database, before }
    }

    fn check(&self, arguments: &str) -> Output {
        let mut command = self.project.command(&format!("check {arguments} --database-url"));
        let output = self.project.output(command.arg(self.database.url()));
        assert_eq!(self.database.fingerprint(), self.before);
        output
    }

    /// The message and line:column of each finding of a script.
    fn found(&self, manifest: &str, script: &str) -> Vec<String> {
        self.project.script(manifest, script);
        let report = self.check("scripts/try --format json").json();
        let told = |one: &Value| {
            let file = one["file"].as_str().unwrap_or("-").rsplit('/').next().unwrap_or("-");
            format!(
                "{file}:{}:{} {}",
                one["line"],
                one["column"],
                one["message"].as_str().unwrap_or("-")
            )
        };
        report["findings"].as_array().expect("a list").iter().map(told).collect()
    }
}

const WRITES: &str = "writes = [\"Customer.accountType\", \"Customer.accountPriority\"]";

#[test]
fn the_shipped_folders_are_clean_before_and_after_the_migration() {
    let (project, database) = (Project::new(), Database::sample_with_orders());
    let desk = Desk { before: database.fingerprint(), project, database };
    let first = "scripts/phase2 scripts/verify scripts/carla-smoke scripts/rollback-phase2 scripts/segments-schema";
    desk.check(first).exits(0).says("statements prepared by the database");
    // What another folder adds is told as missing.
    desk.check("scripts/segments").exits(2).says("Customer has no column rfmRecency");
    for folder in ["scripts/phase2", "scripts/segments-schema"] {
        desk.project.run(&desk.database, folder).exits(0);
    }
    let desk = Desk { before: desk.database.fingerprint(), ..desk };
    let output = desk.check("--format json").exits(0).json();
    let prepared: Vec<i64> = output["folders"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["prepared"].as_i64().unwrap())
        .collect();
    assert!(prepared.iter().all(|statements| *statements > 0), "{prepared:?}");
}

#[test]
fn a_wrong_table_column_type_or_enum_value_is_found() {
    let desk = Desk::new();
    let one = |script: &str, expected: &str| assert_eq!(desk.found(WRITES, script), [expected]);
    one(
        r#"update("Custmer").set("accountType", "ACTIVE");"#,
        "01_step.rhai:1:8 there is no table Custmer in schema public",
    );
    one(
        r#"update("Customer").where(col("lastOrderDat").is_null()).set("accountType", "ACTIVE");"#,
        "01_step.rhai:1:30 Customer has no column lastOrderDat",
    );
    one(
        r#"update("Customer").set("accountType", "GOLD");"#,
        "01_step.rhai:1:39 AccountType has no value GOLD; its values are ACTIVE, TARGET, PROSPECT",
    );
    one(
        r#"note(`${table("Customer").count(col("orderingPaceDays") > "many")}`);"#,
        "01_step.rhai:1:59 Customer.orderingPaceDays holds whole numbers, and \"many\" is a text",
    );
    one(
        r#"let found = query("SELECT nme FROM \"Customer\" WHERE city = $1", ["Napa"]); note(`${found}`);"#,
        "01_step.rhai:1:13 column \"nme\" does not exist",
    );
}

#[test]
fn the_schema_is_the_one_that_earlier_steps_leave() {
    let desk = Desk::new();
    // The column comes with the SQL file of step 3.
    desk.check("scripts/phase2").exits(0);
    desk.project.edit(
        "scripts/phase2/05_account_priorities.rhai",
        "TARGET: \"MEDIUM\"",
        "TARGET: \"MIDDLING\"",
    );
    desk.check("scripts/phase2")
        .exits(2)
        .says("error: AccountPriority has no value MIDDLING; its values are LOW, MEDIUM, HIGH");
    desk.project.edit("scripts/phase2/05_account_priorities.rhai", "MIDDLING", "MEDIUM");
    desk.project.edit("scripts/phase2/03_apply_schema.rhai", "run_sql", "// run_sql");
    desk.check("scripts/phase2").exits(2).tells("error: Customer has no column accountPriority");
}

#[test]
fn every_step_is_looked_at_and_an_sql_file_that_fails_is_shown() {
    let desk = Desk::new();
    desk.project
        .write("scripts/try/02_more.rhai", r#"update("Customer").set("accountPriority", "HIGH");"#);
    desk.project.write("scripts/try/03_sql.rhai", "run_sql(\"odd.sql\");");
    desk.project
        .write("scripts/try/04_last.rhai", r#"update("Customer").set("accountType", "GOLD");"#);
    desk.project.write("scripts/try/sql/odd.sql", "SELECT 1;\nSELECT nme FROM \"Customer\";\n");
    let found = desk.found(
        &format!("{WRITES}\nsql = [\"odd.sql\"]"),
        r#"update("Customer").set("accountType", "SILVER");"#,
    );
    assert_eq!(
        found,
        [
            "01_step.rhai:1:39 AccountType has no value SILVER; its values are ACTIVE, TARGET, PROSPECT",
            "02_more.rhai:1:24 Customer has no column accountPriority",
            "odd.sql:2:8 column \"nme\" does not exist",
        ]
    );
}

#[test]
fn what_is_made_up_is_not_held_against_a_script() {
    let desk = Desk::new();
    let found = desk.found(
        "access = \"rolled-back\"",
        r#"for tenant in table("Tenant").rows(["id", "slug"]) {
    let plan = table("CallPlan").insert(#{ id: tenant.id, tenantId: tenant.id, userId: tenant.id, name: tenant.slug, updatedAt: "2025-10-20" });
    if plan.name != tenant.slug { refuse("odd", "look at it"); }
    table("CallPlan").delete(col("id") == plan.id);
}
let first = table("Customer").distribution("accountType").shares_nobody_knows;
"#,
    );
    assert!(found.iter().all(|one| !one.contains("made up")), "{found:?}");
}

#[test]
fn a_database_that_can_not_be_reached_is_told() {
    let project = Project::new();
    let output = project
        .output(&mut project.command(
            "check scripts/phase2 --database-url postgresql://nobody@127.0.0.1:1/nothing",
        ));
    output.exits(3).says("error: ");
}
