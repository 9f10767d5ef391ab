//! The report as a page, in a real browser.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{Browser, Database, Looks, Output, Project, npm_packages};

/// A project and a database, and a page made there.
struct Desk {
    project: Project,
    database: Database,
}

impl Desk {
    fn new() -> Self {
        Self { project: Project::new(), database: Database::sample() }
    }

    /// Runs a command that writes `report.html`, and gives the file.
    #[track_caller]
    fn page(&self, arguments: &str, code: i32) -> PathBuf {
        self.project.run(&self.database, &format!("{arguments} --report report.html")).exits(code);
        self.project.path("report.html")
    }

    fn run(&self, arguments: &str) -> Output {
        self.project.run(&self.database, arguments)
    }
}

/// The text that a reader sees.
fn text(browser: &Browser) -> String {
    browser.evaluate("return document.body.innerText").as_str().expect("a text").to_owned()
}

/// Checks that a reader sees all of these.
#[track_caller]
fn shows(browser: &Browser, all: &[&str]) {
    let seen = text(browser);
    for told in all {
        assert!(seen.contains(told), "{told} is not in {seen}");
    }
}

#[track_caller]
fn quiet(browser: &Browser) {
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

/// Turns a slider to a number of a unit, as a hand does, and gives the transitions that the page then shows.
fn turn(browser: &Browser, setting: &str, amount: u32, unit: &str) -> Vec<(String, String, u64)> {
    let turned = browser.evaluate(&format!(
        "const set = document.querySelector('[data-setting={setting}]').closest('fieldset');
         const unit = set.querySelector('select'), range = set.querySelector('input[type=range]');
         unit.value = '{unit}'; unit.dispatchEvent(new Event('change'));
         range.max = Math.max(range.max, {amount});
         range.value = {amount}; range.dispatchEvent(new Event('input'));
         return [...document.querySelectorAll('section.thresholds li')].map(li => [li.dataset.old, li.dataset.new, Number(li.dataset.rows)])"
    ));
    let mut all: Vec<(String, String, u64)> = serde_json::from_value(turned).expect("transitions");
    all.sort();
    all
}

/// The transitions of the classification that a combination of `what-if` gives, in `rows` that `where` takes or all that
/// are `decidable`.
fn imagined(combination: &Value, rows: &str) -> Vec<(String, String, u64)> {
    let text = |value: &Value| value.as_str().unwrap_or("(none)").to_owned();
    let found = combination["transitions"].as_array().expect("transitions").iter();
    let of = found.filter(|one| one["column"] == "accountType" && one[rows] != 0);
    let mut all: Vec<(String, String, u64)> = of
        .map(|one| (text(&one["old"]), text(&one["new"]), one[rows].as_u64().expect("rows")))
        .collect();
    all.sort();
    all
}

/// Looks at the rows that `where` takes, or at all that the rule could decide.
fn look_at(browser: &Browser, rows: &str) {
    browser.evaluate(&format!(
        "const one = document.querySelector('section.thresholds input[value={rows}]'); one.checked = true; one.dispatchEvent(new Event('change'))"
    ));
}

/// The transitions of the first rule that `plan` foretells.
fn planned(output: &Output) -> Vec<(String, String, u64)> {
    let plan = output.json();
    let text = |value: &Value| value.as_str().unwrap_or("(none)").to_owned();
    let one =
        |one: &Value| (text(&one["old"]), text(&one["new"]), one["rows"].as_u64().expect("rows"));
    let found = plan["steps"][0]["changes"][0]["transitions"].as_array().expect("transitions");
    let mut all: Vec<(String, String, u64)> = found.iter().map(one).collect();
    all.sort();
    all
}

#[test]
fn a_run_is_told_on_one_page() {
    let desk = Desk::new();
    let page = desk.page("scripts/phase2", 0);
    let browser = Browser::start(Looks::default());
    browser.open(&page);
    shows(
        &browser,
        &[
            "Leora CRM - Phase 2 database migration",
            "10,788 values changed.",
            "9/9",
            "Customer.accountType",
            "5,394 of 5,394 rows changed.",
            "PROSPECT",
            "all customers are classified",
            "Record the migration",
            "active_within",
            "an order this recent makes a customer ACTIVE",
            "phase2-migration.sql",
            "Statement of Customer.accountType",
            &desk.database.name,
            "from --database-url",
        ],
    );
    let bands = browser.evaluate(
        "return [...document.querySelectorAll('svg.flow path title')].map(t => t.textContent)",
    );
    assert_eq!(bands[0], "(none) → ACTIVE: 3,512");
    quiet(&browser);
    let left: Vec<String> = fs::read_dir(page.parent().expect("a folder"))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with(".leora-run-"))
        .collect();
    assert_eq!(left, Vec::<String>::new());
}

