//! What `plan` and `why` show of the other rows that a rule reads, and who waits for them.

use crate::support::{Database, Project, one_line};

const WRITES: &str = "writes = [\"Customer.accountType\", \"Customer.paymentTerms\"]";

const BY_REVENUE: &str = r#"
let year    = related("SalesOrder", "customerId").where(col("orderedAt").within(months(12)));
let revenue = year.sum("total");
let tenant  = parent("tenantId");
update("Customer").set("paymentTerms", [
    [ revenue > 3000 and year.max("orderedAt").within(days(tenant.col("activeDays"))), "good" ],
    [ tenant.related("SalesOrder", "tenantId").max("total") > 0 and year.exists(),     "fair" ],
    [ otherwise,                                                                       "new"  ],
]);
"#;

/// Revenue and number of orders of a customer in a year, by hand.
fn year_of(database: &Database, id: &str) -> [String; 2] {
    let sql = |what: &str| {
        format!(
            "SELECT {what} FROM \"SalesOrder\" WHERE \"customerId\" = '{id}' \
               AND \"orderedAt\" >= (now() AT TIME ZONE 'UTC')::date - interval '12 months'"
        )
    };
    [database.value(&sql("coalesce(sum(total), 0)")), database.value(&sql("count(*)"))]
}

#[test]
fn figures_come_with_the_number_of_rows_that_they_are_made_of() {
    let (project, database) = (Project::new(), Database::sample_with_orders());
    project.script(WRITES, BY_REVENUE);
    // As the script calls it.
    let revenue = "revenue";
    let planned = project.run(&database, "plan scripts/try --format json").exits(0).json();
    let preview = &planned["steps"][0]["changes"][0]["foreseen"];
    let columns = preview["columns"].as_array().expect("columns");
    let place = columns.iter().position(|name| name == revenue).expect("the revenue");
    let samples = preview["samples"].as_array().expect("samples");
    assert_eq!(samples.len(), 3);
    let shown = one_line(&project.run(&database, "plan scripts/try").exits(0).stdout);
    for sample in samples {
        let id = sample["key"][0].as_str().expect("a key");
        let [sum, rows] = year_of(&database, id);
        assert_eq!(sample["reads"][place], sum, "{id}");
        assert_eq!(sample["of_rows"][place].to_string(), rows, "{id}");
        let plural = if rows == "1" { "row" } else { "rows" };
        let text = format!("{revenue} {sum} of {rows} {plural}");
        assert!(shown.contains(&text), "{text}\n{shown}");
    }
    // A column of the tenant is one row's, and what it has of its orders is not the customer's.
    let place = |end: &str| columns.iter().position(|name| name.as_str().unwrap().ends_with(end));
    let (days, largest) =
        (place("activeDays").expect("days"), place("max(total)").expect("largest"));
    assert!(samples[0]["of_rows"][days].is_null());
    assert!(samples[0]["of_rows"][largest].as_u64().expect("a number") > 1000);
    let id = samples[0]["key"][0].as_str().expect("a key");
    let [sum, rows] = year_of(&database, id);
    let why = project.run(&database, &format!("why scripts/try {id}")).exits(0);
    why.tells(&format!("{revenue} {sum} of {rows} row"));
    let why =
        project.run(&database, &format!("why scripts/try {id} --format json")).exits(0).json();
    assert_eq!(why["rules"][0]["reads"][revenue], sum);
    assert_eq!(why["rules"][0]["of_rows"][revenue].to_string(), rows);
}

#[test]
fn a_rank_is_shown_with_the_value_by_which_it_is_counted() {
    let (project, database) = (Project::new(), Database::sample_with_orders());
    project.script(
        WRITES,
        "let spent = related(\"SalesOrder\", \"customerId\").sum(\"total\");\n\
         update(\"Customer\").set(\"paymentTerms\", [ [ ntile(5, spent, \"tenantId\") == 5, \"best\" ] ]);",
    );
    let id = database.value(
        "SELECT \"customerId\" FROM \"SalesOrder\" GROUP BY 1 HAVING count(*) = 7 ORDER BY sum(total) DESC LIMIT 1",
    );
    let sum = database
        .value(&format!("SELECT sum(total) FROM \"SalesOrder\" WHERE \"customerId\" = '{id}'"));
    let why = project.run(&database, &format!("why scripts/try {id}")).exits(0);
    why.tells("ntile(5, spent, tenantId) 5")
        .tells(&format!("spent {sum} of 7 rows"))
        .says_not("#SalesOrder");
}

