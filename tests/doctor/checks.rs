//! Each check of the doctor: what is well, what is worth a word, what would fail, and the remedy.

use serde_json::Value;

use crate::support::{Database, Output, OwnServer, Project, one_line};

/// The checks of an examination, as `name verdict`, with message and remedy.
pub(super) struct Checks(Vec<Value>);

impl Checks {
    #[track_caller]
    pub(super) fn of(output: &Output) -> Self {
        Self(output.json()["checks"].as_array().expect("checks").clone())
    }

    /// A check of this name with this verdict that says this, in its message or remedy.
    #[track_caller]
    pub(super) fn has(&self, name: &str, verdict: &str, text: &str) -> &Self {
        let found = self.0.iter().any(|check| {
            let all = format!("{} {}", check["message"], check["remedy"]);
            check["name"] == name && check["verdict"] == verdict && all.contains(text)
        });
        assert!(found, "no {verdict} {name} with {text} in {:#?}", self.0);
        self
    }

    pub(super) fn names(&self) -> Vec<&str> {
        self.0.iter().map(|check| check["name"].as_str().expect("a name")).collect()
    }
}

#[track_caller]
pub(super) fn examined(
    project: &Project,
    database: &Database,
    arguments: &str,
    code: i32,
) -> Checks {
    let asked = format!("doctor {arguments} --format json");
    Checks::of(&project.run(database, &asked).exits(code))
}

#[test]
fn everything_is_looked_at_in_one_screen_and_nothing_is_made() {
    let (project, database) = (Project::new(), Database::sample());
    database.run("ANALYZE");
    let before = database.whole_fingerprint();
    let output = project.run(&database, "doctor scripts/phase2").exits(0);
    assert_eq!(database.whole_fingerprint(), before);
    assert!(output.stdout.lines().all(|line| line.chars().count() <= 80), "{}", output.stdout);
    assert!(output.stdout.lines().count() <= 30, "{}", output.stdout);
    output.says("scripts/phase2 would work, with 1 warning.");
    let checks = examined(&project, &database, "scripts/phase2", 0);
    let expected = [
        "connection",
        "pooler",
        "server",
        "tls",
        "clock",
        "transactions",
        "locks",
        "privileges",
        "ownership",
        "prisma",
        "disk",
        "triggers",
        "views",
        "constraints",
        "replication",
        "data api",
    ];
    assert_eq!(checks.names(), expected);
    checks
        .has("connection", "ok", "from --database-url")
        .has("pooler", "ok", "the server itself answers")
        .has("locks", "ok", "free: ActivityType, CallPlan, Customer, Tenant")
        .has("privileges", "warn", "is a superuser")
        // Two rules over 5,394 rows, 20 bytes each.
        .has("disk", "ok", "216 kB for the journal");
}

#[test]
fn without_a_folder_the_connection_and_the_server_are_looked_at() {
    let (project, database) = (Project::new(), Database::sample());
    let checks = examined(&project, &database, "", 0);
    assert!(!checks.names().contains(&"privileges"), "{:?}", checks.names());
    checks.has("server", "ok", "PostgreSQL 1").has("clock", "ok", "the server's clock agrees");
}

#[test]
fn a_connection_that_can_not_be_had_is_a_failed_check() {
    let project = Project::new();
    let ask = |url: &str| {
        let mut command = project.command("doctor --format json --database-url");
        Checks::of(&project.output(command.arg(url)).exits(1))
    };
    ask("postgresql://u@127.0.0.1:1/x").has("connection", "fail", "check host and port");
    ask("postgresql://u@[::1").has("connection", "fail", "write it like");
    let nowhere = project.output(&mut project.command("doctor --format json")).exits(1);
    Checks::of(&nowhere).has("connection", "fail", "set DIRECT_URL");
    let told = project.output(&mut project.command("doctor")).exits(1);
    told.says("fail  connection   no database was named")
        .says("A run would not work: 1 check failed.");
}