#[test]
fn turning_a_threshold_gives_what_the_plan_gives() {
    let desk = Desk::new();
    desk.database.run(
        "UPDATE \"Customer\" SET \"accountType\" = CASE WHEN random() < 0.5 THEN 'TARGET' ELSE 'ACTIVE' END::\"AccountType\" \
         WHERE random() < 0.4; \
         CREATE TEMP TABLE ten AS SELECT id, row_number() OVER (ORDER BY id) AS n FROM \"Customer\" LIMIT 40; \
         UPDATE \"Customer\" c SET \"accountType\" = NULL, \"lastOrderDate\" = CASE n % 8 WHEN 0 THEN NULL WHEN 1 THEN 'infinity' \
           WHEN 2 THEN '-infinity' WHEN 3 THEN '2027-01-01' WHEN 4 THEN '2025-02-28' WHEN 5 THEN '2025-02-27 23:59:59.999' \
           WHEN 6 THEN '0044-03-15 BC' ELSE '2025-05-01 00:00:00' END::timestamp FROM ten WHERE ten.id = c.id",
    );
    let browser = Browser::start(Looks::default());
    let asked = "plan scripts/phase2 --set reclassify=true --as-of 2025-08-31";
    browser.open(&desk.page(asked, 0));
    for (amount, unit) in [(0, "d"), (90, "d"), (184, "d"), (1, "mo"), (6, "mo"), (11, "mo")] {
        let shown = turn(&browser, "active_within", amount, unit);
        let output =
            desk.run(&format!("{asked} --set active_within={amount}{unit} --format json")).exits(0);
        assert_eq!(shown, planned(&output), "{amount}{unit}");
        let line = browser
            .evaluate("return document.querySelector('section.thresholds pre code').textContent");
        assert_eq!(
            line,
            format!(
                "--set active_within={amount}{unit} --set target_within=1y --set reclassify=true --set share_tolerance=10"
            )
        );
    }
    quiet(&browser);
}

#[test]
fn turning_thresholds_gives_what_what_if_gives() {
    let desk = Desk::new();
    desk.database.run(
        "UPDATE \"Customer\" SET \"accountType\" = (ARRAY['ACTIVE', 'TARGET', 'PROSPECT'])[1 + (random() * 2)::int]::\"AccountType\" \
         WHERE random() < 0.5; \
         UPDATE \"Customer\" SET \"lastOrderDate\" = 'infinity' WHERE random() < 0.02; \
         UPDATE \"Customer\" SET \"lastOrderDate\" = '-infinity' WHERE random() < 0.02; \
         UPDATE \"Customer\" SET \"lastOrderDate\" = NULL WHERE random() < 0.05; \
         UPDATE \"Customer\" SET \"lastOrderDate\" = now() + interval '40 days' WHERE random() < 0.02",
    );
    let browser = Browser::start(Looks::default());
    browser.open(&desk.page("plan scripts/phase2 --as-of 2026-03-31", 0));
    let asked = "what-if scripts/phase2 --as-of 2026-03-31 --vary active_within=30d,1mo,6mo,13mo --vary target_within=45d,13mo --format json";
    let told = desk.run(asked).exits(0).json();
    let combinations = told["combinations"].as_array().expect("combinations");
    assert_eq!(combinations.len(), 8);
    for (combination, (active, target)) in combinations.iter().zip(
        [(30, "d"), (1, "mo"), (6, "mo"), (13, "mo")]
            .iter()
            .flat_map(|active| [(45, "d"), (13, "mo")].map(|target| (*active, target))),
    ) {
        for (rows, kind) in [("rows", "taken"), ("decidable", "decidable")] {
            look_at(&browser, kind);
            turn(&browser, "active_within", active.0, active.1);
            let shown = turn(&browser, "target_within", target.0, target.1);
            assert_eq!(shown, imagined(combination, rows), "{} {kind}", combination["settings"]);
        }
    }
    quiet(&browser);
}

