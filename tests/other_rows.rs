//! Rules that read other rows: their orders, their tenant, their place among the others.

use crate::support::{Database, Output, Project};
use crate::what_if::{of, planned, set};

const WRITES: &str = "writes = [\"Customer.accountType\", \"Customer.paymentTerms\"]";

const CLASSES: &str = r#"
let orders = related("SalesOrder", "customerId");
let year   = orders.where(col("orderedAt").within(months(12)) and col("status") == "FULFILLED");
let least  = coalesce([parent("HealthThreshold", #{ tenantId: "tenantId" }).col("minOrders"), 4]);

update("Customer")
    .where(col("accountType").is_null())
    .set("accountType", [
        [ year.count() >= least and year.max("orderedAt").within(months(6)), "ACTIVE"   ],
        [ orders.max("orderedAt").within(months(12)),                        "TARGET"   ],
        [ otherwise,                                                         "PROSPECT" ],
    ]);
"#;

/// The same by hand, each row by itself.
const CLASS: &str = r#"CASE
    WHEN (SELECT count(*) FROM "SalesOrder" o WHERE o."customerId" = c.id AND o.status = 'FULFILLED'
            AND o."orderedAt" >= (now() AT TIME ZONE 'UTC')::date - interval '12 months')
         >= coalesce((SELECT h."minOrders" FROM "HealthThreshold" h WHERE h."tenantId" = c."tenantId"), 4)
     AND (SELECT max("orderedAt") FROM "SalesOrder" o WHERE o."customerId" = c.id AND o.status = 'FULFILLED'
            AND o."orderedAt" >= (now() AT TIME ZONE 'UTC')::date - interval '12 months')
         >= (now() AT TIME ZONE 'UTC')::date - interval '6 months' THEN 'ACTIVE'
    WHEN (SELECT max("orderedAt") FROM "SalesOrder" o WHERE o."customerId" = c.id)
         >= (now() AT TIME ZONE 'UTC')::date - interval '12 months' THEN 'TARGET'
    ELSE 'PROSPECT' END"#;

fn wrong(database: &Database) -> String {
    database.value(&format!(
        "SELECT count(*) FROM \"Customer\" c WHERE c.\"accountType\"::text IS DISTINCT FROM {CLASS}"
    ))
}

#[test]
fn each_strategy_writes_what_is_planned_and_undo_takes_it_back() {
    for strategy in ["update", "rewrite", "batches"] {
        let (project, database) = (Project::new(), Database::sample_with_orders());
        project.script(&format!("{WRITES}\nstrategy = \"{strategy}\""), CLASSES);
        let before = database.fingerprint();
        let planned = project.run(&database, "plan scripts/try --format json").exits(0).json();
        let done = project.run(&database, "scripts/try --format json").exits(0).json();
        let change = |report: &serde_json::Value| report["steps"][0]["changes"][0].clone();
        assert_eq!(change(&planned)["transitions"], change(&done)["transitions"], "{strategy}");
        assert_eq!(change(&done)["transitions"].as_array().map(Vec::len), Some(3), "{strategy}");
        let by = if strategy == "batches" { "batches" } else { "update" };
        assert_eq!(change(&done)["strategy"], by, "{strategy}");
        assert_eq!(wrong(&database), "0", "{strategy}");
        project.run(&database, "undo").exits(0);
        assert_eq!(database.fingerprint(), before, "{strategy}");
    }
}

const RANKS: &str = r#"
let revenue = related("SalesOrder", "customerId").sum("total");
update("Customer").set("paymentTerms", [
    [ top_percent(20, revenue, "tenantId"),                                    "best"  ],
    [ ntile(5, "lastOrderDate", "tenantId").among(col("city") == "Napa") == 5, "fresh" ],
    [ percent_rank("lastOrderDate") >= 0.5 and rank("createdAt") > 1000,       "upper" ],
    [ otherwise,                                                               "other" ],
]);
"#;

#[test]
fn ranks_are_those_of_the_window_functions() {
    let (project, database) = (Project::new(), Database::sample_with_orders());
    project.script(WRITES, RANKS);
    project.run(&database, "check scripts/try").exits(0);
    project.run(&database, "scripts/try").exits(0);
    let wrong = database.value(
        r#"WITH revenue AS (SELECT c.id, coalesce(sum(o.total), 0) AS total FROM "Customer" c
                              LEFT JOIN "SalesOrder" o ON o."customerId" = c.id GROUP BY c.id),
        top AS (SELECT r.id, (rank() OVER (PARTITION BY c."tenantId" ORDER BY r.total DESC) - 1) * 5
                             < count(*) OVER (PARTITION BY c."tenantId") AS yes
                  FROM revenue r JOIN "Customer" c USING (id)),
        fresh AS (SELECT id, ntile(5) OVER (PARTITION BY "tenantId" ORDER BY "lastOrderDate", id) AS fifth
                    FROM "Customer" WHERE city = 'Napa' AND "lastOrderDate" IS NOT NULL),
        upper AS (SELECT id, percent_rank() OVER (ORDER BY "lastOrderDate") AS share
                    FROM "Customer" WHERE "lastOrderDate" IS NOT NULL),
        oldest AS (SELECT id, rank() OVER (ORDER BY "createdAt") AS place FROM "Customer")
        SELECT count(*) FROM "Customer" c JOIN top USING (id) JOIN oldest USING (id)
          LEFT JOIN fresh USING (id) LEFT JOIN upper USING (id)
         WHERE c."paymentTerms" IS DISTINCT FROM
               CASE WHEN top.yes THEN 'best' WHEN fifth = 5 THEN 'fresh' WHEN share >= 0.5 AND place > 1000 THEN 'upper' ELSE 'other' END"#,
    );
    assert_eq!(wrong, "0");
    let kinds = database.value("SELECT count(DISTINCT \"paymentTerms\") FROM \"Customer\"");
    assert_eq!(kinds, "4");
    project.run(&database, "plan scripts/try").exits(0).says("0 values would change");
}

#[test]
fn what_was_decided_is_written_though_the_other_rows_change_meanwhile() {
    for strategy in ["update", "batches"] {
        let (project, database) = (Project::new(), Database::sample_with_orders());
        project.script(&format!("{WRITES}\nstrategy = \"{strategy}\""), CLASSES);
        let planned = project.run(&database, "plan scripts/try --format json").exits(0).json();
        // The first UPDATE waits until the orders are gone.
        // In the snapshot of a batch it is never open: then it only waits for long enough.
        let tries = if strategy == "update" { 600 } else { 60 };
        database.run(&format!(
            "CREATE TABLE gate (open boolean); CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
               FOR i IN 1..{tries} LOOP \
                 EXIT WHEN (SELECT count(*) FROM public.gate) > 0; PERFORM pg_sleep(0.05); PERFORM pg_stat_clear_snapshot(); \
               END LOOP; RETURN NULL; END $$; \
             CREATE TRIGGER wait BEFORE UPDATE ON \"Customer\" FOR EACH STATEMENT EXECUTE FUNCTION wait()",
        ));
        let running = project.start(&mut project.on(&database, "scripts/try --format json"));
        database.wait_for_sleep();
        if strategy == "update" {
            database.run(
                "DELETE FROM \"SalesOrder\"; UPDATE \"HealthThreshold\" SET \"minOrders\" = 0",
            );
        } else {
            // A batch reads the other tables once for itself, so that only the counts of the run agree with the journal.
            database.run("DELETE FROM \"SalesOrder\" WHERE status = 'CANCELLED'");
        }
        database.run("INSERT INTO gate VALUES (true)");
        let output = running.wait_with_output().expect("it ends");
        let done = Output::of(output).exits(0).json();
        let change = |report: &serde_json::Value| report["steps"][0]["changes"][0].clone();
        let run = done["run"].as_str().expect("a run");
        if strategy == "update" {
            assert_eq!(change(&done)["transitions"], change(&planned)["transitions"]);
        }
        let journalled = database.value(&format!(
            "SELECT count(*) FROM leora_run.transition t CROSS JOIN unnest(t.keys_uuid) AS key JOIN \"Customer\" c ON c.id = key \
             WHERE run = '{run}' AND c.\"accountType\"::text = t.new_value"
        ));
        assert_eq!(journalled, "5394", "{strategy}");
    }
}

#[test]
fn a_value_is_not_made_of_the_same_column_of_other_rows() {
    let (project, database) = (Project::new(), Database::sample_with_orders());
    let siblings = "parent(\"tenantId\").related(\"Customer\", \"tenantId\")";
    project.script(
        "writes = [\"Customer.orderingPaceDays\"]\nstrategy = \"batches\"",
        &format!(
            "update(\"Customer\").set(\"orderingPaceDays\", {siblings}.max(\"orderingPaceDays\"));"
        ),
    );
    project.run(&database, "scripts/try").exits(2).tells("reads orderingPaceDays itself");
    // Another table's column of the same name is another one.
    database.run("ALTER TABLE \"Tenant\" ADD COLUMN \"orderingPaceDays\" integer DEFAULT 30");
    project.script(
        "writes = [\"Customer.orderingPaceDays\"]\nstrategy = \"batches\"",
        "update(\"Customer\").set(\"orderingPaceDays\", parent(\"tenantId\").col(\"orderingPaceDays\"));",
    );
    let planned = project.run(&database, "plan scripts/try --format json").exits(0).json();
    assert_eq!(planned["steps"][0]["changes"][0]["strategy"], "batches");
    // A condition may, but then a batch would see what another one has written.
    project.script(
        "writes = [\"Customer.orderingPaceDays\"]\nstrategy = \"batches\"",
        &format!("update(\"Customer\").set(\"orderingPaceDays\", [ [ {siblings}.max(\"orderingPaceDays\") > 50, 1 ] ]);"),
    );
    project.run(&database, "scripts/try").exits(0).tells("by update");
    let left = database
        .value("SELECT count(*) FROM \"Customer\" WHERE \"orderingPaceDays\" IS DISTINCT FROM 1");
    assert_eq!(left, "0");
}

#[test]
fn what_an_earlier_rule_sets_is_ranked_by_a_plan_and_refused_by_what_if() {
    let (project, database) = (Project::new(), Database::sample_with_orders());
    project.script(
        "writes = [\"Customer.orderingPaceDays\", \"Customer.paymentTerms\"]",
        r#"
let least = setting("least", 3);
update("Customer").set("orderingPaceDays", related("SalesOrder", "customerId").count());
update("Customer").set("paymentTerms", [ [ rank("orderingPaceDays") > 100 and col("orderingPaceDays") > least, "many" ], [ otherwise, "few" ] ]);
"#,
    );
    project
        .run(&database, "what-if scripts/try --vary least=2,3")
        .exits(2)
        .tells("reads Customer.orderingPaceDays of other rows, which an earlier rule sets");
    let planned = project.run(&database, "plan scripts/try --format json").exits(0).json();
    let done = project.run(&database, "scripts/try --format json").exits(0).json();
    for rule in 0..2 {
        let of =
            |report: &serde_json::Value| report["steps"][0]["changes"][rule]["transitions"].clone();
        assert_eq!(of(&planned), of(&done), "rule {rule}");
    }
}

#[test]
fn a_view_of_other_rows_writes_nothing() {
    let (project, database) = (Project::new(), Database::sample_with_orders());
    database.run(
        "CREATE TABLE called (by text); \
         CREATE FUNCTION mark() RETURNS boolean LANGUAGE sql VOLATILE AS 'INSERT INTO public.called VALUES (current_user) RETURNING true'; \
         CREATE VIEW paid AS SELECT \"customerId\" FROM \"SalesOrder\" WHERE public.mark()",
    );
    let rule = "update(\"Customer\").set(\"paymentTerms\", [ [ related(\"paid\", #{ customerId: \"id\" }).exists(), \"x\" ] ]);";
    let count = "note(`${table(\"Customer\").count(related(\"paid\", #{ customerId: \"id\" }).exists())}`);";
    for strategy in ["update", "rewrite", "batches"] {
        for script in [rule, count] {
            project.script(&format!("{WRITES}\nstrategy = \"{strategy}\""), script);
            for command in ["plan scripts/try", "scripts/try"] {
                let told = project.run(&database, command).exits(3);
                told.tells("cannot execute INSERT in a read-only transaction");
                assert_eq!(
                    database.value("SELECT count(*) FROM called"),
                    "0",
                    "{strategy} {command}"
                );
            }
        }
    }
    // What only reads is read, and the run goes on to write.
    database.run(
        "CREATE OR REPLACE FUNCTION mark() RETURNS boolean LANGUAGE sql VOLATILE AS 'SELECT true'",
    );
    project.script(&format!("{WRITES}\nstrategy = \"batches\""), rule);
    project
        .run(&database, "scripts/try")
        .exits(0)
        .tells("it reads a view or a foreign table, which is done once");
    let left = database.value(
        "SELECT count(*) FROM \"Customer\" c WHERE (\"paymentTerms\" = 'x') \
           IS DISTINCT FROM EXISTS (SELECT FROM \"SalesOrder\" o WHERE o.\"customerId\" = c.id)",
    );
    assert_eq!(left, "0");
}

#[test]
fn a_page_shows_what_decides() {
    let (project, database) = (Project::new(), Database::sample_with_orders());
    let recent = "let window = setting(\"window\", months(6));\nupdate(\"Customer\").set(\"accountType\", \n\
        [ [ related(\"SalesOrder\", \"customerId\").max(\"orderedAt\").within(window), \"ACTIVE\" ], [ otherwise, \"TARGET\" ] ]);";
    for (script, command) in [
        (CLASSES, "scripts/try"),
        (recent, "scripts/try"),
        (recent, "what-if scripts/try --vary window=3mo,6mo"),
    ] {
        project.script(WRITES, script);
        project.run(&database, &format!("{command} --report page.html")).exits(0);
        let page = std::fs::read_to_string(project.path("page.html")).expect("a page");
        assert!(page.contains("SalesOrder"), "{command}");
        // The names of columns that no table has are for statements alone.
        let text =
            page.split("<pre").map(|part| part.split_once("</pre>").map_or(part, |(_, rest)| rest));
        assert!(!text.collect::<String>().contains("#SalesOrder"), "{command}");
    }
}

#[test]
fn a_missing_index_is_told_with_its_statement() {
    let (project, database) = (Project::new(), Database::sample_with_orders());
    project.script(WRITES, CLASSES);
    let hint = "an index would find its other rows faster";
    project.run(&database, "plan scripts/try").exits(0).says_not(hint);
    database.run("DROP INDEX \"SalesOrder_customerId_idx\"; CREATE INDEX ON \"SalesOrder\" (status, \"customerId\")");
    let statement = "CREATE INDEX CONCURRENTLY ON \"public\".\"SalesOrder\" (\"customerId\");";
    project.run(&database, "plan scripts/try").exits(0).tells(&format!("{hint}: {statement}"));
    let checked = project.run(&database, "doctor scripts/try");
    checked
        .tells("rules would find their rows in other tables faster by an index")
        .tells(statement);
    database.run(statement);
    project.run(&database, "plan scripts/try").exits(0).says_not(hint);
}

#[test]
fn there_is_an_end_to_what_a_script_reads_of_other_tables() {
    let (project, database) = (Project::new(), Database::sample_with_orders());
    let script = |one: &str| {
        format!(
            "let all = col(\"city\") == \"x\"; for n in 0..150 {{ all = all or {one}; }} table(\"Customer\").count(all);"
        )
    };
    for (one, told) in [
        (
            "related(\"SalesOrder\", \"customerId\").where(col(\"total\") > n).exists()",
            "this reads 150 values of other tables, and at most 100 are read at once",
        ),
        (
            "related(\"SalesOrder\", \"customerId\").where(related(\"SalesOrder\", #{ id: \"id\" }).sum(\"total\") > n).exists()",
            "this reads 300 values of other tables",
        ),
    ] {
        project.script("", &script(one));
        project.run(&database, "scripts/try").exits(2).tells(told).tells("or raise related_values");
    }
    // The operator may allow more of them, and fewer.
    let few = "related(\"SalesOrder\", \"customerId\").where(col(\"total\") > n).exists()";
    project.script("[limits]\nrelated_values = 150", &script(few));
    project.run(&database, "scripts/try").exits(0);
    let three = "table(\"Customer\").count(related(\"SalesOrder\", \"customerId\").exists() and parent(\"tenantId\").col(\"slug\") == \"x\" \
        and parent(\"HealthThreshold\", #{ tenantId: \"tenantId\" }).col(\"minOrders\") > 1);";
    for (most, code) in [(2, 2), (3, 0)] {
        project.script(&format!("[limits]\nrelated_tables = {most}"), three);
        let output = project.run(&database, "scripts/try").exits(code);
        if code == 2 {
            output
                .tells("this reads 3 sets of rows of other tables, and at most 2 are read at once")
                .tells("divide it into several rules, or raise related_tables in [limits] of leora.toml");
        }
    }
}

#[test]
fn a_role_needs_to_read_the_other_tables() {
    let (project, database) = (Project::new(), Database::sample_with_orders());
    project.script(WRITES, CLASSES);
    let role = format!("{}_role", database.name);
    database.run(&format!("CREATE ROLE {role}"));
    let mut told =
        project.run(&database, &format!("doctor scripts/try --grants --role {role}")).exits(0);
    for table in ["SalesOrder", "HealthThreshold", "Customer"] {
        told = told.tells(&format!("GRANT SELECT ON TABLE \"public\".\"{table}\" TO"));
    }
    database.run(&format!("DROP ROLE {role}"));
}

#[test]
fn a_row_is_explained_by_its_figures() {
    let (project, database) = (Project::new(), Database::sample_with_orders());
    project.script(WRITES, CLASSES);
    let number = database.value(
        "SELECT \"accountNumber\" FROM \"Customer\" c WHERE (SELECT count(*) FROM \"SalesOrder\" o WHERE o.\"customerId\" = c.id \
           AND o.\"orderedAt\" > now() - interval '11 months' AND status = 'FULFILLED') = 3 \
           AND \"lastOrderDate\" > now() - interval '4 months' \
           AND NOT EXISTS (SELECT FROM \"HealthThreshold\" h WHERE h.\"tenantId\" = c.\"tenantId\") \
           AND (SELECT count(*) FROM \"SalesOrder\" o WHERE o.\"customerId\" = c.id) = 3 ORDER BY 1 LIMIT 1",
    );
    let told = project.run(&database, &format!("why scripts/try {number}")).exits(0);
    told.tells("year.count() 3")
        .tells("HealthThreshold.minOrders (none)")
        .tells("matched, gives TARGET")
        .tells("on another day other rows count: --as-of DATE tells what they give then")
        .says_not("no day to come changes that");
}

#[test]
fn settings_are_compared_in_one_pass_and_as_they_would_be_planned() {
    let (project, database) = (Project::new(), Database::sample_with_orders());
    let script = r#"
let window = setting("window", months(12));
let least  = setting("least", 4);
let year   = related("SalesOrder", "customerId").where(col("orderedAt").within(window));
update("Customer").set("accountType", [ [ year.count() >= least, "ACTIVE" ], [ otherwise, "PROSPECT" ] ]);
"#;
    project.script(WRITES, script);
    let vary = "what-if scripts/try --vary window=3mo,6mo,1y --vary least=2,4 --format json";
    let compared = project.run(&database, vary).exits(0).json();
    let combinations = compared["combinations"].as_array().expect("combinations").clone();
    assert_eq!(combinations.len(), 6, "{compared}");
    for combination in combinations {
        let set = set(&combination);
        let plan = format!("plan scripts/try --format json{set}");
        let planned_alone = planned(&project.run(&database, &plan).exits(0).json(), "accountType");
        assert!(!planned_alone.is_empty(), "something to compare");
        assert_eq!(of(&combination, "transitions", "accountType", "rows"), planned_alone, "{set}");
    }
    // However many settings are tried, the orders are read once.
    let reads = || {
        database.value("SELECT seq_scan + coalesce(idx_scan, 0) FROM pg_stat_user_tables WHERE relname = 'SalesOrder'")
    };
    database.wait_for_statistics();
    let before = reads();
    project.run(&database, vary).exits(0);
    database.wait_for_statistics();
    let read: i64 =
        reads().parse::<i64>().expect("a number") - before.parse::<i64>().expect("a number");
    assert!((1..=3).contains(&read), "{read} reads");
}

#[test]
fn other_rows_lie_in_views_partitions_and_behind_outer_columns() {
    let (project, database) = (Project::new(), Database::sample_with_orders());
    database.run(
        r#"CREATE VIEW paid AS SELECT "customerId", total, "orderedAt" FROM "SalesOrder" WHERE status = 'FULFILLED';
           CREATE TABLE visit (customer uuid, at date, minutes real) PARTITION BY RANGE (at);
           CREATE TABLE visit_old PARTITION OF visit FOR VALUES FROM (MINVALUE) TO ('2020-01-01');
           CREATE TABLE visit_new PARTITION OF visit DEFAULT;
           INSERT INTO visit SELECT id, "createdAt"::date, 1.5 FROM "Customer" WHERE city = 'Napa';
           INSERT INTO visit SELECT id, '2019-05-05', 2.25 FROM "Customer" WHERE city = 'Napa';"#,
    );
    let script = r#"
let paid   = related("paid", #{ customerId: "id" });
let visits = related("visit", #{ customer: "id" });
let after  = related("SalesOrder", "customerId").where(col("orderedAt") >= outer("lastOrderDate"));
let rep    = parent("salesRepId_", #{ id: "salesRepId" });
update("Customer").set("paymentTerms", [
    [ visits.sum("minutes") == 3.75,                                       "visited" ],
    [ paid.count() > 10 and after.count() == 1,                            "paid"    ],
    [ parent("tenantId").related("Customer", "tenantId").count() > 3000,   "large"   ],
    [ otherwise,                                                           "other"   ],
]);
"#
    .replace("let rep    = parent(\"salesRepId_\", #{ id: \"salesRepId\" });\n", "");
    for strategy in ["update", "batches"] {
        project.script(&format!("{WRITES}\nstrategy = \"{strategy}\""), &script);
        project.run(&database, "scripts/try").exits(0);
        let wrong = database.value(
            r#"SELECT count(*) FROM "Customer" c WHERE "paymentTerms" IS DISTINCT FROM CASE
                 WHEN city = 'Napa' THEN 'visited'
                 WHEN (SELECT count(*) FROM paid p WHERE p."customerId" = c.id) > 10 THEN 'paid'
                 WHEN (SELECT count(*) FROM "Customer" o WHERE o."tenantId" = c."tenantId") > 3000 THEN 'large' ELSE 'other' END"#,
        );
        assert_eq!(wrong, "0", "{strategy}");
        project.run(&database, "undo").exits(0);
    }
}

#[test]
fn the_smallest_and_largest_of_what_is_computed_keep_every_digit() {
    let (project, database) = (Project::new(), Database::empty());
    database.run(
        r#"CREATE TABLE "Owner" (id int PRIMARY KEY, least numeric, most double precision);
           CREATE TABLE "Part" (id int PRIMARY KEY, "ownerId" int REFERENCES "Owner", size int, wide double precision);
           INSERT INTO "Owner" VALUES (1), (2);
           INSERT INTO "Part" VALUES (1, 1, NULL, 0.12345678901234568), (2, 1, 3, 0.1), (3, 2, 7, NULL)"#,
    );
    let script = "let parts = related(\"Part\", \"ownerId\");\n\
        update(\"Owner\").set(\"least\", parts.min(coalesce([col(\"size\"), 0.5])));\n\
        update(\"Owner\").set(\"most\", parts.max(col(\"wide\") * 3));\n";
    project.script("writes = [\"Owner.least\", \"Owner.most\"]", script);
    project.run(&database, "scripts/try").exits(0);
    let rows = database.rows(
        "SELECT id, least, most = 0.12345678901234568::float8 * 3 FROM \"Owner\" ORDER BY id",
    );
    assert_eq!(rows, [["1", "0.5", "t"], ["2", "7", ""]]);
}
