//! scripts/segments: scores, segments, classes and priorities by orders.

use std::collections::BTreeMap;

use crate::support::{Database, Output, Project};

const RUN: &str = "scripts/segments --format json";

/// The sample with orders, after Phase 2 and with the columns of the segments.
fn prepared() -> (Project, Database) {
    let (project, database) = (Project::new(), Database::sample_with_orders());
    project.run(&database, "scripts/phase2").exits(0);
    project.run(&database, "scripts/segments-schema").exits(0);
    (project, database)
}

fn run(project: &Project, database: &Database, arguments: &str) -> serde_json::Value {
    project.run(database, &format!("{RUN}{arguments}")).exits(0).json()
}

/// The transitions of each column, by its name.
fn transitions(report: &serde_json::Value) -> BTreeMap<String, serde_json::Value> {
    let steps = report["steps"].as_array().expect("steps");
    let changes = steps.iter().flat_map(|step| step["changes"].as_array().into_iter().flatten());
    let named = |change: &serde_json::Value| {
        (change["column"].as_str().expect("a column").to_owned(), change["transitions"].clone())
    };
    changes.map(named).collect()
}

fn changed(report: &serde_json::Value) -> u64 {
    let counts = transitions(report);
    let rows = counts.values().flat_map(|all| all.as_array().into_iter().flatten());
    rows.map(|one| one["rows"].as_u64().expect("rows")).sum()
}

/// What the folder does, by hand: how many customers have something else.
const WRONG: &str = r#"
WITH today AS (SELECT (now() AT TIME ZONE 'UTC')::date AS day),
bought AS (
    SELECT c.id, c."tenantId", max(o."orderedAt") AS latest,
           count(o.id) FILTER (WHERE o."orderedAt" >= day - interval '12 months') AS orders,
           coalesce(sum(o.total) FILTER (WHERE o."orderedAt" >= day - interval '12 months'), 0) AS revenue
      FROM "Customer" c CROSS JOIN today
      LEFT JOIN "SalesOrder" o ON o."customerId" = c.id AND o.status = 'FULFILLED' GROUP BY c.id, c."tenantId", day),
scored AS (
    SELECT id, ntile(5) OVER (PARTITION BY "tenantId" ORDER BY latest, id) AS r,
           least(5, 1 + floor(percent_rank() OVER (PARTITION BY "tenantId" ORDER BY orders)::numeric * 5)) AS f,
           ntile(5) OVER (PARTITION BY "tenantId" ORDER BY revenue, id) AS m
      FROM bought WHERE latest IS NOT NULL),
placed AS (
    SELECT id, (rank() OVER (PARTITION BY "tenantId" ORDER BY revenue DESC) - 1) * 5
               < count(*) OVER (PARTITION BY "tenantId") AS top FROM bought)
SELECT count(*) FROM "Customer" c CROSS JOIN today JOIN bought b USING (id) JOIN placed p USING (id)
  LEFT JOIN scored s USING (id) LEFT JOIN "HealthThreshold" h ON h."tenantId" = c."tenantId"
 WHERE (c."rfmRecency", c."rfmFrequency", c."rfmMonetary") IS DISTINCT FROM (s.r, s.f::int, s.m)
    OR c.segment IS DISTINCT FROM CASE WHEN s.r IS NULL THEN 'no orders' WHEN r >= 4 AND f >= 4 AND m >= 4 THEN 'champion'
         WHEN r >= 3 AND f >= 3 THEN 'loyal' WHEN r >= 4 THEN 'promising' WHEN r <= 2 AND (f >= 4 OR m >= 4) THEN 'at risk'
         WHEN r <= 1 THEN 'lost' ELSE 'occasional' END
    OR c."accountType"::text IS DISTINCT FROM CASE
         WHEN day - latest::date <= coalesce(h."activeDays", 180) AND orders >= coalesce(h."minOrders", 2) THEN 'ACTIVE'
         WHEN day - latest::date <= coalesce(h."targetDays", 365) THEN 'TARGET' ELSE 'PROSPECT' END
    OR c."accountPriority"::text IS DISTINCT FROM
         CASE WHEN revenue > 0 AND top THEN 'HIGH' WHEN revenue > 0 THEN 'MEDIUM' ELSE 'LOW' END
"#;

