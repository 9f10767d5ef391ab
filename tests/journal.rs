//! What the journal takes up on the disk, for each changed row.

use crate::support::{Database, Project};

/// Sorts of keys, the values of 50,000 of them, and the most bytes that each may cost.
const KEYS: [(&str, &str, &str, f64); 8] = [
    ("id uuid", "md5(n::text)::uuid", "id", 20.0),
    ("id integer", "n * 7919 % 1000003", "id", 20.0),
    ("id bigint", "n * 7919::bigint * 1000003", "id", 20.0),
    ("id smallint", "n - 25000", "id", 20.0),
    ("id text", "'C-' || lpad(n::text, 6, '0')", "id", 40.0),
    ("id text", "md5(n::text)::uuid::text", "id", 60.0),
    ("a uuid, b uuid", "md5(n::text)::uuid, md5('b' || n)::uuid", "a, b", 95.0),
    ("tenant uuid, nr integer", "md5((n % 9)::text)::uuid, n", "tenant, nr", 70.0),
];

/// The journal with its indexes and what the server stores beside its columns.
const BYTES: &str = "SELECT round(pg_total_relation_size('leora_run.transition') / sum(rows), 1) FROM leora_run.transition";

#[test]
fn a_changed_row_costs_the_journal_at_most_20_bytes_by_a_uuid_or_a_number() {
    let project = Project::new();
    let mut told = Vec::new();
    for (columns, values, key, most) in KEYS {
        for strategy in ["update", "batches"] {
            let database = Database::empty();
            database.run(&format!(
                "CREATE TABLE \"Item\" ({columns}, mood text, size int, PRIMARY KEY ({key})); \
                 INSERT INTO \"Item\" SELECT {values}, CASE n % 3 WHEN 0 THEN 'a' WHEN 1 THEN 'b' END, n % 7 FROM generate_series(1, 50000) n"
            ));
            project.script(
                &format!("writes = [\"Item.mood\"]\nstrategy = \"{strategy}\""),
                "update(\"Item\").set(\"mood\", [[col(\"size\") < 3, \"low\"], [otherwise, \"high\"]]);",
            );
            let report = project.run(&database, "scripts/try --format json").exits(0).json();
            assert_eq!(report["steps"][0]["changes"][0]["changed"], 50_000);
            let bytes: f64 = database.value(BYTES).parse().expect("a number");
            assert!(bytes <= most, "{columns} {strategy}: {bytes} bytes a row, at most {most}");
            told.push(format!("{columns} ({values}) {strategy}: {bytes}"));
        }
    }
    println!("{}", told.join("\n"));
}
