//! `doctor --grants`: with exactly what it prints a role can run the folder, and without any of it the doctor says so.

use crate::support::{Database, Output, Project, tried};

/// A role of its own, dropped with what it has; the database must outlive it.
pub(super) struct TestRole<'d> {
    database: &'d Database,
    pub(super) name: String,
}

impl<'d> TestRole<'d> {
    pub(super) fn new(database: &'d Database, suffix: &str) -> Self {
        let name = format!("{}_{suffix}", database.name);
        database.run(&format!("CREATE ROLE {name} LOGIN PASSWORD 'secret'"));
        Self { database, name }
    }

    pub(super) fn runs(&self, project: &Project, arguments: &str) -> Output {
        let mut command = project.command(arguments);
        command.arg("--confirm").arg(&self.database.name);
        project
            .output(command.arg("--database-url").arg(self.database.url_as(&self.name, "secret")))
    }
}

impl Drop for TestRole<'_> {
    fn drop(&mut self) {
        let name = &self.name;
        self.database.run(&format!(
            "REASSIGN OWNED BY {name} TO CURRENT_USER; DROP OWNED BY {name}; DROP ROLE {name}"
        ));
    }
}

/// A database where nobody has anything for free.
pub(super) fn bare() -> Database {
    let database = Database::sample();
    database.run(&format!(
        "REVOKE ALL ON SCHEMA public FROM PUBLIC; REVOKE ALL ON DATABASE {} FROM PUBLIC",
        database.name
    ));
    database
}

/// The statements of the grants, without the one that makes the history.
fn statements(project: &Project, database: &Database, folder: &str, role: &str) -> Vec<String> {
    let asked = format!("doctor --grants {folder} --role {role} --format json");
    let list = project.run(database, &asked).exits(0).json();
    assert_eq!(list["unseen"], serde_json::json!([]), "{list}");
    let text = |grant: &serde_json::Value| grant["sql"].as_str().expect("SQL").to_owned();
    list["grants"].as_array().expect("grants").iter().map(text).collect()
}

/// The statement that takes back what another one gave.
fn taking_back(statement: &str, owner: &str) -> String {
    if let Some(rest) = statement.strip_prefix("GRANT ") {
        return format!("REVOKE {}", rest.replace(" TO ", " FROM "));
    }
    match statement.split_once(" OWNER TO ") {
        Some((object, _)) => format!("{object} OWNER TO {owner}"),
        None => statement.replace(" BYPASSRLS", " NOBYPASSRLS"),
    }
}

/// What is granted and on what, as a failed check names it: the last quoted name of the statement before the role.
fn object(statement: &str) -> String {
    let given = statement.split(" TO ").next().expect("a statement");
    given.rsplit('"').nth(1).unwrap_or(given).to_owned()
}

fn grants_suffice(project: &Project, database: &Database, folder: &str) {
    let role = TestRole::new(database, "runner");
    let owner = database.value("SELECT current_user::text");
    let text = project
        .run(database, &format!("doctor --grants {folder} --role {}", role.name))
        .exits(0)
        .stdout;
    let needed = statements(project, database, folder, &role.name);
    database.run(&text);
    role.runs(project, &format!("doctor {folder}")).exits(0).says("ok    privileges");
    for statement in needed.iter().filter(|statement| !statement.contains('\n')) {
        tried("a grant taken away");
        database.run(&taking_back(statement, &owner));
        // The role may not even be able to connect: asked as somebody else.
        let told = project
            .run(database, &format!("doctor {folder} --role {} --format json", role.name))
            .exits(1)
            .json();
        let checks = told["checks"].as_array().expect("checks");
        let named = checks.iter().filter(|check| check["verdict"] == "fail").any(|check| {
            check["message"].as_str().expect("a message").contains(&object(statement))
                || check["remedy"].as_str() == Some(statement)
        });
        assert!(named, "without {statement}: {told:#}");
        database.run(statement);
    }
    role.runs(project, folder).exits(0);
}