#[test]
fn what_stands_in_the_way_of_a_run_is_named_with_its_remedy() {
    let (project, database) = (Project::new(), Database::sample());
    let mut session = database.session();
    session.run("BEGIN; SELECT pg_advisory_xact_lock(7810771665791316597); LOCK TABLE \"Customer\" IN ACCESS SHARE MODE");
    database.run("BEGIN; INSERT INTO \"Tenant\" SELECT * FROM \"Tenant\" WHERE false; PREPARE TRANSACTION 'left over'");
    let checks = examined(&project, &database, "scripts/phase2", 0);
    database.run("ROLLBACK PREPARED 'left over'");
    checks
        .has("other runs", "warn", "another run is at work")
        .has("transactions", "warn", "ROLLBACK PREPARED 'left over';")
        .has("locks", "warn", "Customer is locked by process");
}

#[test]
fn triggers_views_constraints_and_publications_are_named() {
    let (project, database) = (Project::new(), Database::sample());
    database.run(
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; \
         CREATE TRIGGER stamp BEFORE UPDATE ON \"Customer\" FOR EACH ROW EXECUTE FUNCTION f(); \
         CREATE MATERIALIZED VIEW classes AS SELECT \"accountType\" FROM \"Customer\"; \
         ALTER TABLE \"CallPlan\" ADD CONSTRAINT one_name UNIQUE (name, \"createdAt\", id) DEFERRABLE INITIALLY DEFERRED; \
         CREATE PUBLICATION everything FOR ALL TABLES",
    );
    examined(&project, &database, "scripts/phase2", 0)
        .has("triggers", "warn", "Customer.stamp may store other values")
        .has("views", "warn", "REFRESH MATERIALIZED VIEW classes;")
        .has("constraints", "ok", "CallPlan.one_name is deferred")
        .has("replication", "warn", "every changed row is sent by publication everything")
        .has(
            "replication",
            "warn",
            "everything is FOR ALL TABLES, and sends the tables of schema leora_run too",
        );
}

#[test]
fn a_trigger_of_a_role_that_may_do_less_is_named() {
    let (project, database) = (Project::new(), Database::sample());
    let owner = format!("{}_owner", database.name);
    database.run(&format!(
        "CREATE ROLE {owner}; \
         CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; \
         ALTER FUNCTION audit() OWNER TO {owner}; \
         CREATE TRIGGER audit AFTER UPDATE ON \"Customer\" FOR EACH ROW EXECUTE FUNCTION audit()"
    ));
    examined(&project, &database, "scripts/phase2", 0).has(
        "triggers",
        "warn",
        &format!("Customer.audit calls audit() of {owner}: with the rights of the role"),
    );
    let warned = format!(
        "note: Customer.audit calls audit() of {owner}, with rights that its owner does not have"
    );
    let run = project.run(&database, "scripts/phase2").exits(0);
    assert!(one_line(&run.stderr).contains(&warned), "{}", run.stderr);
    let refusing = "trigger_rights = \"refuse\"\naccess";
    project.edit("scripts/phase2/leora.toml", "access", refusing);
    let before = database.whole_fingerprint();
    project
        .run(&database, "scripts/phase2 --set reclassify=true --set active_within=1mo")
        .exits(4)
        .tells("with rights that its owner does not have");
    assert_eq!(database.whole_fingerprint(), before);
    let undo = project.run(&database, "undo --dry-run").exits(0);
    assert!(one_line(&undo.stderr).contains(&warned), "{}", undo.stderr);
    database.run("ALTER FUNCTION audit() SECURITY DEFINER");
    project.run(&database, "scripts/phase2").exits(0);
    examined(&project, &database, "scripts/phase2", 0).has(
        "triggers",
        "ok",
        "Customer.audit: run as",
    );
    database.run(&format!("DROP FUNCTION audit() CASCADE; DROP ROLE {owner}"));
}

