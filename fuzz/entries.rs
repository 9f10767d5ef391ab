//! What each fuzz target does with its bytes. The test suite does the same with the cases in `fuzz/seeds`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use arbitrary::{Arbitrary, Result, Unstructured};
use jiff::civil::date;
use leora_folder::{
    Manifest, ScriptFolder, SourceFile as File, Step, normalized_checksum, sha256_hex,
};
use leora_host::ExampleHost;
use leora_postgres::{Target, TargetSource, dotenv_variables};
use leora_report::{Entry as Told, Observer};
use leora_rule::{
    Arithmetic, Arm, Assignment, Column, Comparison, DataType, Expr, Function, KeyBy, Kind, Node,
    Pair, Period, Placement, Query, Record, Relation, Rule, Sql, SqlToken, Table, Value,
    compile_changes, compile_preview, compile_sample, compile_update, decide, lex,
};
use leora_run::plan_file::PlanFile;
use leora_script::{Program, RunEnvironment, Settings};
use leora_system::Interrupt;

/// What a target does with its bytes.
pub type Entry = fn(&[u8]);

/// A name for each target, with what it does.
pub const TARGETS: &[(&str, Entry)] = &[
    ("script", script),
    ("manifest", manifest),
    ("rule", rule),
    ("sql", sql),
    ("plan", plan),
    ("address", address),
    ("dotenv", env_file),
];

/// A password that must not be seen.
const MARK: &str = "s3cr3t-mark";

fn file(path: &str, text: &str) -> File {
    File { path: path.into(), text: text.into(), sha256: sha256_hex(text.as_bytes()) }
}

/// Compiles, lints and runs a script on a host that has nothing.
pub fn script(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let manifest = "title = \"t\"\naccess = \"read-write\"\nwrites = [\"Customer.accountType\"]\n[limits]\ntime = 1\n\
                    operations = 20000\ntext_bytes = 65536\nlist_elements = 10000\nmemory = 64\n";
    let source = file("s/01_step.rhai", text);
    let _ = normalized_checksum(&source.path, text);
    let folder = ScriptFolder {
        path: "s".into(),
        manifest: Manifest::parse(&file("s/leora.toml", manifest)).expect("a manifest"),
        steps: vec![Step { name: "01_step".into(), title: "step".into(), source }],
        modules: BTreeMap::from([(
            "words".into(),
            file("s/lib/words.rhai", "fn word() { \"w\" }"),
        )]),
        examples: vec![],
        sql: BTreeMap::new(),
        data: BTreeMap::default(),
        prisma: BTreeMap::default(),
    };
    let Ok(program) = Program::compile(&folder) else { return };
    let by = RunEnvironment {
        host: Arc::new(Mutex::new(ExampleHost::default())),
        observer: Arc::new(Mutex::new(Nobody)),
        settings: Settings::default(),
        interrupt: Interrupt::default(),
    };
    let performed = program.run_step(0, &by);
    if let Some(failure) = performed.failure {
        let crashed = failure.message.contains("made the script engine fail");
        assert!(!crashed, "the engine failed");
    }
}

/// Reads a manifest.
pub fn manifest(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let source = file("s/leora.toml", text);
    let _ = normalized_checksum(&source.path, text);
    if let Ok(manifest) = Manifest::parse(&source) {
        manifest.may_set("Customer", "accountType");
    }
}

/// Reads a saved plan.
pub fn plan(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(plan) = PlanFile::parse(text) {
        assert!(plan.file_and_target_differences(&plan).is_empty());
        assert!(plan.server_differences(&plan).is_empty());
        plan.is_whole();
    }
}

/// Reads an address, and shows what would be shown of it.
pub fn address(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if text.contains(MARK) {
        return;
    }
    let marked = text.replace("PASSWORD", MARK);
    let said = match Target::parse(&marked, TargetSource::Option) {
        Ok(target) => format!("{target:?}"),
        Err(error) => format!("{error} {error:?} {}", error.help()),
    };
    // Where a person writes the password, it must not be shown.
    if text.starts_with("postgresql://user:PASSWORD@") && text.matches("PASSWORD").count() == 1 {
        assert!(!said.contains(MARK), "{said}");
    }
}

/// Reads a `.env` file.
pub fn env_file(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Err(error) = dotenv_variables(&text, ".env", &|_| None) {
        let said = format!("{error} {}", error.help());
        // What refers to itself is named; a value is not.
        assert!(!said.contains(MARK) || text.contains(&format!("{MARK}=")), "{said}");
    }
}