#[test]
fn phase2_runs_with_exactly_the_grants_printed() {
    let (project, database) = (Project::new(), bare());
    grants_suffice(&project, &database, "scripts/phase2");
}

#[test]
fn the_folders_around_phase2_run_with_exactly_the_grants_printed() {
    let (project, database) = (Project::new(), bare());
    project.run(&database, "scripts/phase2").exits(0);
    for folder in ["scripts/verify", "scripts/carla-smoke", "scripts/rollback-phase2"] {
        grants_suffice(&project, &database, folder);
    }
}

#[test]
fn the_grants_of_a_rollback_follow_its_settings() {
    let (project, database) = (Project::new(), bare());
    project.run(&database, "scripts/phase2").exits(0);
    let all = "scripts/rollback-phase2 --set drop_columns=true --set allow_data_loss=true --set clear_classification=true";
    grants_suffice(&project, &database, all);
}

#[test]
fn where_a_plain_role_owns_the_tables_membership_is_enough() {
    let (project, database) = (Project::new(), bare());
    let owner = TestRole::new(&database, "owner");
    let tables = database.rows("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'");
    for table in &tables {
        database.run(&format!("ALTER TABLE \"{}\" OWNER TO {}", table[0], owner.name));
    }
    database.run(&format!("GRANT USAGE, CREATE ON SCHEMA public TO {}", owner.name));
    let needed = statements(&project, &database, "scripts/phase2", "leora_runner");
    let membership = format!("GRANT \"{}\" TO \"leora_runner\";", owner.name);
    assert_eq!(needed.iter().filter(|one| **one == membership).count(), 1, "{needed:?}");
    let covered = needed.iter().any(|one| one.contains("Tenant") || one.contains("Customer"));
    assert!(!covered, "{needed:?}");
    grants_suffice(&project, &database, "scripts/phase2");
}

#[test]
fn row_level_security_asks_for_every_row() {
    let (project, database) = (Project::new(), bare());
    database.run("ALTER TABLE \"Tenant\" ENABLE ROW LEVEL SECURITY");
    let needed = statements(&project, &database, "scripts/phase2", "leora_runner");
    assert!(needed.contains(&"ALTER ROLE \"leora_runner\" BYPASSRLS;".to_owned()), "{needed:?}");
    grants_suffice(&project, &database, "scripts/phase2");
}

#[test]
fn a_folder_of_ones_own_gets_what_it_reads_inserts_and_counts() {
    let (project, database) = (Project::new(), bare());
    database.run(
        "CREATE TABLE \"Visit\" (id serial PRIMARY KEY, note text); CREATE TABLE \"Log\" (id int PRIMARY KEY)",
    );
    project.script(
        "writes = [\"Visit\", \"User.fullName\"]",
        "table(\"Visit\").insert(#{ note: \"x\" });\n\
         if table(\"User\").count() > 0 { show(query(`SELECT count(*) AS n FROM \"Log\"`)); }\n\
         update(\"User\").where(col(\"email\").is_null()).set(\"fullName\", \"nobody\");",
    );
    let mut needed = statements(&project, &database, "scripts/try", "leora_runner");
    needed.retain(|one| one.contains("\"public\".") && !one.contains("leora_run\""));
    assert_eq!(
        needed,
        [
            "GRANT SELECT ON TABLE \"public\".\"Log\" TO \"leora_runner\";",
            "GRANT SELECT ON TABLE \"public\".\"User\" TO \"leora_runner\";",
            "GRANT UPDATE ON TABLE \"public\".\"User\" TO \"leora_runner\";",
            "GRANT SELECT ON TABLE \"public\".\"Visit\" TO \"leora_runner\";",
            "GRANT INSERT ON TABLE \"public\".\"Visit\" TO \"leora_runner\";",
            "GRANT USAGE ON SEQUENCE \"public\".\"Visit_id_seq\" TO \"leora_runner\";",
        ]
    );
    grants_suffice(&project, &database, "scripts/try");
}