#[test]
fn what_if_has_a_page_with_every_combination() {
    let desk = Desk::new();
    let page = desk.page(
        "what-if scripts/phase2 --vary active_within=90d,120d,180d --vary target_within=6mo,1y",
        0,
    );
    let browser = Browser::start(Looks::default());
    browser.open(&page);
    let rows = browser.evaluate(
        "return document.querySelectorAll('#combinations article:first-of-type table.grid tbody tr').length",
    );
    assert_eq!(rows, 6);
    let moved = turn(&browser, "active_within", 120, "d");
    let told =
        desk.run("what-if scripts/phase2 --vary active_within=120d --format json").exits(0).json();
    assert_eq!(moved, imagined(&told["combinations"][0], "rows"));
    shows(
        &browser,
        &[
            "What if",
            "Nothing was changed.",
            "Customer.accountType",
            "Near a boundary",
            "active_within=90d",
            "TARGET",
        ],
    );
    quiet(&browser);
}

#[test]
fn what_customers_are_called_does_nothing_on_the_page() {
    let desk = Desk::new();
    let evil = "</script><svg onload=alert(1)><!--<script>";
    desk.database.run(&format!(
        "UPDATE \"Customer\" SET city = '{evil}' WHERE id IN (SELECT id FROM \"Customer\" ORDER BY id LIMIT 900)"
    ));
    desk.project.script(
        "writes = [\"Customer.city\"]",
        &format!(
            "//! {evil}\nlet w = setting(\"w\", months(6));   // {evil}\nshow(`{evil}`);\nexpect(`{evil}`, [`{evil}`].len() == 1);\n\
             show(table(\"Customer\").rows([\"city\"], 5));\nshow(`{evil}`, table(\"Customer\").distribution(\"city\"));\n\
             update(\"Customer\").set(\"city\", [[col(\"lastOrderDate\").within(w), `{evil}!`], [otherwise, \"Napa\"]]);"
        ),
    );
    desk.project.edit("scripts/try/leora.toml", "\"Try\"", &format!("\"{evil}\""));
    let page = desk.page("scripts/try", 0);
    let browser = Browser::start(Looks::default());
    browser.open(&page);
    let made = browser.evaluate("return [document.querySelectorAll('[onload]').length, document.scripts.length, document.title]");
    assert_eq!(made[0], 0);
    assert_eq!(made[1], 3, "the page's own script, its data and the rows");
    assert_eq!(made[2], format!("{evil} · done"));
    assert!(turn(&browser, "w", 100, "d").iter().any(|(old, ..)| old == evil));
    quiet(&browser);
    let source = fs::read_to_string(page).expect("the page");
    assert_eq!(source.matches("<script").count(), 3, "a script that is not the page's own");
}

