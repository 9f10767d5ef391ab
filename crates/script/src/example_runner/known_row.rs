//! What rules read of a row and of the rows that belong to it.

use std::collections::{BTreeMap, BTreeSet};

use leora_report::Finding;
use leora_rule::{Expr, FigureSource, Rule, nearest, outer_name};

use crate::example::ExampleRow;

/// The columns that rules read of a row, and the rows of other tables that they read beside it.
#[derive(Debug, Default)]
pub(crate) struct KnownRow {
    columns: BTreeSet<String>,
    related: BTreeMap<String, KnownRow>,
    parents: BTreeMap<String, KnownRow>,
    /// Whether it is ranked among other rows of its table.
    is_ranked: bool,
}

impl KnownRow {
    pub(crate) fn add_rule(&mut self, rule: &Rule) {
        self.columns.insert(rule.column.clone());
        self.columns.extend(rule.arm_columns().into_iter().filter(|name| !name.starts_with('#')));
        rule.expressions().iter().for_each(|expr| self.add(expr));
    }

    fn add(&mut self, expr: &Expr) {
        let figures = expr.figures();
        let is_figure = |name: &str| figures.iter().any(|figure| figure.name() == name);
        let own = expr.columns().into_iter().filter(|name| !is_figure(name));
        self.columns.extend(own.map(str::to_owned));
        for figure in &figures {
            let source = figure.source();
            let row = match source {
                FigureSource::Parent { link, .. } => {
                    self.columns.extend(link.own_columns(true));
                    self.parents.entry(link.name().to_owned()).or_default()
                }
                FigureSource::Related { link, .. } => {
                    self.columns.extend(link.own_columns(false));
                    self.related.entry(link.name().to_owned()).or_default()
                }
                FigureSource::Rank { .. } => {
                    self.is_ranked = true;
                    &mut *self
                }
            };
            source.expressions().into_iter().for_each(|inner| row.add(inner));
            let outer: Vec<String> =
                row.columns.iter().filter_map(|name| outer_name(name)).map(str::to_owned).collect();
            row.columns.retain(|name| outer_name(name).is_none());
            self.columns.extend(outer);
        }
    }

    /// What an example gives and no rule reads. `of` is what the row is called: a table, or what it is to the row above.
    pub(crate) fn unknown(
        &self,
        row: &ExampleRow,
        of: &str,
        finding: &impl Fn(String, String) -> Finding,
    ) -> Vec<Finding> {
        let mut found = Vec::new();
        let mut report = |names: Vec<&str>, known: Vec<&str>, what: &str| {
            for name in names.into_iter().filter(|name| !known.contains(name)) {
                let help = match nearest(name, known.iter().copied()) {
                    Some(near) => format!("did you mean {near}?"),
                    None if known.is_empty() => "take it out".into(),
                    None => format!("{what} that its rules use are {}", known.join(", ")),
                };
                let verb = if what == "the columns" { "reads or sets" } else { "reads" };
                let message =
                    format!("no rule on {of} {verb} {name}, so it changes nothing in this example");
                found.push(finding(message, help));
            }
        };
        let columns = row.cells.iter().map(|(name, _)| name.as_str()).collect();
        report(columns, self.columns.iter().map(String::as_str).collect(), "the columns");
        let tables = row.related.iter().map(|(name, _)| name.as_str()).collect();
        report(tables, self.related.keys().map(String::as_str).collect(), "the related tables");
        let parents = row.parents.iter().map(|(name, _)| name.as_str()).collect();
        report(parents, self.parents.keys().map(String::as_str).collect(), "the parents");
        if !row.others.is_empty() && !self.is_ranked {
            found.push(finding(
                format!("no rule on {of} ranks its rows, so others change nothing in this example"),
                "take them out".into(),
            ));
        }
        for (name, rows) in &row.related {
            let known = self.related.get(name);
            let inner =
                known.into_iter().flat_map(|known| rows.iter().map(move |row| (known, row)));
            found.extend(inner.flat_map(|(known, row)| known.unknown(row, name, finding)));
        }
        for (name, parent) in &row.parents {
            let known = self.parents.get(name);
            found.extend(known.into_iter().flat_map(|known| known.unknown(parent, name, finding)));
        }
        found.extend(row.others.iter().flat_map(|other| self.unknown(other, of, finding)));
        found
    }
}
