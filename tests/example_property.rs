//! The examples' host and PostgreSQL agree: for random rules on random rows, each gives what the other gives.

use std::sync::Arc;

use jiff::civil::Date;
use leora_rule::{
    Arithmetic, Arm, Assignment, Column, Comparison, DataType, Decision, Expr, KeyBy, Kind, Node,
    Pair, Period, Record, Relation, Rule, SqlBuilder, Table, Value, decide, inline_parameters,
};
use rust_decimal::Decimal;

use crate::plan_property;
use crate::support::{Database, Project, Random, Session};

/// Rules for each of two databases, which work side by side; each is tried on every row.
const RULES: u64 = 1_500;
/// How many rules share their rows.
const SHARED: u64 = 100;
const ROWS: u64 = 40;

/// Columns by the first letters of their names, two of each but the last.
const COLUMNS: [(&str, &str); 17] = [
    ("mood1", "\"Mood\""),
    ("mood2", "\"Mood\""),
    ("note1", "text"),
    ("note2", "text"),
    ("size1", "integer"),
    ("size2", "integer"),
    ("price1", "numeric(9,2)"),
    ("price2", "numeric"),
    ("day1", "date"),
    ("day2", "date"),
    ("seen1", "timestamp(3) without time zone"),
    ("seen2", "timestamp without time zone"),
    ("zoned1", "timestamp with time zone"),
    ("zoned2", "timestamp with time zone"),
    ("flag1", "boolean"),
    ("flag2", "boolean"),
    ("key1", "uuid"),
];

/// Not in the order of the alphabet.
const MOODS: [&str; 4] = ["low", "HIGH", "a \"b\"", "Ü"];
const TEXTS: [&str; 7] = ["", "a", "B", "ab", "ü '", "2025-06-30", "Z"];
const MOMENTS: [&str; 10] = [
    "2025-06-30 00:00:00",
    "2025-01-01 00:00:00",
    "2024-12-31 23:59:59.999",
    "2025-01-31 12:00:00",
    "2024-02-29 00:00:00",
    "2025-02-28 00:00:00",
    "2025-02-28 00:00:00.001",
    "2026-01-01 00:00:00",
    "infinity",
    "-infinity",
];
const NUMBERS: [&str; 8] = ["0", "1", "-2", "2.5", "2.50", "0.333", "7", "100.01"];
const KEYS: [&str; 2] =
    ["6ba7b810-9dad-41d1-80b4-00c04fd430c8", "00000000-0000-4000-8000-00000000000a"];

fn as_of() -> Date {
    jiff::civil::date(2025, 6, 30)
}

fn kind(cast: &str) -> Kind {
    match cast {
        "\"Mood\"" => Kind::Enum { name: "Mood".into(), labels: MOODS.map(str::to_owned).into() },
        "text" => Kind::Text,
        "integer" => Kind::Integer { min: i32::MIN.into(), max: i32::MAX.into() },
        "date" => Kind::Date,
        "boolean" => Kind::Bool,
        "uuid" => Kind::Uuid,
        _ if cast.starts_with("numeric") => Kind::Decimal,
        _ if cast.ends_with("with time zone") && !cast.contains("without") => Kind::TimestampTz,
        _ => Kind::Timestamp,
    }
}

fn data_type(cast: &str) -> DataType {
    DataType::new(cast, cast, kind(cast))
}

fn table() -> Table {
    let column = |(name, cast): (&str, &str)| Column {
        name: name.into(),
        data_type: data_type(cast),
        nullable: true,
        default: None,
        cascades_to: None,
        generated: false,
    };
    Table {
        schema: "public".into(),
        name: "Item".into(),
        columns: COLUMNS.map(column).into(),
        key: vec!["id".into()],
        key_by: KeyBy::PrimaryKey,
        unwritable: None,
    }
}

fn definition() -> String {
    let labels = MOODS.map(|label| format!("'{label}'")).join(", ");
    let columns = COLUMNS.map(|(name, cast)| {
        format!("{name} {cast}{}", if cast == "text" { " COLLATE \"C\"" } else { "" })
    });
    format!(
        "CREATE TYPE \"Mood\" AS ENUM ({labels}); CREATE TABLE \"Item\" (id int PRIMARY KEY, {})",
        columns.join(", ")
    )
}

