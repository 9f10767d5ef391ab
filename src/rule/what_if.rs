//! What several variants of rules would make of one table, in one pass over it.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};

use super::cuts::{Cuts, threshold, threshold_moment};
use super::lumps::Lumps;
use super::typing::column;
use super::{
    Assignment, Boundary, DataType, Expr, Kind, Node, Outlook, Population, Rule, RuleError, Source,
    Sql, SqlBuilder, Transition, Value, quote_identifier,
};

/// The rules of one combination of settings on one table, in order.
#[derive(Clone, Debug)]
pub struct Variant {
    /// The settings in force, with their values.
    pub settings: Vec<(String, String)>,
    /// The rules.
    pub rules: Vec<Rule>,
}

/// The statement that judges all variants, and what its rows mean.
#[derive(Debug)]
pub struct WhatIf {
    /// The statement. It reads the table once.
    pub sql: Sql,
    set: Vec<(String, DataType)>,
    table: String,
    variants: Vec<BTreeSet<String>>,
    boundaries: Vec<Boundary>,
}

/// A boundary, and the first variant that has it.
struct Edge {
    variant: usize,
    at: DateTime,
    told: Boundary,
}

impl WhatIf {
    /// Compiles the variants of the rules on a table; rows at most `near` days from a boundary are counted.
    ///
    /// # Errors
    /// [`RuleError`] when a rule means nothing on this table.
    pub fn compile(
        source: &Source,
        variants: &[Variant],
        as_of: Date,
        near: u16,
    ) -> Result<Self, RuleError> {
        let rules = || variants.iter().flat_map(|variant| &variant.rules);
        let mut names: Vec<String> = Vec::new();
        for rule in rules() {
            if !names.contains(&rule.column) {
                names.push(rule.column.clone());
            }
        }
        let edges = edges(source, variants, as_of, near);
        let mut cuts = Cuts::on(as_of);
        rules().for_each(|rule| cuts.add_rule(rule));
        for edge in &edges {
            for at in [before(edge.at, near), edge.at, after(edge.at, near)] {
                cuts.add_moment(&edge.told.reads, at);
            }
        }
        let mut sql = SqlBuilder::over(source, as_of);
        let lumps = Lumps::of(source, &cuts, &names, &mut sql)?;
        let mut parts = Parts { lumps: &lumps, sql: lumps.source.clone(), texts: vec![], as_of };
        for (number, variant) in variants.iter().enumerate() {
            let edges: Vec<(usize, &Edge)> =
                edges.iter().enumerate().filter(|(_, edge)| edge.variant == number).collect();
            parts.add(number, variant, &edges, near)?;
        }
        let text = format!("{} {}", lumps.with, parts.texts.join(" UNION ALL "));
        let sql = Sql { text, parameters: parts.sql.parameters().to_vec() };
        let mut set = Vec::new();
        for name in names {
            set.push((name.clone(), column(&source.table, &name)?.data_type.clone()));
        }
        Ok(Self {
            sql,
            set,
            table: source.table.name.clone(),
            variants: variants.iter().map(|variant| set_by(&variant.rules)).collect(),
            boundaries: edges.into_iter().map(|edge| edge.told).collect(),
        })
    }

    /// What the rows of the statement say: the columns of each variant, and the boundaries.
    pub fn read(self, rows: Vec<Vec<Option<String>>>) -> (Vec<Vec<Outlook>>, Vec<Boundary>) {
        let mut boundaries = self.boundaries;
        let outlook = |set: &BTreeSet<String>| -> Vec<Outlook> {
            let ordered = self.set.iter().filter(|(name, _)| set.contains(name));
            ordered.map(|(name, _)| empty(&self.table, name)).collect()
        };
        let mut variants: Vec<Vec<Outlook>> = self.variants.iter().map(outlook).collect();
        for mut row in rows {
            row.resize(7, None);
            let Ok([variant, subject, part, old, new, changed, count]) =
                <[Option<String>; 7]>::try_from(row)
            else {
                continue;
            };
            let number = |text: &Option<String>| text.as_ref().and_then(|text| text.parse().ok());
            let rows: u64 = number(&count).unwrap_or(0);
            let (subject, part) = (subject.unwrap_or_default(), part.unwrap_or_default());
            if part == NEAR {
                if let Some(boundary) =
                    subject.parse().ok().and_then(|at: usize| boundaries.get_mut(at))
                {
                    boundary.before = number(&old).unwrap_or(0);
                    boundary.after = number(&new).unwrap_or(0);
                }
                continue;
            }
            let variant = number(&variant).and_then(|at| variants.get_mut(at as usize));
            let Some(outlook) =
                variant.and_then(|all| all.iter_mut().find(|one| one.column == subject))
            else {
                continue;
            };
            let changed = changed.as_deref() == Some("true");
            for (population, name) in
                [(&mut outlook.taken, TAKEN), (&mut outlook.decidable, DECIDABLE)]
            {
                if part == name || part == BOTH {
                    add(population, &old, &new, changed, rows);
                }
            }
        }
        for outlook in variants.iter_mut().flatten() {
            let Some((_, data_type)) = self.set.iter().find(|(name, _)| *name == outlook.column)
            else {
                continue;
            };
            for population in [&mut outlook.taken, &mut outlook.decidable] {
                population
                    .distribution
                    .sort_by_key(|(value, _)| place(data_type, value.as_deref()));
                population.transitions.sort_by_key(|one| {
                    (
                        place(data_type, one.old.as_deref()).not_last(),
                        place(data_type, one.new.as_deref()),
                    )
                });
            }
        }
        (variants, boundaries)
    }
}

