//! Why a row gets its values: what each rule reads, tries and gives, as the server itself judges it.

use expect_test::expect_file;
use serde_json::{Value, json};

use crate::support::{Database, Project};

/// A sample whose first customer ordered last at this time.
fn ordered(date: &str) -> (Project, Database) {
    let (project, database) = (Project::new(), Database::sample());
    database.run(&format!(
        "UPDATE \"Customer\" SET \"lastOrderDate\" = {date}, name = 'The Corner' WHERE \"accountNumber\" = 'AC-000001'"
    ));
    (project, database)
}

/// What is said of a row, from the row on.
fn said(project: &Project, database: &Database, arguments: &str) -> String {
    let output = project.run(database, &format!("why {arguments} --as-of 2025-07-01")).exits(0);
    let lines: Vec<&str> = output.stdout.lines().collect();
    assert!(lines.iter().all(|line| line.chars().count() <= 80), "{}", output.stdout);
    output.stdout[output.stdout.find("\n\n").expect("a title") + 2..].to_owned()
}

fn rule(project: &Project, database: &Database, arguments: &str, index: usize) -> Value {
    let output =
        project.run(database, &format!("why {arguments} --as-of 2025-07-01 --format json"));
    output.exits(0).json()["rules"][index].clone()
}

#[test]
fn tells_each_rule_part_by_part() {
    let (project, database) = ordered("'2025-01-12 09:30'");
    let before = database.fingerprint_with_history();
    let told = said(&project, &database, "scripts/phase2 AC-000001");
    expect_file!["expected/why_of_a_customer.txt"].assert_eq(&told);
    assert_eq!(database.fingerprint_with_history(), before, "nothing is written");
}

#[test]
fn the_day_it_flips_is_the_day_on_which_a_run_gives_another_value() {
    for date in
        ["'2025-01-12 09:30'", "'2024-12-31 23:59:59.999'", "'2024-08-31'", "'2025-08-30 12:00'"]
    {
        let (project, database) = ordered(date);
        let day = rule(&project, &database, "scripts/phase2 AC-000001", 0)["turns"]["day"].clone();
        let (on, gives) =
            (day["on"].as_str().expect("a day"), day["gives"].as_str().expect("a value"));
        let class =
            "SELECT \"accountType\" FROM \"Customer\" WHERE \"accountNumber\" = 'AC-000001'";
        let eve = database.value(&format!("SELECT date '{on}' - 1"));
        project.run(&database, &format!("scripts/phase2 --as-of {eve}")).exits(0);
        assert_ne!(database.value(class), gives, "{date}, the day before {on}");
        project
            .run(&database, &format!("scripts/phase2 --set reclassify=true --as-of {on}"))
            .exits(0);
        assert_eq!(database.value(class), gives, "{date}, on {on}");
    }
}

#[test]
fn the_value_is_what_a_run_gives() {
    let (project, database) = (Project::new(), Database::sample());
    let numbers = database.rows("SELECT \"accountNumber\" FROM \"Customer\" ORDER BY id LIMIT 12");
    let mut told = Vec::new();
    for number in &numbers {
        let output =
            project.run(&database, &format!("why scripts/phase2 {} --format json", number[0]));
        let rules = output.exits(0).json()["rules"].clone();
        told.push([rules[0]["value"].clone(), rules[1]["value"].clone()]);
    }
    project.run(&database, "scripts/phase2").exits(0);
    for (number, told) in numbers.iter().zip(told) {
        let done = database.rows(&format!(
            "SELECT \"accountType\"::text, \"accountPriority\"::text FROM \"Customer\" WHERE \"accountNumber\" = '{}'",
            number[0]
        ));
        assert_eq!(told.to_vec(), [json!(done[0][0]), json!(done[0][1])], "{}", number[0]);
    }
}

#[test]
fn knows_missing_infinite_and_future_dates() {
    let flips = |date: &str| {
        let (project, database) = ordered(date);
        let one = rule(&project, &database, "scripts/phase2 AC-000001", 0);
        (one["value"].clone(), one["turns"]["no_day"].clone(), one["turns"]["day"]["days"].clone())
    };
    let never = "no day to come changes that";
    assert_eq!(
        flips("NULL"),
        (json!("PROSPECT"), json!(format!("{never}: lastOrderDate has no value")), Value::Null)
    );
    assert_eq!(
        flips("'infinity'"),
        (json!("ACTIVE"), json!(format!("{never}: lastOrderDate is infinity")), Value::Null)
    );
    assert_eq!(
        flips("'-infinity'"),
        (json!("PROSPECT"), json!(format!("{never}: lastOrderDate is -infinity")), Value::Null)
    );
    assert_eq!(
        flips("'2020-01-01'"),
        (json!("PROSPECT"), json!(format!("{never}, while the row stays as it is")), Value::Null)
    );
    assert_eq!(flips("'2026-01-01'"), (json!("ACTIVE"), Value::Null, json!(366)));
}

