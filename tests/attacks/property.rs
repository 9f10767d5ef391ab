//! No script, however made, changes a table outside `writes`: scripts built at random, on a real database.

use super::Target;
use crate::support::Random;

const SCRIPTS: u64 = 150;
const WRITES: &str = "writes = [\"Customer.city\"]\nsql = [\"nothing.sql\"]\n[limits]\ntime = 2";

const TABLES: &[&str] = &[
    "Customer",
    "Tenant",
    "User",
    "CallPlan",
    "ActivityType",
    "CustomerNames",
    "customer",
    "public.Customer",
    "other.Customer",
    "Customer\\\"; DELETE FROM \\\"Tenant",
    "pg_class",
    "leora_run.run",
    "Сustomer",
    "Customer\\x00",
];
const COLUMNS: &[&str] = &[
    "city",
    "name",
    "id",
    "accountType",
    "tenantId",
    "updatedAt",
    "City",
    "city\\\" = 'x', \\\"name",
    "slug",
    "email",
    "ctid",
    "сity",
];
const VALUES: &[&str] = &[
    "\"x\"",
    "()",
    "1",
    "true",
    "col(\"name\")",
    "col(\"city\")",
    "today()",
    "\"ACTIVE\"",
    "\"'; DROP TABLE x; --\"",
    "lookup(\"city\", #{ Napa: \"x\" })",
    "[[col(\"city\").is_null(), \"x\"], [otherwise, col(\"name\")]]",
    "1.5",
    "ago(days(3))",
];
const CONDITIONS: &[&str] = &[
    "true",
    "col(\"city\") == \"Napa\"",
    "not(col(\"name\").is_null())",
    "col(\"id\").is_one_of([\"x\"])",
    "col(\"lastOrderDate\").within(months(6))",
    "col_or(\"none\", false)",
    "col(\"name\") < col(\"city\") or true",
];
const QUERIES: &[&str] = &[
    "DELETE FROM \\\"Tenant\\\"",
    "SELECT 1; DELETE FROM \\\"Tenant\\\"",
    "WITH x AS (DELETE FROM \\\"Tenant\\\" RETURNING 1) SELECT * FROM x",
    "SELECT * FROM \\\"Tenant\\\" FOR UPDATE",
    "SELECT change_all()",
    "SELECT c.change_row AS a FROM \\\"Tenant\\\" c",
    "SELECT * FROM changing",
    "SELECT nextval('numbers')",
    "SELECT * INTO stolen FROM \\\"Tenant\\\"",
    "SELECT 1 AS a",
    "SELECT 1) AS a; DELETE FROM \\\"Tenant\\\" --",
    "SELECT count(*) AS n FROM \\\"Tenant\\\"",
    "SELECT setval('numbers', 99)",
];

const OBJECTS: &str = r#"
CREATE FUNCTION change_all() RETURNS int LANGUAGE plpgsql SECURITY DEFINER AS
  'BEGIN UPDATE "Tenant" SET name = ''SEIZED''; RETURN 1; END';
CREATE FUNCTION change_row("Tenant") RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN change_all(); END';
CREATE VIEW changing AS SELECT change_all();
CREATE VIEW "CustomerNames" AS SELECT id, name, city, change_all() AS changed FROM "Customer";
CREATE SEQUENCE numbers;
CREATE SCHEMA other;
CREATE TABLE other."Customer" AS SELECT * FROM public."Customer" LIMIT 3;
"#;

fn statement(random: &mut Random, depth: u64) -> String {
    let (table, column) = (random.pick(TABLES), random.pick(COLUMNS));
    let (value, condition) = (random.pick(VALUES), random.pick(CONDITIONS));
    match random.below(if depth == 0 { 10 } else { 14 }) {
        0..=2 => format!("update(\"{table}\").where({condition}).set(\"{column}\", {value});"),
        3 => format!("table(\"{table}\").insert(#{{ \"{column}\": {value} }});"),
        4 => format!("table(\"{table}\").delete({condition});"),
        5 => format!("query(\"{}\");", random.pick(QUERIES)),
        6 => format!("note(`${{table(\"{table}\").count({condition})}}`);"),
        7 => format!("show(table(\"{table}\").distribution(\"{column}\"));"),
        8 => format!(
            "run_sql(\"{}\");",
            random.pick(&["nothing.sql", "phase2-migration.sql", "../sql/sample-crm.sql"])
        ),
        9 => format!("table(\"{table}\").rejects(#{{ \"{column}\": {value} }});"),
        10 => format!(
            "try {{ {} }} catch {{ {} }}",
            statement(random, depth - 1),
            statement(random, depth - 1)
        ),
        11 => format!("for i in 0..3 {{ {} }}", statement(random, depth - 1)),
        12 => {
            format!("if {} {{ {} }}", random.pick(&["true", "false"]), statement(random, depth - 1))
        }
        _ => format!("let f = || {{ {} }}; f.call();", statement(random, depth - 1)),
    }
}

/// A hash of the catalog and of every table, without the one column that may be written and the tool's own tables.
fn rest(target: &Target) -> String {
    let mut session = target.database.session();
    let tables = session.rows(
        "SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_class c \
         JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' \
         AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname NOT IN ('information_schema', 'leora_run') ORDER BY 1",
    );
    let mut parts = vec![session.catalog(), session.one("SELECT last_value::text FROM numbers")];
    for table in tables {
        let name = &table[0];
        let without = if name == "public.\"Customer\"" { "city" } else { "" };
        parts.push(format!("{name} {}", session.rows_hash(name, without)));
    }
    parts.join("\n")
}

#[test]
fn no_script_changes_a_table_outside_writes() {
    let target = Target::with_objects(OBJECTS);
    target.project.write("sql/nothing.sql", "SELECT 1;");
    let before = rest(&target);
    let mut outcomes = [0; 5];
    for seed in 0..SCRIPTS {
        let mut random = Random::of(seed);
        let lines = 1 + random.below(3);
        let script: Vec<String> = (0..lines).map(|_| statement(&mut random, 2)).collect();
        let script = script.join("\n");
        let output = target.attack_with(WRITES, &format!("script {seed}: {script}"), &script);
        outcomes[output.code as usize] += 1;
        assert_eq!(
            rest(&target),
            before,
            "script {seed} has changed something else:\n{script}\n{}",
            output.stdout
        );
    }
    // The scripts are not all refused at once: some write what they may.
    assert!(outcomes[0] >= 5, "{outcomes:?}");
    assert!(outcomes[2] >= 20, "{outcomes:?}");
}