#[test]
fn a_trigger_whose_owner_lacks_a_single_grant_is_named() {
    let (project, database) = (Project::new(), Database::empty());
    let [owner, runner] = ["owner", "runner"].map(|role| format!("{}_{role}", database.name));
    database.run(&format!(
        "CREATE ROLE {owner}; CREATE ROLE {runner}; \
         CREATE TABLE \"Item\" (id int PRIMARY KEY, note text); CREATE TABLE \"Wage\" (id int PRIMARY KEY, paid int, by text); \
         CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; \
         ALTER FUNCTION audit() OWNER TO {owner}; \
         CREATE TRIGGER audit AFTER UPDATE ON \"Item\" FOR EACH ROW EXECUTE FUNCTION audit(); \
         GRANT SELECT, UPDATE ON \"Item\" TO {owner}, {runner}; GRANT USAGE ON SCHEMA public TO {owner}, {runner}"
    ));
    project
        .script("writes = [\"Item.note\"]", "update(\"Item\").where(true).set(\"note\", \"new\");");
    let lent = format!("Item.audit calls audit() of {owner}: with the rights of the role");
    let asked = format!("doctor scripts/try --role {runner} --format json");
    let is_named = || {
        let output = project.run(&database, &asked);
        one_line(&output.stdout).contains(&lent)
    };
    assert!(!is_named());
    for (grant, taking_back) in [
        ("SELECT (paid) ON \"Wage\" TO", "SELECT (paid) ON \"Wage\" FROM"),
        ("DELETE ON \"Wage\" TO", "DELETE ON \"Wage\" FROM"),
    ] {
        database.run(&format!("GRANT SELECT (id) ON \"Wage\" TO {owner}; GRANT {grant} {runner}"));
        assert!(is_named(), "{grant}");
        database.run(&format!("GRANT {grant} {owner}"));
        assert!(!is_named(), "{grant}, and its owner has it");
        database.run(&format!("REVOKE {taking_back} {owner}; REVOKE {taking_back} {runner}"));
    }
    database.run(&format!(
        "DROP OWNED BY {owner}, {runner} CASCADE; DROP ROLE {owner}; DROP ROLE {runner}"
    ));
}

#[test]
fn a_trigger_of_a_partition_is_named_too() {
    let (project, database) = (Project::new(), Database::empty());
    let owner = format!("{}_owner", database.name);
    database.run(&format!(
        "CREATE ROLE {owner}; \
         CREATE TABLE \"Item\" (id int PRIMARY KEY, note text) PARTITION BY RANGE (id); \
         CREATE TABLE few PARTITION OF \"Item\" FOR VALUES FROM (MINVALUE) TO (9) PARTITION BY RANGE (id); \
         CREATE TABLE fewest PARTITION OF few FOR VALUES FROM (MINVALUE) TO (9); INSERT INTO \"Item\" VALUES (1, 'old'); \
         CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; \
         ALTER FUNCTION audit() OWNER TO {owner}; \
         CREATE TRIGGER audit AFTER UPDATE ON fewest FOR EACH ROW EXECUTE FUNCTION audit(); \
         CREATE TRIGGER of_all AFTER UPDATE ON \"Item\" FOR EACH ROW EXECUTE FUNCTION audit()"
    ));
    let rule = "update(\"Item\").where(true).set(\"note\", \"new\");";
    project.script("writes = [\"Item.note\"]\ntrigger_rights = \"refuse\"", rule);
    let named =
        format!("Item.of_all calls audit() of {owner}, fewest.audit calls audit() of {owner}");
    project.run(&database, "scripts/try").exits(4).tells(&format!("{named}, with rights"));
    assert_eq!(database.value("SELECT note FROM \"Item\""), "old");
    database.run(&format!("DROP FUNCTION audit() CASCADE; DROP ROLE {owner}"));
    project.run(&database, "scripts/try").exits(0);
}

#[test]
fn what_only_needs_to_be_known_is_told_without_a_warning() {
    let (project, database) = (Project::new(), Database::sample());
    let bare = examined(&project, &database, "scripts/phase2", 0);
    bare.has("triggers", "ok", "none on the tables")
        .has("views", "ok", "none read the tables")
        .has("constraints", "ok", "none are deferred")
        .has("replication", "ok", "no standby is connected");
    database.run(
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; \
         CREATE TRIGGER audit AFTER UPDATE ON \"Customer\" FOR EACH ROW EXECUTE FUNCTION f(); \
         CREATE VIEW active AS SELECT id FROM \"Customer\"; \
         CREATE TABLE unseen (id int PRIMARY KEY, v int); INSERT INTO unseen VALUES (1, 1)",
    );
    examined(&project, &database, "scripts/phase2", 0)
        .has("triggers", "ok", "Customer.audit: run as for any other write")
        .has("views", "ok", "active: their columns can't be dropped or change their type");
    database.run("ALTER TABLE \"Customer\" DISABLE TRIGGER audit");
    examined(&project, &database, "scripts/phase2", 0).has("triggers", "ok", "none on the tables");
    project.script("writes = [\"unseen.v\"]", "update(\"unseen\").set(\"v\", 2);");
    examined(&project, &database, "scripts/try", 0)
        .has("disk", "warn", "the rows of unseen were never counted")
        .has("disk", "warn", "ANALYZE \\\"unseen\\\";");
    database.run("ANALYZE unseen");
    examined(&project, &database, "scripts/try", 0).has("disk", "ok", "at most about 1 kB");
}

