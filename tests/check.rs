//! `check`: mistakes are found without a database, each with its place and what to do.

use expect_test::{Expect, expect};
use serde_json::Value;

use crate::support::{Output, Project};

/// Checks a folder `scripts/try` with this step, as JSON.
fn checked(manifest: &str, step: &str) -> Value {
    let project = Project::new();
    project.script(manifest, step);
    project.output(&mut project.command("check scripts/try --format json")).json()
}

const WRITES: &str = "writes = [\"Customer.accountType\", \"Customer.accountPriority\"]";

/// The kind and the line:column of each finding.
fn found(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().expect("a list");
    let place = |one: &Value| {
        format!("{} {}:{}", one["kind"].as_str().unwrap(), one["line"], one["column"])
    };
    findings.iter().map(place).collect()
}

#[track_caller]
fn finds(step: &str, expected: &[&str]) {
    let report = checked(WRITES, step);
    assert_eq!(found(&report), expected, "{report:#}");
    let helpless = report["findings"].as_array().unwrap().iter().find(|one| one["help"].is_null());
    assert!(helpless.is_none(), "{helpless:?}");
}

#[test]
fn the_shipped_folders_are_clean_and_their_examples_hold() {
    let project = Project::new();
    let output = project.output(&mut project.command("check")).exits(0);
    output.tells("Nothing found in 7 folders; 70 examples hold.").says_not("No example reaches");
}

#[test]
fn every_mistake_of_a_script_is_found_at_once() {
    finds(
        r#"let d = month(6);
fn f(rows) {
    rows.frob()
}
let g = |x| col("a", "b");
f(table("Customer"));
if col("requiresPO") { note("x"); }
table("Customer").count(1 < col("orderingPaceDays") < 5);
table("Customer").count(col("accountType") == ());
update("Customer").where(col("city").is_null());
"#,
        &[
            "unused_variable 1:5",
            "wrong_arguments 1:9",
            "unknown_function 3:10",
            "unused_variable 5:5",
            "wrong_arguments 5:13",
            "column_as_value 7:4",
            "chained_comparison 8:53",
            "compared_with_nothing 9:44",
            "unfinished_update 10:1",
        ],
    );
}

#[test]
fn texts_that_do_not_parse_are_found_in_every_file() {
    let project = Project::new();
    project.script(WRITES, "let a = ;");
    project.write("scripts/try/02_more.rhai", "let b = c;");
    project.write("scripts/try/lib/m.rhai", "fn f( {");
    let report =
        project.output(&mut project.command("check scripts/try --format json")).exits(2).json();
    let files: Vec<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["file"].as_str().unwrap())
        .collect();
    assert_eq!(
        files,
        ["scripts/try/01_step.rhai", "scripts/try/02_more.rhai", "scripts/try/lib/m.rhai"]
    );
}

#[test]
fn a_mistake_hides_no_other_finding() {
    let project = Project::new();
    project.script(
        WRITES,
        "import \"m\" as m;\nlet d = month(6);\nlet unused = m::f();\nrun_sql(\"x.sql\");\n",
    );
    project.write("scripts/try/lib/m.rhai", "fn f( {");
    let report =
        project.output(&mut project.command("check scripts/try --format json")).exits(2).json();
    assert_eq!(
        found(&report),
        [
            "unused_variable 2:5",
            "wrong_arguments 2:9",
            "unused_variable 3:5",
            "not_allowed 4:1",
            "syntax 1:7"
        ]
    );
}

#[test]
fn what_nobody_uses_is_found() {
    finds(
        r#"let within = setting("active_within", months(6));
let unused = 1;
let _kept = 2;
fn f(list) {
    let inner = 3;
    let found = list.filter(|one| one > 1);
    found
}
note(`${f([1])}`);
let twice = 1;
let twice = twice + 1;
note(`${twice}`);
"#,
        &["unused_setting 1:5", "unused_variable 2:5", "unused_variable 5:9"],
    );
}

