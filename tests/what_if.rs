//! What other settings would give: the same as a plan with each of them, in one pass over the data.

use std::thread;
use std::time::{Duration, Instant};

use expect_test::expect_file;
use serde_json::{Value, json};

use crate::plan_property;
use crate::support::{Database, Project, Random};

const VARY: &str = "--vary active_within=90d,4mo,180d,6mo --vary target_within=9mo,12mo,450d";

/// The entries of one column, as `[value, rows]` or `[old, new, rows]`, without those of no row.
pub(crate) fn of(combination: &Value, part: &str, column: &str, count: &str) -> Vec<Value> {
    let entries = combination[part].as_array().expect("a list").iter();
    let entries = entries.filter(|one| one["column"] == column && one[count] != 0);
    let mut told: Vec<Value> = match part {
        "distribution" => entries.map(|one| json!([one["value"], one[count]])).collect(),
        _ => entries.map(|one| json!([one["old"], one["new"], one[count]])).collect(),
    };
    told.sort_by_key(ToString::to_string);
    told
}

/// The transitions that a plan foretells for a column, of all its rules.
pub(crate) fn planned(plan: &Value, column: &str) -> Vec<Value> {
    let changes =
        plan["steps"].as_array().into_iter().flatten().flat_map(|step| step["changes"].as_array());
    let changes = changes.flatten().filter(|change| change["column"] == column);
    let mut told: Vec<Value> = changes
        .flat_map(|change| change["transitions"].as_array().cloned().unwrap_or_default())
        .map(|one| json!([one["old"], one["new"], one["rows"]]))
        .collect();
    told.sort_by_key(ToString::to_string);
    told
}

/// `--set` for each setting of a combination.
pub(crate) fn set(combination: &Value) -> String {
    let settings = combination["settings"].as_object().expect("an object").iter();
    settings
        .map(|(name, value)| {
            format!(" --set {name}={}", value.as_str().expect("text").replace(' ', ""))
        })
        .collect()
}

/// A sample whose customers have classes already, some of which people set, and dates on and beside thresholds.
fn mixed() -> Database {
    let database = Database::sample();
    database.run("ALTER TYPE \"AccountType\" ADD VALUE 'HOLD'");
    database.run(
        "UPDATE \"Customer\" SET \"accountType\" = (ARRAY['ACTIVE', 'TARGET', 'PROSPECT', 'HOLD', NULL, NULL]::\"AccountType\"[]) \
           [1 + abs(hashtext(id::text)) % 6], \
         \"lastOrderDate\" = CASE abs(hashtext(id::text || 'd')) % 9 WHEN 0 THEN 'infinity' WHEN 1 THEN '-infinity' WHEN 2 THEN NULL \
           ELSE timestamp '2025-07-01' - abs(hashtext(id::text || 'e')) % 600 * interval '1 day' \
                - (abs(hashtext(id::text || 'f')) % 2) * interval '1 millisecond' END",
    );
    database
}

#[test]
fn gives_what_a_plan_with_each_combination_gives() {
    let (project, database) = (Project::new(), mixed());
    let before = database.fingerprint_with_history();
    let told = project
        .run(&database, &format!("what-if scripts/phase2 {VARY} --as-of 2025-07-01 --format json"))
        .exits(0)
        .json();
    assert_eq!(database.fingerprint_with_history(), before, "nothing is written");
    let combinations = told["combinations"].as_array().expect("a list");
    assert_eq!(combinations.len(), 12);
    for combination in combinations {
        let set = set(combination);
        let plan = format!("plan scripts/phase2 --as-of 2025-07-01 --format json{set}");
        let now = project.run(&database, &plan).json();
        let again = project.run(&database, &format!("{plan} --set reclassify=true")).json();
        for column in ["accountType", "accountPriority"] {
            let taken = of(combination, "transitions", column, "rows");
            assert_eq!(taken, planned(&now, column), "{set} {column}, as `where` takes them");
            let decidable = of(combination, "transitions", column, "decidable");
            assert_eq!(decidable, planned(&again, column), "{set} {column}, all");
        }
        assert!(!planned(&again, "accountType").is_empty(), "something to compare");
    }
}

#[test]
fn the_distribution_is_that_of_the_run() {
    let (project, database) = (Project::new(), Database::sample());
    let told = project
        .run(&database, &format!("what-if scripts/phase2 {VARY} --format json"))
        .exits(0)
        .json();
    assert_eq!(told["outcome"], "planned");
    let first = &told["combinations"][0];
    assert_eq!(first["settings"], json!({ "active_within": "90d", "target_within": "9mo" }));
    project.run(&database, &format!("scripts/phase2{}", set(first))).exits(0);
    for column in ["accountType", "accountPriority"] {
        let rows = database
            .rows(&format!("SELECT \"{column}\"::text, count(*) FROM \"Customer\" GROUP BY 1"));
        let mut done: Vec<Value> = rows
            .into_iter()
            .map(|row| json!([row[0], row[1].parse::<u64>().expect("a number")]))
            .collect();
        done.sort_by_key(ToString::to_string);
        assert_eq!(of(first, "distribution", column, "rows"), done);
        assert_eq!(of(first, "distribution", column, "decidable"), done);
    }
}

