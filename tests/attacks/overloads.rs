//! Functions and operators that somebody offers under the names of PostgreSQL's own, in the schema of the tables: none of
//! the program's own statements calls one. What it calls is read from the server's log, so that a new statement is tried too.

use std::collections::BTreeSet;

use leora_rule::{SqlTokenKind, lex};

use crate::support::{
    Database, LOG_STATEMENTS, Output, OwnServer, Project, attacked, logged, statements,
};

const OFFER: &str = include_str!("overloads.sql");

/// A table with a column of many types, a table without a primary key, and a trigger that watches.
const TABLES: &str = "\
CREATE SCHEMA extensions; CREATE EXTENSION citext SCHEMA extensions; CREATE DOMAIN code AS varchar(20); \
CREATE TABLE \"Part\" (id int, line smallint, code code, note varchar(20), size numeric(9, 2), weight float8, count bigint, \
  made date, seen timestamptz, sold bool, kind \"AccountType\", ref uuid, mark extensions.citext, PRIMARY KEY (id, line)); \
INSERT INTO \"Part\" SELECT n, n % 7, 'c' || n, 'n' || n % 5, n / 3.0, n / 7.0, n, date '2025-01-01' + n, \
  timestamptz '2025-01-01 08:00+00' + n * interval '1 day', n % 2 = 0, 'TARGET', NULL, 'Mark ' || n % 3 FROM generate_series(1, 200) n; \
CREATE TABLE \"Loose\" (id text, mood text); INSERT INTO \"Loose\" SELECT n, 'a' FROM generate_series(1, 50) n; \
CREATE TABLE \"Watched\" (id bigint PRIMARY KEY, mood text); INSERT INTO \"Watched\" SELECT n, 'a' FROM generate_series(1, 50) n; \
CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; \
CREATE TRIGGER watch AFTER UPDATE ON \"Watched\" FOR EACH ROW EXECUTE FUNCTION watch(); \
CREATE TABLE _prisma_migrations (id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at timestamptz, \
  migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz, \
  started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0)";

const MANIFEST: &str = "writes = [\"Customer.accountType\", \"Customer.riskStatus\", \"Customer.city\", \"Customer.paymentTerms\", \
\"Customer.orderingPaceDays\", \"Customer.quarterlyRevenueTarget\", \"Customer.latitude\", \"Customer.dormancySince\", \"Part.note\", \
\"Part.code\", \"Part.size\", \"Part.made\", \"Part.seen\", \"Part.sold\", \"Part.ref\", \"Part.line\", \"Part.weight\", \"Part.count\", \
\"Loose.mood\", \"Watched.mood\"]\nkeys = { Loose = [\"id\"] }\nrecords = [\"something\"]\n";

