//! Twelve rules as an analyst says them: the conditions of docs/analyst.md count what SQL written by hand counts.

use crate::support::{Database, Project, own_text};

const ORDERS: &str = "SELECT FROM \"SalesOrder\" o WHERE o.\"customerId\" = c.id";
const TODAY: &str = "(now() AT TIME ZONE 'UTC')::date";

/// The same conditions on a row `c` of Customer, in the order of the page.
fn by_hand() -> Vec<String> {
    let orders = |what: &str, and: &str| {
        format!("({} {and})", ORDERS.replacen("SELECT", &format!("SELECT {what}"), 1))
    };
    let in_a_year = format!("AND o.\"orderedAt\" >= {TODAY} - interval '1 year'");
    let silent = format!("{TODAY} - c.\"lastOrderDate\"::date");
    vec![
        format!("{} > 4", orders("count(*)", &in_a_year)),
        format!("{} > 10000", orders("sum(total)", "")),
        format!("{} >= {TODAY} - interval '6 months'", orders("max(\"orderedAt\")", "")),
        format!("NOT EXISTS {}", orders("1", "")),
        format!(
            "{silent} <= coalesce((SELECT \"activeDays\" FROM \"Tenant\" t WHERE t.id = c.\"tenantId\"), 180)"
        ),
        format!(
            "{} < (SELECT \"minOrders\" FROM \"HealthThreshold\" h WHERE h.\"tenantId\" = c.\"tenantId\")",
            orders("count(*)", &in_a_year)
        ),
        "c.id IN (SELECT id FROM (SELECT id, (rank() OVER (PARTITION BY \"tenantId\" ORDER BY total DESC) - 1) * 100.0 \
           / count(*) OVER (PARTITION BY \"tenantId\") AS above FROM (SELECT c.id, c.\"tenantId\", coalesce(sum(o.total), 0) AS total \
           FROM \"Customer\" c LEFT JOIN \"SalesOrder\" o ON o.\"customerId\" = c.id GROUP BY c.id) AS sums) AS ranked WHERE above < 20)"
            .into(),
        "c.id IN (SELECT id FROM (SELECT id, ntile(5) OVER (PARTITION BY \"tenantId\" ORDER BY \"lastOrderDate\", id) AS fifth \
           FROM \"Customer\" WHERE \"lastOrderDate\" IS NOT NULL) AS tiles WHERE fifth = 5)"
            .into(),
        format!("{silent} > c.\"orderingPaceDays\" * 2"),
        format!("EXISTS {}", orders("1", "AND o.total > c.\"establishedRevenue\" / 20")),
        format!("{} > 1", orders("count(DISTINCT status)", "")),
        "c.name LIKE '%Grill%' AND extract(month FROM c.\"lastOrderDate\") = 12".into(),
    ]
}

#[test]
fn the_rules_of_the_page_count_what_sql_by_hand_counts() {
    let page = own_text("docs/analyst.md");
    let table = page.split("| what an analyst says |").nth(1).expect("the table");
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let conditions: Vec<&str> = rows.filter_map(|row| row.split('`').nth(1)).collect();
    let by_hand = by_hand();
    assert_eq!((conditions.len(), by_hand.len()), (12, 12));
    let (project, database) = (Project::new(), Database::sample_with_orders());
    let script: String = conditions
        .iter()
        .map(|condition| format!("note(`${{table(\"Customer\").count({condition})}}`);\n"))
        .collect();
    project.script("", &script);
    let told = project.run(&database, "scripts/try --format json").exits(0).json();
    let notes: Vec<&str> = told["steps"][0]["notes"]
        .as_array()
        .expect("notes")
        .iter()
        .filter_map(|note| note.as_str())
        .collect();
    for ((condition, sql), note) in conditions.iter().zip(by_hand).zip(&notes) {
        let count = database.value(&format!("SELECT count(*) FROM \"Customer\" c WHERE {sql}"));
        assert_eq!(*note, count, "{condition}");
        assert_ne!(count, "0", "{condition} takes rows to compare");
    }
    assert_eq!(notes.len(), 12);
}

#[test]
fn the_rule_of_the_page_is_planned_run_and_tried_alike() {
    let page = own_text("docs/analyst.md");
    let part = page.split("## What a rule can read of other rows").nth(1).expect("the section");
    let blocks: Vec<&str> =
        part.split("```rhai\n").skip(1).filter_map(|it| it.split("```").next()).collect();
    let (project, database) = (Project::new(), Database::sample_with_orders());
    let writes = "writes = [\"Customer.accountType\", \"Customer.accountPriority\"]";
    project.run(&database, "scripts/phase2").exits(0);
    database.run("UPDATE \"Customer\" SET \"accountType\" = NULL, \"accountPriority\" = NULL");
    project.script(writes, blocks[0]);
    project.write("scripts/try/examples/all.rhai", blocks[1]);
    project
        .output(&mut project.command("check scripts/try"))
        .exits(0)
        .tells("✓ four orders this year");
    let planned = project.run(&database, "plan scripts/try --format json").exits(0).json();
    let done = project.run(&database, "scripts/try --format json").exits(0).json();
    for column in 0..2 {
        let transitions = |report: &serde_json::Value| {
            report["steps"][0]["changes"][column]["transitions"].clone()
        };
        assert_eq!(transitions(&planned), transitions(&done));
        assert_eq!(transitions(&done).as_array().map(Vec::len), Some(3));
    }
}