#[test]
fn arms_that_can_never_match_are_found() {
    finds(
        r#"let days_ = 5;
update("Customer").set("accountType", [
    [ col("lastOrderDate").within(months(6)),                       "ACTIVE"   ],
    [ col("lastOrderDate").within(days(90)),                        "TARGET"   ],
    [ col("orderingPaceDays") > days_ and col("city") == "Napa",    "TARGET"   ],
    [ col("city") == "Napa" and col("orderingPaceDays") >= 6,       "TARGET"   ],
    [ col("city").is_one_of(["Napa", "Sonoma"]),                    "TARGET"   ],
    [ col("city") == "Sonoma",                                      "PROSPECT" ],
    [ col("lastOrderDate") > ago(months(3)),                        "PROSPECT" ],
    [ col("orderingPaceDays") < 3,                                  "ACTIVE"   ],
    [ col("orderingPaceDays") < 4,                                  "ACTIVE"   ],
    [ otherwise,                                                    "PROSPECT" ],
]);
"#,
        &[
            "unreachable_arm 4:5",
            "unreachable_arm 6:5",
            "unreachable_arm 8:5",
            "unreachable_arm 9:5",
        ],
    );
}

#[test]
fn a_threshold_given_by_set_is_judged_too() {
    let project = Project::new();
    project
        .output(&mut project.command("check scripts/phase2 --set target_within=3mo"))
        .exits(2)
        .says(
            "warning: arm 2 can never match: arm 1, line 14, takes every row that it would
  --> scripts/phase2/01_classify_customers.rhai:15:9
   |
15 |         [ last_order.within(target_within), \"TARGET\"   ],
   |         ^
help: put the narrower of the two first, or check the limits that they use",
        );
}

#[test]
fn values_that_a_list_or_lookup_misses_are_found() {
    finds(
        r#"let class = col("accountType");
update("Customer")
    .where(class.is_null() or class.is_one_of(["ACTIVE", "TARGET"]))
    .set("accountType", [
        [ col("lastOrderDate").within(months(6)), "ACTIVE" ],
        [ col("lastOrderDate").within(months(12)), "TARGET" ],
        [ otherwise, "PROSPECT" ],
    ]);
update("Customer").set("accountPriority", lookup("accountType", #{
    ACTIVE: "HIGH",
    PROSPECT: "LOW",
}));
"#,
        &["missing_value 2:1", "missing_value 10:5"],
    );
}

#[test]
fn a_condition_that_is_the_same_for_every_row_is_found() {
    finds(
        r#"let orders = table("CallPlan").where(col("customerId") == col("id")).count();
update("Customer").set("accountType", [
    [ orders > 4, "ACTIVE"   ],
    [ otherwise,  "PROSPECT" ],
]);
"#,
        &["same_for_every_row 3:14"],
    );
}

#[test]
fn what_the_manifest_does_not_allow_is_found_where_no_run_comes() {
    finds(
        r#"if false {
    let u = update("Customer").where(col("city") == "Napa");
    u.set("city", "Sonoma");
    run_sql("phase2-migration.sql");
    table("CallPlan").insert(#{ name: "x" });
    table("CallPlan").delete(col("name") == "x");
}
"#,
        &["not_allowed 3:7", "not_allowed 4:5", "not_allowed 5:23", "not_allowed 6:23"],
    );
    let report = checked("access = \"read-only\"", "if false { record_migration(\"x\"); }");
    assert_eq!(found(&report), ["not_allowed 1:12"]);
    for call in ["record_migration", "record_rollback"] {
        let script = format!("if false {{ {call}(\"x\"); }}");
        let report = checked("records = [\"y\"]", &script);
        assert_eq!(found(&report), ["not_allowed 1:12"]);
        let help = &report["findings"][0]["help"];
        assert_eq!(help, "add \"x\" to records = [...] in scripts/try/leora.toml");
    }
}

#[test]
fn a_value_that_set_can_not_have_and_a_name_that_nobody_asks_for() {
    let project = Project::new();
    let check = |arguments: &str| {
        let mut command =
            project.command(&format!("check scripts/phase2 --format json {arguments}"));
        project.output(&mut command).exits(2).json()
    };
    let report = check("--set activ_within=3mo");
    assert_eq!(found(&report), ["setting null:null"]);
    assert_eq!(report["findings"][0]["help"], "did you mean active_within?");
    let report = check("--set active_within=soon");
    assert_eq!(found(&report), ["script 3:21"]);
    assert_eq!(report["findings"][0]["message"], "--set active_within=soon is no period");
}

