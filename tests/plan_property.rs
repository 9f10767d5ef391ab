//! For random folders and data, a plan foretells what the run then does.

use serde_json::{Value, json};

use crate::support::{Database, Project, Random};

/// Cases for each of two databases, which work side by side.
const CASES: u64 = 56;

/// The sorts of column; there are two of each, such as `mood1` and `mood2`.
pub const SORTS: [&str; 7] = ["mood", "note", "size", "price", "day", "seen", "flag"];

pub const TABLE: &str = "\
CREATE TYPE \"Mood\" AS ENUM ('low', 'so \"so\"', 'HIGH'); \
CREATE TABLE \"Item\" (id int PRIMARY KEY, mood1 \"Mood\", mood2 \"Mood\", note1 text, note2 text, size1 int, size2 int, \
  price1 numeric(9,2), price2 numeric, day1 date, day2 date, seen1 timestamp(3), seen2 timestamp, flag1 boolean, flag2 boolean)";

/// Fresh rows, as random as the seed.
pub fn rows(random: &mut Random) -> String {
    let mut lines = Vec::new();
    for id in 1..=25 {
        let values = SORTS.iter().flat_map(|sort| [sort, sort]).map(|sort| stored(random, sort));
        lines.push(format!("({id}, {})", values.collect::<Vec<_>>().join(", ")));
    }
    format!("TRUNCATE \"Item\"; INSERT INTO \"Item\" VALUES {}", lines.join(", "))
}

/// A value of a column, as SQL.
fn stored(random: &mut Random, sort: &str) -> String {
    if random.one_in(4) {
        return "NULL".into();
    }
    random.pick(match sort {
        "mood" => &["'low'", "'so \"so\"'", "'HIGH'"],
        "note" => &["''", "'a'", "'B'", "'ü '''"],
        "size" => &["0", "1", "2", "3"],
        "price" => &["0", "1.5", "1.50", "-2"],
        "day" => &["'2025-01-31'", "'2025-06-30'", "'infinity'"],
        "seen" => &["'2025-01-31 00:00'", "'2025-06-30 23:59:59.999'", "'2025-03-01'"],
        _ => &["true", "false"],
    })
}

/// A value, as a script writes it.
fn literal(random: &mut Random, sort: &str) -> String {
    random.pick(match sort {
        "mood" => &["\"low\"", "\"so \\\"so\\\"\"", "\"HIGH\""],
        "note" => &["\"\"", "\"a\"", "\"ü '\"", "\"new\""],
        "size" => &["0", "1", "2"],
        "price" => &["0", "1.5", "7"],
        "day" | "seen" => &["ago(months(1))", "ago(months(5))", "ago(days(0))"],
        _ => &["true", "false"],
    })
}

fn column(random: &mut Random, sort: &str) -> String {
    format!("col(\"{sort}{}\")", random.below(2) + 1)
}

fn sort(random: &mut Random) -> &'static str {
    SORTS[random.below(7) as usize]
}

fn condition(random: &mut Random, depth: u64) -> String {
    if depth > 0 && random.one_in(3) {
        let (a, b) = (condition(random, depth - 1), condition(random, depth - 1));
        return match random.below(3) {
            0 => format!("({a} and {b})"),
            1 => format!("({a} or {b})"),
            _ => format!("not({a})"),
        };
    }
    let sort = sort(random);
    let (one, other) = (column(random, sort), literal(random, sort));
    match (random.below(7), sort) {
        (5 | 6, _) => asked(random, sort, &one, &other),
        (0, _) => format!("{one}.is_null()"),
        (1, "mood" | "note" | "size") => {
            format!("{one}.is_one_of([{other}, {}])", literal(random, sort))
        }
        (1, "day" | "seen") => format!("{one}.within(months(4))"),
        (1 | 2, "flag") => one,
        (2, _) => format!("{one} < {}", column(random, sort)),
        (3, "flag") => format!("{one} != {other}"),
        (3, _) => format!("{one} >= {other}"),
        _ => format!("{one} == {other}"),
    }
}

