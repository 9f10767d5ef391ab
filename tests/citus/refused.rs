//! What Citus would refuse or hide, refused by the program before anything is written, with its reason.

use crate::citus::cluster::{Cluster, Layout};
use crate::support::one_line;

/// That plan and run refuse this rule with this text, and that nothing is written.
fn refuses(cluster: &Cluster, column: &str, rule: &str, text: &str) {
    cluster.project.script(&format!("writes = [\"Customer.{column}\"]"), rule);
    let before = cluster.customers();
    for command in ["plan scripts/try", "scripts/try"] {
        let said = cluster.run(command);
        assert_ne!(said.code, 0, "{command}: {}", said.stdout);
        assert!(one_line(&said.stdout).contains(text), "{command}: {}", said.stdout);
    }
    assert_eq!(cluster.customers(), before);
}

#[cfg_attr(citus, test)]
fn a_column_that_decides_the_shard_is_not_set_and_others_are() {
    let cluster = Cluster::new(Layout::ById);
    let mut session = cluster.session();
    session.run("CREATE TABLE account (id int NOT NULL, region text NOT NULL, class text)");
    session.run("SELECT create_distributed_table('account', 'region')");
    session.run("INSERT INTO account SELECT n, 'region ' || n % 7 FROM generate_series(1, 100) n");
    let manifest = "writes = [\"account.class\", \"account.region\"]\n[keys]\naccount = [\"id\"]";
    let set =
        |column: &str| format!("update(\"account\").set(\"{column}\", [[otherwise, \"x\"]]);");
    cluster.project.script(manifest, &set("region"));
    let said = cluster.run("scripts/try").exits(2);
    let text = "region decides in which shard a row is, and Citus moves none";
    assert!(one_line(&said.stdout).contains(text), "{}", said.stdout);
    cluster.project.script(manifest, &set("class"));
    cluster.run("scripts/try").exits(0).says("100");
    assert_eq!(cluster.value("SELECT count(*) FROM account WHERE class = 'x'"), "100");
    cluster.run("undo").exits(0).says("Put back 100");
    assert_eq!(cluster.value("SELECT count(*) FROM account WHERE class IS NULL"), "100");
}

#[cfg_attr(citus, test)]
fn a_column_in_a_unique_index_is_not_set() {
    let cluster = Cluster::new(Layout::ByTenant);
    let rule = "update(\"Customer\").set(\"externalId\", [[otherwise, \"x\"]]);";
    let text = "Customer.externalId is in the unique index \"Customer_tenantId_externalId_key\", and Citus keeps the table";
    refuses(&cluster, "externalId", rule, text);
}

#[cfg_attr(citus, test)]
fn a_table_with_a_trigger_is_not_written() {
    let cluster = Cluster::new(Layout::InMetadata);
    cluster.session().run(
        "CREATE OR REPLACE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.\"updatedAt\" = now(); RETURN NEW; END'",
    );
    cluster.session().run(
        "CREATE TRIGGER touch BEFORE UPDATE ON \"Customer\" FOR EACH ROW EXECUTE FUNCTION touch()",
    );
    let rule = "update(\"Customer\").set(\"type\", [[otherwise, \"x\"]]);";
    refuses(&cluster, "type", rule, "Customer has the trigger touch, and Citus keeps the table");
    cluster.session().run("DROP TRIGGER touch ON \"Customer\"");
    cluster.session().run("DROP FUNCTION touch()");
}