#[test]
fn a_script_that_asks_the_database_is_no_mistake() {
    finds(
        r#"let first = table("Tenant").rows(["id"], 1)[0];
if table("Customer").count() == 0 { refuse("empty", "load it"); }
note(`${first.id}`);
"#,
        &[],
    );
}

#[test]
fn the_manifest_is_checked_too() {
    let report = checked("writes = [\"Customer.accountType\"]\nwrite = []", "note(\"x\");");
    assert_eq!(found(&report), ["manifest 4:1"]);
}

#[test]
fn what_is_called_as_it_is_declared_is_not_found_fault_with() {
    finds(
        r#"fn double(x) { x * 2 }
let twice = |x| double(x);
let held = #{ act: |x| x + 1 };
note(`${twice.call(2)} ${held.act(1)} ${call(twice, 3)} ${[1, 2].map(|x| x.double_it())}`);
fn double_it() { this * 2 }
let name = "double";
note(`${Fn(name).call(4)} ${type_of(name)}`);
"#,
        &[],
    );
}

#[test]
fn settings_are_listed_with_what_set_makes_of_them() {
    let project = Project::new();
    let list = |arguments: &str| {
        project
            .output(&mut project.command(&format!("check scripts/phase2 --settings {arguments}")))
            .exits(0)
    };
    expect![[r#"
        scripts/phase2
          active_within = 90d, by --set; its default is months(6)
              an order this recent makes a customer ACTIVE
              (01_classify_customers.rhai:3)
          target_within = months(12)
              TARGET; older, or never: PROSPECT (01_classify_customers.rhai:4)
          reclassify = false
              look again at customers who have a class already
              (01_classify_customers.rhai:5)
          share_tolerance = 10
              points that a share may be off before it is worth a warning
              (02_verify_classification.rhai:3)
    "#]]
    .assert_eq(&list("--set active_within=90d").stdout);
    let listed = list("--format json --set active_within=90d").json();
    let first = &listed["settings"][0];
    assert_eq!(first["name"], "active_within");
    assert_eq!(first["default"], "months(6)");
    assert_eq!(first["set"], "90d");
    assert_eq!(first["file"], "scripts/phase2/01_classify_customers.rhai");
    assert_eq!(first["line"], 3);
    assert_eq!(first["comment"], "an order this recent makes a customer ACTIVE");
}

/// Checks a folder with a rule of its own and these examples.
fn tried(step: &str, examples: &str) -> Output {
    let project = Project::new();
    project.script(WRITES, step).write("scripts/try/examples/these.rhai", examples);
    project.output(&mut project.command("check scripts/try"))
}

const BY_ORDER: &str = r#"update("Customer").set("accountType", [
    [ col("lastOrderDate").within(months(6)), "ACTIVE"   ],
    [ otherwise,                              "PROSPECT" ],
]);
"#;

