//! `leora-run api`: the page and the editor's definitions say what there is, and every example runs.

use std::fs;

use expect_test::{expect, expect_file};
use leora_script::{Form, FormKind, Function, GROUPS, Group, registered_functions};

use crate::support::{Database, Output, Project, one_line, own_text};

fn functions() -> impl Iterator<Item = &'static Function> {
    GROUPS.iter().flat_map(Group::functions)
}

#[test]
fn the_page_in_docs_is_what_the_program_prints() {
    let project = Project::new();
    let printed = project.output(&mut project.command("api")).exits(0);
    expect_file!["../docs/script-api.md"].assert_eq(&printed.stdout);
}

#[test]
fn the_page_has_every_function_in_full() {
    let page = own_text("docs/script-api.md");
    for function in functions() {
        let name = function.name;
        assert!(
            !function.about.is_empty() && !function.example.is_empty(),
            "{name} is not described"
        );
        assert!(page.contains(function.about) && page.contains(function.example), "{name}");
        for form in function.forms {
            assert!(page.contains(&format!("{form}\n")), "{form}");
            let form = Form::parse(form);
            let sorts = form.parameters.iter().map(|(_, sort)| sort).chain([&form.returns]);
            for sort in sorts {
                assert!(SORTS.contains(&sort.as_str()), "{name} speaks of {sort}");
            }
        }
    }
}

#[test]
fn one_function_is_shown_in_full_within_80_columns() {
    let project = Project::new();
    for function in functions() {
        let shown = project.output(project.command("api").arg(function.name)).exits(0);
        let flat = one_line(&shown.stdout);
        let texts = [function.about, function.example].into_iter().chain(function.errors.to_vec());
        for text in texts.chain(function.forms.to_vec()) {
            assert!(flat.contains(&one_line(text)), "{text}\nis not in:\n{}", shown.stdout);
        }
        let wide = shown.stdout.lines().find(|line| line.chars().count() > 80);
        assert_eq!(wide, None, "api {}", function.name);
    }
}

