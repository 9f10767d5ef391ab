//! Compiles the statement that evaluates all variants on the row classes of a table.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::analysis::breakpoints::Breakpoints;
use crate::analysis::row_classes::RowClasses;
use crate::analysis::what_if::boundaries::find_boundaries;
use crate::analysis::what_if::parts::Parts;
use crate::distinct::distinct;
use crate::{Boundary, DataType, Reach, Relation, RuleError, Sql, SqlBuilder, Variant};

/// The statement that evaluates all variants, and what its rows mean.
#[derive(Debug)]
pub struct WhatIf {
    /// The statement. It reads the table once.
    pub sql: Sql,
    /// The columns that some variant sets.
    pub(super) set: Vec<(String, DataType)>,
    pub(super) table: String,
    /// The columns that each variant sets.
    pub(super) variants: Vec<BTreeSet<String>>,
    pub(super) boundaries: Vec<Boundary>,
    /// The columns whose values other rows give, as scripts name them.
    pub(super) figures: Vec<(String, String)>,
}

impl WhatIf {
    /// Compiles the variants of the rules on a table, for the rows of this reach; rows at most `near` days from a boundary
    /// are counted too.
    ///
    /// # Errors
    /// [`RuleError`] when a rule means nothing on this table.
    pub fn compile(
        source: &Relation,
        variants: &[Variant],
        reach: Reach,
        as_of: Date,
        near: u16,
    ) -> Result<Self, RuleError> {
        let rules = || variants.iter().flat_map(|variant| &variant.rules);
        let names = distinct(rules().map(|rule| rule.column.clone()));
        let boundaries = find_boundaries(source, variants, as_of, near);
        let mut breakpoints = Breakpoints::new(as_of);
        rules().for_each(|rule| breakpoints.add_rule(rule));
        for boundary in &boundaries {
            for at in boundary.window(near) {
                breakpoints.add_moment(&boundary.found.reads, at);
            }
        }
        let mut sql = SqlBuilder::new(source, as_of);
        let classes = RowClasses::compile(source, &breakpoints, &names, &mut sql)?;
        let mut parts = Parts::new(&classes, &names, as_of);
        for (number, variant) in variants.iter().enumerate() {
            parts.add_variant(number, variant, reach, &boundaries, near)?;
        }
        let sql = parts.finish();
        let mut set = Vec::new();
        for name in &names {
            set.push((name.clone(), source.table.require_column(name)?.data_type.clone()));
        }
        Ok(Self {
            sql,
            set,
            table: source.table.name.clone(),
            variants: variants.iter().map(Variant::columns).collect(),
            boundaries: boundaries.into_iter().map(|one| one.found).collect(),
            figures: source
                .table
                .columns
                .iter()
                .filter_map(|column| {
                    Some((column.name.clone(), column.figure.as_ref()?.shown.clone()))
                })
                .collect(),
        })
    }
}