const RULES: &str = r#"//! Rules over every type
let active_within = setting("active_within", months(6));
let last_order = col("lastOrderDate");
update("Customer").where(col("accountType").is_null() or col("accountType").is_one_of(["ACTIVE", "TARGET", "PROSPECT"])).set("accountType", [
    [ last_order.within(active_within), "ACTIVE" ],
    [ last_order.within(months(12)), "TARGET" ],
    [ otherwise, "PROSPECT" ],
]);
update("Customer").where(col("country") == "US" and col("city") != "Napa").set("riskStatus", lookup("accountType", #{ ACTIVE: "HEALTHY", TARGET: "AT_RISK_CADENCE", PROSPECT: "DORMANT" }));
update("Customer").where(col("orderingPaceDays") + 1 > 20 or col("establishedRevenue") * 2 <= 900).set("city", [
    [ col("name") < "M", "Napa" ],
    [ col("latitude") >= 40, "Sonoma" ],
    [ col("externalId") == "7", "Davis" ],
]);
update("Customer").set("paymentTerms", [[ coalesce([col("isTaxExempt"), false]), "Net 60" ], [ col("isPermanentlyClosed"), "none" ]]);
update("Customer").set("orderingPaceDays", [[ last_order < ago(months(6)), 30 ]]);
update("Customer").set("quarterlyRevenueTarget", [[ col("establishedRevenue") > 0, col("establishedRevenue") / 4 ]]);
update("Customer").set("latitude", [[ col("longitude") < 0, 41 ]]);
update("Customer").set("dormancySince", [[ last_order.is_null(), today() ]]);
update("Part").where(col("made") < ago(days(1)) or col("seen") > ago(years(2))).set("note", [[ col("code") == "c7", "seven" ], [ otherwise, "other" ]]);
update("Part").set("size", [[ col("count") >= 3, 1.5 ]]);
update("Part").set("made", [[ col("sold"), "2025-02-01" ]]);
update("Part").set("seen", [[ col("weight") > 2, "2025-02-01T08:00:00" ]]);
update("Part").set("sold", [[ col("note") == "other", true ]]);
update("Part").set("ref", [[ col("kind") == "TARGET", "6ba7b810-9dad-41d1-80b4-00c04fd430c8" ]]);
update("Part").set("weight", [[ col("id") > 3, 2 ]]);
update("Part").set("code", [
    [ col("line") == 2, "two" ],
    [ col("note").lower().trim().contains("o") and col("note").upper().length() > 9, "three" ],
    [ col("note").starts_with("x") or col("note").ends_with("y") or col("note").like("_z%") or col("note").ilike("%w"), "four" ],
    [ col("made").year() + col("seen").quarter() + col("made").month() + col("seen").weekday() > 9000, "five" ],
    [ days_since(col("seen")) > 9000 or days_between(col("made"), col("seen")) > 9000, "six" ],
    [ col("seen").within(days(col("weight"))) and col("made").within(months(col("size"))), "seven" ],
    [ round(col("weight"), 1) > abs(col("count")) and least(col("made"), col("seen")) < greatest([col("made"), today()]), "eight" ],
]);
update("Part").where(col("mark").is_not_null()).set("count", [[ col("id") == 9, 10 ]]);
update("Loose").where(col("id") == "1").set("mood", [[ otherwise, "b" ]]);
update("Watched").where(col("id") <= 30).set("mood", [[ otherwise, "b" ]]);
"#;

const READS: &str = r#"//! What scripts can ask
let customers = table("Customer");
show(customers.distribution("accountType"));
show(customers.where(col("country") == "US").distribution_by("riskStatus", "city"));
show(customers.distribution("quarterlyRevenueTarget"));
note(`${customers.count(col("createdAt") > ago(years(9)))} ${table("Part").where(col("note") != "x").rows(["id", "note"], 5)}`);
note(`${enum_values("AccountType")} ${has_table("Part")} ${column("Part", "note")} ${foreign_keys("Customer")} ${index("Customer_pkey")}`);
note(`${primary_key("Part")} ${last_run("phase2")}`);
run_sql("nothing.sql");
record_migration("something");
expect("there are customers", customers.count() > 0);
"#;

const INSERTS: &str = r#"//! Rows that are taken back
table("Watched").insert(#{ id: 900, mood: "new" });
note(`${table("Watched").rejects(#{ id: 900 })}`);
table("Watched").delete(col("id") == 900);
"#;

struct Target {
    project: Project,
    database: Database,
}

impl Target {
    fn new(server: &OwnServer) -> Self {
        let (project, database) = (Project::new(), server.sample());
        database.run(TABLES);
        // A few of each kind: it is tried with every command.
        database.run("DELETE FROM \"Customer\" WHERE id::text > '1'");
        project.script(&format!("{MANIFEST}sql = [\"nothing.sql\"]"), RULES);
        project.write("scripts/try/02_reads.rhai", READS);
        project
            .write("sql/nothing.sql", "ALTER TABLE \"Loose\" ALTER COLUMN mood SET STATISTICS 50;");
        project.write("scripts/back/leora.toml", "title = \"Back\"\naccess = \"rolled-back\"\n");
        project.write("scripts/back/01_inserts.rhai", INSERTS);
        Self { project, database }
    }

    fn ask(&self, arguments: &str) -> Output {
        attacked(arguments);
        self.project.run(&self.database, arguments).exits(0)
    }

    /// Every command, in every strategy.
    fn ask_everything(&self) -> String {
        let before = self.everything();
        let customer = self.database.value("SELECT id FROM \"Customer\" ORDER BY id LIMIT 1");
        let name = self.database.value(
            "SELECT pg_catalog.split_part(name, ' ', 1) FROM \"Customer\" ORDER BY id LIMIT 1",
        );
        for arguments in [
            "doctor scripts/try",
            "doctor scripts/try --grants",
            "check scripts/try",
            "plan scripts/try",
            &format!("why scripts/try {customer}"),
            "what-if scripts/try --vary active_within=90d,180d",
            "run scripts/back",
        ] {
            self.ask(arguments);
        }
        // However many rows it finds.
        self.project.run(&self.database, &format!("why scripts/try {name}"));
        let manifest = std::fs::read_to_string(self.project.path("scripts/try/leora.toml"))
            .expect("a manifest");
        for strategy in ["update", "rewrite", "batches"] {
            let (mut text, mut reads) =
                (format!("{manifest}strategy = \"{strategy}\"\n"), READS.to_owned());
            if strategy == "batches" {
                text = text.replace("sql = [\"nothing.sql\"]", "");
                reads = reads.replace("run_sql(\"nothing.sql\");", "");
            }
            self.project
                .write("scripts/try/leora.toml", &text)
                .write("scripts/try/02_reads.rhai", &reads);
            for arguments in
                ["plan scripts/try", "run scripts/try", "status", "undo --dry-run", "undo"]
            {
                self.ask(arguments);
            }
        }
        let run = self.database.value("SELECT id FROM leora_run.run ORDER BY number LIMIT 1");
        self.ask(&format!("status {run}"));
        assert_eq!(self.everything(), before, "everything is undone");
        before
    }

    fn everything(&self) -> String {
        let mut session = self.database.session();
        session.run("SET search_path = pg_catalog");
        ["Customer", "Part", "Loose", "Watched"]
            .map(|table| session.rows_hash(&format!("public.\"{table}\""), ""))
            .join("\n")
    }
}

/// The names before brackets, and the operators, of a statement; `true` for an operator.
fn used(statement: &str) -> Vec<(String, bool)> {
    let tokens = lex(statement).expect("a statement of the program's own");
    let calls = tokens.windows(2).filter(|two| two[1].is_symbol("("));
    let calls = calls.filter_map(|two| Some((two[0].identifier()?, false)));
    let is_operator = |text: &str| !text.contains(':') && text != "=>";
    let operators = tokens
        .iter()
        .filter(|token| token.kind == SqlTokenKind::Operator && is_operator(token.text));
    calls.chain(operators.map(|token| (token.text.to_owned(), true))).collect()
}

#[test]
fn what_is_offered_under_the_names_of_postgresqls_own_is_not_called() {
    let server = OwnServer::start(&LOG_STATEMENTS);
    let target = Target::new(&server);
    target.ask_everything();
    let entries = logged(&server, &target.database);
    let mut names: BTreeSet<(String, bool)> = statements(&entries).flat_map(used).collect();
    // Operators that the grammar writes: BETWEEN, IN, CASE x WHEN, LIKE, NULLIF, IS DISTINCT FROM.
    names.extend(
        ["=", "<>", "<", "<=", ">", ">=", "~~"].map(|operator| (operator.to_owned(), true)),
    );
    for known in ["count", "array_agg", "json_agg", "set_config"] {
        assert!(names.contains(&(known.to_owned(), false)), "{names:?}");
    }
    let names: Vec<_> = names.into_iter().collect();
    let offer = OFFER.replace("{names}", &serde_json::json!(names).to_string().replace('\'', "''"));
    let hostile = Target::new(&server);
    let database = &hostile.database;
    database.run(&offer);
    let offered = database.rows("SELECT functions, operators FROM offered").remove(0);
    for many in offered {
        assert!(many.parse::<u32>().is_ok_and(|many| many > 500), "only {many} are offered");
    }
    // The path of the role, as it is until the program sets its own.
    database.run(&format!(
        "DROP TABLE offered; ALTER DATABASE {} SET search_path = public, pg_catalog",
        database.name
    ));
    hostile.ask_everything();
    let entries = logged(&server, database);
    let called: BTreeSet<&str> = entries
        .iter()
        .filter_map(|entry| entry.split_once("overload called: "))
        .map(|(_, what)| what)
        .collect();
    assert!(called.is_empty(), "{called:#?}");
}
