//! What a rule decides on a row in memory is what PostgreSQL decides, or memory says that it can't be tried there.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::civil::{Date, date};
use leora_postgres::{
    Catalog, ProgressListener, Server, Session as OwnSession, Target, TargetSource, Timeouts,
    Transaction,
};
use leora_rule::{
    Decision, EvaluationError, Expr, Function, Node, Record, Relation, Rule, RuleError, SqlBuilder,
    Value, decide, inline_parameters, parse_decimal,
};
use leora_system::Interrupt;
use tokio::runtime::Runtime;

use super::columns::{Columns, Family, Pair};
use super::random_rules::RandomRules;
use crate::support::{Database, Random, Session};

/// Rules for each of two databases, which work side by side; `LEORA_TEST_RULES` asks for more.
const RULES: u64 = 600;
/// How many rules share their rows.
const SHARED: u64 = 100;
const ROWS: u64 = 40;
const AS_OF: Date = date(2025, 6, 30);

/// The table as a run reads it from the catalog.
fn relation(database: &Database) -> Relation {
    let runtime = Runtime::new().expect("a runtime");
    let target = Target::parse(&database.url(), TargetSource::Option).expect("a target");
    let quiet = ProgressListener::new(|_| {});
    let server = Server::new(target, runtime.handle().clone(), Interrupt::default(), quiet);
    let time = Duration::from_secs(60);
    let timeouts = Timeouts { lock: time, statement: time, commit: time };
    let mut session = OwnSession::connect(&server, timeouts).expect("a session");
    session.begin(Transaction::ReadOnly).expect("a transaction");
    let table = Catalog::new(&mut session).table("Item").expect("a catalog").expect("the table");
    Relation::from_table(table.into())
}

/// Rows, and the statement that stores them.
fn rows(random: &mut Random, columns: &Columns) -> (Vec<Record>, String) {
    let (mut records, mut lines) = (Vec::new(), Vec::new());
    for id in 0..ROWS {
        let (mut record, mut line) = (Record::default().with_types(columns.types()), vec![]);
        for (name, pair) in columns.all() {
            let value = loop {
                let value = columns.cell(random, pair.family);
                record.set(&name, value.clone());
                // One that the column can't hold is for rules, not for rows.
                if record.holds(&name, &value).is_ok() {
                    break value;
                }
            };
            line.push(match (&value, value.to_sql_text()) {
                (_, None) => "NULL".into(),
                (Value::Decimal(_), Some(number)) => number,
                (_, Some(text)) => format!("'{}'", text.replace('\'', "''")),
            });
        }
        lines.push(format!("({id}, {})", line.join(", ")));
        records.push(record);
    }
    (records, format!("TRUNCATE \"Item\"; INSERT INTO \"Item\" VALUES {}", lines.join(", ")))
}

/// What PostgreSQL makes of a rule on one row: its state and the value that an UPDATE then leaves, or its error.
type Outcome = Result<(String, String), String>;

/// The statements of a rule; each can be followed by a further condition.
struct Statements {
    states: String,
    update: String,
    values: String,
}

impl Statements {
    fn compile(rule: &Rule, source: &Relation) -> Result<Self, RuleError> {
        let mut sql = SqlBuilder::new(source, AS_OF);
        let (taken, matched) = (sql.filter(rule.filter.as_ref())?, sql.any_arm_matches(rule)?);
        let (value, pairs) = (sql.rule_value(rule)?, sql.joined_pairs(rule)?);
        let from = format!("FROM (VALUES (1)) AS one_row (one){pairs}");
        let state = format!(
            "CASE WHEN ({taken}) IS NOT TRUE THEN 'left out' WHEN NOT {matched} THEN 'unmatched' ELSE 'given' END"
        );
        let column = &rule.column;
        // Both in one text, since a parameter that no statement has would have no type.
        let both = inline_parameters(&sql.finish(format!(
            "SELECT (SELECT {state} {from}) FROM \"Item\" WHERE true;\
             UPDATE \"Item\" SET {column} = (SELECT CASE WHEN {taken} THEN {value} ELSE {column} END {from}) WHERE true"
        )));
        let (states, update) = both.split_once(";UPDATE").expect("two statements");
        Ok(Self {
            states: states.into(),
            update: format!("UPDATE{update}"),
            values: format!("SELECT coalesce({column}::text, '(null)') FROM \"Item\" WHERE true"),
        })
    }