/// The letters of a column's name.
fn sort(column: &str) -> &str {
    column.trim_end_matches(|digit: char| digit.is_ascii_digit())
}

fn pick<'a>(random: &mut Random, of: &[&'a str]) -> &'a str {
    of[random.below(of.len() as u64) as usize]
}

/// What a row holds in a column.
fn stored(random: &mut Random, column: &str) -> Value {
    if random.one_in(4) {
        return Value::Null;
    }
    let text = |text: &str| Value::Text(text.to_owned());
    match sort(column) {
        "mood" => text(pick(random, &MOODS)),
        "note" => text(pick(random, &TEXTS)),
        "size" => Value::Integer(random.below(6) as i64 - 2),
        "price" => Value::Decimal(pick(random, &NUMBERS).parse().expect("a number")),
        "day" => text(pick(random, &MOMENTS).split(' ').next().expect("a day")),
        "seen" | "zoned" => text(pick(random, &MOMENTS)),
        "flag" => Value::Bool(random.one_in(2)),
        _ => text(pick(random, &KEYS)),
    }
}

fn expr(node: Node) -> Expr {
    Expr::new(node).expect("small")
}

fn column(random: &mut Random, sort: &str) -> Expr {
    if sort == "key" {
        return Expr::column("key1");
    }
    let name = format!("{sort}{}", random.below(2) + 1);
    if random.one_in(8) {
        return expr(Node::ColumnOr(name, Value::Null));
    }
    Expr::column(&name)
}

/// A value as a rule writes it.
fn literal(random: &mut Random, sort: &str) -> Expr {
    let text = |text: &str| Expr::literal(Value::Text(text.to_owned()));
    match sort {
        "mood" => text(pick(random, &MOODS)),
        "note" => text(pick(random, &TEXTS)),
        "size" => Expr::literal(Value::Integer(random.below(5) as i64 - 1)),
        "price" => Expr::literal(Value::Decimal(pick(random, &NUMBERS).parse().expect("a number"))),
        "day" | "seen" | "zoned" => match random.below(4) {
            0 => expr(Node::Today),
            1 => text(&pick(random, &MOMENTS[..8])[..10]),
            _ => expr(Node::Ago(period(random))),
        },
        "flag" => Expr::literal(Value::Bool(random.one_in(2))),
        _ => text(pick(random, &KEYS)),
    }
}

fn period(random: &mut Random) -> Period {
    let months = [0, 1, 4, 6, 16][random.below(5) as usize];
    Period::new(months, [0, 0, 1, 181][random.below(4) as usize]).expect("a period")
}

/// Something of a sort: a column, a value, a calculation, the first that is there.
fn operand(random: &mut Random, sort: &str, depth: u64) -> Expr {
    match random.below(6) {
        0 => literal(random, sort),
        1 if depth > 0 => {
            let (a, b) = (column(random, sort), operand(random, sort, depth - 1));
            expr(Node::Coalesce(vec![a, b]))
        }
        2 | 3 if depth > 0 && ["size", "price"].contains(&sort) => number(random, depth),
        _ => column(random, sort),
    }
}

fn number(random: &mut Random, depth: u64) -> Expr {
    let sort = if random.one_in(2) { "size" } else { "price" };
    let a = operand(random, sort, depth - 1);
    match random.below(4) {
        0 => expr(Node::Arithmetic(Arithmetic::Add, a, operand(random, sort, depth - 1))),
        1 => expr(Node::Arithmetic(Arithmetic::Subtract, a, operand(random, sort, depth - 1))),
        2 => expr(Node::Arithmetic(Arithmetic::Multiply, a, literal(random, sort))),
        _ => {
            let by = ["3", "7", "-0.4", "11.5"][random.below(4) as usize];
            let by = Expr::literal(Value::Decimal(by.parse().expect("a number")));
            expr(Node::Arithmetic(Arithmetic::Divide, a, by))
        }
    }
}

const SORTS: [&str; 9] = ["mood", "note", "size", "price", "day", "seen", "zoned", "flag", "key"];

const COMPARISONS: [Comparison; 6] = [
    Comparison::Equal,
    Comparison::NotEqual,
    Comparison::Less,
    Comparison::LessOrEqual,
    Comparison::Greater,
    Comparison::GreaterOrEqual,
];