#[test]
fn nothing_but_the_pages_own_style_and_script_may_act() {
    let desk = Desk::new();
    let page = desk.page("plan scripts/phase2", 0);
    let tampered = fs::read_to_string(&page).expect("the page").replace(
        "<footer>",
        "<script>document.title = 'tampered'</script><img src=\"http://127.0.0.1:9/x.png\"><footer>",
    );
    fs::write(&page, tampered).expect("the page");
    let browser = Browser::start(Looks::default());
    browser.open(&page);
    assert_eq!(
        browser.evaluate("return document.title"),
        "Leora CRM - Phase 2 database migration · planned"
    );
    let complaints = browser.complaints().join("\n");
    assert!(complaints.contains("Content Security Policy"), "{complaints}");
}

#[test]
fn without_scripts_everything_but_the_sliders_is_there() {
    let desk = Desk::new();
    let page = desk.page("scripts/phase2", 0);
    let (with, without) = (
        Browser::start(Looks::default()),
        Browser::start(Looks { without_scripts: true, ..Looks::default() }),
    );
    with.open(&page);
    without.open(&page);
    let sections = "document.querySelectorAll('section.thresholds, button.copy').forEach(s => s.remove()); return document.body.innerText";
    assert_eq!(with.evaluate(sections), without.evaluate(sections).as_str().expect("a text"));
    without.open(&page);
    assert!(text(&without).contains("With JavaScript there are sliders here"));
    quiet(&without);
}

#[test]
fn it_fits_a_phone_and_is_legible_in_the_dark_and_on_paper() {
    let desk = Desk::new();
    let page = desk.page("scripts/phase2", 0);
    for dark in [false, true] {
        let browser = Browser::start(Looks { dark, ..Looks::default() });
        for width in [320, 390, 768, 1200] {
            browser.resize(width, 800);
            browser.open(&page);
            let wide = browser.evaluate("return document.documentElement.scrollWidth - document.documentElement.clientWidth");
            assert_eq!(wide, 0, "{width} pixels scroll sideways");
        }
        let faint = browser.evaluate(CONTRAST);
        assert_eq!(faint, serde_json::json!([]), "too faint, dark {dark}");
        quiet(&browser);
    }
    let browser = Browser::start(Looks::default());
    browser.open(&page);
    let paper = browser.print();
    assert!(paper.starts_with(b"%PDF") && paper.len() > 20_000, "{} bytes", paper.len());
    assert!(browser.picture().starts_with(b"\x89PNG"));
}

/// The elements whose text is too faint on what is behind it: below 4.5 to 1, as WCAG counts it.
const CONTRAST: &str = "
    const parse = (text) => text.match(/[\\d.]+/g).map(Number);
    const light = (rgb) => rgb.slice(0, 3).map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
    const behind = (one) => { const rgb = parse(getComputedStyle(one).backgroundColor);
        return rgb.length === 4 && rgb[3] === 0 ? (one.parentElement ? behind(one.parentElement) : [255, 255, 255]) : rgb; };
    const told = [];
    for (const one of document.querySelectorAll('main *, footer *')) {
        if (one.closest('svg, script, option') || ![...one.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) continue;
        if (!one.checkVisibility()) continue;
        const [a, b] = [light(parse(getComputedStyle(one).color)), light(behind(one))];
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < 4.5) told.push(`${one.tagName} ${one.className} ${ratio.toFixed(2)} ${one.textContent.slice(0, 30)}`);
    }
    return told;";

#[test]
fn a_run_that_fails_has_its_page_too() {
    let desk = Desk::new();
    desk.project.script(
        "writes = [\"Customer.accountType\"]",
        "//! Try\nupdate(\"Customer\").set(\"accountType\", \"ACTIVE\");\nupdate(\"Customer\").set(\"acountType\", \"ACTIVE\");",
    );
    let before = desk.database.fingerprint();
    let page = desk.page("scripts/try", 2);
    let browser = Browser::start(Looks::default());
    browser.open(&page);
    shows(
        &browser,
        &[
            "Failed",
            "Nothing was changed.",
            "error: Customer has no column acountType",
            "scripts/try/01_step.rhai:3:24",
            "help: did you mean accountType?",
            "What was changed, and taken back",
        ],
    );
    quiet(&browser);
    assert_eq!(desk.database.fingerprint(), before);
}

