//! What several variants of rules would make of one table, in one pass over it.

pub(crate) mod answer;
pub(crate) mod edges;
pub(crate) mod parts;

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::analysis::breakpoints::Breakpoints;
use crate::analysis::row_classes::Lumps;
use crate::model::typing::column;
use crate::{Boundary, DataType, Relation, Rule, RuleError, Sql, SqlBuilder};
use edges::{Edge, after, before, edges};
use parts::Parts;

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

impl WhatIf {
    /// Compiles the variants of the rules on a table; rows at most `near` days from a boundary are counted.
    ///
    /// # Errors
    /// [`RuleError`] when a rule means nothing on this table.
    pub fn compile(
        source: &Relation,
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
        let mut cuts = Breakpoints::on(as_of);
        rules().for_each(|rule| cuts.add_rule(rule));
        for edge in &edges {
            for at in [before(edge.at, near), edge.at, after(edge.at, near)] {
                cuts.add_moment(&edge.told.reads, at);
            }
        }
        let mut sql = SqlBuilder::new(source, as_of);
        let lumps = Lumps::of(source, &cuts, &names, &mut sql)?;
        let mut parts =
            Parts { lumps: &lumps, set: &names, sql: lumps.source.clone(), texts: vec![], as_of };
        for (number, variant) in variants.iter().enumerate() {
            let edges: Vec<(usize, &Edge)> =
                edges.iter().enumerate().filter(|(_, edge)| edge.variant == number).collect();
            parts.add(number, variant, &edges, near)?;
        }
        let text = format!("{} {}", lumps.with, parts.texts.join(" UNION ALL "));
        let sql = Sql { text, parameters: parts.sql.parameters().to_vec() };
        let mut set = Vec::new();
        for name in &names {
            set.push((name.clone(), column(&source.table, name)?.data_type.clone()));
        }
        Ok(Self {
            sql,
            set,
            table: source.table.name.clone(),
            variants: variants.iter().map(|variant| set_by(&variant.rules)).collect(),
            boundaries: edges.into_iter().map(|edge| edge.told).collect(),
        })
    }
}

fn set_by(rules: &[Rule]) -> BTreeSet<String> {
    rules.iter().map(|rule| rule.column.clone()).collect()
}