/// What a row of the statement counts.
const TAKEN: &str = "taken";
const DECIDABLE: &str = "decidable";
/// Rows that are in both, of rules that can't be opened further.
const BOTH: &str = "both";
const NEAR: &str = "near";

fn set_by(rules: &[Rule]) -> BTreeSet<String> {
    rules.iter().map(|rule| rule.column.clone()).collect()
}

fn empty(table: &str, column: &str) -> Outlook {
    let (taken, decidable) = (Population::default(), Population::default());
    Outlook { table: table.to_owned(), column: column.to_owned(), taken, decidable }
}

fn add(
    population: &mut Population,
    old: &Option<String>,
    new: &Option<String>,
    changed: bool,
    rows: u64,
) {
    match population.distribution.iter_mut().find(|(value, _)| value == new) {
        Some((_, sum)) => *sum += rows,
        None => population.distribution.push((new.clone(), rows)),
    }
    if changed {
        population.transitions.push(Transition { old: old.clone(), new: new.clone(), rows });
    }
}

/// The place of a value among those of its type.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
struct PlaceOf {
    missing: bool,
    number: f64,
    text: String,
}

impl Eq for PlaceOf {}

impl Ord for PlaceOf {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let missing = self.missing.cmp(&other.missing);
        missing.then(self.number.total_cmp(&other.number)).then_with(|| self.text.cmp(&other.text))
    }
}

impl PlaceOf {
    /// The same with no value before any other.
    fn not_last(self) -> (bool, Self) {
        (!self.missing, self)
    }
}

fn place(data_type: &DataType, value: Option<&str>) -> PlaceOf {
    let text = value.unwrap_or_default().to_owned();
    let number = match &data_type.kind {
        Kind::Enum { labels, .. } => {
            labels.iter().position(|label| *label == text).unwrap_or(labels.len()) as f64
        }
        Kind::Integer { .. } | Kind::Decimal | Kind::Float => text.parse().unwrap_or(0.0),
        _ => 0.0,
    };
    PlaceOf { missing: value.is_none(), number, text }
}

/// The parts of the statement, a SELECT each.
struct Parts<'l> {
    lumps: &'l Lumps,
    /// The lumps, with the parameters so far.
    sql: Source,
    texts: Vec<String>,
    as_of: Date,
}

impl Parts<'_> {
    fn add(
        &mut self,
        number: usize,
        variant: &Variant,
        edges: &[(usize, &Edge)],
        near: u16,
    ) -> Result<(), RuleError> {
        let opened: Vec<Rule> = variant.rules.iter().map(Rule::opened).collect();
        let columns = set_by(&variant.rules);
        let judged = self.judged(&opened)?;
        let same = opened == variant.rules;
        let part = if same { BOTH } else { DECIDABLE };
        columns.iter().for_each(|name| self.count(number, name, part, &judged));
        for (index, edge) in edges {
            self.near(*index, edge, near, &judged);
        }
        if !same {
            let judged = self.judged(&variant.rules)?;
            columns.iter().for_each(|name| self.count(number, name, TAKEN, &judged));
        }
        Ok(())
    }

    /// The lumps as these rules would leave them, with a mark on those that a rule took.
    fn judged(&mut self, rules: &[Rule]) -> Result<String, RuleError> {
        let mut source = self.sql.clone();
        for rule in rules {
            if let Some(taken) = self.lumps.taken(&rule.column) {
                let yes = Assignment::Value(Expr::literal(Value::Bool(true)));
                let marks = Rule { column: taken.to_owned(), assignment: yes, ..rule.clone() };
                source = source.after(&marks, self.as_of)?;
            }
            source = source.after(rule, self.as_of)?;
        }
        let lumps =
            Sql { text: self.sql.text().to_owned(), parameters: source.parameters().to_vec() };
        self.sql = Source::from_sql(self.sql.table.clone(), lumps);
        Ok(source.text().to_owned())
    }

    fn count(&mut self, number: usize, name: &str, part: &str, judged: &str) {
        let (Some(old), Some(taken)) = (self.lumps.before(name), self.lumps.taken(name)) else {
            return;
        };
        let (new, taken, rows) =
            (quote_identifier(name), quote_identifier(taken), self.lumps.rows());
        let data_type = self.sql.table.column(name).map(|column| &column.data_type);
        let told = |value: &str| {
            data_type.map_or_else(|| value.to_owned(), |data_type| data_type.grouped_text(value))
        };
        let subject = super::quote_literal(name);
        self.texts.push(format!(
            "SELECT '{number}'::text, {subject}::text, '{part}'::text, {}, {}, ({old} IS DISTINCT FROM {new})::text, sum({rows})::text \
             FROM {judged} AS judged WHERE {taken} GROUP BY {old}, {new}",
            told(&old),
            told(&new),
        ));
    }

    fn near(&mut self, index: usize, edge: &Edge, near: u16, judged: &str) {
        let Some(taken) = self.lumps.taken(&edge.told.column) else { return };
        let (taken, rows) = (quote_identifier(taken), self.lumps.rows());
        let date = quote_identifier(&edge.told.reads);
        let mut parameters = self.sql.parameters().to_vec();
        let mut at = |moment: DateTime| {
            parameters.push(Value::Timestamp(moment).to_sql_text());
            format!("${}::text::timestamp", parameters.len())
        };
        let (from, on, to) = (at(before(edge.at, near)), at(edge.at), at(after(edge.at, near)));
        self.texts.push(format!(
            "SELECT NULL, '{index}'::text, '{NEAR}'::text, (sum({rows}) FILTER (WHERE {date} < {on}))::text, \
             (sum({rows}) FILTER (WHERE {date} >= {on}))::text, NULL, NULL \
             FROM {judged} AS judged WHERE {taken} AND {date} >= {from} AND {date} < {to}",
        ));
        let lumps = Sql { text: self.sql.text().to_owned(), parameters };
        self.sql = Source::from_sql(self.sql.table.clone(), lumps);
    }
}

