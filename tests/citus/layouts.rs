//! Rules of all kinds in every layout: what a plan says, what a run writes, and that its undo is exact.

use crate::citus::cluster::{Cluster, Layout};

const MANIFEST: &str = "writes = [\"Customer.accountType\", \"Customer.type\", \"Customer.paymentTerms\", \
     \"Customer.isTaxExempt\", \"Customer.establishedRevenue\", \"Customer.orderingPaceDays\"]";

/// Dates, an enum, a lookup with signs that end texts, several columns at once, numbers, and what other rows give.
const RULES: &str = r#"
update("Customer").set("accountType", [
    [col("lastOrderDate").within(months(6)), "ACTIVE"], [col("lastOrderDate").within(months(12)), "TARGET"], [otherwise, "PROSPECT"]]);
update("Customer").set("type", lookup("accountType", #{ ACTIVE: "it's $1", TARGET: "p\\q", PROSPECT: "r" }));
update("Customer").set(#{
    paymentTerms: [[col("riskStatus") == "HEALTHY", "Net 30"], [otherwise, "Net 7"]],
    isTaxExempt: [[col("state").is_one_of(["NY", "MA"]), true]],
});
update("Customer").where(col("establishedRevenue") > 100.5)
    .set("establishedRevenue", [[otherwise, round(coalesce([col("averageOrderIntervalDays"), 1]) * 1.5, 2)]]);
update("Customer").set("orderingPaceDays", [
    [top_percent(20, "establishedRevenue"), 1], [otherwise, related("User", #{ tenantId: "tenantId" }).where(col("isActive")).count()]]);
"#;

/// Runs the rules in a layout, and takes them back.
fn round_trip(layout: Layout, strategy: &str) -> serde_json::Value {
    let cluster = Cluster::new(layout);
    cluster.project.script(&format!("{MANIFEST}\nstrategy = \"{strategy}\""), RULES);
    let before = cluster.customers();
    let planned = cluster.run("plan scripts/try --format json").exits(0).json();
    assert_eq!(cluster.customers(), before);
    let report = cluster.run("scripts/try --format json").exits(0).json();
    let changes = |document: &serde_json::Value| document["steps"][0]["changes"].clone();
    let (planned, changed) = (changes(&planned), changes(&report));
    let count = changed.as_array().map_or(0, Vec::len);
    assert_eq!(count, 6, "{changed}");
    for rule in 0..count {
        assert_eq!(planned[rule]["transitions"], changed[rule]["transitions"], "{layout:?} {rule}");
        assert_eq!(planned[rule]["strategy"], changed[rule]["strategy"], "{layout:?} {rule}");
    }
    assert_eq!(cluster.classes(), "ACTIVE 3512, PROSPECT 793, TARGET 1089", "{layout:?}");
    let types = "SELECT \"type\", count(*) FROM \"Customer\" GROUP BY 1 ORDER BY 2";
    assert_eq!(cluster.rows(types), [["r", "793"], ["p\\q", "1089"], ["it's $1", "3512"]]);
    let exempt =
        "SELECT count(*) FROM \"Customer\" WHERE NOT \"isTaxExempt\" AND state IN ('NY', 'MA')";
    assert_eq!(cluster.value(exempt), "0");
    let journalled = "SELECT sum(rows) = sum(coalesce(cardinality(keys_uuid), cardinality(keys_text))) FROM leora_run.transition";
    assert_eq!(cluster.value(journalled), "t");
    // A second run has nothing to do.
    let again = cluster.run("scripts/try --format json").exits(0).json();
    let left: Vec<_> = (0..count).map(|rule| changes(&again)[rule]["changed"].clone()).collect();
    assert!(left.iter().all(|changed| *changed == 0), "{left:?}");
    let run = report["run"].as_str().expect("an id");
    cluster.run(&format!("undo {run}")).exits(0);
    assert_eq!(cluster.customers(), before, "{layout:?}");
    changed
}

#[cfg_attr(citus, test)]
fn every_layout_is_written_by_update_and_put_back_exactly() {
    for layout in Layout::ALL {
        let changes = round_trip(layout, "update");
        assert_eq!(changes[0]["strategy"], "update");
    }
}

#[cfg_attr(citus, test)]
fn distributed_tables_are_rewritten_and_the_others_updated() {
    for layout in Layout::ALL {
        let changes = round_trip(layout, "rewrite");
        let rewritten = matches!(layout, Layout::ByTenant | Layout::ById | Layout::Schema);
        let expected = if rewritten { "rewrite" } else { "update" };
        assert_eq!(changes[0]["strategy"], expected, "{layout:?}");
    }
}

#[cfg_attr(citus, test)]
fn batches_become_an_update_and_say_why() {
    for (layout, reason) in [
        (
            Layout::ByTenant,
            "Citus keeps it (distributed by tenantId): it has no pages of its own to be written one by one",
        ),
        (
            Layout::InMetadata,
            "Citus keeps it (a local table in Citus's metadata): it has no pages of its own to be written one by one",
        ),
    ] {
        let changes = round_trip(layout, "batches");
        assert_eq!(changes[0]["strategy"], "update");
        assert_eq!(changes[0]["instead"]["because"], reason);
    }
}

#[cfg_attr(citus, test)]
fn what_the_team_edited_since_is_left() {
    for layout in [Layout::ByTenant, Layout::Reference] {
        let cluster = Cluster::new(layout);
        cluster.project.script(
            MANIFEST,
            RULES.split("\nupdate(\"Customer\").set(\"type\"").next().expect("a rule"),
        );
        cluster.run("scripts/try").exits(0);
        let one = "WHERE id = (SELECT id FROM \"Customer\" WHERE \"accountType\" = 'ACTIVE' ORDER BY id LIMIT 1)";
        let id =
            cluster.value(&format!("SELECT \"tenantId\" || ',' || id FROM \"Customer\" {one}"));
        let (tenant, customer) = id.split_once(',').expect("two ids");
        cluster.session().run(&format!(
            "UPDATE \"Customer\" SET \"accountType\" = 'TARGET' WHERE \"tenantId\" = '{tenant}' AND id = '{customer}'"
        ));
        cluster
            .run("undo")
            .exits(0)
            .tells("Put back 5,393 values, left 1 that your team edited since");
        assert_eq!(cluster.classes(), "- 5393, TARGET 1");
    }
}

#[cfg_attr(citus, test)]
fn why_finds_a_row_by_a_key_of_two_columns() {
    let cluster = Cluster::new(Layout::ByTenant);
    let key = cluster.value("SELECT \"tenantId\" || ',' || id FROM \"Customer\" WHERE \"lastOrderDate\" > now() - interval '30 days' ORDER BY id LIMIT 1");
    cluster.run(&format!("why scripts/phase2 {key}")).exits(0).says("gives ACTIVE");
}