/// A condition with a function of a column.
fn asked(random: &mut Random, sort: &str, one: &str, other: &str) -> String {
    let ask: &[&str] = match sort {
        "note" => &[
            ".contains(\"a\")",
            ".lower().starts_with(\"b\")",
            ".upper().ends_with(\"A\")",
            ".trim() == \"ü '\"",
            ".length() > 1",
            ".like(\"_\")",
            ".ilike(\"%b%\")",
        ],
        "size" | "price" => &[".between(1, 2)", ".is_not_null()"],
        "day" | "seen" => &[
            ".year() == 2025",
            ".quarter() == 1",
            ".month() == 6",
            ".weekday() < 6",
            ".within(days(col(\"size1\") * 40))",
            ".within(months(col(\"price2\")))",
            " > ago(years(col(\"size2\")))",
        ],
        _ => &[".is_not_null()"],
    };
    match (random.below(3), sort) {
        (0, "size" | "price") => format!("round({one} / 3, 1) > abs({other})"),
        (0, "day" | "seen") => format!("days_since({one}).between(0, 100)"),
        (1, "day" | "seen") => format!("days_between({one}, col(\"seen1\")) > 0"),
        (0, _) => format!("least([{one}, {other}]) == {other}"),
        (1, _) => format!("greatest({one}, {other}) != {other}"),
        _ => format!("{one}{}", random.pick(ask)),
    }
}

/// A value for a column of this sort that does not read the column itself.
fn given(random: &mut Random, sort: &str, other: &str) -> String {
    match random.below(8) {
        6 | 7 => match sort {
            "note" => format!("col(\"{other}\").upper()"),
            "size" => "days_since(col(\"day1\"))".into(),
            "price" => format!("round(col(\"{other}\") / 7, 1)"),
            "day" | "seen" => "ago(days(col(\"size1\") * 30))".into(),
            "flag" => "col(\"note1\").contains(\"a\")".into(),
            _ => format!("greatest([col(\"{other}\"), {}])", literal(random, sort)),
        },
        0 => "()".into(),
        1 => format!("col(\"{other}\")"),
        2 if sort == "size" || sort == "price" => format!("col(\"{other}\") + 1"),
        3 => format!("coalesce([col(\"{other}\"), {}])", literal(random, sort)),
        _ => literal(random, sort),
    }
}

/// A rule that sets a random column, or two of them from the row as it was.
pub fn rule(random: &mut Random) -> String {
    let filter =
        if random.one_in(2) { format!(".where({})", condition(random, 1)) } else { String::new() };
    let sort = sort(random);
    let (target, value) = assignment(random, sort);
    // No value reads a mood but that of a mood: two columns that read each other are refused.
    if sort == "mood" || !random.one_in(3) {
        return format!("update(\"Item\"){filter}.set(\"{target}\", {value});\n");
    }
    let (mood, its_value) = assignment(random, "mood");
    format!("update(\"Item\"){filter}.set(#{{\n{target}: {value},\n{mood}: {its_value} }});\n")
}

/// A column of this sort, and what it is set to.
fn assignment(random: &mut Random, sort: &str) -> (String, String) {
    let (target, other) = if random.one_in(2) { (1, 2) } else { (2, 1) };
    let (target, other) = (format!("{sort}{target}"), format!("{sort}{other}"));
    let value = match random.below(4) {
        0 if !["mood", "day", "seen"].contains(&sort) => {
            let pair = |label: &str, value: String| format!("{label}: {value}");
            let pairs = [pair("low", literal(random, sort)), pair("HIGH", literal(random, sort))];
            format!("lookup(\"mood{}\", #{{ {} }})", random.below(2) + 1, pairs.join(", "))
        }
        1 => given(random, sort, &other),
        _ => {
            let count = 1 + random.below(3);
            let mut arms: Vec<String> = (0..count)
                .map(|_| format!("[{}, {}]", condition(random, 1), given(random, sort, &other)))
                .collect();
            if random.one_in(2) {
                arms.push(format!("[otherwise, {}]", given(random, sort, &other)));
            }
            format!("[{}]", arms.join(", "))
        }
    };
    (target, value)
}