    /// On the rows of a condition, in order.
    fn outcomes(&self, session: &mut Session, rows: &str) -> Result<Vec<Outcome>, String> {
        let ordered = |sql: &str| format!("{sql} AND {rows} ORDER BY id");
        session.run("BEGIN");
        let done = session
            .try_run(&ordered(&self.states))
            .and_then(|()| session.try_run(&format!("{} AND {rows}", self.update)));
        let values = done.map(|()| session.rows(&ordered(&self.values)));
        session.run("ROLLBACK");
        let values = values?;
        let states = session.rows(&ordered(&self.states));
        let outcome = |(mut state, mut value): (Vec<String>, Vec<String>)| {
            Ok((state.remove(0), value.remove(0)))
        };
        Ok(states.into_iter().zip(values).map(outcome).collect())
    }

    /// On each row in order; by themselves where they fail together.
    fn all_outcomes(&self, session: &mut Session) -> Vec<Outcome> {
        let one = |session: &mut Session, id: u64| {
            self.outcomes(session, &format!("id = {id}")).and_then(|mut one| one.remove(0))
        };
        self.outcomes(session, "true")
            .unwrap_or_else(|_| (0..ROWS).map(|id| one(session, id)).collect())
    }
}

/// A value as it is compared here. Of the texts of a float that are equally short, PostgreSQL may show another one.
fn normal(text: &str, pair: &Pair) -> String {
    match (pair.family, pair.definition) {
        (_, "real") => {
            text.parse::<f32>().map_or(text.to_owned(), |number| (number + 0.0).to_string())
        }
        (_, "double precision") => {
            text.parse::<f64>().map_or(text.to_owned(), |number| (number + 0.0).to_string())
        }
        (Family::Number, _) => parse_decimal(without_zeros(text))
            .map_or_else(|| text.to_owned(), |number| number.normalize().to_string()),
        (Family::Moment, _) => text.trim_end_matches("+00").to_owned(),
        _ => text.to_owned(),
    }
}

/// PostgreSQL shows more digits than a number of the program has.
fn without_zeros(text: &str) -> &str {
    let plain = text.contains('.') && !text.contains('e');
    if plain { text.trim_end_matches('0') } else { text }
}

/// A rule, and what the row has in the columns that it reads.
fn told(rule: &Rule, row: &Record) -> String {
    let mut lines = vec![format!("update Item set {}", rule.column)];
    let mut read = rule.arm_columns();
    if let Some(filter) = &rule.filter {
        lines.push(format!("where {filter}"));
        read.extend(filter.columns().into_iter().map(str::to_owned));
    }
    for arm in rule.arms() {
        let condition = arm.condition.map_or_else(|| "otherwise".into(), |it| it.to_string());
        lines.push(format!("[{condition}, {}]", arm.value));
    }
    lines.extend(read.iter().map(|name| format!("{name}: {:?}", row.value(name))));
    lines.join("\n")
}

/// How often memory and PostgreSQL came to the same, and to what; what was not tried, by its reason.
type Tally = BTreeMap<String, usize>;

/// Compares one row; the kind of their agreement.
fn agreement(
    rule: &Rule,
    pair: &Pair,
    memory: Result<Decision, EvaluationError>,
    server: &Outcome,
) -> Result<String, String> {
    let decided = match memory {
        Err(error) => {
            return match server {
                Ok(found) if error.is_certain() => Err(format!("{error}, but {found:?}")),
                _ => Ok(if error.is_certain() { "refused" } else { "untried" }.into()),
            };
        }
        Ok(decision) => decision,
    };
    let (state, value) = server.as_ref().map_err(|error| format!("{decided:?}, but {error}"))?;
    let own = match &decided {
        Decision::LeftOut => ("left out", normal(value, pair)),
        Decision::Unmatched => ("unmatched", normal(value, pair)),
        Decision::Given { value, .. } => {
            let text = value.to_sql_text().unwrap_or_else(|| "(null)".into());
            ("given", normal(&text, pair))
        }
    };
    if own != (state.as_str(), normal(value, pair)) {
        return Err(format!("{decided:?}, but {state} {value:?}"));
    }
    let given = matches!(decided, Decision::Given { .. });
    Ok(if given { format!("given to {}", rule.column) } else { own.0.into() })
}

