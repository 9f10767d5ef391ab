//! What the database refuses: PostgreSQL's own words, its code and hint, and nothing changed.

use expect_test::{Expect, expect};

use crate::support::{Database, Output, Project, one_line};

const WRITES: &str = "writes = [\"Customer.accountType\"]";
const RULE: &str = "update(\"Customer\").set(\"accountType\", \"PROSPECT\");";

/// The project with this rule, ready to run.
fn ruled() -> Project {
    let project = Project::new();
    project.script(WRITES, RULE);
    project
}

/// What the run says from the error on.
fn block(output: &Output) -> &str {
    &output.stdout[output.stdout.find("error: ").expect("an error is told")..]
}

/// What it says without the names and numbers that differ, and without the line breaks that follow from
/// their lengths.
fn without(text: &str, parts: &[&str]) -> String {
    let text = parts.iter().fold(text.to_owned(), |text, part| text.replace(part, "..."));
    one_line(&text)
}

/// A text as [`without`] gives it.
fn flat(text: &str) -> String {
    without(text, &[])
}

#[test]
fn a_constraint_that_a_rule_violates() {
    let (project, database) = (ruled(), Database::sample());
    database.run(
        r#"ALTER TABLE "Customer" ADD CONSTRAINT no_prospects CHECK ("accountType" <> 'PROSPECT')"#,
    );
    let before = database.fingerprint();
    let output = project.run(&database, "scripts/try").exits(3);
    let told = block(&output);
    assert!(told.starts_with(
        r#"error: new row for relation "Customer" violates check constraint "no_prospects"
 --> scripts/try/01_step.rhai:1:1
  |
1 | update("Customer").set("accountType", "PROSPECT");
  | ^^^^^^
    Failing row contains ("#
    ));
    assert!(told.ends_with(
        "    SQLSTATE 23514\n\
         help: leave such rows out with .where(...), or change the constraint in an SQL\n      \
         file\n\
         Everything was rolled back: nothing was changed.\n"
    ));
    assert_eq!(database.fingerprint(), before);
}

/// What a run of this SQL file says; nothing is changed.
#[track_caller]
fn file_fails(sql: &str, told: Expect) {
    let (project, database) = (Project::new(), Database::sample());
    let before = database.fingerprint();
    project.script("sql = [\"try.sql\"]", "run_sql(\"try.sql\");").write("sql/try.sql", sql);
    let output = project.run(&database, "scripts/try").exits(3);
    told.assert_eq(block(&output));
    assert_eq!(database.fingerprint(), before);
}

#[test]
fn an_sql_file_with_the_position_of_the_server() {
    file_fails(
        "CREATE TABLE more (id int);\n\nSELECT 'ä', nam FROM \"Customer\";\n",
        expect![[r#"
            error: column "nam" does not exist
             --> sql/try.sql:3:13
              |
            3 | SELECT 'ä', nam FROM "Customer";
              |             ^^^
                SQLSTATE 42703
            help: Perhaps you meant to reference the column "Customer.name".
            Everything was rolled back: nothing was changed.
        "#]],
    );
    file_fails(
        "CREATE TABLE more (id int);\n\nSELEC 1;\n",
        expect![[r#"
        error: syntax error at or near "SELEC"
         --> sql/try.sql:3:1
          |
        3 | SELEC 1;
          | ^^^^^
            SQLSTATE 42601
        Everything was rolled back: nothing was changed.
    "#]],
    );
}

#[test]
fn an_sql_file_with_a_statement_that_fails_without_a_position() {
    file_fails(
        "CREATE TABLE more (id int PRIMARY KEY);\n-- ä;\nINSERT INTO more VALUES (1);;\n\n  INSERT INTO more\n  VALUES (1);\nSELECT 1;\n",
        expect![[r#"
            error: duplicate key value violates unique constraint "more_pkey"
             --> sql/try.sql:5:3
              |
            5 |   INSERT INTO more
              |   ^^^^^^
                Key (id)=(1) already exists.
                SQLSTATE 23505
            help: correct this statement, or the rows that it meets
            Everything was rolled back: nothing was changed.
        "#]],
    );
    file_fails(
        "VACUUM;",
        expect![[r#"
        error: VACUUM cannot run inside a transaction block
         --> sql/try.sql:1:1
          |
        1 | VACUUM;
          | ^^^^^^
            SQLSTATE 25001
        help: it needs a transaction of its own: run it by hand, with psql
        Everything was rolled back: nothing was changed.
    "#]],
    );
    file_fails(
        "CREATE FUNCTION half(n int) RETURNS int LANGUAGE plpgsql AS $$\nBEGIN\n  RETURN n / 0;\nEND $$;\nSELECT half(1);\n",
        expect![[r#"
            error: division by zero
             --> sql/try.sql:5:1
              |
            5 | SELECT half(1);
              | ^^^^^^
                SQLSTATE 22012
            Everything was rolled back: nothing was changed.
        "#]],
    );
}

#[test]
fn an_sql_file_with_a_block_that_fails() {
    file_fails(
        "CREATE TABLE more (id int);\nDO $$ BEGIN RAISE 'no such shape' USING DETAIL = 'it is\nbent', HINT = 'straighten it', ERRCODE = 'LE001'; END $$;",
        expect![[r#"
            error: no such shape
             --> sql/try.sql:2:13
              |
            2 | DO $$ BEGIN RAISE 'no such shape' USING DETAIL = 'it is
              |             ^^^^^
                it is
                bent
                SQLSTATE LE001
            help: straighten it
            Everything was rolled back: nothing was changed.
        "#]],
    );
    file_fails(
        "SELECT 1;\nDO $body$\nDECLARE n int := 0;\nBEGIN\n  PERFORM 1;\n  n := 1 / n;\nEND $body$;\n",
        expect![[r#"
            error: division by zero
             --> sql/try.sql:6:3
              |
            6 |   n := 1 / n;
              |   ^
                SQLSTATE 22012
            Everything was rolled back: nothing was changed.
        "#]],
    );
    file_fails(
        "DO $$\nBEGIN\n  PERFORM id, nam\n     FROM \"Customer\";\nEND $$;\n",
        expect![[r#"
            error: column "nam" does not exist
             --> sql/try.sql:3:15
              |
            3 |   PERFORM id, nam
              |               ^^^
                SQLSTATE 42703
            help: Perhaps you meant to reference the column "Customer.name".
            Everything was rolled back: nothing was changed.
        "#]],
    );
    file_fails(
        "DO $$\nBEGIN\n  EXECUTE 'SELECT ' || 'nam';\nEND $$;\n",
        expect![[r#"
        error: column "nam" does not exist
         --> sql/try.sql:3:25
          |
        3 |   EXECUTE 'SELECT ' || 'nam';
          |                         ^^^
            SQLSTATE 42703
        Everything was rolled back: nothing was changed.
    "#]],
    );
}

#[test]
fn a_database_without_the_tables() {
    let (project, database) = (Project::new(), Database::empty());
    let before = database.fingerprint();
    let output = project.run(&database, "scripts/phase2").exits(3);
    let name = &database.name;
    assert_eq!(
        without(block(&output), &[name]),
        flat(
            r#"error: the database ... has no tables in schema public, so no
       Customer
 --> scripts/phase2/01_classify_customers.rhai:13:6
   |
13 |     .set("accountType", [
   |      ^^^
help: check that --database-url names the CRM's database
Everything was rolled back: nothing was changed."#
        )
    );
    assert_eq!(database.fingerprint(), before);
}

#[test]
fn a_database_of_something_else() {
    let (project, database) = (Project::new(), Database::empty());
    database.run("CREATE TABLE \"Invoice\" (id int)");
    project
        .run(&database, "scripts/phase2")
        .exits(2)
        .says("error: there is no table Customer in schema public\n")
        .says("help: check that this is the CRM's database, and names are case-sensitive\n");
}

#[test]
fn a_statement_that_takes_too_long() {
    let (project, database) = (ruled(), Database::sample());
    database.run(
        r#"CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(9); RETURN NEW; END';
           CREATE TRIGGER slow BEFORE UPDATE ON "Customer" FOR EACH ROW EXECUTE FUNCTION slow()"#,
    );
    let before = database.fingerprint();
    let output = project.run(&database, "scripts/try --statement-timeout 300ms").exits(3);
    expect![[r#"
        error: canceling statement due to statement timeout
         --> scripts/try/01_step.rhai:1:20
          |
        1 | update("Customer").set("accountType", "PROSPECT");
          |                    ^^^
            SQLSTATE 57014
        help: give --statement-timeout more time, or look at what is in its way
        Everything was rolled back: nothing was changed.
    "#]]
    .assert_eq(block(&output));
    assert_eq!(database.fingerprint(), before);
}

mod connections {
    //! The way to the database.

    use std::net::TcpListener;

    use leora_sandbox::LocalServer;

    use super::{block, flat, ruled};
    use crate::support::Project;

    #[track_caller]
    fn refused(project: &Project, url: &str, expected: &str) {
        // Named after the database, so that a run which got through would show.
        let name = url.rsplit('/').next().and_then(|end| end.split('?').next()).unwrap_or_default();
        let arguments = format!("scripts/try --confirm {name} --database-url {url}");
        let output = project.output(&mut project.command(&arguments)).exits(3);
        assert_eq!(flat(block(&output)), flat(&format!("{expected}\nNothing was changed.\n")));
    }

    #[test]
    fn nobody_listens() {
        refused(
            &ruled(),
            "postgresql://u:secret@127.0.0.1:1/x",
            "error: no server answers at 127.0.0.1:1: connection refused\n\
             help: start PostgreSQL there, or check host and port in --database-url",
        );
    }

    #[test]
    fn nobody_answers() {
        let deaf = TcpListener::bind("127.0.0.1:0").unwrap();
        let place = deaf.local_addr().unwrap();
        refused(
            &ruled(),
            &format!("postgresql://u@{place}/x?connect_timeout=1"),
            &format!(
                "error: nothing answers at {place} in time\n\
                 help: check host and port in --database-url, the network, and any firewall or IP\n      \
                 allow list"
            ),
        );
    }

    /// A server with passwords, which ends with the test.
    struct Guarded(
        LocalServer,
        #[expect(dead_code, reason = "keeps the folder")] tempfile::TempDir,
    );

    impl Guarded {
        fn start() -> (Self, u16) {
            use std::os::unix::fs::PermissionsExt;
            let home = tempfile::Builder::new().prefix("leora-guarded-").tempdir().unwrap();
            std::fs::set_permissions(home.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let server = LocalServer::create(home.path().join("data")).unwrap().on_loopback(port);
            let rules = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n";
            std::fs::write(server.data().join("pg_hba.conf"), rules).unwrap();
            server.with_setting("fsync", "off").clone().start().unwrap();
            (Self(LocalServer::open(home.path().join("data")).unwrap(), home), port)
        }
    }

    impl Drop for Guarded {
        fn drop(&mut self) {
            let _ = self.0.stop();
        }
    }

    #[test]
    fn a_server_that_refuses() {
        let (server, port) = Guarded::start();
        let admin = server.0.url("postgres").unwrap();
        crate::support::execute(
            &admin,
            "SET password_encryption = 'scram-sha-256'; CREATE ROLE carla LOGIN PASSWORD 'right'; REVOKE CONNECT ON DATABASE postgres FROM PUBLIC",
        );
        let project = ruled();
        let at = format!("127.0.0.1:{port}");
        refused(
            &project,
            &format!("postgresql://carla:wrong@{at}/postgres"),
            &format!(
                "error: {at} refused the connection: password authentication failed for\n       \
                 user \"carla\"\n    SQLSTATE 28P01\n\
                 help: check user and password in --database-url; special characters are written\n      \
                 as %XX"
            ),
        );
        refused(
            &project,
            &format!("postgresql://carla@{at}/postgres"),
            &format!(
                "error: {at} refused the connection: password authentication failed for\n       \
                 user \"carla\"\n    SQLSTATE 28P01\n\
                 help: the server asks for a password, and --database-url gives none: write it\n      \
                 as user:password@, or set PGPASSWORD"
            ),
        );
        refused(
            &project,
            &format!("postgresql://carla:right@{at}/nowhere"),
            &format!(
                "error: {at} refused the connection: database \"nowhere\" does not\n       \
                 exist\n    SQLSTATE 3D000\n\
                 help: create it (createdb nowhere), or check the name in --database-url"
            ),
        );
        refused(
            &project,
            &format!("postgresql://carla:right@{at}/postgres"),
            &format!(
                "error: {at} refused the connection: permission denied for database\n       \
                 \"postgres\"\n    SQLSTATE 42501\n\
                 help: ask the owner for: GRANT CONNECT ON DATABASE \"postgres\" TO \"carla\""
            ),
        );
    }
}

mod privileges {
    //! Roles that may not.

    use super::{block, ruled};
    use crate::support::{Database, Output, Project};

    /// Runs as a role of the test's own with these privileges.
    fn as_role(database: &Database, project: &Project, folder: &str, grants: &str) -> Output {
        let role = format!("role_of_{}", database.name);
        database.run(&format!("CREATE ROLE {role} LOGIN; {}", grants.replace("ROLE", &role)));
        let url = database.url_as(&role, "x");
        let arguments = format!("{folder} --confirm {} --database-url {url}", database.name);
        let output = project.output(&mut project.command(&arguments));
        database.run(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
        output
    }

    #[test]
    fn a_role_that_only_reads() {
        let (project, database) = (Project::new(), Database::sample());
        let before = database.fingerprint();
        let grants = "GRANT SELECT ON ALL TABLES IN SCHEMA public TO ROLE";
        let output = as_role(&database, &project, "scripts/phase2", grants).exits(3);
        assert_eq!(
            block(&output),
            "error: permission denied for table ActivityType\n    SQLSTATE 42501\n\
             help: ask the owner of the tables for the privilege, or run as that role;\n\
             \x20     `leora-run doctor` names what is missing\n\
             Nothing was changed.\n"
        );
        assert_eq!(database.fingerprint(), before);
    }

    #[test]
    fn a_role_that_may_not_create_the_history() {
        let (project, database) = (ruled(), Database::sample());
        let before = database.fingerprint();
        let grants = "GRANT ALL ON ALL TABLES IN SCHEMA public TO ROLE";
        let output = as_role(&database, &project, "scripts/try", grants).exits(3);
        // The SQL is run in connections::history.
        output
            .says(
                "error: this role may not create the schema leora_run, where the history and the\n       \
                 undo journal are kept\n    SQLSTATE 42501\n",
            )
            .tells(&format!(
                "help: let the database's owner run what this prints: leora-run doctor --grants scripts/try --role role_of_{}",
                database.name
            ))
            .says("Nothing was changed.");
        assert_eq!(database.fingerprint(), before);
    }
}

mod locks {
    //! Others who are in the way.

    use super::{block, flat, ruled, without};
    use crate::support::Database;

    const HELP: &str = "help: wait until they are done, end them with pg_terminate_backend(pid), or give\n      \
         --lock-timeout more time\n";

    #[test]
    fn a_table_that_somebody_else_has_locked() {
        let (project, database) = (ruled(), Database::sample());
        let before = database.fingerprint();
        let mut other = database.session();
        other.run("SET application_name = 'carla at psql'");
        other.run("BEGIN; LOCK TABLE \"Customer\" IN ROW EXCLUSIVE MODE");
        let pid = other.one("SELECT pg_backend_pid()");
        let run = "scripts/try --lock-timeout 200ms --lock-retries 0";
        let output = project.run(&database, run).exits(3);
        assert_eq!(
            without(block(&output), &[&pid]),
            flat(&format!(
                "error: Customer is locked by somebody else: SHARE ROW EXCLUSIVE was not granted\n       \
                 in time\n    process ... (carla at psql), in a transaction for 00:00:00: SELECT\n    \
                 pg_backend_pid()\n    SQLSTATE 55P03\n{HELP}Nothing was changed.\n"
            ))
        );
        other.run("ROLLBACK");
        assert_eq!(database.fingerprint(), before);
        project.run(&database, run).exits(0);
    }

    #[test]
    fn a_row_that_somebody_else_has_locked() {
        let (project, database) = (ruled(), Database::sample());
        let before = database.fingerprint();
        let mut other = database.session();
        other.run("SET application_name = 'the CRM'");
        other.run("BEGIN; SELECT id FROM \"Customer\" LIMIT 1 FOR UPDATE");
        let output =
            project.run(&database, "scripts/try --lock-timeout 200ms --lock-retries 0").exits(3);
        assert!(block(&output).starts_with(
            r#"error: Customer is locked by somebody else: a lock on one of its rows was not
       granted in time
 --> scripts/try/01_step.rhai:1:1
  |
1 | update("Customer").set("accountType", "PROSPECT");
  | ^^^^^^
    process "#
        ));
        assert!(block(&output).ends_with(&format!(
            "    SQLSTATE 55P03\n{HELP}Everything was rolled back: nothing was changed.\n"
        )));
        assert!(block(&output).contains("(the CRM), in a transaction for 00:00:0"));
        other.run("ROLLBACK");
        assert_eq!(database.fingerprint(), before);
    }

    #[test]
    fn another_run_at_work() {
        let (project, database) = (ruled(), Database::sample());
        let before = database.fingerprint();
        let mut other = database.session();
        other.run("SET application_name = 'leora-run'");
        other.run("BEGIN; SELECT pg_advisory_xact_lock(x'6c656f72612d7275'::bigint)");
        let pid = other.one("SELECT pg_backend_pid()");
        let output = project.run(&database, "scripts/try").exits(5);
        assert_eq!(
            without(block(&output), &[&pid]),
            flat(
                "error: another run is at work on this database\n    \
             process ... (leora-run), in a transaction for 00:00:00\n\
             help: wait until it is done, or let this one wait with --wait-lock 10min\n\
             Nothing was changed.\n"
            )
        );
        other.run("ROLLBACK");
        assert_eq!(database.fingerprint(), before);
    }
}
