//! Rows that the rule would still change at the end: they are written, or the run says that they are left.

use super::{DONE, ended, slow, started};
use crate::support::tried;

#[test]
fn a_row_that_stays_locked_stops_the_run() {
    tried("a row that stays locked at the end of batches");
    let (project, database) = slow(0.2);
    let run = started(&project, &database, "scripts/try --lock-timeout 50ms");
    database.run("INSERT INTO \"Item\" VALUES (9001, NULL, 1, '')");
    // A new version of the row, which the batches look at last.
    let mut other = database.session();
    other.run("BEGIN; SELECT FROM \"Item\" WHERE id = 9001 FOR UPDATE");
    let output = ended(run).exits(3);
    output.tells("1 row of Item that the rule would change stayed locked").says("To go on");
    other.run("ROLLBACK");
    project.run(&database, "scripts/try").exits(0);
    assert_eq!(database.value(DONE), "9001");
}

/// Whatever is written, there is another row.
#[test]
fn rows_that_others_add_without_end_are_counted_and_left() {
    let (project, database) = slow(0.0);
    database.run(
        "CREATE SEQUENCE more START 10000; \
         CREATE FUNCTION more() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
           INSERT INTO public.\"Item\" VALUES (nextval('public.more'), NULL, 1, ''); RETURN NULL; END $$; \
         CREATE TRIGGER more AFTER UPDATE ON \"Item\" FOR EACH STATEMENT EXECUTE FUNCTION more()",
    );
    let output = project.run(&database, "scripts/try").exits(0);
    let left = database.value("SELECT count(*) FROM \"Item\" WHERE mood IS NULL");
    assert_eq!(left, "1");
    output.tells(
        "1 row was added or changed by others while the run ended, and is left: run it again",
    );
}