#[test]
fn a_run_does_what_its_plan_says_and_sql_by_hand_and_undo_takes_it_back() {
    let (project, database) = prepared();
    let before = database.fingerprint();
    let planned = project.run(&database, "plan scripts/segments --format json").exits(0).json();
    let done = run(&project, &database, "");
    assert_eq!(transitions(&planned), transitions(&done));
    assert!(changed(&done) > 20_000, "{done}");
    assert_eq!(transitions(&done).len(), 6);
    assert_eq!(database.value(WRONG), "0");
    assert_eq!(changed(&run(&project, &database, "")), 0, "the second run");
    let first = format!("undo {}", done["run"].as_str().expect("a run"));
    project.run(&database, &first).exits(0);
    assert_eq!(database.fingerprint(), before);
}

#[test]
fn each_score_is_a_fifth_of_a_tenants_customers_and_goes_with_the_last_order() {
    let (project, database) = prepared();
    run(&project, &database, "");
    for column in ["rfmRecency", "rfmMonetary"] {
        let apart = database.value(&format!(
            "SELECT max(n) FROM (SELECT max(n) - min(n) AS n FROM (SELECT \"tenantId\", \"{column}\", count(*) AS n \
               FROM \"Customer\" WHERE \"{column}\" IS NOT NULL GROUP BY 1, 2) AS fifths GROUP BY \"tenantId\") AS tenants"
        ));
        assert_eq!(apart, "1", "{column}");
    }
    let split = database.value(
        "SELECT count(*) FROM (SELECT FROM \"Customer\" c JOIN LATERAL (SELECT count(*) AS n FROM \"SalesOrder\" \
             WHERE \"customerId\" = c.id AND status = 'FULFILLED' AND \"orderedAt\" >= (now() AT TIME ZONE 'UTC')::date - interval '1 year') o ON true \
           WHERE \"rfmFrequency\" IS NOT NULL GROUP BY \"tenantId\", n HAVING count(DISTINCT \"rfmFrequency\") > 1) AS split",
    );
    assert_eq!(split, "0", "as many orders, and another score");
    // Every order of one customer is cancelled.
    let id = database
        .value("SELECT id FROM \"Customer\" WHERE segment = 'champion' ORDER BY id LIMIT 1");
    database.run(&format!(
        "UPDATE \"SalesOrder\" SET status = 'CANCELLED' WHERE \"customerId\" = '{id}'"
    ));
    run(&project, &database, "");
    let now = database.rows(&format!(
        "SELECT \"rfmRecency\", \"rfmFrequency\", \"rfmMonetary\", segment, \"accountType\"::text, \"accountPriority\"::text \
           FROM \"Customer\" WHERE id = '{id}'"
    ));
    assert_eq!(now, [["", "", "", "no orders", "PROSPECT", "LOW"]]);
}

#[test]
fn what_people_set_stays() {
    let (project, database) = prepared();
    database.run("ALTER TYPE \"AccountType\" ADD VALUE 'HOLD'");
    database.run(
        "ALTER TABLE \"Customer\" ADD COLUMN \"accountTypeManuallySet\" boolean, ADD COLUMN \"accountPriorityManuallySet\" boolean; \
         CREATE TABLE kept AS SELECT id, row_number() OVER (ORDER BY id) % 4 AS kind FROM \"Customer\" WHERE city = 'Napa'; \
         UPDATE \"Customer\" c SET \"accountType\" = CASE kind WHEN 0 THEN 'HOLD' ELSE 'PROSPECT' END::\"AccountType\", \"accountPriority\" = 'LOW', \
                \"accountTypeManuallySet\" = kind = 1, \"accountPriorityManuallySet\" = CASE kind WHEN 2 THEN true WHEN 3 THEN false END \
           FROM kept WHERE kept.id = c.id",
    );
    run(&project, &database, "");
    let counted = |kind: u8, condition: &str| {
        database.value(&format!(
            "SELECT count(*) FILTER (WHERE {condition}) = count(*) AND count(*) > 10 FROM \"Customer\" JOIN kept USING (id) WHERE kind = {kind}"
        ))
    };
    let (class, priority) = ("\"accountType\"::text", "\"accountPriority\"::text");
    assert_eq!(counted(0, &format!("{class} = 'HOLD' AND {priority} = 'LOW'")), "t", "HOLD");
    assert_eq!(counted(1, &format!("{class} = 'PROSPECT'")), "t", "a class that is marked");
    assert_eq!(counted(2, &format!("{priority} = 'LOW'")), "t", "a priority that is marked");
    // What is not marked is classified again.
    assert_eq!(counted(2, &format!("{class} = 'PROSPECT'")), "f");
    assert_eq!(counted(1, &format!("{priority} = 'LOW'")), "f");
    assert_eq!(counted(3, &format!("{priority} = 'LOW'")), "f");
    assert_eq!(counted(0, "segment IS NOT NULL"), "t", "a segment is nobody's decision");
}