/// How many rows of the customers the server has read one after the other, and how many by an index.
fn reads(database: &Database) -> (u64, u64) {
    let rows = database.rows(
        "SELECT seq_tup_read, coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables WHERE relname = 'Customer'",
    );
    let number = |at: usize| rows[0][at].parse().expect("a number");
    (number(0), number(1))
}

#[test]
fn twelve_combinations_read_the_table_once() {
    let (project, database) = (Project::new(), Database::sample());
    let before = reads(&database);
    project
        .run(&database, &format!("what-if scripts/phase2 {VARY}"))
        .exits(0)
        .says("│ 90d, 450d  ");
    let started = Instant::now();
    while reads(&database) == before && started.elapsed() < Duration::from_secs(20) {
        thread::sleep(Duration::from_millis(50));
    }
    // What a second pass would add may arrive a little later.
    thread::sleep(Duration::from_millis(1_500));
    let after = reads(&database);
    assert_eq!((after.0 - before.0, after.1 - before.1), (5_394, 0));
}

#[test]
fn counts_the_rows_near_each_boundary() {
    let (project, database) = (Project::new(), Database::sample());
    database.run(
        "UPDATE \"Customer\" SET \"lastOrderDate\" = '2020-01-01'; \
         UPDATE \"Customer\" SET \"lastOrderDate\" = d.at FROM (VALUES \
           (1, timestamp '2025-01-01 00:00'), (2, '2025-01-07 23:59:59.999'), (3, '2025-01-08'), \
           (4, '2024-12-31 23:59:59.999'), (5, '2024-12-25 00:00'), (6, '2024-12-24 23:59:59.999')) AS d (n, at) \
          WHERE \"accountNumber\" = 'AC-00000' || d.n",
    );
    let told = project
        .run(
            &database,
            "what-if scripts/phase2 --vary active_within=6mo --as-of 2025-07-01 --format json",
        )
        .exits(0)
        .json();
    let boundary = &told["boundaries"][0];
    assert_eq!(boundary["settings"], json!(["active_within=6mo"]));
    assert_eq!((&boundary["on"], &boundary["days"]), (&json!("2025-01-01"), &json!(7)));
    assert_eq!((&boundary["before"], &boundary["after"]), (&json!(2), &json!(2)));
}

#[test]
fn tells_it_in_a_table_a_line_a_combination() {
    let (project, database) = (Project::new(), Database::sample());
    project.run(&database, "scripts/phase2").exits(0);
    let told =
        project.run(&database, "what-if scripts/phase2 --vary active_within=90d,6mo").exits(0);
    let lines: Vec<&str> = told.stdout.lines().collect();
    assert!(lines.iter().all(|line| line.chars().count() <= 80), "{}", told.stdout);
    let part = told.stdout.split("Near a boundary").next().unwrap_or_default();
    let part = part[part.find("Customer.accountType").expect("it is told")..].trim_end();
    expect_file!["expected/what_if_active_within.txt"].assert_eq(&format!("{part}\n"));
    told.says("Nothing was changed.");
}

#[test]
fn columns_that_no_combination_changes_are_named_and_not_shown() {
    let (project, database) = (Project::new(), Database::sample());
    project.script(
        "writes = [\"Customer.accountType\", \"Customer.city\"]",
        "let active_within = setting(\"active_within\", months(6));\n\
         update(\"Customer\").set(\"accountType\", [[col(\"lastOrderDate\").within(active_within), \"ACTIVE\"]]);\n\
         update(\"Customer\").where(col(\"city\") != \"Sonoma\").set(\"city\", \"Sonoma\");",
    );
    let told = project.run(&database, "what-if scripts/try --vary active_within=1mo,9mo").exits(0);
    told.tells("Customer.accountType: 5,394 rows")
        .tells("The same with each combination, and not shown: Customer.city")
        .says_not("Customer.city:");
    let all =
        project.run(&database, "what-if scripts/try --vary active_within=1mo,9mo --format json");
    let all = all.exits(0).json();
    let combination = &all["combinations"][0];
    assert!(combination.to_string().contains("\"city\""), "{combination}");
}