fn condition(random: &mut Random, depth: u64) -> Expr {
    if depth > 0 && random.one_in(2) {
        let (a, b) = (condition(random, depth - 1), condition(random, depth - 1));
        return expr(match random.below(3) {
            0 => Node::And(a, b),
            1 => Node::Or(a, b),
            _ => Node::Not(a),
        });
    }
    let sort = pick(random, &SORTS);
    match (random.below(6), sort) {
        (0, _) => expr(Node::IsNull(operand(random, sort, 1))),
        (1, "mood" | "note" | "size" | "key") => {
            let list: Vec<Value> =
                (0..random.below(3)).map(|_| plain(&literal(random, sort))).collect();
            expr(Node::IsOneOf(column(random, sort), list))
        }
        (1, "day" | "seen" | "zoned") => expr(Node::Within(column(random, sort), period(random))),
        (2, "flag") => column(random, sort),
        (2, "day" | "seen") => {
            // Dates meet dates and times, with and without a zone.
            let other = pick(random, &["day", "seen", "zoned"]);
            let (a, b) = (column(random, sort), column(random, other));
            compared(random, a, b)
        }
        _ => {
            let (a, b) = (column(random, sort), operand(random, sort, 2));
            compared(random, a, b)
        }
    }
}

fn compared(random: &mut Random, a: Expr, b: Expr) -> Expr {
    let comparison = COMPARISONS[random.below(6) as usize];
    let (a, b) = if random.one_in(4) { (b, a) } else { (a, b) };
    expr(Node::Compare(comparison, a, b))
}

fn plain(expr: &Expr) -> Value {
    match expr.node() {
        Node::Literal(value) => value.clone(),
        other => panic!("{other:?}"),
    }
}

/// A value for a column.
fn given(random: &mut Random, target: &str) -> Expr {
    let sort = sort(target);
    match random.below(5) {
        0 => Expr::literal(Value::Null),
        // A text that is written is a date where one is needed; a calculated one is not.
        1 if ["day", "seen", "zoned"].contains(&sort) => {
            let other = pick(random, &["day", "seen", "zoned"]);
            column(random, other)
        }
        1 | 2 if !["day", "seen", "zoned"].contains(&sort) => operand(random, sort, 2),
        _ => literal(random, if sort == "size" { "size" } else { sort }),
    }
}

fn rule(random: &mut Random) -> Rule {
    let (column, _) = COLUMNS[random.below(COLUMNS.len() as u64) as usize];
    let filter = random.one_in(3).then(|| condition(random, 1));
    let assignment = match random.below(5) {
        0 if sort(column) != "mood" => {
            let pair = |random: &mut Random, key: &str| Pair {
                key: Value::Text(key.into()),
                value: match sort(column) {
                    "day" | "seen" | "zoned" => Value::Text("2025-01-31".into()),
                    sort => plain(&literal(random, sort)),
                },
                line: None,
            };
            let pairs = vec![pair(random, "low"), pair(random, "HIGH")];
            Assignment::Lookup { column: format!("mood{}", random.below(2) + 1), pairs }
        }
        1 => Assignment::Value(given(random, column)),
        _ => {
            let mut arms: Vec<Arm> = (0..1 + random.below(3))
                .map(|_| Arm {
                    condition: Some(condition(random, 2)),
                    value: given(random, column),
                    line: None,
                })
                .collect();
            if random.one_in(2) {
                arms.push(Arm { condition: None, value: given(random, column), line: None });
            }
            Assignment::Arms(arms)
        }
    };
    Rule { table: "Item".into(), filter, column: column.into(), assignment, location: None }
}

/// Rows, and the statement that stores them.
fn rows(random: &mut Random) -> (Vec<Record>, String) {
    let (mut records, mut lines) = (Vec::new(), Vec::new());
    for id in 0..ROWS {
        let cells: Vec<(String, Value)> =
            COLUMNS.iter().map(|(name, _)| ((*name).into(), stored(random, name))).collect();
        let sql =
            cells.iter().zip(COLUMNS).map(|((_, value), (_, cast))| match value.to_sql_text() {
                None => "NULL".into(),
                Some(text) => format!("'{}'::{cast}", text.replace('\'', "''")),
            });
        lines.push(format!("({id}, {})", sql.collect::<Vec<String>>().join(", ")));
        let types = COLUMNS.map(|(name, cast)| (name.to_owned(), data_type(cast)));
        records.push(Record::new(cells).with_types(types));
    }
    (records, format!("TRUNCATE \"Item\"; INSERT INTO \"Item\" VALUES {}", lines.join(", ")))
}

