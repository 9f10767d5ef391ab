//! An SQL file that ends the run's transaction, as if its check had not seen how.

use std::time::Duration;

use leora_postgres::{
    ProgressListener, Server, Session, Target, TargetSource, Timeouts, Transaction,
};
use leora_report::DatabaseError;
use leora_system::Interrupt;
use tokio::runtime::Runtime;

use crate::support::Database;

const WRITES: &str = "INSERT INTO mark VALUES ('file')";

/// What is said of a file, after a step has written too, and what stays in the table.
fn run_file(sql: &str) -> (Result<(), DatabaseError>, String) {
    let database = Database::empty();
    database.run("CREATE TABLE mark (what text)");
    let runtime = Runtime::new().expect("a runtime");
    let target = Target::parse(&database.url(), TargetSource::Option).expect("a target");
    let quiet = ProgressListener::new(|_| {});
    let server = Server::new(target, runtime.handle().clone(), Interrupt::default(), quiet);
    let time = Duration::from_secs(10);
    let timeouts = Timeouts { lock: time, statement: time, commit: time };
    let mut session = Session::connect(&server, timeouts).expect("a session");
    session.begin(Transaction::ReadWrite).expect("a transaction");
    session.run_sql("INSERT INTO mark VALUES ('step')", &[], &[]).expect("a step");
    let told = session.run_sql(sql, &[], &[]).map(|_| ());
    drop(session);
    database.wait_for_silence();
    (told, database.value("SELECT coalesce(string_agg(what, ' ' ORDER BY what), '') FROM mark"))
}

#[test]
fn what_a_file_has_committed_is_told() {
    for end in ["COMMIT", "COMMIT; SELECT 1/0", "COMMIT AND CHAIN; SELECT 1; COMMIT", "END; BEGIN"]
    {
        let (told, left) = run_file(&format!("{WRITES}; {end}"));
        assert!(matches!(told, Err(DatabaseError::CommittedByFile)), "{end}: {told:?}");
        assert_eq!(left, "file step", "{end}");
    }
}

#[test]
fn what_a_file_has_rolled_back_is_told() {
    for end in ["ROLLBACK", "ABORT; BEGIN"] {
        let (told, left) = run_file(&format!("{WRITES}; {end}"));
        assert!(matches!(told, Err(DatabaseError::RolledBackByFile)), "{end}: {told:?}");
        assert_eq!(left, "", "{end}");
    }
    let (told, left) = run_file(&format!("ROLLBACK; {WRITES}"));
    assert!(matches!(told, Err(DatabaseError::RolledBackByFile)), "{told:?}");
    assert_eq!(left, "file");
}

#[test]
fn an_error_in_a_file_rolls_back_all() {
    let (told, left) = run_file(&format!("{WRITES}; SELECT 1/0"));
    assert_eq!(told.expect_err("an error").code(), Some("22012"));
    assert_eq!(left, "");
    let (told, _) = run_file(WRITES);
    assert!(told.is_ok(), "{told:?}");
}