#[test]
fn a_function_that_there_is_not_has_a_nearest() {
    let project = Project::new();
    let api = |name: &str| project.output(project.command("api").arg(name));
    expect![[r#"
        error: scripts can call no function withn
        help: did you mean within?  leora-run api within
    "#]]
    .assert_eq(&api("withn").exits(2).stdout);
    expect![[r#"
        error: scripts can call no function classify_everything
        help: leora-run api lists all that scripts can call
    "#]]
    .assert_eq(&api("classify_everything").exits(2).stdout);
    project.output(&mut project.command("api within --definitions x")).exits(2);
    expect![[r#"
        within (Columns and conditions)
          It is a date on or after that long ago; the future counts as recent.

        How to call it
          column.within(how_long: period) -> condition

        Example
          let recent = col("lastOrderDate").within(months(6));
          note(`${table("Customer").count(recent)} ordered in the last half year`);

        It may say
          - within(...) needs a date, and name is a text
          - `within` can't be used with a column and a whole number
    "#]]
    .assert_eq(&api("col(\"lastOrderDate\").within(months(6))").exits(0).stdout);
}

/// What the engine has and scripts are not to call: what Rhai's own library would do to the process, what makes a text
/// of a value, and what only tells why a column can't be used so.
const CLOSED: [&str; 9] =
    ["debug", "print", "replace", "sleep", "tan", "timestamp", "to_debug", "to_json", "to_string"];

#[test]
fn every_function_of_the_engine_is_on_the_page() {
    let mut there: Vec<(String, usize)> = registered_functions()
        .into_iter()
        .map(|(name, values)| (name.trim_start_matches("get$").to_owned(), values))
        .filter(|(name, _)| !CLOSED.contains(&name.as_str()))
        .collect();
    let mut told: Vec<(String, usize)> = functions()
        .flat_map(|function| function.forms)
        .map(|form| Form::parse(form))
        .filter(|form| form.kind != FormKind::Word)
        .map(|form| (form.name, form.parameters.len()))
        .collect();
    for list in [&mut there, &mut told] {
        list.sort();
        list.dedup();
    }
    assert_eq!(there, told);
}

/// The words for types that the page uses.
const SORTS: [&str; 19] = [
    "change",
    "column",
    "condition",
    "data",
    "distribution",
    "integer",
    "list",
    "lookup",
    "map",
    "nothing",
    "number",
    "parent",
    "period",
    "related",
    "table",
    "text",
    "truth",
    "update",
    "value",
];

#[test]
fn what_the_page_says_of_mistakes_is_what_scripts_are_told() {
    let flat = |text: &str| text.replace('\\', "");
    let messages = flat(&own_text("docs/messages.md"));
    for function in functions() {
        for error in function.errors {
            assert!(messages.contains(&flat(error)), "{}: {error}", function.name);
        }
    }
}

/// What the examples may write.
const MANIFEST: &str = "title = \"Examples\"\nwrites = [\"Customer.accountType\", \"Customer.riskStatus\", \"CallPlan\"]\n\
     sql = [\"phase2-migration.sql\"]\n[locks]\nCustomer = \"exclusive\"\nCallPlan = \"exclusive\"\n\
     Tenant = \"no-writes\"\nActivityType = \"no-writes\"\n";

/// What they may record, where what they write is kept.
const RECORDS: &str = "records = [\"20251025173000_phase2_complete\"]\n";

/// The data file that they read.
const SHEET: &str = "accountNumber,accountType\nAC-000001,TARGET\nAC-000002,\n";

/// Runs an example as the only step of a folder, on a fresh copy of the sample.
fn run(function: &Function, access: &str) -> Output {
    let database = match function.example.contains("SalesOrder") {
        true => Database::sample_with_orders(),
        false => Database::sample(),
    };
    let project = Project::new();
    let records = if access == "read-write" { RECORDS } else { "" };
    let manifest = format!("access = \"{access}\"\n{records}{MANIFEST}");
    project.write("scripts/try/leora.toml", &manifest);
    project.write("scripts/try/01_step.rhai", function.example);
    project.write("scripts/try/data/overrides.csv", SHEET);
    project.run(&database, "scripts/try")
}

/// What the rules of a folder are whose examples the page shows.
const RULE: &str = r#"update("Customer").set("accountType", [
    [ col("lastOrderDate").within(months(6)), "ACTIVE"   ],
    [ otherwise,                              "PROSPECT" ],
]);"#;

/// Tries an example of examples, which a step can't run.
fn try_out(function: &Function) -> Output {
    let project = Project::new();
    project.write("scripts/try/leora.toml", &format!("access = \"read-write\"\n{MANIFEST}"));
    project.write("scripts/try/01_step.rhai", RULE);
    project.write("scripts/try/examples/these.rhai", function.example);
    project.output(&mut project.command("check scripts/try"))
}

#[test]
fn every_example_runs() {
    let (tried, run_by_a_step): (Vec<&Function>, Vec<&Function>) =
        functions().partition(|function| ["example", "given"].contains(&function.name));
    for function in tried {
        let output = try_out(function).exits(0);
        assert!(output.stdout.contains("✓ never"), "{}\n{}", function.example, output.stdout);
    }
    for function in run_by_a_step {
        let access = if function.name == "delete" { "rolled-back" } else { "read-write" };
        let output = run(function, access);
        assert_eq!(output.code, 0, "{}\n{}\n{}", function.example, output.stdout, output.stderr);
        assert!(!output.stdout.contains("✗"), "{}\n{}", function.example, output.stdout);
    }
}

/// Whether a line is a definition that the language server reads: `fn name(a: T) -> T;`, `op +(T, T) -> T;`.
fn is_definition(line: &str) -> bool {
    let kind = ["fn ", "op ", "const "].iter().any(|kind| line.starts_with(kind));
    let balanced =
        |open: char, close: char| line.matches(open).count() == line.matches(close).count();
    kind && line.ends_with(';')
        && balanced('(', ')')
        && !line.contains("Result<")
        && !line.contains("::")
}

#[test]
fn the_definitions_are_written_for_the_language_server() {
    let project = Project::new();
    let output = project.output(&mut project.command("api --definitions editor/rhai")).exits(0);
    for name in output.stdout.lines() {
        let text = fs::read_to_string(project.path(name)).expect("a definition file");
        let code =
            text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("///"));
        for line in code {
            let header = line == "module static;" || name.contains("__");
            assert!(header || is_definition(line), "{name}: {line}");
            assert!(!line.contains("Result<"), "{name}: {line}");
            // What scripts are refused is not proposed.
            let mut words = line.split(|c: char| !(c.is_alphanumeric() || c == '_'));
            let refused = ["eval", "curry", "sleep", "timestamp", "Instant"];
            assert!(words.all(|word| !refused.contains(&word)), "{name}: {line}");
        }
    }
    let language =
        fs::read_to_string(project.path("editor/rhai/__static__.d.rhai")).expect("Rhai's");
    assert!(language.contains("fn len(") && language.contains("fn parse_int("));
    let ours = fs::read_to_string(project.path("editor/rhai/leora-run.d.rhai")).expect("ours");
    assert!(ours.starts_with("module static;\n"));
    for line in [
        "fn col(name: string) -> column;",
        "fn within(column: column, how_long: period) -> column;",
        "fn get changed(change: change) -> int;",
        "op ==(column, ?) -> column;",
        "op and(column, column) -> column;",
        "const otherwise: column;",
        "fn rows(table: table, columns: array, limit: int) -> array;",
    ] {
        assert!(ours.contains(&format!("\n{line}\n")), "{line}");
    }
    project.output(&mut project.command("api --definitions scripts/phase2/leora.toml/x")).exits(2).tells(
        "error: the definitions can't be written into scripts/phase2/leora.toml/x: Not a directory",
    );
}