/// What PostgreSQL makes of the rule, on each row in order.
fn decided(session: &mut Session, rule: &Rule, source: &Relation) -> Vec<(String, String)> {
    let mut sql = SqlBuilder::new(source, as_of());
    let taken =
        sql.filter(rule.filter.as_ref()).unwrap_or_else(|error| panic!("{error}: {rule:?}"));
    let matched = sql.any_arm_matches(rule).unwrap_or_else(|error| panic!("{error}: {rule:?}"));
    let outcome = sql.rule_value(rule).unwrap_or_else(|error| panic!("{error}: {rule:?}"));
    let sql = sql.finish(format!(
        "SELECT CASE WHEN ({taken}) IS NOT TRUE THEN 'left out' WHEN NOT {matched} THEN 'unmatched' ELSE 'given' END, \
         coalesce(({outcome})::text, '(null)') FROM \"Item\" ORDER BY id"
    ));
    let told = session.rows(&inline_parameters(&sql));
    told.into_iter().map(|mut row| (row.remove(0), row.remove(0))).collect()
}

/// A value as it is compared here.
fn told(value: &Value) -> String {
    match value {
        Value::Decimal(number) => number.normalize().to_string(),
        other => other.to_sql_text().unwrap_or_else(|| "(null)".into()),
    }
}

/// PostgreSQL's text of a value, as it is compared here.
fn normal(text: &str, column: &str) -> String {
    match sort(column) {
        "price" | "size" => text
            .parse::<Decimal>()
            .map_or_else(|_| text.into(), |number| number.normalize().to_string()),
        "flag" => text.into(),
        "zoned" => text.trim_end_matches("+00").into(),
        _ => text.into(),
    }
}

/// How many decisions of each sort agreed: left out, unmatched, given.
fn agree(first: u64) -> [usize; 3] {
    let database = Database::empty();
    database.run(&definition());
    let mut session = database.session();
    session.run("SET TimeZone = 'UTC'; SET DateStyle = 'ISO, MDY'");
    let (source, mut agreed) = (Relation::from_table(Arc::new(table())), [0; 3]);
    for seed in first..first + RULES / SHARED {
        let mut random = Random::of(seed);
        let (records, insert) = rows(&mut random);
        session.run(&insert);
        for _ in 0..SHARED {
            let rule = rule(&mut random);
            let by_server = decided(&mut session, &rule, &source);
            for (record, (state, value)) in records.iter().zip(by_server) {
                let decision = decide(&rule, record, as_of())
                    .unwrap_or_else(|error| panic!("seed {seed}: {error}\n{rule:#?}\n{record:?}"));
                let (sort, own) = match &decision {
                    Decision::LeftOut => (0, ("left out", normal(&value, &rule.column))),
                    Decision::Unmatched => (1, ("unmatched", normal(&value, &rule.column))),
                    Decision::Given { value, .. } => (2, ("given", told(value))),
                };
                let server = (state.as_str(), normal(&value, &rule.column));
                assert_eq!(own, server, "seed {seed}\n{rule:#?}\n{record:?}");
                agreed[sort] += 1;
            }
        }
    }
    agreed
}

#[test]
fn rows_in_memory_and_rows_in_postgresql_are_decided_alike() {
    let (one, other) = std::thread::scope(|scope| {
        let one = scope.spawn(|| agree(1));
        let other = scope.spawn(|| agree(1_001));
        (one.join().expect("they agree"), other.join().expect("they agree"))
    });
    let all: Vec<usize> = one.iter().zip(other).map(|(one, other)| one + other).collect();
    assert_eq!(all.iter().sum::<usize>() as u64, 2 * RULES * ROWS);
    // A sort that hardly comes up would prove little.
    assert!(all.iter().all(|sort| *sort > 5_000), "{all:?}");
}

/// Scripts whose examples are what a run really did.
const SCRIPTS: u64 = 12;

/// A stored value, as an example writes it.
fn written(value: &str, column: &str) -> String {
    match (value, sort(column)) {
        ("(null)", _) => "()".into(),
        (value, "size" | "price" | "flag") => value.into(),
        (value, _) => format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"")),
    }
}