#[test]
fn a_page_that_cannot_be_written_is_an_error_before_anything_runs() {
    let desk = Desk::new();
    let before = desk.database.fingerprint_with_history();
    for (verb, at, why) in [
        ("scripts/phase2", "nowhere/report.html", "No such file or directory"),
        ("plan scripts/phase2", "scripts", "is a directory"),
        ("undo", "README/report.html", "No such file or directory"),
    ] {
        desk.run(&format!("{verb} --report {at}"))
            .exits(2)
            .tells(&format!("the report can't be written to {at}: {why}"))
            .tells("give --report a file in a folder that can be written, such as report.html");
    }
    assert_eq!(desk.database.fingerprint_with_history(), before);
}

#[test]
fn an_undo_has_a_page_with_the_way_back() {
    let desk = Desk::new();
    desk.run("scripts/phase2").exits(0);
    let page = desk.page("undo", 0);
    let browser = Browser::start(Looks::default());
    browser.open(&page);
    let seen = text(&browser);
    assert!(seen.contains("Undo of Leora CRM"), "{seen}");
    let bands = browser.evaluate(
        "return [...document.querySelectorAll('svg.flow path title')].map(t => t.textContent)",
    );
    assert!(bands.to_string().contains("ACTIVE → (none): 3,512"), "{bands}");
    quiet(&browser);
}

#[test]
fn each_transition_opens_its_rows() {
    let desk = Desk::new();
    let page = desk.page("plan scripts/phase2", 0);
    let browser = Browser::start(Looks::default());
    browser.open(&page);
    quiet(&browser);
    let opened = browser.evaluate(
        "const button = [...document.querySelectorAll('table.transitions button')].find((one) => one.ariaLabel === '1,089 rows: (none) to TARGET');
         button.click();
         const rows = document.querySelector('.rows');
         const count = () => rows.querySelectorAll('.scroll tbody tr:not([hidden])').length;
         const status = rows.querySelector('[role=status]').textContent;
         const search = rows.querySelector('input[type=search]');
         const all = count();
         search.value = 'AC-000003';
         search.dispatchEvent(new Event('input'));
         const found = count();
         rows.querySelector('.scroll tbody button').click();
         const why = rows.querySelector('.scroll tbody tr:nth-child(2)').textContent;
         const command = [...rows.querySelectorAll('code')].at(-1).textContent;
         return JSON.stringify({ status, all, found, why, command, expanded: button.ariaExpanded });",
    );
    let opened: Value = serde_json::from_str(opened.as_str().expect("a text")).expect("JSON");
    assert_eq!(opened["status"], "1,089 of 1,089 rows.");
    assert_eq!((&opened["all"], &opened["found"]), (&100.into(), &1.into()));
    let why = opened["why"].as_str().expect("a text");
    assert!(
        why.contains("lastOrderDate") && why.contains("01_classify_customers.rhai:15"),
        "{why}"
    );
    assert!(why.contains("leora-run why scripts/phase2"), "{why}");
    let command = opened["command"].as_str().expect("a text");
    assert!(command.ends_with("--rows rows.csv --where-change '(none) -> TARGET'"), "{command}");
    assert_eq!(opened["expanded"], "true");
    let text = std::fs::read_to_string(&page).expect("the page");
    assert!(text.len() < 5 << 20, "{} bytes", text.len());
    for width in [320, 390, 1200] {
        browser.resize(width, 800);
        let wide = browser.evaluate(
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth",
        );
        assert_eq!(wide, 0, "{width} pixels scroll sideways");
    }
    assert_eq!(browser.evaluate(CONTRAST), serde_json::json!([]), "too faint");
    // Of 3,512 rows, 2,000 are in the page.
    browser.evaluate("[...document.querySelectorAll('table.transitions button')].find((one) => one.ariaLabel === '3,512 rows: (none) to ACTIVE').click()");
    let status = browser.evaluate("return [...document.querySelectorAll('.rows [role=status]')].map((one) => one.textContent).join('|')");
    assert!(
        status
            .as_str()
            .expect("a text")
            .contains("2,000 of 2,000 rows of these; 3,512 rows in all."),
        "{status}"
    );
    quiet(&browser);
}

