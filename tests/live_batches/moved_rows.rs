//! Rows that somebody moves to other pages between two batches.

use super::{DONE, JOURNALLED, ended, started};
use crate::support::{Database, Project, tried};

/// What rewrites a table. The last takes no more room than before, so that only the file's number tells of it.
const MOVES: [&str; 4] = [
    "VACUUM FULL \"Item\"",
    "CLUSTER \"Item\" USING item_by_place",
    "ALTER TABLE \"Item\" ALTER COLUMN size TYPE bigint",
    "ALTER TABLE \"Item\" SET TABLESPACE pg_default; VACUUM FULL \"Item\"",
];

#[test]
fn every_row_is_written_whatever_moves_them() {
    for moves in MOVES {
        tried("rows that are moved between batches");
        let (project, database) = (Project::new(), Database::empty());
        database.make_slow_pieces(0.3);
        // Half of each page is free, and the rows lie in another order than by this index.
        database.run(
            "ALTER TABLE \"Item\" SET (autovacuum_enabled = off); DELETE FROM \"Item\" WHERE id % 2 = 0; \
             ALTER TABLE \"Item\" ADD COLUMN place int; ALTER TABLE \"Item\" DISABLE TRIGGER slow; \
             UPDATE \"Item\" SET place = -id; ALTER TABLE \"Item\" ENABLE TRIGGER slow; \
             CREATE INDEX item_by_place ON \"Item\" (place)",
        );
        project.script(
            "writes = [\"Item.mood\"]\nstrategy = \"batches\"",
            "update(\"Item\").set(\"mood\", \"new\");",
        );
        let run = started(&project, &database, "scripts/try --format json");
        let mut other = database.session();
        for one in moves.split("; ") {
            other.run(one);
        }
        let report = ended(run).exits(0).json();
        assert_eq!(report["steps"][0]["changes"][0]["changed"], 4500, "{moves}");
        assert_eq!(database.value(DONE), "4500", "{moves}");
        assert_eq!(database.value(JOURNALLED), "4500", "{moves}");
        project.run(&database, "undo").exits(0).says("Put back 4,500 values");
        assert_eq!(database.value(DONE), "0", "{moves}");
    }
}