/// Every row, in order.
fn stored_rows(database: &Database) -> Vec<Vec<String>> {
    let columns =
        plan_property::SORTS.iter().flat_map(|sort| [format!("{sort}1"), format!("{sort}2")]);
    let texts: Vec<String> =
        columns.map(|name| format!("coalesce({name}::text, '(null)')")).collect();
    database.rows(&format!("SELECT {} FROM \"Item\" ORDER BY id", texts.join(", ")))
}

const TYPES: &str = r#"given(#{
    table: #{ Item: #{
        mood1: "Mood", mood2: "Mood", note1: "text", note2: "text", size1: "integer", size2: "integer",
        price1: "numeric(9,2)", price2: "numeric", day1: "date", day2: "date",
        seen1: "timestamp(3) without time zone", seen2: "timestamp without time zone", flag1: "boolean", flag2: "boolean",
    } },
    enum_values: #{ Mood: ["low", "so \"so\"", "HIGH"] },
});
"#;

#[test]
fn what_a_run_does_to_rows_is_what_examples_of_them_say() {
    let (project, database) = (Project::new(), Database::empty());
    let text = "note1 text, note2 text";
    assert!(plan_property::TABLE.contains(text));
    let collated = "note1 text COLLATE \"C\", note2 text COLLATE \"C\"";
    database.run(&plan_property::TABLE.replace(text, collated));
    let names: Vec<String> = plan_property::SORTS
        .iter()
        .flat_map(|sort| [format!("{sort}1"), format!("{sort}2")])
        .collect();
    let writes: Vec<String> = names.iter().map(|name| format!("\"Item.{name}\"")).collect();
    let mut given = 0;
    for seed in 5_001..5_001 + SCRIPTS {
        let mut random = Random::of(seed);
        database.run(&plan_property::rows(&mut random));
        let rule = plan_property::rule(&mut random);
        project.script(&format!("writes = [{}]", writes.join(", ")), &rule);
        let target =
            rule.split(".set(\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a column");
        let at = names.iter().position(|name| name == target).expect("one of them");
        let before = stored_rows(&database);
        project.run(&database, "scripts/try --as-of 2025-07-01").exits(0);
        let after = stored_rows(&database);
        given += before.iter().zip(&after).filter(|(before, after)| before != after).count();
        // Only what the rule reads or sets: the rest would be told as misspelt.
        let reads: Vec<usize> =
            (0..names.len()).filter(|index| rule.contains(&names[*index])).collect();
        let example = |row: usize, expected: &str| {
            let cell = |index: &usize| {
                format!("{}: {}", names[*index], written(&before[row][*index], &names[*index]))
            };
            let cells: Vec<String> = reads.iter().map(cell).collect();
            format!(
                "example(\"row {row}\", #{{ {} }}, \"{target}\", {expected});\n",
                cells.join(", ")
            )
        };
        let right: String =
            (0..before.len()).map(|row| example(row, &written(&after[row][at], target))).collect();
        let wrong: String = (0..before.len())
            .map(|row| example(row, &written(other(&after[row][at], target), target)))
            .collect();
        let check = |examples: &str| {
            project.write("scripts/try/examples/these.rhai", &format!("{TYPES}{examples}"));
            let mut command = project.command("check scripts/try --as-of 2025-07-01 --format json");
            let report = project.output(&mut command).json();
            let tried = report["examples"].as_array().expect("a list").clone();
            let passed = tried.iter().filter(|one| one["passed"] == true).count();
            (tried.len(), passed, format!("{report:#}"))
        };
        let (tried, passed, report) = check(&right);
        assert_eq!((tried, passed), (before.len(), before.len()), "seed {seed}\n{rule}\n{report}");
        let (tried, passed, report) = check(&wrong);
        assert_eq!((tried, passed), (before.len(), 0), "seed {seed}\n{rule}\n{report}");
    }
    assert!(given > 40, "only {given} rows changed");
}

/// Another value than this one.
fn other(value: &str, column: &str) -> &'static str {
    let [one, two] = match sort(column) {
        "mood" => ["low", "HIGH"],
        "note" => ["a", "none of these"],
        "size" | "price" => ["17", "18"],
        "day" | "seen" => ["2019-01-01", "2018-01-01"],
        _ => ["true", "false"],
    };
    if value == one { two } else { one }
}
