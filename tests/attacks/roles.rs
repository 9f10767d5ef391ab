//! Roles that may do less: what they may not see is refused, not left out in silence.

use super::Target;
use crate::support::attacked;

/// A role of the test's own, dropped at its end.
struct Role<'t> {
    target: &'t Target,
    name: String,
}

impl<'t> Role<'t> {
    fn new(target: &'t Target, word: &str, grants: &str) -> Self {
        let name = format!("{}_{word}", target.database.name);
        target.database.run(&format!("CREATE ROLE \"{name}\" LOGIN PASSWORD 'x'"));
        target.database.run(&grants.replace("ROLE", &format!("\"{name}\"")));
        Self { target, name }
    }

    fn run(&self, arguments: &str) -> crate::support::Output {
        let mut command = self.target.project.command(arguments);
        command.arg("--database-url").arg(self.target.database.url_as(&self.name, "x"));
        command.arg("--confirm").arg(&self.target.database.name);
        self.target.project.output(&mut command)
    }
}

impl Drop for Role<'_> {
    fn drop(&mut self) {
        let name = &self.name;
        self.target
            .database
            .run(&format!("DROP OWNED BY \"{name}\" CASCADE; DROP ROLE \"{name}\""));
    }
}

const READS: &str =
    "GRANT USAGE ON SCHEMA public TO ROLE; GRANT SELECT ON ALL TABLES IN SCHEMA public TO ROLE;";
const RULE: &str =
    "update(\"Customer\").where(col(\"city\") == \"Napa\").set(\"city\", \"Sonoma\");";

#[test]
fn a_role_that_may_only_read_can_plan_and_verify() {
    let target = Target::new();
    let role = Role::new(&target, "reader", READS);
    target.project.script("writes = [\"Customer.city\"]", RULE);
    attacked("a plan by a role that may only read");
    role.run("plan scripts/try").exits(0).says("Customer.city: ");
    attacked("a run by a role that may only read");
    role.run("scripts/try").exits(3).says("SQLSTATE 42501");
    role.run("scripts/verify").exits(1);
    drop(role);
    target.unchanged();
}

#[test]
fn rows_that_row_level_security_hides_are_an_error() {
    let target = Target::with_objects(
        "ALTER TABLE \"Customer\" ENABLE ROW LEVEL SECURITY; \
         CREATE POLICY one_city ON \"Customer\" USING (city = 'Napa');",
    );
    target.project.script("writes = [\"Customer.city\"]", RULE);
    let grants = "GRANT USAGE ON SCHEMA public TO ROLE; GRANT ALL ON ALL TABLES IN SCHEMA public TO ROLE; \
                  GRANT CREATE ON DATABASE_NAME TO ROLE;";
    let grants = grants.replace("DATABASE_NAME", &format!("DATABASE \"{}\"", target.database.name));
    let plain = Role::new(&target, "plain", &grants);
    for arguments in ["scripts/try", "plan scripts/try", "scripts/phase2", "plan scripts/phase2"] {
        attacked(&format!("row-level security and {arguments}"));
        let output = plain.run(arguments);
        assert!([3, 4].contains(&output.code), "{arguments}: {}", output.stdout);
        assert!(
            output.stdout.contains("row-level security") || output.stdout.contains("must be owner"),
            "{}",
            output.stdout
        );
    }
    for read in [
        "table(\"Customer\").count();",
        "table(\"Customer\").distribution(\"city\");",
        "table(\"Customer\").rows([\"city\"]);",
        "query(\"SELECT count(*) AS n FROM \\\"Customer\\\"\");",
    ] {
        attacked(&format!("row-level security and {read}"));
        target.project.script("access = \"read-only\"", read);
        plain.run("scripts/try").exits(3).says("row-level security policy");
    }
    // A role that sees every row may go on.
    let seeing = Role::new(&target, "seeing", &format!("{grants} ALTER USER ROLE BYPASSRLS;"));
    target.project.script("access = \"read-only\"", "note(`${table(\"Customer\").count()}`);");
    seeing.run("scripts/try").exits(0).says("5394");
    drop((plain, seeing));
}

#[test]
fn forced_row_level_security_stops_the_owner_too() {
    let target = Target::with_objects(
        "ALTER TABLE \"Customer\" ENABLE ROW LEVEL SECURITY; ALTER TABLE \"Customer\" FORCE ROW LEVEL SECURITY; \
         CREATE POLICY one_city ON \"Customer\" USING (city = 'Napa');",
    );
    let grants = format!(
        "GRANT USAGE ON SCHEMA public TO ROLE; GRANT ALL ON ALL TABLES IN SCHEMA public TO ROLE; \
         GRANT CREATE ON DATABASE \"{}\" TO ROLE; ALTER TABLE \"Customer\" OWNER TO ROLE;",
        target.database.name
    );
    let owner = Role::new(&target, "owner", &grants);
    target.project.script("writes = [\"Customer.city\"]", RULE);
    for arguments in ["scripts/try", "plan scripts/try"] {
        attacked(&format!("forced row-level security and {arguments}"));
        owner.run(arguments).exits(3).says("row-level security policy");
    }
    assert_eq!(
        target.database.value("SELECT count(*) FROM \"Customer\" WHERE city = 'Sonoma'"),
        target.database.value("SELECT 0")
    );
    target.database.run("ALTER TABLE \"Customer\" NO FORCE ROW LEVEL SECURITY");
    owner.run("scripts/try").exits(0);
    // Dropping what the role owns would drop the table before the database.
    target.database.run("ALTER TABLE \"Customer\" OWNER TO CURRENT_USER");
}