#[test]
fn mistakes_in_what_is_asked_are_told() {
    let (project, database) = (Project::new(), Database::sample());
    let says = |arguments: &str, fact: &str, help: &str| {
        let said = project.run(&database, &format!("what-if scripts/{arguments}")).exits(2);
        said.says(fact).tells(help);
    };
    says(
        "phase2 --vary actve_within=90d",
        "error: no script of this folder has a setting named actve_within",
        "did you mean active_within?",
    );
    says(
        "phase2 --vary active_within=90d,soon",
        "error: --vary active_within=soon is no period",
        "write it like --vary active_within=180d, or 2w, 6mo, 1y",
    );
    says(
        "phase2 --set active_within=90d --vary active_within=90d",
        "error: active_within is both set and varied",
        "leave out --set active_within, or add its value to --vary active_within=...",
    );
    let many: Vec<String> = (1..=201).map(|days| format!("{days}d")).collect();
    says(
        &format!("phase2 --vary active_within={}", many.join(",")),
        "error: these are 201 combinations; at most 200 are tried at once",
        "give --vary fewer values, or vary one setting after the other",
    );
    says(
        "verify --vary x=1",
        "error: no script of this folder has a setting named x",
        "its scripts have no settings",
    );
    let unreadable = project.run(&database, "what-if scripts/phase2 --vary active_within").exits(2);
    assert!(
        unreadable.stderr.contains("write it like --vary active_within=90d,120d,180d"),
        "{}",
        unreadable.stderr
    );
}

#[test]
fn says_when_no_rule_depends_on_a_setting_and_what_a_run_would_end_at() {
    let (project, database) = (Project::new(), Database::sample());
    project
        .run(&database, "what-if scripts/phase2 --vary share_tolerance=5,10")
        .exits(0)
        .says("? no rule depends on share_tolerance");
    project.script(
        "writes = [\"Customer.accountType\"]",
        "let within = setting(\"within\", months(6));\n\
         expect(\"there are no customers\", table(\"Customer\").count() == 0);\n\
         update(\"Customer\").set(\"accountType\", [[col(\"lastOrderDate\").within(within), \"ACTIVE\"]]);\n",
    );
    let told = project.run(&database, "what-if scripts/try --vary within=3mo,6mo").exits(0);
    told.tells(
        "a run would end in scripts/try/01_step.rhai: it expects that there are no customers",
    )
    .says("2,420");
}

/// A folder of random rules, with two settings in them.
fn random_folder(project: &Project, random: &mut Random) -> String {
    let steps = plan_property::steps(random);
    for number in 1..=3 {
        let _ = std::fs::remove_file(project.path(&format!("scripts/try/0{number}_step.rhai")));
    }
    let mut shown = String::new();
    for (index, step) in steps.iter().enumerate() {
        let step = step
            .replace("within(months(4))", "within(p)")
            .replace("ago(months(5))", "ago(q)")
            .replace("expect(", "warn_unless(");
        let text = format!(
            "let p = setting(\"p\", months(4));\nlet q = setting(\"q\", months(5));\n{step}"
        );
        project.write(&format!("scripts/try/0{}_step.rhai", index + 1), &text);
        shown += &text;
    }
    shown
}

#[test]
fn random_rules_give_what_a_plan_with_each_combination_gives() {
    let (project, database) = (Project::new(), Database::empty());
    database.run(plan_property::TABLE);
    let columns: Vec<String> = plan_property::SORTS
        .iter()
        .flat_map(|sort| [format!("{sort}1"), format!("{sort}2")])
        .collect();
    let writes: Vec<String> = columns.iter().map(|name| format!("\"Item.{name}\"")).collect();
    project.script(&format!("writes = [{}]", writes.join(", ")), "");
    let (mut compared, mut several) = (0, 0);
    for seed in 5_000..5_024 {
        let mut random = Random::of(seed);
        database.run(&plan_property::rows(&mut random));
        let shown = random_folder(&project, &mut random);
        let ask =
            "what-if scripts/try --vary p=0d,4mo --vary q=1mo,5mo --as-of 2025-07-01 --format json";
        let told = project.run(&database, ask);
        assert_eq!(told.code, 0, "seed {seed}: {}{}\n{shown}", told.stdout, told.stderr);
        let told = told.json();
        let combinations = told["combinations"].as_array().expect("a list").clone();
        assert_eq!(combinations.len(), 4);
        let alike = |one: &Value| one["transitions"] == combinations[0]["transitions"];
        several += usize::from(!combinations.iter().all(alike));
        for combination in &combinations[..] {
            let plan =
                format!("plan scripts/try --as-of 2025-07-01 --format json{}", set(combination));
            let plan = project.run(&database, &plan).exits(0).json();
            for column in &columns {
                let rules = shown.matches(&format!(".set(\"{column}\"")).count();
                if rules == 1 {
                    let taken = of(combination, "transitions", column, "rows");
                    assert_eq!(
                        taken,
                        planned(&plan, column),
                        "seed {seed} {}{column}\n{shown}",
                        set(combination)
                    );
                    compared += taken.len();
                }
            }
        }
    }
    // Cases in which nothing happens, or in which settings change nothing, would prove nothing.
    assert!(compared > 200, "{compared} transitions");
    assert!(several > 3, "{several} folders whose combinations differ");
}

