//! A table for each built-in type, with random rows and rules.

use leora_rule::{ColumnType, Kind};

use super::catalog::built_in;
use super::samples::{WITH_MODIFIERS, samples};
use crate::support::{Database, Random, Session};

const ROWS: u64 = 8;
const NULL: &str = "(null)";

/// A type of columns in this test.
pub struct Tried {
    /// Its table.
    pub table: String,
    /// As in CREATE TABLE, and in examples.
    pub name: String,
    /// Expressions that give its values.
    values: Vec<String>,
    /// Values as a script writes them, where a rule can give them.
    literals: Vec<String>,
    /// The comparisons that PostgreSQL has for its values.
    comparisons: &'static [&'static str],
    kind: Kind,
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

pub fn in_script(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A value as a script writes it, if it can.
fn literal(text: &str, kind: &Kind) -> Option<String> {
    match kind {
        Kind::Other => None,
        Kind::Bool => Some(text.to_owned()),
        Kind::Integer { .. } | Kind::Decimal | Kind::Float => {
            let plain = |sign: char| sign.is_ascii_digit() || ".-".contains(sign);
            text.chars().all(plain).then(|| text.to_owned())
        }
        _ => (!text.ends_with("infinity")).then(|| in_script(text)),
    }
}

/// The comparisons of a type, as the server has them.
fn comparisons(session: &mut Session, name: &str) -> &'static [&'static str] {
    let can = |session: &mut Session, clause: &str| {
        session
            .try_run(&format!("SELECT count(*) FROM (SELECT NULL::{name} AS v) AS t {clause}"))
            .is_ok()
    };
    match (can(session, "GROUP BY v"), can(session, "GROUP BY v ORDER BY v")) {
        (_, true) => &["==", "!=", "<", ">="],
        (true, false) => &["==", "!="],
        (false, false) => &[],
    }
}

/// Makes a table for each type. What the types are of, in arrays and domains, changes with the round.
pub fn tables(database: &Database, random: &mut Random) -> Vec<Tried> {
    let mut session = database.session();
    let mut all: Vec<(String, Vec<String>)> = Vec::new();
    for name in built_in(database) {
        let values = samples(&name).unwrap_or_else(|| panic!("samples.rs has no values of {name}"));
        all.push((name, values.iter().map(|text| (*text).to_owned()).collect()));
    }
    let with = |(name, values): &(&str, &[&str])| {
        ((*name).to_owned(), values.iter().map(|text| (*text).to_owned()).collect())
    };
    all.extend(WITH_MODIFIERS.iter().map(with));
    let mut tried = Vec::new();
    for (place, (name, texts)) in all.into_iter().enumerate() {
        let table = format!("T{place}");
        let own: Vec<String> =
            texts.iter().map(|text| format!("{}::{name}", quoted(text))).collect();
        let kind = ColumnType::named(&name).data_type().kind.clone();
        let form = random.below(4);
        let (declared, values, kind) = match form {
            0 => {
                let [one, other] = [&own[0], &own[random.below(own.len() as u64) as usize]];
                let several = [
                    format!("ARRAY[{one}]"),
                    format!("ARRAY[{other}, NULL, {one}]"),
                    format!("ARRAY[]::{name}[]"),
                ];
                (format!("{name}[]"), several.into(), Kind::Other)
            }
            1 => {
                session.run(&format!(
                    "CREATE DOMAIN d{place} AS {name}; CREATE DOMAIN dd{place} AS d{place}"
                ));
                (format!("dd{place}"), own, kind)
            }
            _ => (name.clone(), own, kind),
        };
        let given = if form == 0 { Kind::Other } else { kind.clone() };
        let literals = texts.iter().filter_map(|text| literal(text, &given)).collect();
        session.run(&format!(
            "CREATE TABLE \"{table}\" (id int PRIMARY KEY, n int, f boolean, a {declared}, b {declared}, c {declared}, d {declared})"
        ));
        let comparisons = comparisons(&mut session, &declared);
        // An example knows the type under a domain.
        let name = if form == 1 { name } else { declared };
        tried.push(Tried { table, name, values, literals, comparisons, kind });
    }
    tried
}