#[test]
fn a_key_or_a_value_that_begins_with_a_dash_is_no_option_of_the_command() {
    let desk = Desk::new();
    desk.database.run(
        "CREATE TABLE \"Item\" (id text PRIMARY KEY, mood text); INSERT INTO \"Item\" VALUES ('-1', '-x')",
    );
    desk.project.script("writes = [\"Item.mood\"]", "update(\"Item\").set(\"mood\", \"-y\");");
    let page = desk.page("plan scripts/try", 0);
    let browser = Browser::start(Looks::default());
    browser.open(&page);
    let commands = browser.evaluate(
        "document.querySelector('table.transitions button').click();
         const rows = document.querySelector('.rows');
         rows.querySelector('.scroll tbody button').click();
         return [...rows.querySelectorAll('code')].map((one) => one.textContent).join('\\n')",
    );
    let commands = commands.as_str().expect("a text");
    let (why, all) = commands.split_once('\n').expect("two commands");
    assert_eq!(why, "leora-run why scripts/try -- -1");
    assert!(all.ends_with(" --rows rows.csv --where-change='-x -> -y'"), "{all}");
    let asked = format!("why scripts/try --database-url {} -- -1", desk.database.url());
    desk.project.output(&mut desk.project.command(&asked)).exits(0).tells("-y");
    quiet(&browser);
}

#[test]
fn the_page_is_accessible_with_a_list_open() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/accessibility");
    let packages = npm_packages(&source, "accessibility").expect("axe-core");
    let axe = fs::read_to_string(packages.join("axe-core/axe.min.js")).expect("a script");
    let desk = Desk::new();
    let page = desk.page("plan scripts/phase2", 0);
    for dark in [false, true] {
        let browser = Browser::start(Looks { dark, ..Looks::default() });
        browser.open(&page);
        browser.evaluate(
            "document.querySelector('table.transitions button').click();
             document.querySelector('.rows .scroll tbody button').click();",
        );
        browser.evaluate(&axe);
        let found = browser.evaluate(
            "return axe.run().then(({ violations, passes }) => [passes.length, violations.map(({ impact, id, nodes }) => [impact, id, nodes[0].html])])",
        );
        assert!(found[0].as_u64().is_some_and(|passed| passed > 10), "{found}");
        assert_eq!(found[1], serde_json::json!([]), "dark {dark}");
    }
}

#[test]
fn a_warning_stands_beside_what_was_done_and_commands_can_be_copied() {
    let desk = Desk::new();
    desk.project.script(
        "writes = [\"Customer.city\"]",
        "update(\"Customer\").where(col(\"city\") == \"Napa\").set(\"city\", \"Reno\");\nwarn_unless(\"nobody moves\", false);",
    );
    let page = desk.page("scripts/try", 0);
    let browser = Browser::start(Looks::default());
    browser.open(&page);
    shows(&browser, &["Done", "1 warning"]);
    browser.resize(390, 800);
    let commands = browser.evaluate(
        "return [...document.querySelectorAll('.commands pre')].map((line) => [line.nextElementSibling.textContent, line.scrollWidth <= line.clientWidth])",
    );
    let commands = commands.as_array().expect("commands");
    assert!(!commands.is_empty());
    assert!(commands.iter().all(|one| *one == serde_json::json!(["Copy", true])), "{commands:?}");
    quiet(&browser);
}
