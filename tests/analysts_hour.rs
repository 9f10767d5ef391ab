//! An analyst's hour: a rule is broken in ten ways and each is found, it is put right, an example fails and then holds,
//! three customers are asked about, other thresholds are tried on many, and the page is opened. With the documented
//! commands alone.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::support::{Browser, Database, Looks, Project, promptly};

const CLASSIFY: &str = "scripts/phase2/01_classify_customers.rhai";
const PRIORITIES: &str = "scripts/phase2/05_account_priorities.rhai";

/// A mistake: the file, what stands there, what is written instead, and the line and the words of what is found.
const MISTAKES: [(&str, &str, &str, u64, &str); 12] = [
    (
        CLASSIFY,
        "last_order.within(active",
        "last_order.withn(active",
        14,
        "there is no function `withn`",
    ),
    (
        CLASSIFY,
        "\"active_within\", months(6)",
        "\"active_within\"",
        3,
        "`setting` is called with 1 argument",
    ),
    (CLASSIFY, "class.is_null() or", "class.is_null() ||", 12, "can't look at a column"),
    (CLASSIFY, "class.is_null()", "class == ()", 12, "a column can't be compared with ()"),
    (CLASSIFY, "class.is_one_of", "clas.is_one_of", 12, "nothing is named `clas` here"),
    (
        CLASSIFY,
        "    ]);",
        "        [ class.is_null(), \"ACTIVE\" ],\n    ]);",
        17,
        "arm 4 stands after `otherwise`, so it can never match",
    ),
    (
        CLASSIFY,
        "last_order.within(target_within)",
        "last_order.within(active_within)",
        15,
        "arm 2 can never match",
    ),
    (
        CLASSIFY,
        "class.is_one_of([\"ACTIVE\", \"TARGET\", \"PROSPECT\"])",
        "1 < col(\"orderingPaceDays\") < 5",
        12,
        "comparisons can't be chained",
    ),
    (
        CLASSIFY,
        "let class      = ",
        "let region     = col(\"state\");\nlet class      = ",
        8,
        "`region` is declared and never used",
    ),
    (
        CLASSIFY,
        ".set(\"accountType\"",
        ".set(\"city\"",
        13,
        "the manifest does not allow setting Customer.city",
    ),
    (CLASSIFY, "\n    .set(\"accountType\", [", ";\nlet _arms = ([", 11, "never reaches .set(...)"),
    (PRIORITIES, ", PROSPECT: \"LOW\" }", " }", 8, "this lookup has no value for PROSPECT"),
];

#[test]
fn break_find_fix_try_ask_vary_and_look() {
    let (project, database) = (Project::new(), Database::sample());
    break_and_find(&project);
    fail_and_hold(&project);
    ask_about_three(&project, &database);
    let page = vary_on_200_000(&project, &database);
    look(&page);
}

fn check(project: &Project, code: i32) -> Value {
    project.output(&mut project.command("check scripts/phase2 --format json")).exits(code).json()
}

/// Each mistake is found on its line, and the file as it was is fine.
fn break_and_find(project: &Project) {
    for (file, from, to, line, words) in MISTAKES {
        let whole = fs::read_to_string(project.path(file)).expect("a script");
        assert!(whole.contains(from), "{file} has no {from}");
        project.write(file, &whole.replacen(from, to, 1));
        let found = check(project, 2);
        let findings = found["findings"].as_array().expect("findings");
        let told = |one: &&Value| {
            one["file"] == file && one["line"] == line && one["message"].to_string().contains(words)
        };
        assert!(findings.iter().any(|one| told(&one)), "{to}: {found:#}");
        assert!(findings.iter().all(|one| one["help"].is_string()), "{to}: {found:#}");
        project.write(file, &whole);
        check(project, 0);
    }
}

/// An example that the rule does not hold yet, and then does.
fn fail_and_hold(project: &Project) {
    let example = "example(\"eight months ago\", #{ lastOrderDate: ago(months(8)) }, \"accountType\", \"ACTIVE\");\n";
    project.write("scripts/phase2/examples/summer.rhai", example);
    project
        .output(&mut project.command("check scripts/phase2"))
        .exits(1)
        .tells("✗ eight months ago expected ACTIVE, got TARGET");
    project
        .output(&mut project.command("check scripts/phase2 --set active_within=9mo"))
        .says("✓ eight months ago");
    project
        .write("scripts/phase2/examples/summer.rhai", &example.replace("\"ACTIVE\"", "\"TARGET\""));
    project
        .output(&mut project.command("check scripts/phase2"))
        .exits(0)
        .says("✓ eight months ago");
}

