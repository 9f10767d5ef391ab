//! Values of a unique column that pass from row to row: every strategy writes them or refuses them alike, and undo puts back
//! what was written.

use crate::support::{Database, Project};

const STRATEGIES: [&str; 3] = ["update", "rewrite", "batches"];

const ROWS: &str =
    "SELECT string_agg(id || '=' || coalesce(pos::text, '-'), ' ' ORDER BY id) FROM \"T\"";

/// A folder that sets `pos` of each row to its `goal`, where it has one.
fn moving(strategy: &str) -> Project {
    let project = Project::new();
    project.script(
        &format!("writes = [\"T.pos\"]\nstrategy = \"{strategy}\""),
        "update(\"T\").where(not(col(\"goal\").is_null())).set(\"pos\", col(\"goal\"));",
    );
    project
}

/// A table of this column, and rows of pos and goal.
fn table(column: &str, rows: &[(i32, i32)]) -> String {
    let rows: Vec<String> = rows
        .iter()
        .enumerate()
        .map(|(at, (pos, goal))| format!("({}, {pos}, {goal})", at + 1))
        .collect();
    format!(
        "CREATE TABLE \"T\" (id int PRIMARY KEY, goal int, {column}); INSERT INTO \"T\" (id, pos, goal) VALUES {}",
        rows.join(", ")
    )
}

const CHAINS: &[(i32, i32)] = &[(1, 3), (2, 1), (11, 12), (12, 13), (13, 14), (14, 15), (21, 29)];
const SWAP: &[(i32, i32)] = &[(1, 2), (2, 1)];
/// Two circles, a chain, and a row by itself.
const CIRCLES: &[(i32, i32)] =
    &[(1, 2), (2, 3), (3, 1), (11, 12), (12, 11), (4, 9), (5, 4), (6, 5), (7, 70)];

#[test]
fn what_a_run_has_moved_an_undo_moves_back() {
    let columns = [
        "pos int UNIQUE",
        "pos int UNIQUE DEFERRABLE",
        "pos int NOT NULL UNIQUE DEFERRABLE INITIALLY DEFERRED",
        "pos int, list text DEFAULT 'a', UNIQUE (list, pos), UNIQUE (pos)",
        "pos int, list text DEFAULT 'a', UNIQUE (list, pos) DEFERRABLE, UNIQUE (pos)",
        "pos int NOT NULL UNIQUE",
    ];
    for strategy in STRATEGIES {
        for column in columns {
            let rows = if column == "pos int NOT NULL UNIQUE" { CHAINS } else { CIRCLES };
            let (project, database) = (moving(strategy), Database::empty());
            database.run(&table(column, rows));
            let before = database.value(ROWS);
            project.run(&database, "plan scripts/try").exits(0);
            project.run(&database, "scripts/try").exits(0);
            let unmoved = "SELECT count(*) FROM \"T\" WHERE pos <> goal";
            assert_eq!(database.value(unmoved), "0", "{strategy} {column}");
            project
                .run(&database, "undo")
                .exits(0)
                .says(&format!("Put back {} values.", rows.len()));
            assert_eq!(database.value(ROWS), before, "{strategy} {column}");
            let undo = database.value("SELECT id FROM leora_run.run WHERE undoes IS NOT NULL");
            project.run(&database, &format!("undo {undo}")).exits(0);
            assert_eq!(database.value(unmoved), "0", "{strategy} {column}");
        }
    }
}

#[test]
fn what_no_order_allows_is_refused_before_the_first_write() {
    let columns = [
        "pos int NOT NULL UNIQUE",
        "pos int NOT NULL, list text DEFAULT 'a', UNIQUE (list, pos)",
        "pos int UNIQUE CHECK (pos IS NOT NULL)",
        "pos int UNIQUE CHECK (coalesce(pos, -1) > 0)",
        "pos int UNIQUE; CREATE TABLE u (pos int REFERENCES \"T\" (pos)",
    ];
    for strategy in STRATEGIES {
        for column in columns {
            let (project, database) = (moving(strategy), Database::empty());
            let (column, further) = column.split_once("; ").unwrap_or((column, "SELECT (1"));
            database.run(&format!("{}; {further})", table(column, SWAP)));
            let before = database.fingerprint();
            for arguments in ["plan scripts/try", "scripts/try"] {
                let refused = project.run(&database, arguments);
                assert_ne!(refused.code, 0, "{strategy} {column}");
                refused.tells("T can't be changed by a rule:").tells("T_").tells("DEFERRABLE");
            }
            assert_eq!(database.fingerprint(), before, "{strategy} {column}");
        }
    }
}

#[test]
fn an_index_over_an_expression_counts_too() {
    for strategy in STRATEGIES {
        let (project, database) = (moving(strategy), Database::empty());
        database.run(&format!(
            "{}; CREATE UNIQUE INDEX by_half ON \"T\" ((pos / 2 * 2)) WHERE pos < 100",
            table("pos int", &[(2, 5), (4, 7), (6, 3)])
        ));
        let before = database.value(ROWS);
        project.run(&database, "scripts/try").exits(0);
        project.run(&database, "undo").exits(0).says("Put back 3 values.");
        assert_eq!(database.value(ROWS), before, "{strategy}");
    }
}

#[test]
fn values_of_texts_and_of_partitions_move_too() {
    for strategy in STRATEGIES {
        let (project, database) = (moving(strategy), Database::empty());
        database.run(
            "CREATE TABLE \"T\" (id text, place text, pos varchar(19), goal varchar(19), \"row\" int, moved int, PRIMARY KEY (place, id), UNIQUE (place, pos)) \
               PARTITION BY LIST (place); \
             CREATE TABLE t_eu PARTITION OF \"T\" FOR VALUES IN ('eu'); CREATE TABLE t_us PARTITION OF \"T\" FOR VALUES IN ('us'); \
             INSERT INTO \"T\" VALUES ('a', 'eu', 'it''s', '$leora_run_0$'), ('b', 'eu', '$leora_run_0$', 'it''s'), \
               ('a', 'us', 'x', 'y'), ('b', 'us', 'y', 'z'), ('c', 'us', 'it''s', NULL)",
        );
        let rows = "SELECT string_agg(place || id || pos, ' ' ORDER BY place, id) FROM \"T\"";
        let before = database.value(rows);
        project.run(&database, "scripts/try").exits(0);
        assert_eq!(database.value(rows), "eua$leora_run_0$ eubit's usay usbz uscit's");
        project.run(&database, "undo").exits(0).says("Put back 4 values.");
        assert_eq!(database.value(rows), before, "{strategy}");
    }
}

#[test]
fn a_trigger_finds_its_names_while_rows_move() {
    let database = Database::empty();
    database.run(&format!(
        "{}; CREATE SCHEMA audit; CREATE TABLE audit.trail (pos int); ALTER DATABASE \"{}\" SET search_path = public, audit; \
         CREATE FUNCTION audited() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO trail VALUES (NEW.pos); RETURN NULL; END $$; \
         CREATE TRIGGER audited AFTER UPDATE ON \"T\" FOR EACH ROW EXECUTE FUNCTION audited()",
        table("pos int UNIQUE", SWAP),
        database.name
    ));
    let project = moving("update");
    project.run(&database, "scripts/try").exits(0);
    assert_eq!(database.value("SELECT count(*) FROM audit.trail"), "4", "each goes through NULL");
    project.run(&database, "undo").exits(0).says("Put back 2 values.");
}
