//! What a list calls the rows, and what it says of the rule: only what the role may read.

use super::{cells, lines};
use crate::support::{Database, Project};

const RULE: &str = "\
update(\"Customer\").where(col(\"city\").is_one_of([\"Napa\", \"Sonoma\"])).set(\"city\", [\n\
    [ col(\"state\") == \"CA\" and col(\"name\") < \"M\", \"Yountville\" ],\n\
    [ otherwise, \"Healdsburg\" ],\n]);";

fn project() -> (Project, Database) {
    let (project, database) = (Project::new(), Database::sample());
    project.script("writes = [\"Customer.city\"]", RULE);
    (project, database)
}

#[test]
fn a_line_has_the_arm_and_what_the_rule_reads() {
    let (project, database) = project();
    project.run(&database, "plan scripts/try --rows rows.csv").exits(0);
    for line in lines(&project, "rows.csv") {
        let first = line["state"] == "CA" && line["name"].as_str() < "M";
        let (place, new) = if first { (2, "Yountville") } else { (3, "Healdsburg") };
        assert_eq!(line["line"], format!("scripts/try/01_step.rhai:{place}"), "{line:?}");
        assert_eq!(line["new"], new, "{line:?}");
    }
}

#[test]
fn a_lookup_has_the_line_of_its_pair() {
    let (project, database) = (Project::new(), Database::sample());
    let rule = "update(\"Customer\").set(\"city\", lookup(\"city\", #{\n Napa: \"N\",\n Sonoma: \"S\" }));";
    project.script(
        "writes = [\"Customer.city\"]",
        &rule.replace("\"city\", #{", "\"state\", #{ \nCA: \"C\","),
    );
    project.run(&database, "plan scripts/try --rows rows.csv").exits(0);
    let mut places = cells(&project, "rows.csv", &["line", "new"]);
    places.dedup();
    assert_eq!(places, [["scripts/try/01_step.rhai:2", "C"]]);
}

#[test]
fn the_manifest_says_what_names_a_row() {
    let (project, database) = project();
    project.script("writes = [\"Customer.city\"]\n[labels]\nCustomer = [\"e mail(\"]", RULE);
    project.run(&database, "plan scripts/try").exits(2).says("this names no column");
    project.script("writes = [\"Customer.city\"]\n[labels]\nCustomer = [\"biling\"]", RULE);
    project
        .run(&database, "plan scripts/try --rows rows.csv")
        .exits(2)
        .says("Customer has no column biling");
    let manifest = "writes = [\"Customer.city\"]\n[labels]\n\
        Customer = [\"billingEmail\", 'parent(\"tenantId\").col(\"name\")']";
    project.script(manifest, RULE);
    project.run(&database, "plan scripts/try --rows rows.csv").exits(0);
    let tenants = database.rows("SELECT c.\"billingEmail\", t.name FROM \"Customer\" c JOIN \"Tenant\" t ON t.id = c.\"tenantId\" \
         WHERE c.city IN ('Napa', 'Sonoma') ORDER BY 1, 2");
    assert_eq!(cells(&project, "rows.csv", &["billingEmail", "tenantId.name"]), tenants);
    let run = project.run(&database, "scripts/try --format json --rows run.csv").exits(0);
    assert_eq!(cells(&project, "run.csv", &["billingEmail", "tenantId.name"]), tenants);
    let id = run.json()["run"].as_str().expect("an id").to_owned();
    // The journal is listed with the columns of the rows themselves.
    project.run(&database, &format!("status {id} --rows status.csv")).exits(0);
    let emails: Vec<Vec<String>> = tenants.iter().map(|row| vec![row[0].clone()]).collect();
    assert_eq!(cells(&project, "status.csv", &["billingEmail"]), emails);
}

#[test]
fn a_list_names_rows_only_by_what_the_role_may_read() {
    let (project, database) = (Project::new(), Database::sample());
    project.script(
        "writes = [\"Customer.city\"]",
        "update(\"Customer\").where(col(\"city\") == \"Napa\").set(\"city\", \"Sonoma\");",
    );
    let role = format!("{}_lister", database.name);
    database.run(&format!(
        "CREATE ROLE \"{role}\" LOGIN PASSWORD 'x'; GRANT USAGE ON SCHEMA public TO \"{role}\"; \
         GRANT SELECT (id, city, name) ON \"Customer\" TO \"{role}\""
    ));
    let run = |arguments: &str| {
        let mut command = project.command(arguments);
        command.arg("--database-url").arg(database.url_as(&role, "x"));
        project.output(&mut command)
    };
    run("plan scripts/try --rows rows.csv").exits(0);
    let text = std::fs::read_to_string(project.path("rows.csv")).expect("a list");
    assert!(text.starts_with("step,table,key,name,column,old,new,line\r\n"), "{text}");
    // The journal shows old values to whoever may read the column and the key today.
    let done = project.run(&database, "scripts/try --format json").exits(0).json();
    let id = done["run"].as_str().expect("an id").to_owned();
    database.run(&format!(
        "GRANT USAGE ON SCHEMA leora_run TO \"{role}\"; \
         GRANT SELECT ON leora_run.run, leora_run.step, leora_run.transition, leora_run.migration TO \"{role}\""
    ));
    run(&format!("status {id} --rows status.csv")).exits(0);
    assert_eq!(
        cells(&project, "status.csv", &["key", "name", "old", "new"]),
        cells(&project, "rows.csv", &["key", "name", "old", "new"])
    );
    database.run(&format!("REVOKE SELECT (city) ON \"Customer\" FROM \"{role}\""));
    run(&format!("status {id} --rows hidden.csv")).exits(2).says("no journal here");
    assert!(!project.path("hidden.csv").exists());
    database.run(&format!("DROP OWNED BY \"{role}\" CASCADE; DROP ROLE \"{role}\""));
}

#[test]
fn rows_that_are_gone_are_listed_by_their_key() {
    let (project, database) = project();
    let done = project.run(&database, "scripts/try --format json --rows run.csv").exits(0).json();
    let id = done["run"].as_str().expect("an id").to_owned();
    let columns = ["key", "column", "old", "new"];
    let listed = cells(&project, "run.csv", &columns);
    for sql in ["DELETE FROM \"Customer\" WHERE name < 'M'", "DROP TABLE \"Customer\" CASCADE"] {
        database.run(sql);
        project.run(&database, &format!("status {id} --rows status.csv")).exits(0);
        assert_eq!(cells(&project, "status.csv", &columns), listed, "{sql}");
    }
    database.run("DELETE FROM leora_run.journal");
    project
        .run(&database, &format!("status {id} --rows status.csv"))
        .exits(2)
        .tells("keep_runs in leora.toml");
}