/// By id, by account number and by name: what each gets, by which line, and what would flip it.
fn ask_about_three(project: &Project, database: &Database) {
    for (within, class, line, known_by) in [
        ("\"lastOrderDate\" > now() - interval '5 months'", "ACTIVE", 14, "id::text"),
        (
            "\"lastOrderDate\" BETWEEN now() - interval '11 months' AND now() - interval '7 months'",
            "TARGET",
            15,
            "\"accountNumber\"",
        ),
        ("\"lastOrderDate\" IS NULL", "PROSPECT", 16, "name"),
    ] {
        let name = database.value(&format!(
            "SELECT {known_by} FROM \"Customer\" c WHERE {within} AND (SELECT count(*) FROM \"Customer\" d WHERE d.name = c.name) = 1 ORDER BY id LIMIT 1"
        ));
        let mut command = project.on(database, "why scripts/phase2 --format json");
        let answer = project.output(command.arg(&name)).exits(0).json();
        let rules = answer["rules"].as_array().expect("rules");
        let rule =
            rules.iter().find(|one| one["column"] == "accountType").expect("the classification");
        assert_eq!(rule["value"], class, "{name}: {answer:#}");
        assert_eq!(rule["line"], line, "{name}: {answer:#}");
        assert!(
            rule["reads"].as_object().expect("reads").contains_key("lastOrderDate"),
            "{answer:#}"
        );
    }
}

/// Twelve combinations on 200,000 customers, each row read once; returns the page.
fn vary_on_200_000(project: &Project, database: &Database) -> std::path::PathBuf {
    let columns = database.value(
        "SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns \
         WHERE table_name = 'Customer' AND column_name NOT IN ('id', 'externalId')",
    );
    database.run(&format!(
        "INSERT INTO \"Customer\" (id, {columns}) SELECT gen_random_uuid(), {columns} FROM \"Customer\", generate_series(1, 37) \
         LIMIT 200000 - (SELECT count(*) FROM \"Customer\")"
    ));
    database.run("ANALYZE \"Customer\"");
    assert_eq!(database.value("SELECT count(*) FROM \"Customer\""), "200000");
    let read = "SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables WHERE relname = 'Customer'";
    database.run("SELECT pg_stat_reset()");
    let combinations = "--vary active_within=90d,120d,180d,6mo --vary target_within=9mo,1y,18mo";
    let command = format!("what-if scripts/phase2 {combinations} --format json");
    let told = promptly(Duration::from_secs(60), &command, || project.run(database, &command));
    let told = told.exits(0).json();
    let all = told["combinations"].as_array().expect("combinations");
    assert_eq!(all.len(), 12);
    for one in all {
        let rows = one["distribution"].as_array().expect("a distribution").iter();
        let classified: u64 = rows
            .filter(|one| one["column"] == "accountType")
            .map(|one| one["rows"].as_u64().expect("rows"))
            .sum();
        assert_eq!(classified, 200_000);
    }
    database.wait_until(&format!("({read}) > 0"));
    assert_eq!(database.value(read), "200000", "each row is read once");
    let page = format!("what-if scripts/phase2 {combinations} --report what-if.html");
    project.run(database, &page).exits(0);
    project.run(database, "plan scripts/phase2 --report report.html").exits(0);
    project.path("report.html")
}

/// The pages, as a browser shows them.
fn look(page: &Path) {
    let browser = Browser::start(Looks::default());
    for (file, told) in [
        (page.to_owned(), "200,000 of 200,000 rows would change"),
        (page.with_file_name("what-if.html"), "12"),
    ] {
        browser.open(&file);
        let seen = browser.evaluate("return document.body.innerText").to_string();
        assert!(seen.contains(told), "{told} is not in {seen}");
        assert_eq!(browser.complaints(), Vec::<String>::new());
    }
}
