//! Other rows that lie behind row-level security, or on another server: read as by a plain SELECT, or refused in clear words.

use crate::support::{Database, Output, Project};

const WRITES: &str = "writes = [\"Customer.paymentTerms\"]";
const STRATEGIES: [&str; 3] = ["update", "rewrite", "batches"];

fn by(related: &str) -> String {
    format!(
        "update(\"Customer\").set(\"paymentTerms\", [ [ {related}.count() > 4, \"often\" ], [ otherwise, \"seldom\" ] ]);"
    )
}

/// A role that may do what a run needs, and its commands.
struct Role<'d> {
    database: &'d Database,
    name: String,
}

impl<'d> Role<'d> {
    fn new(database: &'d Database) -> Self {
        let name = format!("{}_role", database.name);
        database.run(&format!(
            "CREATE ROLE {name} LOGIN PASSWORD 'x'; GRANT CREATE, TEMPORARY ON DATABASE {} TO {name}; \
             GRANT SELECT ON ALL TABLES IN SCHEMA public TO {name}; GRANT UPDATE ON \"Customer\" TO {name}",
            database.name
        ));
        Self { database, name }
    }

    fn run(&self, project: &Project, arguments: &str) -> Output {
        let mut command = project.command(arguments);
        command.arg("--database-url").arg(self.database.url_as(&self.name, "x"));
        command.arg("--confirm").arg(&self.database.name);
        project.output(&mut command)
    }
}

impl Drop for Role<'_> {
    fn drop(&mut self) {
        self.database.run(&format!("DROP OWNED BY {0} CASCADE; DROP ROLE {0}", self.name));
    }
}

#[test]
fn hidden_rows_of_another_table_are_an_error_and_none_is_left_out() {
    let (project, database) = (Project::new(), Database::sample_with_orders());
    database.run(
        "ALTER TABLE \"SalesOrder\" ENABLE ROW LEVEL SECURITY; \
         CREATE POLICY fulfilled ON \"SalesOrder\" USING (status = 'FULFILLED')",
    );
    let role = Role::new(&database);
    let before = database.fingerprint();
    for strategy in STRATEGIES {
        let orders = by("related(\"SalesOrder\", \"customerId\")");
        project.script(&format!("{WRITES}\nstrategy = \"{strategy}\""), &orders);
        for command in ["plan scripts/try", "scripts/try", "why scripts/try AC-000123"] {
            role.run(&project, command)
                .exits(3)
                .tells(
                    "query would be affected by row-level security policy for table \"SalesOrder\"",
                )
                .tells("`leora-run doctor` names what is missing");
        }
        role.run(&project, "doctor scripts/try")
            .tells("may not see every row: row-level security is on for SalesOrder")
            .tells("BYPASSRLS");
    }
    let one =
        "table(\"Customer\").count(parent(\"SalesOrder\", #{ id: \"id\" }).col(\"total\") > 1);";
    project.script("", one);
    role.run(&project, "scripts/try").exits(3).tells("row-level security policy");
    assert_eq!(database.fingerprint(), before);
    // Who may see every row reads them all.
    database.run(&format!("ALTER ROLE {} BYPASSRLS", role.name));
    project.script(WRITES, &by("related(\"SalesOrder\", \"customerId\")"));
    role.run(&project, "scripts/try").exits(0);
    let wrong = "SELECT count(*) FROM \"Customer\" c WHERE (\"paymentTerms\" = 'often') \
         IS DISTINCT FROM ((SELECT count(*) FROM \"SalesOrder\" o WHERE o.\"customerId\" = c.id) > 4)";
    assert_eq!(database.value(wrong), "0");
}

#[test]
fn a_view_shows_what_its_owner_may_see() {
    let (project, database) = (Project::new(), Database::sample_with_orders());
    database.run(
        "ALTER TABLE \"SalesOrder\" ENABLE ROW LEVEL SECURITY; CREATE POLICY none ON \"SalesOrder\" USING (false); \
         CREATE VIEW fulfilled AS SELECT \"customerId\", total FROM \"SalesOrder\" WHERE status = 'FULFILLED'",
    );
    let role = Role::new(&database);
    project.script(WRITES, &by("related(\"fulfilled\", #{ customerId: \"id\" })"));
    role.run(&project, "scripts/try").exits(0);
    let wrong = "SELECT count(*) FROM \"Customer\" c WHERE (\"paymentTerms\" = 'often') \
         IS DISTINCT FROM ((SELECT count(*) FROM fulfilled o WHERE o.\"customerId\" = c.id) > 4)";
    assert_eq!(database.value(wrong), "0");
}

/// A table `bought` that is on another server: here the same one, in another database.
fn far(database: &Database) -> Database {
    let far = Database::empty();
    far.run("CREATE TABLE bought (customer uuid, total numeric(12, 2), at timestamp, mark int)");
    let rows = database.rows("SELECT \"customerId\", coalesce(total::text, 'NULL'), \"orderedAt\" FROM \"SalesOrder\" WHERE status = 'FULFILLED'");
    for some in rows.chunks(5_000) {
        let one = |row: &Vec<String>| format!("('{}', {}, '{}', 1)", row[0], row[1], row[2]);
        let values: Vec<String> = some.iter().map(one).collect();
        far.run(&format!("INSERT INTO bought VALUES {}", values.join(", ")));
    }
    let url = url::Url::parse(&far.url()).expect("an address");
    let part = |name: &str| {
        url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    };
    let host = part("host").or(url.host_str().map(str::to_owned)).expect("a host");
    let port = part("port").or(url.port().map(|port| port.to_string())).unwrap_or("5432".into());
    let user = url.username();
    database.run(&format!(
        "CREATE EXTENSION postgres_fdw; \
         CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '{host}', port '{port}', dbname '{}'); \
         CREATE USER MAPPING FOR CURRENT_USER SERVER far OPTIONS (user '{user}'); \
         CREATE FOREIGN TABLE bought (customer uuid, total numeric(12, 2), at timestamp, mark int) SERVER far",
        far.name
    ));
    far
}

