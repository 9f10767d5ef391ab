//! The SQL files of the migration and its rollback in a session of its own, where every statement commits by itself.

use crate::schema::{MIGRATION, every_object, migrated, unmigrated};
use crate::support::Database;

/// The catalog's rows, with the transactions that wrote them: whatever is written anew differs.
const WRITTEN: &str = "SELECT md5(string_agg(line, '|' ORDER BY line)) FROM ( \
    SELECT xmin || ' ' || oid AS line FROM pg_class UNION ALL SELECT xmin || ' ' || oid FROM pg_type \
    UNION ALL SELECT xmin || ' ' || attrelid || ' ' || attnum FROM pg_attribute \
    UNION ALL SELECT xmin || ' ' || oid FROM pg_constraint) AS lines";

#[test]
fn the_second_time_does_nothing() {
    let database = Database::sample();
    let mut session = database.session();
    session.run(MIGRATION);
    let before = session.one(WRITTEN);
    session.run(MIGRATION);
    assert_eq!(session.one(WRITTEN), before);
    assert_eq!(session.catalog(), migrated().session().catalog());
}

#[test]
fn the_second_time_takes_no_lock_that_anybody_would_notice() {
    let database = migrated();
    let mut other = database.session();
    other.run("BEGIN; LOCK TABLE \"Customer\", \"CallPlan\", \"CallPlanAccount\", \"CallPlanActivity\", \"Tenant\" IN ROW EXCLUSIVE MODE");
    let mut session = database.session();
    session.run("SET lock_timeout = '1s'");
    session.run(MIGRATION);
    session.run("BEGIN");
    session.run(MIGRATION);
    let strong = "SELECT string_agg(mode, ' ') FROM pg_locks WHERE pid = pg_backend_pid() \
         AND relation >= 16384 AND mode <> 'AccessShareLock'";
    assert_eq!(session.one(strong), "");
}

#[test]
fn what_fails_in_the_middle_leaves_nothing() {
    let database = unmigrated();
    let before = database.fingerprint();
    // The tables come early, and this refuses the last of what follows them.
    database.run(
        "CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN \
           IF EXISTS (SELECT FROM pg_class WHERE relname = 'CallPlanActivity_occurredAt_idx') THEN \
             RAISE EXCEPTION 'enough'; END IF; END $$; \
         CREATE EVENT TRIGGER refuse ON ddl_command_end EXECUTE FUNCTION refuse()",
    );
    let said = database.session().try_run(MIGRATION).expect_err("refused at the last index");
    assert_eq!(said, "P0001 enough");
    database.run("DROP EVENT TRIGGER refuse; DROP FUNCTION refuse");
    assert_eq!(database.fingerprint(), before);
}

#[test]
fn what_is_refused_leaves_nothing() {
    let database = unmigrated();
    database.run("CREATE TABLE \"CallPlanActivity_occurredAt_idx\" ()");
    let before = database.fingerprint();
    database.session().try_run(MIGRATION).expect_err("a table has the name of an index");
    assert_eq!(database.fingerprint(), before);
}

#[test]
fn it_works_in_the_first_schema_of_the_search_path() {
    let database = unmigrated();
    let mut session = database.session();
    session.run(
        "ALTER SCHEMA public RENAME TO crm; CREATE SCHEMA public; SET search_path = crm, public",
    );
    session.run(MIGRATION);
    session.run(MIGRATION);
    let made = "SELECT count(*) FROM pg_class WHERE relnamespace = 'crm'::regnamespace AND relname LIKE 'CallPlanA%'";
    assert_eq!(session.one(made), "15");
    session.run("SET search_path = public");
    let said = session.try_run(MIGRATION).expect_err("no CRM there");
    assert!(
        said.contains("schema \"public\" has no enum \"AccountType\", table \"ActivityType\""),
        "{said}"
    );
}

const ROLLBACK: &str = include_str!("../sql/phase2-rollback.sql");
const ROLLBACK_COLUMNS: &str = include_str!("../sql/phase2-rollback-columns.sql");
const ALLOW_DATA_LOSS: &str = include_str!("../sql/phase2-allow-data-loss.sql");

#[test]
fn the_rollback_files_refuse_by_themselves_what_would_lose_data() {
    let database = Database::sample();
    let mut session = database.session();
    session.run(MIGRATION);
    session.run(
        "INSERT INTO \"CallPlanAccount\" (\"tenantId\", \"callPlanId\", \"customerId\") \
         SELECT p.\"tenantId\", p.id, c.id FROM \"CallPlan\" p JOIN \"Customer\" c USING (\"tenantId\") LIMIT 1; \
         UPDATE \"CallPlan\" SET year = 2025 WHERE id = (SELECT min(id::text)::uuid FROM \"CallPlan\")",
    );
    let before = database.fingerprint();
    // Allowed before, but in another transaction.
    session.run(ALLOW_DATA_LOSS);
    let said = session.try_run(ROLLBACK).expect_err("a row");
    assert_eq!(said, "55000 table CallPlanAccount holds 1 row, which a rollback would lose");
    let said = session.try_run(ROLLBACK_COLUMNS).expect_err("a value");
    assert_eq!(said, "55000 column CallPlan.year holds 1 value, which a rollback would lose");
    assert_eq!(database.fingerprint(), before);
}

#[test]
fn the_rollback_files_take_everything_back_any_number_of_times() {
    let database = unmigrated();
    let before = database.fingerprint();
    let mut session = database.session();
    session.run(MIGRATION);
    for _ in 0..2 {
        session.run(ROLLBACK);
        session.run(ROLLBACK_COLUMNS);
        assert_eq!(database.fingerprint(), before);
    }
}

#[test]
fn the_list_of_objects_is_complete() {
    assert_eq!(every_object().len(), 3 + 2 + 6 + 17 + 7);
}