fn before(at: DateTime, days: u16) -> DateTime {
    at.saturating_sub(i64::from(days).days())
}

fn after(at: DateTime, days: u16) -> DateTime {
    at.saturating_add(i64::from(days).days())
}

/// The days at which the arms of the variants begin or stop to match.
fn edges(source: &Source, variants: &[Variant], as_of: Date, near: u16) -> Vec<Edge> {
    let mut edges: Vec<Edge> = Vec::new();
    for (number, variant) in variants.iter().enumerate() {
        for rule in &variant.rules {
            let mut found = Vec::new();
            for condition in rule.arms().iter().filter_map(|arm| arm.condition.as_ref()) {
                comparisons(condition, &mut found);
            }
            for condition in found {
                let Some(edge) = edge(source, rule, &condition, as_of, near) else { continue };
                let edge = Edge { variant: number, ..edge };
                let settings = settings_of(&condition, &variant.settings);
                let same = |known: &&mut Edge| {
                    known.at == edge.at
                        && known.told.column == rule.column
                        && known.told.reads == edge.told.reads
                };
                let known = match edges.iter_mut().find(same) {
                    Some(known) => known,
                    None => {
                        edges.push(edge);
                        edges.last_mut().expect("one was pushed")
                    }
                };
                for setting in settings {
                    if !known.told.settings.contains(&setting) {
                        known.told.settings.push(setting);
                    }
                }
            }
        }
    }
    edges.sort_by_key(|edge| {
        (edge.told.column.clone(), edge.told.reads.clone(), std::cmp::Reverse(edge.at))
    });
    edges
}

fn comparisons(expr: &Expr, found: &mut Vec<Expr>) {
    if matches!(expr.node(), Node::Within(..) | Node::Compare(..)) {
        found.push(expr.clone());
    }
    expr.node().children().into_iter().for_each(|child| comparisons(child, found));
}

fn edge(source: &Source, rule: &Rule, condition: &Expr, as_of: Date, near: u16) -> Option<Edge> {
    let threshold = threshold(condition, as_of)?;
    let column = source.table.column(threshold.column)?;
    let at = threshold_moment(&threshold, column)?;
    let told = Boundary {
        table: rule.table.clone(),
        column: rule.column.clone(),
        reads: column.name.clone(),
        condition: condition.to_string(),
        settings: vec![],
        on: at.date(),
        days: near,
        before: 0,
        after: 0,
    };
    Some(Edge { variant: 0, at, told })
}

/// The settings whose value is the period of a condition.
fn settings_of(condition: &Expr, settings: &[(String, String)]) -> Vec<String> {
    let periods: Vec<String> = match condition.node() {
        Node::Within(_, period) => vec![period.to_string()],
        Node::Compare(_, a, b) => [a, b]
            .iter()
            .filter_map(|side| match side.node() {
                Node::Ago(period) => Some(period.to_string()),
                _ => None,
            })
            .collect(),
        _ => vec![],
    };
    settings
        .iter()
        .filter(|(_, value)| periods.contains(value))
        .map(|(name, value)| format!("{name}={value}"))
        .collect()
}
