//! Phase 2 with its SQL file, where Citus takes it.

use crate::citus::cluster::{Cluster, Layout};

#[cfg_attr(citus, test)]
fn phase_2_runs_and_is_taken_back_where_customers_have_an_id_of_their_own() {
    for layout in [Layout::ById, Layout::InMetadata, Layout::Reference, Layout::Schema] {
        let cluster = Cluster::new(layout);
        let before = cluster.classes();
        cluster.run("plan scripts/phase2").exits(0);
        cluster.run("scripts/phase2").exits(0).says("10,788 values");
        cluster.run("scripts/verify").exits(0).says("7 of 7 held");
        cluster.run("scripts/carla-smoke").exits(0).says("10 of 10 held");
        cluster.run("undo").exits(0).says("Put back 10,788 values");
        assert_eq!(cluster.classes(), before, "{layout:?}");
    }
}

#[cfg_attr(citus, test)]
fn new_tables_of_a_distributed_schema_are_distributed_with_their_foreign_keys() {
    let cluster = Cluster::new(Layout::Schema);
    cluster.run("scripts/phase2").exits(0);
    let local = "SELECT count(*) FROM pg_class c WHERE c.relnamespace = 'crm'::regnamespace AND c.relkind = 'r' \
                 AND NOT EXISTS (SELECT FROM pg_dist_partition d WHERE d.logicalrelid = c.oid)";
    assert_eq!(cluster.value(local), "0");
    let refused = cluster.session().try_run(
        "INSERT INTO \"CallPlanAccount\" (\"tenantId\", \"callPlanId\", \"customerId\") \
         SELECT id, gen_random_uuid(), gen_random_uuid() FROM \"Tenant\" LIMIT 1",
    );
    let refused = refused.expect_err("no such plan");
    assert!(refused.contains("violates foreign key constraint"), "{refused}");
}

#[cfg_attr(citus, test)]
fn keys_that_begin_with_the_tenant_are_refused_before_anything_is_written() {
    let cluster = Cluster::new(Layout::ByTenant);
    let before = cluster.customers();
    cluster.run("scripts/phase2").exits(3).tells("it should have the primary key");
    assert_eq!(cluster.customers(), before);
}