#[test]
fn a_role_that_is_not_there_another_date_and_a_folder_without_locks_are_told() {
    let (project, database) = (Project::new(), Database::sample());
    let checks = examined(&project, &database, "scripts/phase2 --role nobody_here", 1);
    checks.has("privileges", "fail", "there is no role nobody_here");
    checks.has("privileges", "fail", "doctor --grants scripts/phase2 --role nobody_here");
    let checks = examined(&project, &database, "scripts/verify --as-of 2025-10-25", 0);
    checks.has("clock", "ok", "as of 2025-10-25, which is not today in UTC");
    checks.has("locks", "ok", "it takes none");
}

#[test]
fn a_script_that_stops_on_made_up_rows_is_told_as_not_seen_to_its_end() {
    let (project, database) = (Project::new(), Database::sample());
    let script = "let rows = query(`SELECT name FROM \"Customer\" WHERE id IS NULL`); \
                  note(rows[0].name.to_upper()); \
                  if table(\"Customer\").count() > 0 { throw \"full\" } else { throw \"empty\" }";
    project.script("", script);
    let checks = examined(&project, &database, "scripts/try", 0);
    checks.has("scripts", "warn", "01_step could not be looked at to its end");
    checks.has("scripts", "warn", "see leora-run plan scripts/try");
}

#[test]
fn prisma_is_found_with_what_it_has_recorded() {
    let (project, database) = (Project::new(), Database::sample());
    let row = |name: &str, finished: &str| {
        format!(
            "INSERT INTO _prisma_migrations (id, migration_name, finished_at) VALUES ('{name}', '{name}', {finished});"
        )
    };
    database.run(&format!(
        "CREATE TABLE _prisma_migrations (id varchar(36) PRIMARY KEY, checksum varchar(64), finished_at timestamptz, \
           migration_name varchar(255), logs text, rolled_back_at timestamptz, started_at timestamptz DEFAULT now(), \
           applied_steps_count int DEFAULT 0); {}",
        row("1_init", "now()")
    ));
    let known = "found, with 1 migration; 20251025173000_phase2_complete is not recorded yet";
    examined(&project, &database, "scripts/phase2", 0).has("prisma", "ok", known);
    database.run(&row("2_broken", "NULL"));
    examined(&project, &database, "scripts/phase2", 0).has(
        "prisma",
        "warn",
        "resolve --rolled-back 2_broken",
    );
}

#[test]
fn a_server_that_takes_no_writes_fails_the_folders_that_write() {
    let (project, database) = (Project::new(), Database::sample());
    database
        .run(&format!("ALTER DATABASE {} SET default_transaction_read_only = on", database.name));
    examined(&project, &database, "scripts/phase2", 1).has("server", "fail", "is read-only");
    let checks = examined(&project, &database, "scripts/verify", 0);
    checks.has("server", "ok", "PostgreSQL");
}

#[test]
fn a_script_that_would_refuse_fails_with_its_reason() {
    let (project, database) = (Project::new(), Database::sample());
    let reason = "01_call_plan refuses: this database is not at Phase 2";
    examined(&project, &database, "scripts/carla-smoke", 1).has("scripts", "fail", reason);
}

#[test]
fn a_weak_role_is_examined_too_and_told_what_it_may_not_see() {
    let (project, database) = (Project::new(), Database::sample());
    let role = format!("{}_weak", database.name);
    database.run(&format!(
        "CREATE ROLE {role} LOGIN PASSWORD 'secret'; REVOKE ALL ON SCHEMA public FROM PUBLIC; \
         CREATE TABLE _prisma_migrations (id int)"
    ));
    let mut command = project.command("doctor scripts/phase2 --format json --database-url");
    let output = project.output(command.arg(database.url_as(&role, "secret"))).exits(1);
    database.run(&format!("DROP ROLE {role}"));
    Checks::of(&output)
        .has("privileges", "fail", "may not use the schema public")
        .has("privileges", "fail", "GRANT SELECT ON TABLE \\\"public\\\".\\\"Tenant\\\"")
        .has("privileges", "fail", "may not make the schema leora_run")
        .has("prisma", "warn", "may not read _prisma_migrations");
}

