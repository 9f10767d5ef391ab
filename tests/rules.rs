//! What a rule means: boundaries, missing values, what people set by hand.

use crate::support::{Database, Project};

/// A sample whose first customers have these order dates, classified as of 2025-08-31.
fn classified(dates: &[&str]) -> Vec<String> {
    let (project, database) = (Project::new(), Database::sample());
    database.run("DELETE FROM \"Customer\" WHERE \"accountNumber\" NOT IN (SELECT \"accountNumber\" FROM \"Customer\" ORDER BY 1 LIMIT 20)");
    let mut ids =
        database.rows("SELECT id FROM \"Customer\" ORDER BY \"accountNumber\"").into_iter();
    let mut mine = Vec::new();
    for date in dates {
        let id = ids.next().expect("a customer").remove(0);
        let value = if *date == "NULL" { "NULL".to_owned() } else { format!("'{date}'") };
        database
            .run(&format!("UPDATE \"Customer\" SET \"lastOrderDate\" = {value} WHERE id = '{id}'"));
        mine.push(id);
    }
    project.run(&database, "scripts/phase2 --as-of 2025-08-31").exits(0);
    let class = |id: &String| {
        database.value(&format!("SELECT \"accountType\" FROM \"Customer\" WHERE id = '{id}'"))
    };
    mine.iter().map(class).collect()
}

#[test]
fn counts_months_by_the_calendar_from_midnight() {
    // Six months before 31 August is 28 February: the months are shorter, and clipped.
    let dates = ["2025-02-28", "2025-02-27 23:59:59.999", "2024-08-31", "2024-08-30 23:59:59.999"];
    assert_eq!(classified(&dates), ["ACTIVE", "TARGET", "TARGET", "PROSPECT"]);
}

#[test]
fn knows_missing_future_and_infinite_dates() {
    let dates = ["NULL", "2031-01-01", "infinity", "-infinity", "2025-08-31"];
    assert_eq!(classified(&dates), ["PROSPECT", "ACTIVE", "ACTIVE", "PROSPECT", "ACTIVE"]);
}

#[test]
fn never_overwrites_a_class_that_people_set() {
    let (project, database) = (Project::new(), Database::sample());
    database.run("ALTER TYPE \"AccountType\" ADD VALUE 'HOLD'");
    database
        .run("UPDATE \"Customer\" SET \"accountType\" = 'HOLD' WHERE \"lastOrderDate\" IS NULL");
    project.run(&database, "scripts/phase2").exits(0);
    let expected = ["ACTIVE/HIGH 3512", "HOLD/- 250", "PROSPECT/LOW 543", "TARGET/MEDIUM 1089"];
    assert_eq!(database.classes(), expected);
    project.run(&database, "scripts/phase2 --set reclassify=true --set active_within=3mo").exits(0);
    assert!(database.classes().contains(&"HOLD/- 250".to_owned()), "{:?}", database.classes());
}

#[test]
fn leaves_the_priority_of_a_class_without_a_mapping() {
    let (project, database) = (Project::new(), Database::sample());
    database.run("ALTER TYPE \"AccountType\" ADD VALUE 'HOLD'");
    project.run(&database, "scripts/phase2").exits(0);
    database
        .run("UPDATE \"Customer\" SET \"accountType\" = 'HOLD' WHERE \"accountType\" = 'TARGET'");
    let output = project.run(&database, "scripts/phase2").exits(0);
    assert!(
        database.classes().contains(&"HOLD/MEDIUM 1089".to_owned()),
        "{:?}",
        database.classes()
    );
    output.says("1,089 rows that no arm matches");
}