#[test]
fn every_sort_of_threshold_is_cut_where_it_is() {
    let (project, database) = (Project::new(), Database::empty());
    database.run(
        "CREATE TABLE \"Item\" (id int PRIMARY KEY, size int, price numeric, day date, note text, class text); \
         INSERT INTO \"Item\" SELECT n, n % 7, n % 5 + 0.5 * (n % 2), date '2025-06-20' + n % 30, \
           (ARRAY['a', 'b', NULL])[1 + n % 3] FROM generate_series(1, 400) AS n",
    );
    project.script(
        "writes = [\"Item.class\"]",
        "let n = setting(\"n\", 3);\nlet p = setting(\"p\", days(5));\n\
         update(\"Item\").set(\"class\", [\n\
         [ col(\"size\") > n and col(\"price\") <= n, \"more\" ],\n\
         [ col(\"size\") == n, \"same\" ],\n\
         [ col(\"day\") > ago(p) and col(\"price\") != n, \"late\" ],\n\
         [ col(\"day\") == ago(p) or col(\"note\") == \"a\", \"then\" ],\n\
         [ col(\"size\").is_one_of([0, 2]) and not(col(\"note\").is_null()), \"few\" ]]);\n",
    );
    let ask = "what-if scripts/try --vary n=1,3,4 --vary p=0d,5d --as-of 2025-07-10 --format json";
    let told = project.run(&database, ask).exits(0).json();
    for combination in told["combinations"].as_array().expect("a list") {
        let set = set(combination);
        let plan = format!("plan scripts/try --as-of 2025-07-10 --format json{set}");
        let planned = planned(&project.run(&database, &plan).exits(0).json(), "class");
        assert!(planned.len() >= 4, "{planned:?}");
        assert_eq!(of(combination, "transitions", "class", "rows"), planned, "{set}");
    }
}

/// The condition of a folder's only rule, on rows around its constant: another condition on the column may cut it where
/// this one should.
const ALONE: [&str; 9] = [
    "col(\"size\") == n",
    "col(\"size\") != n",
    "col(\"size\") > n",
    "col(\"size\") <= n",
    "col(\"size\") < n",
    "col(\"size\") >= n",
    "col(\"size\").is_one_of([n, 40])",
    "col(\"day\").within(p)",
    "col(\"day\") > ago(p)",
];

#[test]
fn each_threshold_by_itself_is_cut_where_it_is() {
    let (project, database) = (Project::new(), Database::empty());
    // How often a size or day is there is told from how often its neighbours are.
    database.run(
        "CREATE TABLE \"Item\" (id int PRIMARY KEY, size int, day date, class text); \
         INSERT INTO \"Item\" SELECT row_number() OVER (), nullif(size, 0), date '2025-06-23' + size, NULL \
           FROM generate_series(0, 30) AS size, generate_series(1, 1 + size * size) AS times",
    );
    let (mut compared, mut wrong) = (0, Vec::new());
    for condition in ALONE.iter().flat_map(|one| [(*one).to_owned(), format!("not({one})")]) {
        let step = format!(
            "let n = setting(\"n\", 12);\nlet p = setting(\"p\", days(5));\nnote(`${{n}} ${{p}}`);\n\
             update(\"Item\").set(\"class\", [[ {condition}, \"yes\" ]]);\n"
        );
        project.script("writes = [\"Item.class\"]", &step);
        let vary = if condition.contains("day") { "p=5d,9d" } else { "n=12,17" };
        let ask = format!("what-if scripts/try --vary {vary} --as-of 2025-07-10 --format json");
        let told = project.run(&database, &ask).exits(0).json();
        for combination in told["combinations"].as_array().expect("a list") {
            let set = set(combination);
            let plan = format!("plan scripts/try --as-of 2025-07-10 --format json{set}");
            let planned = planned(&project.run(&database, &plan).exits(0).json(), "class");
            assert_eq!(planned.len(), 1, "{condition}{set}");
            let told = of(combination, "transitions", "class", "rows");
            compared += 1;
            if told != planned {
                wrong.push(format!("{condition}{set}: {told:?} instead of {planned:?}"));
            }
        }
    }
    assert_eq!(compared, 36);
    assert!(wrong.is_empty(), "{wrong:#?}");
}