#[test]
fn tables_that_a_data_api_would_show_are_named() {
    let server = OwnServer::start(&[]);
    {
        let (project, database) = (Project::new(), server.sample());
        let checks = examined(&project, &database, "scripts/phase2", 0);
        checks.has("data api", "ok", "no roles anon and authenticated");
        database.run(
            "CREATE ROLE anon; CREATE ROLE authenticated; GRANT USAGE ON SCHEMA public TO anon, authenticated; \
             ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON TABLES TO anon, authenticated; \
             GRANT SELECT ON \"Tenant\" TO anon; ALTER TABLE \"Customer\" ENABLE ROW LEVEL SECURITY; \
             GRANT SELECT ON \"Customer\" TO anon; SELECT pg_create_physical_replication_slot('forgotten', true)",
        );
        examined(&project, &database, "scripts/phase2", 0)
            .has(
                "data api",
                "warn",
                "CallPlanAccount, CallPlanActivity would be open to anon and authenticated",
            )
            .has(
                "data api",
                "warn",
                "ALTER TABLE \\\"public\\\".\\\"CallPlanActivity\\\" ENABLE ROW LEVEL SECURITY;",
            )
            .has("data api", "warn", "Tenant can be used by anon and authenticated")
            .has("replication", "warn", "nobody reads slot forgotten")
            .has("replication", "warn", "SELECT pg_drop_replication_slot('forgotten');");
        project.run(&database, "scripts/phase2").exits(0);
        // They are there now, and open.
        examined(&project, &database, "scripts/phase2", 0).has(
            "data api",
            "warn",
            "CallPlanAccount, CallPlanActivity, Tenant can be used by",
        );
        // The remedy as it is printed.
        database.run(
            "ALTER TABLE \"public\".\"CallPlanAccount\" ENABLE ROW LEVEL SECURITY; \
             ALTER TABLE \"public\".\"CallPlanActivity\" ENABLE ROW LEVEL SECURITY; \
             ALTER TABLE \"public\".\"Tenant\" ENABLE ROW LEVEL SECURITY",
        );
        examined(&project, &database, "scripts/phase2", 0).has(
            "data api",
            "ok",
            "anon and authenticated see no table without row-level security",
        );
        // What goes to the tables' owner comes under that owner's default privileges.
        let owned = server.sample();
        owned.run(
            "CREATE ROLE app; GRANT USAGE, CREATE ON SCHEMA public TO app; GRANT USAGE ON SCHEMA public TO anon; \
             ALTER TABLE \"Customer\" OWNER TO app; ALTER TABLE \"CallPlan\" OWNER TO app; \
             ALTER DEFAULT PRIVILEGES FOR ROLE app IN SCHEMA public GRANT SELECT ON TABLES TO anon",
        );
        let would = "CallPlanAccount, CallPlanActivity would be open to anon";
        examined(&project, &owned, "scripts/phase2", 0).has("data api", "warn", would);
        project.run(&owned, "scripts/phase2").exits(0);
        let open = "CallPlanAccount, CallPlanActivity can be used by anon";
        examined(&project, &owned, "scripts/phase2", 0).has("data api", "warn", open);
    }
}

#[test]
fn a_rule_that_means_nothing_on_its_table_fails() {
    let (project, database) = (Project::new(), Database::sample());
    project.script("writes = [\"Customer.tierr\"]", "update(\"Customer\").set(\"tierr\", \"A\");");
    examined(&project, &database, "scripts/try", 1).has(
        "scripts",
        "fail",
        "01_step fails: Customer has no column tierr",
    );
    let script = "update(\"Customer\").where(col(\"citty\") == \"Bath\").set(\"city\", \"Bath\");";
    project.script("writes = [\"Customer.city\"]", script);
    examined(&project, &database, "scripts/try", 1).has(
        "scripts",
        "fail",
        "01_step fails: Customer has no column citty",
    );
}