/// The functions that every row comes to: those of `where`, else of the first arm, or of the value.
fn functions(rule: &Rule) -> Vec<Function> {
    fn inside(expr: &Expr, found: &mut Vec<Function>) {
        if let Node::Call(function, _) = expr.node() {
            found.push(*function);
        }
        expr.node().children().into_iter().for_each(|child| inside(child, found));
    }
    let mut found = Vec::new();
    let arms = rule.arms();
    let first = arms.first().map(|arm| arm.condition.as_ref().unwrap_or(&arm.value));
    rule.filter.as_ref().or(first).into_iter().for_each(|expr| inside(expr, &mut found));
    found
}

fn agree(first: u64, rules: u64) -> Tally {
    let database = Database::empty();
    let columns = Columns::of(database.major());
    database.run(&columns.definition());
    let source = relation(&database);
    let mut session = database.session();
    session.run("SET TimeZone = 'UTC'; SET DateStyle = 'ISO, MDY'");
    let (makes, names, mut tally) =
        (RandomRules { columns: &columns }, columns.all(), Tally::new());
    for seed in first..first + rules / SHARED {
        let mut random = Random::of(seed);
        let (records, insert) = rows(&mut random, &columns);
        session.run(&insert);
        for number in 0..SHARED {
            let (target, pair) = &names[((seed + number) % names.len() as u64) as usize];
            let rule = makes.rule(&mut random, target);
            let compiled = Statements::compile(&rule, &source);
            let by_server = match &compiled {
                Ok(statements) => statements.all_outcomes(&mut session),
                Err(refused) => vec![Err(refused.to_string()); records.len()],
            };
            for (row, (record, server)) in records.iter().zip(&by_server).enumerate() {
                let memory = decide(&rule, record, AS_OF);
                let kind = agreement(&rule, pair, memory, server);
                let kind = kind.unwrap_or_else(|differ| {
                    let told = told(&rule, record);
                    panic!("seed {seed}, rule {number}, row {row}: {differ}\n{told}")
                });
                if kind != "refused" && kind != "untried" {
                    for function in functions(&rule) {
                        *tally.entry(format!("decided with {function:?}")).or_default() += 1;
                    }
                }
                *tally.entry(kind).or_default() += 1;
            }
        }
    }
    tally
}

#[test]
fn rows_in_memory_and_rows_in_postgresql_are_decided_alike() {
    let asked = std::env::var("LEORA_TEST_RULES").ok().and_then(|number| number.parse().ok());
    let rules: u64 = asked.unwrap_or(RULES);
    let (one, other) = std::thread::scope(|scope| {
        let one = scope.spawn(|| agree(1, rules));
        let other = scope.spawn(|| agree(100_001, rules));
        (one.join().expect("they agree"), other.join().expect("they agree"))
    });
    let mut all = one;
    other.into_iter().for_each(|(kind, times)| *all.entry(kind).or_default() += times);
    let with_function = |kind: &str| kind.starts_with("decided with ");
    let total: usize =
        all.iter().filter(|(kind, _)| !with_function(kind)).map(|(_, times)| times).sum();
    println!("{total} decisions, seeds from 1 and 100001: {all:?}");
    assert_eq!(total as u64, 2 * (rules / SHARED) * SHARED * ROWS);
    // A kind that hardly comes up would prove little.
    let columns = Columns::of(Database::empty().major());
    let given = columns.all().into_iter().map(|(name, _)| format!("given to {name}"));
    let called = Function::ALL.iter().map(|function| format!("decided with {function:?}"));
    for kind in given.chain(called).chain(["left out", "unmatched", "refused"].map(str::to_owned)) {
        // Which functions come up depends on the types that the version of the server has.
        let least = if with_function(&kind) { 40 } else { 100 };
        assert!(all.get(&kind).is_some_and(|times| *times > least), "{kind}: {all:?}");
    }
    assert!(all["untried"] < total / 5, "{all:?}");
}