impl Tried {
    pub fn rows(&self, random: &mut Random) -> String {
        let mut value = || match random.one_in(4) {
            true => "NULL".to_owned(),
            false => self.values[random.below(self.values.len() as u64) as usize].clone(),
        };
        let rows: Vec<String> = (0..ROWS)
            .map(|id| {
                format!(
                    "({id}, {id}, {}, {}, {}, {}, {})",
                    id % 3 == 0,
                    value(),
                    value(),
                    value(),
                    value()
                )
            })
            .collect();
        format!("TRUNCATE \"{0}\"; INSERT INTO \"{0}\" VALUES {1};", self.table, rows.join(", "))
    }

    /// A condition that does not change with the run.
    fn condition(&self, random: &mut Random, [one, other]: [&str; 2]) -> String {
        match random.below(5) {
            0 => "col(\"f\")".into(),
            1 => format!("col(\"n\") < {}", random.below(ROWS)),
            2 => format!("col(\"{one}\").is_null()"),
            _ if self.comparisons.is_empty() => format!("not(col(\"{other}\").is_null())"),
            _ => format!("col(\"{one}\") {} col(\"{other}\")", random.pick(self.comparisons)),
        }
    }

    fn value(&self, random: &mut Random, [one, other]: [&str; 2]) -> String {
        match random.below(6) {
            0 => "()".into(),
            1 => format!("coalesce([col(\"{one}\"), col(\"{other}\")])"),
            2 | 3 if !self.literals.is_empty() => {
                self.literals[random.below(self.literals.len() as u64) as usize].clone()
            }
            4 => format!("col(\"{other}\")"),
            _ => format!("col(\"{one}\")"),
        }
    }

    /// A rule that sets one column from others.
    fn rule(&self, random: &mut Random, target: &str, from: [&str; 2]) -> String {
        let filter = match random.one_in(3) {
            true => format!(".where({})", self.condition(random, from)),
            false => String::new(),
        };
        let value = if random.one_in(3) {
            self.value(random, from)
        } else {
            let mut arms: Vec<String> = (0..1 + random.below(2))
                .map(|_| {
                    format!("[{}, {}]", self.condition(random, from), self.value(random, from))
                })
                .collect();
            if random.one_in(2) {
                arms.push(format!("[otherwise, {}]", self.value(random, from)));
            }
            format!("[{}]", arms.join(", "))
        };
        format!("update(\"{}\"){filter}.set(\"{target}\", {value});\n", self.table)
    }

    /// What rules make of the rows: `d` is set from what `a` then is.
    pub fn rules(&self, random: &mut Random) -> String {
        let [a, d] = [("a", ["b", "c"]), ("d", ["a", "c"])]
            .map(|(target, from)| self.rule(random, target, from));
        format!("{a}{d}")
    }

    /// Reads the rows by their values.
    pub fn shown(&self) -> String {
        format!("show(table(\"{}\").distribution_by(\"f\", \"a\"));\n", self.table)
    }

    /// Examples of every row, where a value can be written.
    pub fn examples(&self, before: &[Vec<String>], after: &[Vec<String>]) -> String {
        let mut text = String::new();
        for (row, (old, new)) in before.iter().zip(after).enumerate() {
            let cells: Option<Vec<String>> = ["n", "f", "a", "b", "c", "d"]
                .iter()
                .zip(old)
                .map(|(name, cell)| Some(format!("{name}: {}", self.cell(name, cell)?)))
                .collect();
            let Some(cells) = cells else { continue };
            for (target, cell) in [("a", &new[2]), ("d", &new[5])] {
                let Some(expected) = self.cell(target, cell) else { continue };
                text.push_str(&format!(
                    "example(\"{0} {row}\", #{{ {1} }}, \"{0}.{target}\", {expected});\n",
                    self.table,
                    cells.join(", ")
                ));
            }
        }
        text
    }

    fn cell(&self, name: &str, text: &str) -> Option<String> {
        match (text, name, &self.kind) {
            (NULL, ..) => Some("()".into()),
            (_, "n" | "f", _) => Some(text.to_owned()),
            (_, _, Kind::Other | Kind::Date | Kind::Timestamp | Kind::TimestampTz) => {
                Some(in_script(text))
            }
            _ => literal(text, &self.kind),
        }
    }

    pub fn stored(&self, session: &mut Session) -> Vec<Vec<String>> {
        let texts =
            ["n", "f", "a", "b", "c", "d"].map(|name| format!("coalesce({name}::text, '{NULL}')"));
        session.rows(&format!("SELECT {} FROM \"{}\" ORDER BY id", texts.join(", "), self.table))
    }
}