#[test]
fn a_row_that_where_leaves_out_is_told_which_part_of_it_and_which_setting() {
    let (project, database) = ordered("'2025-01-12 09:30'");
    project.run(&database, "scripts/phase2 --as-of 2025-07-01").exits(0);
    database.run("UPDATE \"Customer\" SET \"accountType\" = 'PROSPECT' WHERE \"accountNumber\" = 'AC-000001'");
    let told = said(&project, &database, "scripts/phase2 ac-000001");
    for line in [
        "  where       leaves it out: accountType.is_null() or false and\n",
        "              accountType.is_null(): no\n",
        "              a setting that is off: --set reclassify=true (look again at\n",
        "  after       stays PROSPECT; its arms would give ACTIVE, by\n",
        "  flips       12 days until TARGET, on 2025-07-13, if `where` took it\n",
    ] {
        assert!(told.contains(line), "{line}is not in\n{told}");
    }
    let taken = said(&project, &database, "scripts/phase2 AC-000001 --set reclassify=true");
    assert!(taken.contains("  after       ACTIVE, by"), "{taken}");
}

#[test]
fn finds_the_row_by_id_number_or_name_in_any_case() {
    let (project, database) = ordered("'2025-01-12'");
    let id = database.value("SELECT id FROM \"Customer\" WHERE \"accountNumber\" = 'AC-000001'");
    let row = |arguments: &[&str]| {
        let mut command = project.on(&database, "why scripts/phase2 --format json");
        project.output(command.args(arguments)).exits(0).json()["row"]["key"]["id"].clone()
    };
    let external = database
        .value("SELECT \"externalId\" FROM \"Customer\" WHERE \"accountNumber\" = 'AC-000001'");
    for text in [
        &id,
        &id.to_uppercase(),
        "AC-000001",
        "ac-000001",
        "The Corner",
        "the corner",
        &external,
        "he Corne",
    ] {
        assert_eq!(row(&[text]), json!(id), "{text}");
    }
}

#[test]
fn several_rows_of_a_name_are_listed_and_none_is_told() {
    let (project, database) = ordered("'2025-01-12'");
    database.run("UPDATE \"Customer\" SET name = 'Twins' WHERE \"accountNumber\" IN ('AC-000002', 'AC-000003')");
    let ids = database
        .rows("SELECT id, \"accountNumber\" FROM \"Customer\" WHERE name = 'Twins' ORDER BY id");
    let twins = project.run(&database, "why scripts/phase2 twins").exits(2);
    twins
        .says("error: 2 rows of Customer are called \"twins\"")
        .says(&format!(
            "    {} {}, Twins\n    {} {}, Twins\n",
            ids[0][0], ids[0][1], ids[1][0], ids[1][1]
        ))
        .tells(&format!(
            "help: ask by the id, which comes first: leora-run why scripts/phase2 {}",
            ids[0][0]
        ));
    let none = project.run(&database, "why scripts/phase2 nobody").exits(2);
    none.says("error: no row of Customer has the key, number or name \"nobody\"")
        .says("help: give its id, or its number or name as it is written in the database");
    let near = project.run(&database, "why scripts/phase2 Golden").exits(2);
    near.says("... and others").says("help: did you mean one of these?");
    project
        .run(&database, "why scripts/verify AC-000001")
        .exits(2)
        .says("error: scripts/verify sets no column, so there is nothing to ask of a row");
}