#[test]
fn one_tenant_can_be_classified_alone_and_as_with_all() {
    let (project, database) = prepared();
    let told = project.run(&database, "scripts/segments --set tenant=redwod").exits(4);
    told.tells("no tenant has the slug redwod").tells("for all");
    let other = "SELECT md5(string_agg(c::text, ',' ORDER BY c.id)) FROM \"Customer\" c JOIN \"Tenant\" t ON t.id = c.\"tenantId\" WHERE slug";
    let of = |tenant: &str| database.value(&format!("{other} = '{tenant}'"));
    let (harborlight, redwood) = (of("harborlight"), of("redwood"));
    let planned = project
        .run(&database, "plan scripts/segments --format json --set tenant=redwood")
        .exits(0)
        .json();
    let done = run(&project, &database, " --set tenant=redwood");
    assert_eq!(transitions(&planned), transitions(&done));
    assert_eq!(of("harborlight"), harborlight);
    let alone = of("redwood");
    assert_ne!(alone, redwood);
    run(&project, &database, "");
    assert_eq!(of("redwood"), alone, "with all tenants the same");
    assert_eq!(database.value(WRONG), "0");
}

#[test]
fn a_tenants_threshold_goes_before_the_setting() {
    let (project, database) = prepared();
    let active = |tenant: &str| {
        database.value(&format!(
            "SELECT count(*) FROM \"Customer\" c JOIN \"Tenant\" t ON t.id = c.\"tenantId\" \
              WHERE slug = '{tenant}' AND \"accountType\" = 'ACTIVE'"
        ))
    };
    run(&project, &database, "");
    let (harborlight, redwood) = (active("harborlight"), active("redwood"));
    run(&project, &database, " --set active_days=60 --set min_orders=9");
    assert_ne!(active("harborlight"), harborlight, "the setting");
    assert_eq!(active("redwood"), redwood, "its own 150 days and 3 orders");
    database.run("UPDATE \"HealthThreshold\" SET \"minOrders\" = NULL");
    run(&project, &database, " --set min_orders=1");
    assert_ne!(active("redwood"), redwood, "where it has none, the setting");
    run(&project, &database, "");
    assert_eq!(database.value(WRONG), "0");
}

fn refused(output: Output, fact: &str, remedy: &str) {
    output.exits(4).tells(fact).tells(remedy);
}

#[test]
fn what_is_missing_is_named_with_the_folder_that_adds_it() {
    let (project, database) = (Project::new(), Database::sample());
    let run = || project.run(&database, "scripts/segments");
    let fact = "Customer has no column rfmRecency";
    refused(run(), fact, "leora-run scripts/segments-schema adds it");
    project.run(&database, "scripts/segments-schema").exits(0);
    refused(run(), "there is no table SalesOrder", "lib/customers.rhai");
    database.run("CREATE TABLE \"SalesOrder\" (id int)");
    refused(run(), "Customer has no column accountPriority", "leora-run scripts/phase2 adds it");
}

#[test]
fn the_columns_are_added_once_and_another_type_is_refused() {
    let (project, database) = (Project::new(), Database::sample());
    project.run(&database, "scripts/segments-schema").exits(0).says("created");
    let after = database.fingerprint();
    project.run(&database, "scripts/segments-schema").exits(0).says_not("created");
    assert_eq!(database.fingerprint(), after);
    let thresholds =
        "SELECT indexdef FROM pg_indexes WHERE indexname = 'HealthThreshold_tenantId_key'";
    assert!(database.value(thresholds).contains("UNIQUE"), "a tenant has one row");
    // By hand, half of it: the rest is added. Another type is an error, and nothing is changed.
    database.run("ALTER TABLE \"Customer\" DROP COLUMN segment, DROP COLUMN \"rfmRecency\", ADD COLUMN segment integer");
    let before = database.fingerprint();
    project
        .run(&database, "scripts/segments-schema")
        .exits(3)
        .tells("column Customer.segment is integer and not text")
        .tells("ALTER COLUMN segment TYPE text");
    assert_eq!(database.fingerprint(), before);
}

#[test]
fn its_folders_have_nothing_to_find_fault_with_and_try_every_arm() {
    let (project, database) = prepared();
    let check =
        |arguments: &str| project.output(&mut project.command(&format!("check {arguments}")));
    check("scripts/segments").exits(0).says("44 examples hold").says_not("No example reaches");
    check("scripts/segments-schema").exits(0);
    project.run(&database, "check scripts/segments").exits(0);
    project
        .output(&mut project.command("fmt --check scripts/segments scripts/segments-schema"))
        .exits(0);
}
