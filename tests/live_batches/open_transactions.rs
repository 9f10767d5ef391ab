//! A transaction of the application that is open when the run begins, and writes later.

use super::{DONE, JOURNALLED, hurry, slow, stopped};
use crate::support::tried;

/// How it begins: with a number of its own, or with one of a part of it; in the last it is prepared, and ends much later.
const BEGINNINGS: [(&str, &str); 3] = [
    ("SELECT txid_current()", "COMMIT"),
    ("SAVEPOINT part; INSERT INTO elsewhere VALUES (1)", "COMMIT"),
    ("SELECT txid_current()", "PREPARE TRANSACTION 'later' / COMMIT PREPARED 'later'"),
];

#[test]
fn what_it_writes_after_a_batch_is_kept_and_what_it_inserts_is_not_missed() {
    for (begins, ends) in BEGINNINGS {
        tried("a transaction that is open when the batches begin");
        let (project, database) = slow(0.4);
        database.run("CREATE TABLE elsewhere (id int)");
        let mut application = database.session();
        application.run(&format!("BEGIN; {begins}"));
        database.run("INSERT INTO elsewhere VALUES (2)");
        stopped(&project, &database, "scripts/try").exits(130);
        let written = database.value("SELECT min(id) FROM \"Item\" WHERE mood = 'new'");
        let unwritten = database.value("SELECT min(id) FROM \"Item\" WHERE mood IS NULL");
        hurry(&database);
        application.run(&format!(
            "UPDATE \"Item\" SET mood = 'by hand' WHERE id BETWEEN {written} AND {written} + 2; \
             UPDATE \"Item\" SET mood = 'by hand' WHERE id = {unwritten}; \
             INSERT INTO \"Item\" VALUES (9001, NULL, 1, '')"
        ));
        ends.split(" / ").for_each(|statement| application.run(statement));
        project.run(&database, "scripts/try").exits(0);
        let kept =
            "SELECT string_agg(id::text, ' ' ORDER BY id) FROM \"Item\" WHERE mood = 'by hand'";
        let first: u64 = written.parse().expect("a number");
        let expected = format!("{first} {} {}", first + 1, first + 2);
        assert_eq!(database.value(kept), expected, "{begins}");
        assert_eq!(database.value("SELECT mood FROM \"Item\" WHERE id = 9001"), "new", "{begins}");
        // Each row once.
        assert_eq!(database.value(JOURNALLED), "9001", "{begins}");
        let keys = "SELECT count(DISTINCT key) FROM (SELECT unnest(keys_bigint) AS key FROM leora_run.transition) k";
        assert_eq!(database.value(keys), "9001", "{begins}");
        project
            .run(&database, "undo")
            .exits(0)
            .says("Put back 8,998 values, left 3 that your team edited since");
        let edited = "SELECT count(*) FROM \"Item\" WHERE mood = 'by hand'";
        let left = (database.value(edited), database.value(DONE));
        assert_eq!(left, ("4".into(), "0".into()), "{begins}");
    }
}
