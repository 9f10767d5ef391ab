//! A role without one of the privileges that a run needs: told which, nothing changed, and granted it works.

use crate::support::{Database, Project, one_line, tried};

const RULE: &str = "update(\"Customer\").where(col(\"lastOrderDate\").is_null()).set(\"accountType\", \"PROSPECT\");";

/// What a role needs for the rule and the SQL file, as what is granted and on what.
const NEEDED: [(&str, &str); 7] = [
    ("CONNECT", "DATABASE {database}"),
    ("CREATE", "DATABASE {database}"),
    ("USAGE", "SCHEMA public"),
    ("CREATE", "SCHEMA public"),
    ("SELECT", "TABLE \"Customer\""),
    ("UPDATE", "TABLE \"Customer\""),
    ("TEMPORARY", "DATABASE {database}"),
];

#[test]
fn a_role_without_a_privilege_is_told_which() {
    // The privilege's place above, and what is said without it. TEMPORARY is not needed.
    let told = [
        (0, "permission denied for database"),
        (1, "may not create the schema leora_run"),
        (2, "schema public"),
        (3, "permission denied for schema public"),
        (4, "permission denied for table Customer"),
        (5, "permission denied for table Customer"),
    ];
    let database = Database::sample();
    let role = format!("{}_role", database.name);
    let grant = |at: usize| {
        let (privilege, object) = NEEDED[at];
        let object = object.replace("{database}", &database.name);
        (
            format!("GRANT {privilege} ON {object} TO {role};"),
            format!("REVOKE {privilege} ON {object} FROM {role};"),
        )
    };
    database.run(&format!("CREATE ROLE {role} LOGIN PASSWORD 'secret'"));
    let name = &database.name;
    database.run(&format!(
        "REVOKE ALL ON SCHEMA public FROM PUBLIC; REVOKE ALL ON DATABASE {name} FROM PUBLIC"
    ));
    for at in 0..NEEDED.len() {
        tried("a missing privilege");
        database.run(&grant(at).0);
    }
    let project = Project::new();
    project.write("scripts/try/sql/mood.sql", "CREATE TYPE \"Mood\" AS ENUM ('GOOD');\n").script(
        "writes = [\"Customer.accountType\"]\nsql = [\"mood.sql\"]",
        &format!("{RULE}\nrun_sql(\"mood.sql\");"),
    );
    let before = database.fingerprint();
    let run = || {
        let mut command = project.command("scripts/try --confirm");
        command.arg(name).arg("--database-url").arg(database.url_as(&role, "secret"));
        project.output(&mut command)
    };
    for (at, said) in told {
        database.run(&grant(at).1);
        let output = run();
        assert!([2, 3].contains(&output.code), "{:?}: {output:?}", NEEDED[at]);
        let all = one_line(&output.stdout);
        assert!(all.contains(said), "without {:?}: {all}", NEEDED[at]);
        assert_eq!(database.fingerprint(), before, "without {:?}", NEEDED[at]);
        database.run(&grant(at).0);
        database.run("DROP SCHEMA IF EXISTS leora_run CASCADE");
    }
    run().exits(0);
    database.run(&format!("DROP OWNED BY {role} CASCADE; DROP ROLE {role}"));
}