/// Splits an SQL text into tokens, and judges it as a query.
pub fn sql(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(tokens) = lex(text) else { return };
    let ends = [0].into_iter().chain(tokens.iter().map(SqlToken::end));
    for (end, token) in ends.zip(&tokens) {
        assert!(end <= token.start && text[token.start..].starts_with(token.text), "{token:?}");
    }
    // With a space between them, the tokens are the same.
    let written: Vec<&str> = tokens.iter().map(|token| token.text).collect();
    let spaced = written.join(" ");
    let again = lex(&spaced).expect("tokens");
    assert!(again.iter().map(|token| token.text).eq(written), "{spaced:?}");
    // What is sent has no token that was not judged: it is the same when it is judged again.
    if let Ok(query) = Query::judge(text) {
        let spelled = query.spelled();
        let again = Query::judge(spelled).expect("a query");
        assert_eq!(again.spelled(), spelled);
        lex(&query.statement(&[])).expect("tokens");
    }
}

/// Compiles a rule built at random, and decides on a row built at random with the evaluator in memory.
pub fn rule(bytes: &[u8]) {
    let mut bytes = Unstructured::new(bytes);
    let Ok((rule, column)) = built(&mut bytes) else { return };
    let source = Relation::from_table(Arc::new(table()));
    if let Ok(row) = record(&mut bytes, &source.table) {
        let as_of = date(2025, 10, 25);
        let decided = decide(&rule, &row, as_of).map(|decision| format!("{decision:?}"));
        let again = decide(&rule, &row, as_of).map(|decision| format!("{decision:?}"));
        assert_eq!(
            format!("{decided:?}"),
            format!("{again:?}"),
            "the same row is decided in two ways"
        );
    }
    let as_of = date(2025, 10, 25);
    let update =
        |rule: &Rule, rows: &_, as_of| compile_update(std::slice::from_ref(rule), rows, as_of);
    for compile in [compile_preview, compile_changes, update] {
        if let Ok(sql) = compile(&rule, &source, as_of) {
            well_formed(&sql);
        }
    }
    if let Ok(sql) = compile_sample(&rule, &source, &[column], 3, as_of) {
        well_formed(&sql);
    }
    if let Ok(after) = source.after(&rule, as_of)
        && let Ok(update) = compile_update(std::slice::from_ref(&rule), &after, as_of)
    {
        well_formed(&update);
    }
}

/// Every parameter that the text names is given, and no value stands in the text.
fn well_formed(sql: &Sql) {
    let tokens = lex(&sql.text).expect("SQL of this tool's own");
    for number in tokens.iter().filter_map(SqlToken::parameter) {
        assert!((1..=sql.parameters.len()).contains(&number), "{sql:?}");
    }
    assert!(!sql.text.contains("injected"), "a value stands in the text: {sql:?}");
    assert!(!tokens.iter().any(|token| token.is_symbol(";")), "{sql:?}");
}

const KINDS: &[(&str, &str)] = &[
    ("id", "uuid"),
    ("name", "text"),
    ("lastOrderDate", "timestamp"),
    ("born", "date"),
    ("seen", "timestamptz"),
    ("visits", "integer"),
    ("big", "bigint"),
    ("amount", "numeric"),
    ("ratio", "double precision"),
    ("closed", "boolean"),
    ("accountType", "AccountType"),
    ("say \"hi\"", "text"),
    ("it's; --", "json"),
];

/// A table with a column of every sort.
fn table() -> Table {
    let kind = |cast: &str| match cast {
        "uuid" => Kind::Uuid,
        "text" => Kind::Text,
        "timestamp" => Kind::Timestamp,
        "date" => Kind::Date,
        "timestamptz" => Kind::TimestampTz,
        "integer" => Kind::Integer { min: i32::MIN.into(), max: i32::MAX.into() },
        "bigint" => Kind::Integer { min: i64::MIN, max: i64::MAX },
        "numeric" => Kind::Decimal,
        "double precision" => Kind::Float,
        "boolean" => Kind::Bool,
        "AccountType" => {
            Kind::Enum { name: cast.into(), labels: ["ACTIVE", "TARGET"].map(Into::into).into() }
        }
        _ => Kind::Other,
    };
    let column = |(name, cast): &(&str, &str)| Column {
        name: (*name).into(),
        data_type: DataType::new(cast, cast, kind(cast)),
        nullable: true,
        default: None,
        cascades_to: None,
        generated: false,
        is_tied: false,
        figure: None,
    };
    Table {
        schema: "public".into(),
        name: "Cust\"omer".into(),
        columns: KINDS.iter().map(column).collect(),
        key: vec!["id".into()],
        key_by: KeyBy::PrimaryKey,
        unwritable: None,
        is_watched: false,
        placement: Placement::Own,
    }
}

fn record(bytes: &mut Unstructured<'_>, table: &Table) -> Result<Record> {
    let mut row = Record::default();
    for column in &table.columns {
        row.set(&column.name, value(bytes)?);
    }
    let kinds = table.columns.iter().map(|one| (one.name.clone(), one.data_type.clone()));
    Ok(if bool::arbitrary(bytes)? { row.with_types(kinds) } else { row })
}

