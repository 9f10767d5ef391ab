//! The parts of the statement: each judges one variant on the lumps.

use jiff::civil::{Date, DateTime};

use super::super::lumps::Lumps;
use super::super::{
    Assignment, Expr, Rule, RuleError, Source, Sql, Value, quote_identifier, quote_literal,
};
use super::edges::{Edge, after, before};
use super::{Variant, set_by};

/// What a row of the statement counts.
pub(super) const TAKEN: &str = "taken";
pub(super) const DECIDABLE: &str = "decidable";
/// Rows that are in both, of rules that can't be opened further.
pub(super) const BOTH: &str = "both";
pub(super) const NEAR: &str = "near";

/// The parts of the statement, a SELECT each.
pub(super) struct Parts<'l> {
    pub(super) lumps: &'l Lumps,
    /// The lumps, with the parameters so far.
    pub(super) sql: Source,
    pub(super) texts: Vec<String>,
    pub(super) as_of: Date,
}

impl Parts<'_> {
    /// Adds what a variant makes of the lumps, and the rows near its boundaries.
    pub(super) fn add(
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
        let subject = quote_literal(name);
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
