//! A role without CREATE on the database: the operator makes the history with the SQL that the message prints.

use crate::support::{Database, Project};

#[test]
fn the_sql_that_the_message_prints_makes_the_history() {
    let (project, database) = (Project::new(), Database::sample());
    let (name, role) = (&database.name, format!("{}_plain", database.name));
    database.run(&format!(
        "CREATE ROLE {role} LOGIN PASSWORD 'secret'; REVOKE CREATE ON DATABASE {name} FROM PUBLIC; \
         GRANT SELECT, UPDATE ON \"Customer\" TO {role}"
    ));
    project.script(
        "writes = [\"Customer.accountType\"]",
        "update(\"Customer\").set(\"accountType\", \"ACTIVE\");",
    );
    let run = || {
        let mut command = project.command("scripts/try --confirm");
        project
            .output(command.arg(name).arg("--database-url").arg(database.url_as(&role, "secret")))
    };
    let told = run().exits(3);
    let sql = told.stdout.split("help:").nth(1).expect("help");
    let sql = &sql[sql.find("CREATE SCHEMA").expect("the SQL")..];
    let sql: String = sql
        .lines()
        .take_while(|line| line.starts_with(' ') || line.starts_with("CREATE"))
        .map(|line| format!("{line}\n"))
        .collect();
    database.run(&sql);
    run().exits(0);
    assert_eq!(database.value("SELECT outcome FROM leora_run.run"), "done");
    let mut command = project.command("status --database-url");
    project.output(command.arg(database.url_as(&role, "secret"))).exits(0).says("scripts/try");
    database.run(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}