#[test]
fn an_example_that_does_not_hold_says_what_it_got_and_why() {
    let output = tried(
        BY_ORDER,
        r#"example("a year ago", #{ lastOrderDate: ago(years(1)) }, "accountType", "ACTIVE");"#,
    );
    expect![[r#"
        scripts/try: Try
          ✓ 1 script, nothing to find fault with
          ✗ a year ago  expected ACTIVE, got PROSPECT
              by arm 2 (01_step.rhai:3)
              it read lastOrderDate = 2025-12-01 00:00:00
              scripts/try/examples/these.rhai:1
            No example reaches
              Customer.accountType, arm 1 → ACTIVE (01_step.rhai:2)

        1 of 1 example does not hold.
    "#]]
    .assert_eq(&output.exits(1).stdout);
}

#[test]
fn the_business_date_and_settings_apply_to_examples() {
    let project = Project::new();
    let shown = r#"example("in May", #{ lastOrderDate: "2025-05-31" }, "accountType", "ACTIVE");"#;
    project.script(WRITES, BY_ORDER).write("scripts/try/examples/these.rhai", shown);
    let check = |as_of: &str| {
        project.output(&mut project.command(&format!("check scripts/try --as-of {as_of}")))
    };
    check("2025-11-30").exits(0);
    check("2025-12-01").exits(1);
}

#[test]
fn a_question_that_no_example_answers_is_told_and_given_answers_it() {
    let step = r#"let many = table("Customer").count() > 10;
if many {
    update("Customer").set("accountType", "ACTIVE");
}
"#;
    let shown = r#"example("one of many", #{}, "accountType", "ACTIVE");"#;
    tried(step, shown).exits(1).tells(
        "✗ one of many  could not be tried
      scripts/try/01_step.rhai asks the database for count of Customer, and its rules may depend on the answer, which no given(...) provides
      add it above the example: given(#{ count: #{ \"Customer\": 12 } });",
    );
    tried(step, &format!("given(#{{ count: #{{ \"Customer\": 12 }} }});\n{shown}"))
        .exits(0)
        .says("✓ one of many  ACTIVE, by arm 1");
}

#[test]
fn enums_compare_in_their_order_where_their_type_is_said() {
    let step = r#"update("Customer").set("accountType", [[col("grade") >= "B", "ACTIVE"], [otherwise, "TARGET"]]);"#;
    let shown = r#"example("C is the best", #{ grade: "C" }, "accountType", "ACTIVE");
example("A is the worst", #{ grade: "A" }, "accountType", "TARGET");"#;
    tried(step, shown)
        .exits(1)
        .tells("whether \"C\" comes before \"B\" depends on the type of their column");
    let types = r#"given(#{ table: #{ Customer: #{ grade: "Grade" } }, enum_values: #{ Grade: ["A", "B", "C"] } });"#;
    tried(step, &format!("{types}\n{shown}")).exits(0);
    let backwards = types.replace("[\"A\", \"B\", \"C\"]", "[\"C\", \"B\", \"A\"]");
    tried(step, &format!("{backwards}\n{shown}")).exits(1).says("✗ C is the best");
}

#[test]
fn an_example_that_says_nothing_is_a_finding() {
    let output = tried(
        BY_ORDER,
        r#"example("misspelt", #{ lastOrderDte: today() }, "accountType", "PROSPECT");
example("no such column", #{ lastOrderDate: today() }, "acountType", "ACTIVE");"#,
    )
    .exits(2);
    output
        .tells("error: no rule on Customer reads or sets lastOrderDte, so it changes nothing in this example")
        .tells("help: did you mean lastOrderDate?")
        .tells("error: no rule of this folder sets acountType")
        .tells("help: did you mean accountType?");
}

/// The findings of a step, as people see them.
#[track_caller]
fn shows(files: &[(&str, &str)], expected: Expect) {
    let project = Project::new();
    project.script(WRITES, "");
    for (file, text) in files {
        project.write(&format!("scripts/try/{file}"), text);
    }
    let output = project.output(&mut project.command("check scripts/try")).exits(2);
    let told = output.stdout.strip_prefix("scripts/try: Try\n").expect("the folder first");
    let findings = told.rsplit_once("\n\n").expect("a verdict").0;
    expected.assert_eq(&format!("{findings}\n"));
}

#[test]
fn findings_are_shown_on_their_line_also_inside_functions_closures_and_modules() {
    shows(
        &[
            ("01_step.rhai", "import \"lib/m\" as m;\nm::f(1);\n"),
            ("lib/m.rhai", "fn f(x) {\n    let y = 2;\n    x\n}\n"),
        ],
        expect![[r#"
            warning: `y` is declared and never used
             --> scripts/try/lib/m.rhai:2:9
              |
            2 |     let y = 2;
              |         ^
            help: use it, take it out, or call it `_y` to keep it
        "#]],
    );
    shows(
        &[(
            "01_step.rhai",
            "let find = |list| {\n    list.filter(|one| one.lenght() > 1)\n};\nnote(`${find.call([])}`);\n",
        )],
        expect![[r#"
            error: there is no function `lenght`
             --> scripts/try/01_step.rhai:2:27
              |
            2 |     list.filter(|one| one.lenght() > 1)
              |                           ^^^^^^
            help: did you mean `length`?
        "#]],
    );
    shows(
        &[
            ("01_step.rhai", "import \"m\" as rules;\nrules::f(1, 2);\n"),
            ("lib/m.rhai", "fn f(x) {\n    x\n}\n"),
        ],
        expect![[r#"
            error: `rules::f` is called with 2 arguments
             --> scripts/try/01_step.rhai:2:8
              |
            2 | rules::f(1, 2);
              |        ^
            help: it is fn f(x)
        "#]],
    );
    shows(
        &[(
            "01_step.rhai",
            "fn f() {\n    update(\"Customer\").where(col(\"city\") == \"Napa\");\n    1\n}\nf();\n",
        )],
        expect![[r#"
            error: update("Customer") never reaches .set(...), so it does nothing
             --> scripts/try/01_step.rhai:2:5
              |
            2 |     update("Customer").where(col("city") == "Napa");
              |     ^^^^^^
            help: end it with .set("column", value)
        "#]],
    );
}

#[test]
fn what_misleads_is_a_warning() {
    shows(
        &[("01_step.rhai", "let within = setting(\"active_within\", months(6));\n")],
        expect![[r#"
            warning: the setting active_within is never used, so --set active_within=...
                     changes nothing
             --> scripts/try/01_step.rhai:1:5
              |
            1 | let within = setting("active_within", months(6));
              |     ^^^^^^
            help: use `within` in a rule, or take the line out
        "#]],
    );
    shows(
        &[(
            "01_step.rhai",
            r#"update("Customer").set("accountType", [[col("city").is_null(), "ACTIVE"], [otherwise, "TARGET"]]);
update("Customer").set("accountPriority", lookup("accountType", #{ ACTIVE: "HIGH" }));
"#,
        )],
        expect![[r#"
            warning: this lookup has no value for TARGET, which an earlier rule gives
                     accountType: such rows are left alone
             --> scripts/try/01_step.rhai:2:1
              |
            2 | update("Customer").set("accountPriority", lookup("accountType", #{ ACTIVE...
              | ^^^^^^
            help: add it, as in #{ TARGET: "..." }
        "#]],
    );
    shows(
        &[(
            "01_step.rhai",
            r#"update("Customer")
    .where(col("accountType").is_one_of(["ACTIVE", "TARGET"]))
    .set("accountType", [
        [ col("lastOrderDate").within(months(6)),  "ACTIVE"   ],
        [ col("lastOrderDate").within(months(12)), "TARGET"   ],
        [ otherwise,                               "PROSPECT" ],
    ]);
"#,
        )],
        expect![[r#"
            warning: the list in `where` misses PROSPECT, which the rule's own arms give:
                     rows that have it are never looked at again
             --> scripts/try/01_step.rhai:1:1
              |
            1 | update("Customer")
              | ^^^^^^
            help: add it to .is_one_of([...]) on accountType
        "#]],
    );
}

#[test]
fn a_share_in_place_of_a_number_of_percent_says_how_many_rows_it_takes() {
    shows(
        &[(
            "01_step.rhai",
            "update(\"Customer\")\n    .where(top_percent(0.2, \"createdAt\"))\n    .set(\"accountType\", \"ACTIVE\");\n",
        )],
        expect![[r#"
            warning: top_percent(0.2, ...) takes 0.2 of 100 rows
             --> scripts/try/01_step.rhai:2:24
              |
            2 |     .where(top_percent(0.2, "createdAt"))
              |                        ^
            help: for 20 of 100 write top_percent(20, ...); to take so few, give the number
                  a name: let share = 0.2
        "#]],
    );
}

#[test]
fn a_column_that_the_same_rule_sets_is_said_to_be_read_as_it_was() {
    shows(
        &[(
            "01_step.rhai",
            "update(\"Customer\").set(#{\n    accountType: \"ACTIVE\",\n    accountPriority: [ [ col(\"accountType\") == \"ACTIVE\", \"HIGH\" ] ],\n});\n",
        )],
        expect![[r#"
            warning: accountType is read as it was before, not as this rule sets it
             --> scripts/try/01_step.rhai:3:26
              |
            3 |     accountPriority: [ [ col("accountType") == "ACTIVE", "HIGH" ] ],
              |                          ^^^
            help: for the new value, set accountPriority in a rule after this one; for the
                  old one, give it a name before: let before = col("accountType")
        "#]],
    );
}

#[test]
fn what_the_manifest_does_not_allow_names_the_line_to_add() {
    shows(
        &[("01_step.rhai", "update(\"Customer\").set(\"city\", \"Napa\");\n")],
        expect![[r#"
            error: the manifest does not allow setting Customer.city
             --> scripts/try/01_step.rhai:1:20
              |
            1 | update("Customer").set("city", "Napa");
              |                    ^^^
            help: add "Customer.city" to writes = [...] in scripts/try/leora.toml
        "#]],
    );
}

#[test]
fn rules_behind_a_switch_are_looked_at_too() {
    finds(
        r#"let on = setting("on", false);
if on {
    update("Customer").set("accountType", [
        [ col("lastOrderDate").within(months(6)), "ACTIVE" ],
        [ col("lastOrderDate").within(months(3)), "TARGET" ],
    ]);
}
"#,
        &["unreachable_arm 5:9"],
    );
}

#[test]
fn an_answer_of_another_shape_is_told() {
    let told = |examples: &str| tried(BY_ORDER, examples).exits(2);
    told("given(#{ counts: #{ Customer: 12 } });")
        .tells("error: given has no entry counts")
        .tells("help: did you mean count?");
    told("given(#{ count: 12 });")
        .tells("help: write it like given(#{ count: #{ Customer: 12 } })");
    told("given(#{ rows: #{ Tenant: 5 } });").tells(
        "help: write it like given(#{ rows: #{ Tenant: [#{ id: \"1\", slug: \"north\" }] } })",
    );
    told(r#"example("x", #{ lastOrderDate: col("city") }, "accountType", "ACTIVE");"#)
        .tells("error: an example needs plain values, and lastOrderDate is a column");
}

#[test]
fn each_answer_reaches_the_script() {
    let step = r#"let asked = [
    table("Customer").distribution("accountType").count("ACTIVE") == 3,
    table("Customer").distribution_by("tenantId", "accountType")[0].distribution.total == 4,
    table("Tenant").rows(["slug"])[0].slug == "north",
    has_table("CallPlan") && !has_table("Nothing") && column("CallPlan", "status").type == "text",
    enum_values("AccountType") == ["ACTIVE", "TARGET"] && enum_values("None") == (),
    index("an_index").columns == ["territory"],
    foreign_keys("CallPlan").len() == 1,
    query("SELECT 1 AS n")[0].n == 1,
    last_run("phase2") == "2025-10-25 08:00:00.000000",
];
if asked.all(|one| one) { update("Customer").set("accountType", "ACTIVE"); }
"#;
    let shown = r#"given(#{
    distribution:    #{ "Customer.accountType": #{ ACTIVE: 3, "(none)": 1 } },
    distribution_by: #{ "Customer.accountType": #{ north: #{ ACTIVE: 3, "(none)": 1 } } },
    rows:            #{ Tenant: [#{ id: "1", slug: "north" }] },
    table:           #{ CallPlan: #{ status: "text" }, Nothing: () },
    enum_values:     #{ AccountType: ["ACTIVE", "TARGET"], None: () },
    index:           #{ an_index: #{ table: "Customer", columns: ["territory"] } },
    foreign_keys:    #{ CallPlan: [#{ columns: ["tenantId"], table: "Tenant", references: ["id"] }] },
    query:           #{ "SELECT 1 AS n": [#{ n: 1 }] },
    last_run:        #{ phase2: "2025-10-25 08:00:00.000000" },
});
example("all of it", #{}, "accountType", "ACTIVE");
"#;
    tried(step, shown).exits(0).says("✓ all of it  ACTIVE, by arm 1");
}

#[test]
fn rules_of_several_tables_are_told_apart_by_name() {
    let step = r#"update("Customer").set("name", "x");
update("CallPlan").set("name", "y");
"#;
    let project = Project::new();
    project.script("writes = [\"Customer.name\", \"CallPlan.name\"]", step);
    let check = |column: &str| {
        project.write(
            "scripts/try/examples/these.rhai",
            &format!("example(\"one\", #{{}}, \"{column}\", \"y\");"),
        );
        project.output(&mut project.command("check scripts/try"))
    };
    check("name")
        .exits(2)
        .tells("error: rules of several tables set name")
        .tells("help: name the table: \"CallPlan.name\"");
    check("CallPlan.name").exits(0);
    check("Customer.name").exits(1);
}

const BEHIND_A_SWITCH: &str = r#"let clear  = setting("clear", false);
let within_ = setting("within", months(6));
let least  = setting("least", 5);
if clear {
    update("Customer")
        .where(col("lastOrderDate").within(within_) and col("orderingPaceDays") >= least)
        .set("accountType", ());
}
"#;

/// Checks examples of rules behind a switch.
fn switched(examples: &str, arguments: &str) -> Output {
    let project = Project::new();
    project.script(WRITES, BEHIND_A_SWITCH).write("scripts/try/examples/these.rhai", examples);
    project.output(&mut project.command(&format!("check scripts/try {arguments}")))
}

#[test]
fn an_example_says_the_settings_that_it_is_tried_with_and_set_goes_before_them() {
    let shown = r#"let row = #{ accountType: "ACTIVE", lastOrderDate: ago(days(20)), orderingPaceDays: 4 };
given(#{ setting: #{ clear: true } });
example("too few",   row, "accountType", "ACTIVE");
given(#{ setting: #{ least: 4 } });
example("enough",    row, "accountType", ());
given(#{ setting: #{ within: days(10) } });
example("long ago",  row, "accountType", "ACTIVE");
given(#{ setting: #{ within: "1mo" } });
example("not so",    row, "accountType", ());
"#;
    switched(shown, "").exits(0).says_not("No example reaches");
    // What an example does not say stays as --set has it, and --set goes before what it says.
    switched(shown, "--set within=1y")
        .exits(1)
        .says("✗ long ago  expected ACTIVE, got (none)")
        .says("✓ not so");
    switched(shown, "--set clear=false")
        .exits(2)
        .tells("error: no rule of this folder sets accountType");
}

#[test]
fn settings_of_an_example_that_mean_nothing_are_findings() {
    let told = |setting: &str| {
        let shown = format!(
            "given(#{{ setting: #{{ clear: true, {setting} }} }});\nexample(\"one\", #{{ accountType: \"ACTIVE\" }}, \"accountType\", \"ACTIVE\");"
        );
        switched(&shown, "").exits(2)
    };
    told("leest: 4")
        .tells("error: no script of this folder has a setting named leest")
        .tells("scripts/try/examples/these.rhai:1:1")
        .tells("help: did you mean least?");
    told("within: \"soon\"")
        .tells("error: given(#{ setting: #{ within: \"soon\" } }) is no period")
        .tells("scripts/try/01_step.rhai:2:15")
        .tells("help: write it like given(#{ setting: #{ within: \"180d\" } }), or 2w, 6mo, 1y");
    told("least: []").tells("help: write it like given(#{ setting: #{ reclassify: true } })");
}

#[test]
fn a_folder_without_rules_or_without_examples_says_so() {
    let project = Project::new();
    let check =
        |arguments: &str| project.output(&mut project.command(&format!("check {arguments}")));
    let verify = check("scripts/verify").exits(0);
    verify.says(
        "nothing to find fault with\n    no rules, so there is nothing for examples to try\n",
    );
    check("scripts/carla-smoke").exits(0).says("no rules, so there is nothing for examples to try");
    project.script(WRITES, BY_ORDER);
    check("scripts/try").exits(0).says("no examples try its rules: add them in examples/*.rhai");
    let folders = check("scripts/try scripts/verify --format json").json()["folders"].clone();
    assert_eq!((&folders[0]["rules"], &folders[1]["rules"]), (&1.into(), &0.into()));
}