#[test]
fn what_would_change_a_result_is_told_also_where_the_threshold_is_of_another_row() {
    let (project, database) = (Project::new(), Database::sample_with_orders());
    let own = "let orders = related(\"SalesOrder\", \"customerId\");\n\
               let own = parent(\"HealthThreshold\", #{ tenantId: \"tenantId\" });\n";
    let id = database.value(
        "SELECT o.\"customerId\" FROM \"SalesOrder\" o JOIN \"HealthThreshold\" h USING (\"tenantId\") \
         WHERE h.\"minOrders\" = 3 GROUP BY 1 HAVING count(*) = 6 ORDER BY 1 LIMIT 1",
    );
    let cases = [
        ("orders.count() >= coalesce([own.col(\"minOrders\"), 4])", "were 2 (4 rows fewer)"),
        ("coalesce([own.col(\"minOrders\"), 4]) >= 2", "own.minOrders were 1 (2 less)"),
        ("coalesce([own.col(\"minOrders\"), 4]) >= days_since(ago(days(10)))", "were 10 (7 more)"),
        ("ago(days(2)) >= ago(days(own.col(\"minOrders\")))", "own.minOrders were 1 (2 less)"),
    ];
    for (condition, flip) in cases {
        let arms = format!("[ [ {condition}, \"often\" ], [ otherwise, \"seldom\" ] ]");
        project
            .script(WRITES, &format!("{own}update(\"Customer\").set(\"paymentTerms\", {arms});"));
        project.run(&database, &format!("why scripts/try {id}")).exits(0).tells(flip);
    }
    // No rank is such a number.
    let rank = "update(\"Customer\").set(\"paymentTerms\", [ [ percent_rank(\"lastOrderDate\") >= 0, \"any\" ] ]);";
    project.script(WRITES, rank);
    project.run(&database, &format!("why scripts/try {id}")).exits(0).says_not("-0.01");
}

#[test]
fn each_column_that_would_change_a_result_is_told_with_how_far_it_is() {
    let (project, database) = (Project::new(), Database::sample_with_orders());
    let id = database.value(
        "SELECT \"customerId\" FROM \"SalesOrder\" GROUP BY 1 HAVING count(*) = 6 ORDER BY 1 LIMIT 1",
    );
    let sum = database
        .value(&format!("SELECT sum(total) FROM \"SalesOrder\" WHERE \"customerId\" = '{id}'"));
    project.script(
        WRITES,
        &format!(
            "let orders = related(\"SalesOrder\", \"customerId\");\n\
             update(\"Customer\").set(\"paymentTerms\", [\n\
                 [ orders.count() >= 7 or orders.sum(\"total\") >= {sum} + 660, \"good\" ],\n\
                 [ parent(\"tenantId\").col(\"activeDays\") == 200, \"fair\" ],\n\
                 [ otherwise, \"new\" ],\n\
             ]);"
        ),
    );
    let why = project.run(&database, &format!("why scripts/try {id}")).exits(0);
    why.tells("good if orders.count() were 7 (1 row more)")
        .tells("good if orders.sum(total) were")
        .tells("(660 more)")
        .tells("fair if tenantId.activeDays were 200");
    // A run of each says so too.
    database.run(&format!(
        "UPDATE \"Tenant\" SET \"activeDays\" = 200 WHERE id = (SELECT \"tenantId\" FROM \"Customer\" WHERE id = '{id}')"
    ));
    project.run(&database, "scripts/try").exits(0);
    let terms = format!("SELECT \"paymentTerms\" FROM \"Customer\" WHERE id = '{id}'");
    assert_eq!(database.value(&terms), "fair");
}

#[test]
fn a_plan_says_who_waits_for_the_other_tables() {
    let (project, database) = (Project::new(), Database::sample_with_orders());
    for strategy in ["update", "rewrite", "batches"] {
        project.script(&format!("{WRITES}\nstrategy = \"{strategy}\""), BY_REVENUE);
        project
            .run(&database, "plan scripts/try")
            .exits(0)
            .tells("It only reads SalesOrder, Tenant: who reads or writes there does not wait.");
        let planned = project.run(&database, "plan scripts/try --format json").exits(0).json();
        assert_eq!(planned["plan"]["only_read"], serde_json::json!(["SalesOrder", "Tenant"]));
    }
    // The table that it sets is locked, though the rule reads other rows of it.
    project.script(
        WRITES,
        "update(\"Customer\").set(\"paymentTerms\", [ [ parent(\"tenantId\").related(\"Customer\", \"tenantId\").count() > 9, \"x\" ] ]);",
    );
    let planned = project.run(&database, "plan scripts/try --format json").exits(0).json();
    assert_eq!(planned["plan"]["only_read"], serde_json::json!(["Tenant"]));
}

#[test]
fn who_writes_the_other_tables_does_not_wait_for_a_run() {
    for strategy in ["update", "rewrite", "batches"] {
        let (project, database) = (Project::new(), Database::sample_with_orders());
        project.script(&format!("{WRITES}\nstrategy = \"{strategy}\""), BY_REVENUE);
        database.run(
            "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(1.5); RETURN NULL; END'; \
             CREATE TRIGGER slow AFTER UPDATE ON \"Customer\" FOR EACH STATEMENT EXECUTE FUNCTION slow()",
        );
        let running = project.start(&mut project.on(&database, "scripts/try"));
        database.wait_for_sleep();
        database.run(
            "SET lock_timeout = '200ms'; DELETE FROM \"SalesOrder\" WHERE status = 'CANCELLED'; \
             UPDATE \"SalesOrder\" SET total = total + 1; UPDATE \"Tenant\" SET \"activeDays\" = 10; \
             UPDATE \"HealthThreshold\" SET \"minOrders\" = 9",
        );
        crate::support::Output::of(running.wait_with_output().expect("it ends")).exits(0);
    }
}