const FAR: &str = r#"
let bought = related("bought", #{ customer: "id" });
let year   = bought.where(col("at").within(months(12)));
update("Customer").set("paymentTerms", [
    [ year.sum("total") > 3000 and year.count() >= 4, "good" ],
    [ bought.exists(),                                "fair" ],
    [ otherwise,                                      "new"  ],
]);
"#;

#[test]
fn a_foreign_table_is_read_once_as_by_a_plain_read() {
    let (project, database) = (Project::new(), Database::sample_with_orders());
    let far = far(&database);
    for strategy in STRATEGIES {
        project.script(&format!("{WRITES}\nstrategy = \"{strategy}\""), FAR);
        let before = (database.fingerprint(), far.fingerprint());
        let planned = project.run(&database, "plan scripts/try --format json").exits(0).json();
        let done = project.run(&database, "scripts/try --format json").exits(0).json();
        let change = |report: &serde_json::Value| report["steps"][0]["changes"][0].clone();
        assert_eq!(change(&planned)["transitions"], change(&done)["transitions"], "{strategy}");
        let wrong = database.value(
            r#"SELECT count(*) FROM "Customer" c LEFT JOIN LATERAL (
                 SELECT count(*) AS all_of, count(*) FILTER (WHERE recent) AS orders, sum(total) FILTER (WHERE recent) AS revenue FROM (
                   SELECT total, "orderedAt" >= (now() AT TIME ZONE 'UTC')::date - interval '12 months' AS recent
                     FROM "SalesOrder" WHERE "customerId" = c.id AND status = 'FULFILLED') AS o) AS o ON true
               WHERE "paymentTerms" IS DISTINCT FROM
                     CASE WHEN revenue > 3000 AND orders >= 4 THEN 'good' WHEN all_of > 0 THEN 'fair' ELSE 'new' END"#,
        );
        assert_eq!(wrong, "0", "{strategy}");
        project.run(&database, "plan scripts/try").exits(0).says("0 values would change");
        let id = database.value(
            "SELECT id FROM \"Customer\" WHERE \"paymentTerms\" = 'good' ORDER BY id LIMIT 1",
        );
        project
            .run(&database, &format!("why scripts/try {id}"))
            .exits(0)
            .tells("matched, gives good");
        project.run(&database, "check scripts/try").exits(0);
        project.run(&database, "undo").exits(0);
        assert_eq!((database.fingerprint(), far.fingerprint()), before, "{strategy}");
    }
}

#[test]
fn what_stands_in_the_way_of_a_foreign_table_is_told() {
    let (project, database) = (Project::new(), Database::sample_with_orders());
    let _far = far(&database);
    // A role without a mapping.
    let role = Role::new(&database);
    project.script(WRITES, FAR);
    for command in ["plan scripts/try", "scripts/try"] {
        role.run(&project, command).exits(3).tells("user mapping not found");
    }
    drop(role);
    // A row has one parent, and a foreign table has no index that says so.
    project.script(
        "",
        "table(\"Customer\").count(parent(\"bought\", #{ customer: \"id\" }).col(\"total\") > 1);",
    );
    project
        .run(&database, "scripts/try")
        .exits(2)
        .tells("so none is the parent: it is a foreign table, and no index can say otherwise")
        .tells("ask for all of them with related(\"bought\", #{ ... }), such as .max(\"...\") of one row");
    project.script(WRITES, FAR);
    // The server is away: that is no loss of our own connection.
    database.run("ALTER SERVER far OPTIONS (SET port '9')");
    for command in ["plan scripts/try", "scripts/try"] {
        project
            .run(&database, command)
            .exits(3)
            .tells("could not connect to server \"far\"")
            .tells("a foreign table is read from another server: see that it runs");
    }
    let changed = database.value(
        "SELECT count(*) FROM \"Customer\" WHERE \"paymentTerms\" IN ('good', 'fair', 'new')",
    );
    assert_eq!(changed, "0");
}

#[test]
fn a_file_is_another_side_too() {
    let (project, database) = (Project::new(), Database::sample_with_orders());
    let file = project.path("paid.csv");
    let ids = database.rows("SELECT id FROM \"Customer\" WHERE city = 'Napa'");
    let lines: String = ids.iter().map(|id| format!("{},5\n", id[0])).collect();
    std::fs::write(&file, lines).expect("a file");
    let folder = file.parent().expect("a folder");
    open_to_all(folder);
    open_to_all(&file);
    database.run(&format!(
        "CREATE EXTENSION file_fdw; CREATE SERVER files FOREIGN DATA WRAPPER file_fdw; \
         CREATE FOREIGN TABLE paid (customer uuid, orders int) SERVER files OPTIONS (filename '{}', format 'csv')",
        file.display()
    ));
    project.script(
        WRITES,
        "update(\"Customer\").set(\"paymentTerms\", [ [ related(\"paid\", #{ customer: \"id\" }).sum(\"orders\") > 4, \"paid\" ] ]);",
    );
    project.run(&database, "scripts/try").exits(0);
    let wrong = "SELECT count(*) FROM \"Customer\" WHERE (city = 'Napa') IS DISTINCT FROM (\"paymentTerms\" = 'paid')";
    assert_eq!(database.value(wrong), "0");
    std::fs::remove_file(&file).expect("it is there");
    project.run(&database, "plan scripts/try").exits(3).tells("could not open file");
}

/// The server runs as another account.
fn open_to_all(path: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("permissions");
}
