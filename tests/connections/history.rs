//! A role without CREATE on the database: the operator makes the history with the SQL that the message names.

use crate::support::{Database, Project};

#[test]
fn the_sql_that_the_message_names_makes_the_history() {
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
    let grants = format!("doctor --grants scripts/try --role {role}");
    told.tells(&format!("run what this prints: leora-run {grants}"));
    database.run(&project.run(&database, &grants).exits(0).stdout);
    run().exits(0);
    assert_eq!(database.value("SELECT outcome FROM leora_run.run"), "done");
    let mut command = project.command("status --database-url");
    project.output(command.arg(database.url_as(&role, "secret"))).exits(0).says("scripts/try");
    database.run(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}
