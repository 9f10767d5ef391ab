//! A random rule as SQL that is written from its terms alone: a subquery for each value of each row.

use super::term::{RandomRule, Term, Way};

/// The business date.
pub const AS_OF: &str = "2025-07-01";

fn target(column: &str) -> &'static str {
    match column {
        "number" => "numeric",
        "label" => "\"Mood\"",
        "moment" => "timestamp",
        "truth" => "boolean",
        _ => "text",
    }
}

/// The rule, or those that set several columns of a table at once, as an UPDATE.
pub fn update(rules: &[RandomRule]) -> String {
    let RandomRule { table, filter, .. } = &rules[0];
    let mut sql = Reference { tables: vec![*table] };
    let mut columns = Vec::new();
    for rule in rules {
        let mut arms = String::new();
        for (condition, value) in &rule.arms {
            let condition =
                condition.as_ref().map_or("true".into(), |condition| sql.term(condition, "t0", ""));
            let value = sql.term(value, "t0", "");
            arms.push_str(&format!(" WHEN {condition} THEN ({value})::{}", target(rule.column)));
        }
        let column = format!("\"{}\"", rule.column);
        columns.push(format!("{column} = CASE{arms} ELSE t0.{column} END"));
    }
    let filter = filter.as_ref().map_or("true".into(), |filter| sql.term(filter, "t0", ""));
    format!("UPDATE \"{table}\" t0 SET {} WHERE ({filter})", columns.join(", "))
}

struct Reference {
    /// The table of each alias: that of `t0` first.
    tables: Vec<&'static str>,
}

impl Reference {
    fn alias(&mut self, table: &'static str) -> String {
        self.tables.push(table);
        format!("t{}", self.tables.len() - 1)
    }

    fn table(&self, alias: &str) -> &'static str {
        let number: usize = alias.trim_start_matches('t').parse().expect("a number");
        self.tables[number]
    }

    fn joined(way: &Way, other: &str, own: &str) -> String {
        let pairs = way.pairs.iter();
        let same = pairs.map(|(theirs, mine)| format!("{other}.\"{theirs}\" = {own}.\"{mine}\""));
        same.collect::<Vec<_>>().join(" AND ")
    }

    fn term(&mut self, term: &Term, own: &str, outer: &str) -> String {
        match term {
            Term::Missing => "NULL".into(),
            Term::Number(number) => (*number).into(),
            Term::Text(text) => format!("'{}'", text.replace('\'', "''")),
            Term::Label(label) => format!("'{label}'::\"Mood\""),
            Term::Truth(truth) => truth.to_string(),
            Term::Ago(months) => {
                format!("(timestamp '{AS_OF}' - interval '{months} months')")
            }
            Term::Column(name) => format!("{own}.\"{name}\""),
            Term::Outer(name) => format!("{outer}.\"{name}\""),
            Term::Calculate(operator, a, b) => {
                format!("({} {operator} {})", self.term(a, own, outer), self.term(b, own, outer))
            }
            Term::Coalesce(a, b) => {
                format!("coalesce({}, {})", self.term(a, own, outer), self.term(b, own, outer))
            }
            Term::Parent(way, value) => {
                let other = self.alias(way.other);
                let (value, same) = (self.term(value, &other, ""), Self::joined(way, &other, own));
                format!("(SELECT {value} FROM \"{}\" {other} WHERE {same})", way.other)
            }
            Term::Related { way, filter, made, of } => {
                let other = self.alias(way.other);
                let mut taken = Self::joined(way, &other, own);
                if let Some(filter) = filter {
                    taken.push_str(&format!(" AND ({})", self.term(filter, &other, own)));
                }
                let of = of.as_ref().map(|of| self.term(of, &other, "")).unwrap_or_default();
                let made = match *made {
                    "count" => "count(*)".into(),
                    "exists" => "count(*) > 0".into(),
                    "count_distinct" => format!("count(DISTINCT {of})"),
                    "sum" => format!("coalesce(sum(({of})::numeric), 0)"),
                    "average" => format!("avg(({of})::numeric)"),
                    other => format!("{other}({of})"),
                };
                format!("(SELECT {made} FROM \"{}\" {other} WHERE {taken})", way.other)
            }
            Term::Rank { .. } => self.rank(term, own),
            Term::Compare(operator, a, b) => {
                let operator = match *operator {
                    "==" => "=",
                    "!=" => "<>",
                    other => other,
                };
                format!("({} {operator} {})", self.term(a, own, outer), self.term(b, own, outer))
            }
            Term::IsMissing(a) => format!("({} IS NULL)", self.term(a, own, outer)),
            Term::IsOneOf(a, values) => {
                let list: Vec<String> =
                    values.iter().map(|one| self.term(one, own, outer)).collect();
                format!("({} IN ({}))", self.term(a, own, outer), list.join(", "))
            }
            Term::Within(a, months) => {
                let since = self.term(&Term::Ago(*months), own, outer);
                format!("({} >= {since})", self.term(a, own, outer))
            }
            Term::And(a, b) => {
                format!("({} AND {})", self.term(a, own, outer), self.term(b, own, outer))
            }
            Term::Or(a, b) => {
                format!("({} OR {})", self.term(a, own, outer), self.term(b, own, outer))
            }
            Term::Not(a) => format!("(NOT {})", self.term(a, own, outer)),
        }
    }

    /// A rank as the window function of it, over the rows that have the value; the share at the top is counted.
    fn rank(&mut self, term: &Term, own: &str) -> String {
        let Term::Rank { name, count, value, by, among } = term else { return String::new() };
        let table = self.table(own);
        let other = self.alias(table);
        let value = self.term(value, &other, "");
        let among = among.as_ref().map_or("true".into(), |among| self.term(among, &other, ""));
        let by: Vec<String> = by.iter().map(|name| format!("{other}.\"{name}\"")).collect();
        let by =
            if by.is_empty() { String::new() } else { format!("PARTITION BY {}", by.join(", ")) };
        let place = match *name {
            "ntile" => format!("ntile({count}) OVER ({by} ORDER BY {value}, {other}.id)"),
            "top_percent" => format!(
                "100 * (count(*) OVER ({by} ORDER BY {value} DESC RANGE UNBOUNDED PRECEDING) - count(*) OVER ({by} ORDER BY {value} RANGE BETWEEN CURRENT ROW AND CURRENT ROW)) < {count} * count(*) OVER ({by})"
            ),
            name => format!("{name}() OVER ({by} ORDER BY {value})"),
        };
        format!(
            "(SELECT place FROM (SELECT {other}.id, {place} AS place FROM \"{table}\" {other} \
               WHERE ({value}) IS NOT NULL AND ({among})) ranked WHERE ranked.id = {own}.id)"
        )
    }
}