/// What a script reads between its rules.
fn reading(random: &mut Random) -> String {
    let (condition, most) = (condition(random, 1), random.below(25));
    let column = format!("{}{}", sort(random), random.below(2) + 1);
    let by = format!("flag{}", random.below(2) + 1);
    let verb = if random.one_in(8) { "expect" } else { "warn_unless" };
    format!(
        "show(table(\"Item\").where({condition}).distribution(\"{column}\"));\n\
         for part in table(\"Item\").distribution_by(\"{by}\", \"{column}\") {{ show(part.distribution); }}\n\
         let found = table(\"Item\").count({condition});\n{verb}(`${{found}} are at most {most}`, found <= {most});\n\
         note(`${{table(\"Item\").where({condition}).rows([\"id\", \"{column}\"], 3)}}`);\n"
    )
}

pub fn steps(random: &mut Random) -> Vec<String> {
    let count = 1 + random.below(3);
    (0..count).map(|_| format!("{}{}", rule(random), reading(random))).collect()
}

/// What a report says of its steps, beside what only a plan or a run has.
fn told(report: &Value) -> Value {
    let mut steps = report["steps"].clone();
    for step in steps.as_array_mut().expect("a list") {
        step["ms"] = json!(0);
        for change in step["changes"].as_array_mut().expect("a list") {
            change.as_object_mut().expect("an object").remove("foreseen");
        }
    }
    steps
}

/// What a case came to: how many transitions there were, and whether it failed.
fn case(project: &Project, database: &Database, seed: u64) -> (usize, bool) {
    let mut random = Random::of(seed);
    database.run(&rows(&mut random));
    let steps = steps(&mut random);
    for number in 1..=3 {
        let _ = std::fs::remove_file(project.path(&format!("scripts/try/0{number}_step.rhai")));
    }
    for (index, step) in steps.iter().enumerate() {
        project.write(&format!("scripts/try/0{}_step.rhai", index + 1), step);
    }
    let plan = project.run(database, "plan scripts/try --format json --as-of 2025-07-01");
    let run = project.run(database, "scripts/try --format json --as-of 2025-07-01");
    let shown = steps.join("\n");
    assert!(plan.code <= 1, "seed {seed}: {}\n{shown}", plan.stdout);
    assert_eq!(plan.code, run.code, "seed {seed}: {}\n{shown}", run.stdout);
    let (planned, done) = (told(&plan.json()), told(&run.json()));
    assert_eq!(planned, done, "seed {seed}\n{shown}");
    let changes = done
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|step| step["changes"].as_array().into_iter().flatten());
    (
        changes.filter_map(|change| change["transitions"].as_array()).map(Vec::len).sum(),
        run.code == 1,
    )
}

fn cases(first: u64) -> (usize, usize) {
    let (project, database) = (Project::new(), Database::empty());
    database.run(TABLE);
    let writes: Vec<String> =
        SORTS.iter().flat_map(|sort| [1, 2].map(|n| format!("\"Item.{sort}{n}\""))).collect();
    project.script(&format!("writes = [{}]", writes.join(", ")), "");
    let (mut transitions, mut failed) = (0, 0);
    for seed in first..first + CASES {
        let (made, fails) = case(&project, &database, seed);
        transitions += made;
        failed += usize::from(fails);
    }
    (transitions, failed)
}

#[test]
fn the_run_does_what_the_plan_says() {
    let (one, other) = std::thread::scope(|scope| {
        let one = scope.spawn(|| cases(1));
        let other = scope.spawn(|| cases(1_001));
        (one.join().expect("it holds"), other.join().expect("it holds"))
    });
    // Cases in which nothing happens would prove nothing.
    assert!(one.0 + other.0 > 300, "{} transitions", one.0 + other.0);
    assert!((1..40).contains(&(one.1 + other.1)), "{} failed", one.1 + other.1);
}