#[test]
fn keeps_priorities_that_people_set_by_hand() {
    let (project, database) = (Project::new(), Database::sample());
    project.run(&database, "scripts/phase2").exits(0);
    database.run(
        "ALTER TABLE \"Customer\" ADD COLUMN \"accountPriorityManuallySet\" boolean; \
         UPDATE \"Customer\" SET \"accountPriority\" = 'LOW', \"accountPriorityManuallySet\" = true \
          WHERE \"accountType\" = 'ACTIVE' AND state = 'CT'; \
         UPDATE \"Customer\" SET \"accountPriority\" = 'LOW', \"accountPriorityManuallySet\" = false \
          WHERE \"accountType\" = 'TARGET'",
    );
    let by_hand =
        database.value("SELECT count(*) FROM \"Customer\" WHERE \"accountPriorityManuallySet\"");
    assert_ne!(by_hand, "0");
    project.run(&database, "scripts/phase2").exits(0);
    let low = database.value("SELECT count(*) FROM \"Customer\" WHERE \"accountType\" = 'ACTIVE' AND \"accountPriority\" = 'LOW'");
    assert_eq!(low, by_hand, "set by hand: they keep theirs");
    let medium =
        database.value("SELECT count(*) FROM \"Customer\" WHERE \"accountPriority\" = 'MEDIUM'");
    assert_eq!(medium, "1089", "not set by hand: they follow the class");
}

#[test]
fn treats_an_unset_mark_as_not_set_by_hand() {
    let (project, database) = (Project::new(), Database::sample());
    database.run("ALTER TABLE \"Customer\" ADD COLUMN \"accountPriorityManuallySet\" boolean");
    project.run(&database, "scripts/phase2").exits(0);
    assert_eq!(database.classes(), ["ACTIVE/HIGH 3512", "PROSPECT/LOW 793", "TARGET/MEDIUM 1089"]);
}

#[test]
fn classifies_by_the_script_as_it_is_edited() {
    let (project, database) = (Project::new(), Database::sample());
    let script = "scripts/phase2/01_classify_customers.rhai";
    project.edit(
        script,
        "setting(\"active_within\", months(6))",
        "setting(\"active_within\", months(3))",
    );
    project.run(&database, "scripts/phase2").exits(0);
    assert_eq!(database.classes(), ["ACTIVE/HIGH 2420", "PROSPECT/LOW 793", "TARGET/MEDIUM 2181"]);

    project.edit(script, "months(3)", "months(6)");
    let kept = project.run(&database, "scripts/phase2").exits(0);
    kept.says("Customer.accountType: nothing to change")
        .says("5,394 rows that `where` leaves out")
        .says("--set reclassify=true");
    let changed = project.run(&database, "scripts/phase2 --set reclassify=true").exits(0);
    changed.says("TARGET → ACTIVE  1,092 (100.0%)");
    assert_eq!(database.classes(), ["ACTIVE/HIGH 3512", "PROSPECT/LOW 793", "TARGET/MEDIUM 1089"]);
}

#[test]
fn warns_of_odd_shares_and_fails_under_strict() {
    let (project, database) = (Project::new(), Database::sample());
    let odd = "scripts/phase2 --set active_within=1mo";
    let before = database.fingerprint();
    project
        .run(&database, &format!("{odd} --strict"))
        .exits(1)
        .says("! the shares are within 10 points")
        .says("--strict counts");
    assert_eq!(database.fingerprint(), before, "rolled back");
    project
        .run(&database, odd)
        .exits(0)
        .says("! the shares are within 10 points of 65/20/15")
        .says("! done");
}

#[test]
fn what_where_leaves_out_is_not_calculated() {
    let project = Project::new();
    for strategy in ["update", "rewrite", "batches"] {
        let database = Database::empty();
        database.run(
            "CREATE TABLE \"Item\" (id int PRIMARY KEY, a numeric, b numeric, share numeric); \
             INSERT INTO \"Item\" VALUES (1, 1, 0), (2, 1, 4), (3, 1, NULL)",
        );
        project.script(
            &format!("writes = [\"Item.share\"]\nstrategy = \"{strategy}\""),
            "update(\"Item\").where(col(\"b\") != 0).set(\"share\", col(\"a\") / col(\"b\"));",
        );
        project.run(&database, "scripts/try").exits(0);
        let shares = "SELECT string_agg(coalesce(round(share, 2)::text, 'none'), ' ' ORDER BY id) FROM \"Item\"";
        assert_eq!(database.value(shares), "none 0.25 none", "{strategy}");
    }
}