#[test]
fn a_role_that_may_only_select_can_ask_why_and_what_if() {
    let (project, database) = ordered("'2025-01-12'");
    let role = format!("{}_reader", database.name);
    database.run(&format!(
        "CREATE ROLE {role} LOGIN PASSWORD 'reads'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}"
    ));
    for verb in ["why scripts/phase2 AC-000001", "what-if scripts/phase2 --vary active_within=3mo"]
    {
        let mut command = project.command(verb);
        let told =
            project.output(command.arg("--database-url").arg(database.url_as(&role, "reads")));
        told.exits(0).says("Nothing was changed.");
    }
    database.run(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}

#[test]
fn reads_no_more_than_the_row() {
    let (project, database) = ordered("'2025-01-12'");
    let id = database.value("SELECT id FROM \"Customer\" WHERE \"accountNumber\" = 'AC-000001'");
    let scanned = "SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'Customer'";
    let looked_up = "SELECT idx_scan FROM pg_stat_user_tables WHERE relname = 'Customer'";
    database.wait_for_statistics();
    let before = database.value(scanned);
    project.run(&database, &format!("why scripts/phase2 {id}")).exits(0);
    database.wait_for_statistics();
    assert_ne!(database.value(looked_up), "0");
    assert_eq!(database.value(scanned), before);
}

const TRY: &str = "writes = [\"Customer.paymentTerms\", \"Customer.type\", \"Customer.city\", \"Customer.accountType\"]";

#[test]
fn knows_the_lines_of_arms_wherever_they_are_written() {
    let (project, database) = ordered("'2025-01-12'");
    project.write(
        "scripts/try/lib/classes.rhai",
        "fn classify(city) {\n    update(\"Customer\")\n        .set(\"type\", [\n            [ city == \"Napa\", \"Wine\" ],\n            [ otherwise,\n              \"Other\" ],\n        ]);\n}\n",
    );
    project.script(
        TRY,
        "import \"lib/classes\" as classes;\n\
         let arms = [\n    [ col(\"city\") == \"nowhere\", \"Net 15\" ],\n    [ otherwise, \"Net 30\" ],\n];\n\
         update(\"Customer\").set(\"paymentTerms\", arms);\n\
         classes::classify(col(\"city\"));\n\
         let grown = [[ col(\"city\") == \"a\", \"b\" ]];\ngrown.push([ otherwise, \"c\" ]);\n\
         update(\"Customer\").set(\"city\", grown);\n\
         let map = #{\n    Wine: \"ACTIVE\",\n    Other: \"TARGET\",\n};\nlet given = lookup(\"type\", map);\n\
         update(\"Customer\")\n    .set(\"accountType\", given);\n\
         update(\"Customer\").where(col(\"name\") == \"x\").set(\"city\",\n    \"Rome\");\n",
    );
    let output = project.run(&database, "why scripts/try AC-000001 --format json").exits(0).json();
    let lines: Vec<Value> = output["rules"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| json!([one["column"], one["file"], one["rule_line"], one["line"]]))
        .collect();
    let step = "scripts/try/01_step.rhai";
    assert_eq!(
        lines,
        [
            json!(["paymentTerms", step, 6, 4]),
            json!(["type", "scripts/try/lib/classes.rhai", 2, 5]),
            // It was changed after it was written out.
            json!(["city", step, 10, null]),
            json!(["accountType", step, 16, 13]),
            json!(["city", step, 18, 19]),
        ]
    );
}

#[test]
fn the_nearest_change_of_numbers_texts_and_missing_values() {
    let (project, database) = ordered("'2025-01-12'");
    database.run("UPDATE \"Customer\" SET \"orderingPaceDays\" = 12, \"establishedRevenue\" = 9500.50, \"averageOrderIntervalDays\" = NULL, city = 'Napa' WHERE \"accountNumber\" = 'AC-000001'");
    project.script(
        TRY,
        "update(\"Customer\").set(\"type\", [\n\
         [ col(\"establishedRevenue\") >= 10000, \"large\" ],\n\
         [ col(\"orderingPaceDays\") < 10, \"fast\" ],\n\
         [ col(\"averageOrderIntervalDays\") > 5, \"known\" ],\n\
         [ col(\"city\") == \"Oakland\" and not(col(\"isTaxExempt\")), \"near\" ],\n\
         [ otherwise, \"other\" ]]);\n",
    );
    let one = rule(&project, &database, "scripts/try AC-000001", 0);
    let verdicts: Vec<&Value> =
        one["arms"].as_array().expect("a list").iter().map(|arm| &arm["verdict"]).collect();
    assert_eq!(
        verdicts,
        ["did not match", "did not match", "no value", "did not match", "matched"]
    );
    let turns: Vec<Value> = one["turns"]["nearest"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| json!([one["gives"], one["column"], one["value"], one["distance"]]))
        .collect();
    assert_eq!(
        turns,
        [
            json!(["large", "establishedRevenue", "10000", "499.5 more"]),
            json!(["fast", "orderingPaceDays", "9", "3 less"]),
            json!(["known", "averageOrderIntervalDays", "6", null]),
            json!(["near", "city", "Oakland", null]),
        ]
    );
}

#[test]
fn an_arm_after_the_winner_is_not_calculated() {
    let (project, database) = ordered("'2025-01-12'");
    database.run(
        "UPDATE \"Customer\" SET \"orderingPaceDays\" = 0 WHERE \"accountNumber\" = 'AC-000001'",
    );
    project.script(
        TRY,
        "update(\"Customer\").set(\"type\", [\n[ col(\"orderingPaceDays\") == 0, \"none\" ],\n\
         [ 10 / col(\"orderingPaceDays\") > 1, \"fast\" ],\n[ otherwise, \"slow\" ]]);\n",
    );
    let one = rule(&project, &database, "scripts/try AC-000001", 0);
    assert_eq!((&one["value"], &one["line"]), (&json!("none"), &json!(2)));
}
