//! Guards compare values, however they are spelt.

use crate::support::{Database, Project};

const STRATEGIES: [&str; 3] = ["update", "rewrite", "batches"];
const TYPES: &str =
    "CREATE TYPE mood AS ENUM ('LOW', 'HIGH'); CREATE DOMAIN price AS numeric(6, 2)";
/// A collation under which small and capital letters are equal.
const CASELESS: &str =
    "CREATE COLLATION caseless (provider = icu, locale = 'und-u-ks-level2', deterministic = false)";

/// A table with two rows that have the value `old`, in a column of this type.
fn table(setup: &str, data_type: &str, old: &str) -> Database {
    let database = Database::empty();
    database.run(&format!(
        "{setup}; CREATE TABLE \"T\" (id int PRIMARY KEY, c {data_type}); INSERT INTO \"T\" VALUES (1, {old}), (2, {old})"
    ));
    database
}

#[test]
fn a_forbidden_transition_is_known_in_every_spelling_of_its_values() {
    let cases = [
        (TYPES, "numeric(6, 2)", "10", "0", "10 -> 0"),
        (TYPES, "price", "10", "0", "10.0 -> 0e0"),
        (TYPES, "numeric", "1.50", "2", "1.5 -> 2.000"),
        (TYPES, "real", "0.5", "2", "0.50 -> 2.0"),
        (TYPES, "timestamp", "'2024-01-01'", "\"2025-01-01\"", "2024-01-01 -> 2025-01-01T00:00"),
        (
            TYPES,
            "timestamptz",
            "'2024-01-01 00:00Z'",
            "\"2025-01-01\"",
            "2024-01-01T02:00:00+02:00 -> 2025-01-01",
        ),
        (TYPES, "boolean", "true", "false", "yes -> off"),
        (TYPES, "mood", "'LOW'", "\"HIGH\"", "LOW -> HIGH"),
        (TYPES, "char(5)", "'ab'", "\"cd\"", "ab -> cd"),
        (CASELESS, "text COLLATE caseless", "'Ab'", "\"cD\"", "aB -> CD"),
        ("CREATE EXTENSION citext", "citext", "'Ab'", "()", "aB -> (none)"),
        (TYPES, "jsonb", "'{\"a\": 1.0}'", "()", "{ \\\"a\\\" : 1 } -> (none)"),
        (TYPES, "json", "'{\"a\": 1}'", "()", "{\\\"a\\\": 1} -> (none)"),
        (TYPES, "interval", "'1 day'", "()", "24:00:00 -> (none)"),
        (TYPES, "inet", "'10.0.0.1/32'", "()", "10.0.0.1 -> (none)"),
    ];
    for (setup, data_type, old, new, label) in cases {
        let (project, database) = (Project::new(), table(setup, data_type, old));
        let before = database.fingerprint();
        for strategy in STRATEGIES {
            let manifest = format!(
                "writes = [\"T.c\"]\nstrategy = \"{strategy}\"\nforbid = [\"T.c: {label}\"]"
            );
            project.script(&manifest, &format!("update(\"T\").set(\"c\", {new});"));
            for verb in ["plan", "run"] {
                let refused = project.run(&database, &format!("{verb} scripts/try")).exits(4);
                refused.tells("in 2 rows, which scripts/try/leora.toml forbids");
            }
            assert_eq!(database.fingerprint(), before, "{data_type} {strategy}");
        }
    }
}

#[test]
fn a_value_that_the_column_can_not_have_is_a_mistake_of_the_manifest() {
    let cases = [
        ("numeric(6, 2)", "1", "1", "ten -> 0"),
        ("numeric(6, 2)", "1", "1", "10.005 -> 0"),
        ("int", "1", "1", "0 -> 1.5"),
        ("boolean", "true", "true", "maybe -> no"),
        ("timestamp", "now()", "\"2025-01-01\"", "2024-01-01T00:00:00Z -> 2025-01-01"),
        ("date", "now()", "\"2025-01-01\"", "2024-02-30 -> 2025-01-01"),
        ("mood", "'LOW'", "\"LOW\"", "LOW -> NONE"),
        ("varchar(5)", "'a'", "\"a\"", "too long -> a"),
        ("jsonb", "'{}'", "()", "{ -> (none)"),
        ("json", "'{}'", "()", "{ -> (none)"),
        ("inet", "'10.0.0.1'", "()", "10.0.0.x -> (none)"),
        ("uuid", "gen_random_uuid()", "\"6ba7b810-9dad-41d1-80b4-00c04fd430c8\"", "x -> (none)"),
    ];
    for (data_type, old, new, label) in cases {
        let (project, database) = (Project::new(), table(TYPES, data_type, old));
        let before = database.fingerprint();
        let manifest = format!("writes = [\"T.c\"]\nforbid = [\"T.c: {label}\"]");
        project.script(&manifest, &format!("update(\"T\").set(\"c\", {new});"));
        for verb in ["plan", "run"] {
            let refused = project.run(&database, &format!("{verb} scripts/try")).exits(2);
            refused.says("T.c").says("scripts/try/leora.toml:4:11");
        }
        assert_eq!(database.fingerprint(), before, "{data_type} {label}");
    }
}