fn built(bytes: &mut Unstructured<'_>) -> Result<(Rule, String)> {
    let filter = bool::arbitrary(bytes)?.then(|| expr(bytes, 4)).transpose()?;
    let column = name(bytes)?;
    let assignment = match bytes.int_in_range(0..=2)? {
        0 => Assignment::Value(expr(bytes, 4)?),
        1 => Assignment::Lookup { column: name(bytes)?, pairs: pairs(bytes)?.into() },
        _ => Assignment::Arms(arms(bytes)?),
    };
    let rule = Rule {
        table: "Cust\"omer".into(),
        filter,
        column,
        assignment,
        location: None,
        joins_previous: false,
    };
    Ok((rule, name(bytes)?))
}

fn pairs(bytes: &mut Unstructured<'_>) -> Result<Vec<Pair>> {
    (0..bytes.int_in_range(0..=4)?)
        .map(|_| Ok(Pair { key: value(bytes)?, value: value(bytes)?, line: None }))
        .collect()
}

fn arms(bytes: &mut Unstructured<'_>) -> Result<Vec<Arm>> {
    let arm = |bytes: &mut Unstructured<'_>| -> Result<Arm> {
        let condition = bool::arbitrary(bytes)?.then(|| expr(bytes, 4)).transpose()?;
        Ok(Arm { condition, value: expr(bytes, 3)?, line: None })
    };
    (0..bytes.int_in_range(0..=4)?).map(|_| arm(bytes)).collect()
}

fn name(bytes: &mut Unstructured<'_>) -> Result<String> {
    if bytes.ratio(1, 12)? {
        return String::arbitrary(bytes);
    }
    Ok(bytes.choose(KINDS)?.0.to_owned())
}

fn value(bytes: &mut Unstructured<'_>) -> Result<Value> {
    Ok(match bytes.int_in_range(0..=6)? {
        0 => Value::Null,
        1 => Value::Bool(bool::arbitrary(bytes)?),
        2 => Value::Integer(i64::arbitrary(bytes)?),
        3 => {
            let scale = bytes.int_in_range(0..=28)?;
            Value::Decimal(rust_decimal::Decimal::new(i64::arbitrary(bytes)?, scale))
        }
        4 => Value::Text("'; injected --".into()),
        5 => Value::Text(String::arbitrary(bytes)?.replace("injected", "")),
        _ => Value::Date(date(bytes.int_in_range(-9999..=9999)?, 1, 1)),
    })
}

/// An expression at most this deep.
fn expr(bytes: &mut Unstructured<'_>, depth: u32) -> Result<Expr> {
    let node = match bytes.int_in_range(0..=if depth == 0 { 4 } else { 14 })? {
        0 => Node::Literal(value(bytes)?),
        1 => Node::Column(name(bytes)?),
        2 => Node::ColumnOr(name(bytes)?, value(bytes)?),
        3 => Node::Today,
        4 => Node::Ago(period(bytes)?),
        5 => Node::Compare(comparison(bytes)?, expr(bytes, depth - 1)?, expr(bytes, depth - 1)?),
        6 => Node::And(expr(bytes, depth - 1)?, expr(bytes, depth - 1)?),
        7 => Node::Or(expr(bytes, depth - 1)?, expr(bytes, depth - 1)?),
        8 => Node::Not(expr(bytes, depth - 1)?),
        9 => Node::IsNull(expr(bytes, depth - 1)?),
        10 => {
            let few = bytes.int_in_range(0..=4)?;
            let values = (0..few).map(|_| value(bytes)).collect::<Result<_>>()?;
            Node::IsOneOf(expr(bytes, depth - 1)?, values)
        }
        11 => Node::Within(expr(bytes, depth - 1)?, period(bytes)?),
        12 => Node::Arithmetic(
            *bytes.choose(&[
                Arithmetic::Add,
                Arithmetic::Subtract,
                Arithmetic::Multiply,
                Arithmetic::Divide,
            ])?,
            expr(bytes, depth - 1)?,
            expr(bytes, depth - 1)?,
        ),
        13 => {
            let function = *bytes.choose(Function::ALL)?;
            let arguments = function.parameters().iter().map(|_| expr(bytes, depth - 1));
            Node::Call(function, arguments.collect::<Result<_>>()?)
        }
        _ => Node::Coalesce(
            (0..bytes.int_in_range(1..=3)?)
                .map(|_| expr(bytes, depth - 1))
                .collect::<Result<_>>()?,
        ),
    };
    Expr::new(node).map_err(|_| arbitrary::Error::IncorrectFormat)
}

fn period(bytes: &mut Unstructured<'_>) -> Result<Period> {
    let (months, days) = (i64::from(u16::arbitrary(bytes)?), i64::from(u16::arbitrary(bytes)?));
    Period::new(months, days).map_err(|_| arbitrary::Error::IncorrectFormat)
}

fn comparison(bytes: &mut Unstructured<'_>) -> Result<Comparison> {
    bytes.choose(Comparison::ALL).copied()
}

/// Hears nothing.
struct Nobody;

impl Observer for Nobody {
    fn on_entry(&mut self, _: &Told) {}
    fn on_start(&mut self, _: &str) {}
}
