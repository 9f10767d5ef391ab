//! The parts of the statement: each judges one variant on the lumps.

use std::collections::BTreeSet;

use jiff::civil::{Date, DateTime};

use crate::analysis::row_classes::Lumps;
use crate::analysis::what_if::edges::{Edge, after, before};
use crate::analysis::what_if::{Variant, set_by};
use crate::{Assignment, Expr, Relation, Rule, RuleError, Sql, Value, quote_identifier};

/// What a row of the statement counts.
pub(crate) const TAKEN: &str = "taken";
pub(crate) const DECIDABLE: &str = "decidable";
/// Rows that are in both, of rules that can't be opened further.
pub(crate) const BOTH: &str = "both";
pub(crate) const NEAR: &str = "near";

/// The cells of a column that a variant does not set.
const NOTHING: &str = "NULL::text, NULL::text, NULL::text, NULL::text";

/// The parts of the statement, a SELECT each. Their columns: the variant, what is counted, the boundary, rows (before the
/// boundary), rows after it; then for each column that some variant sets whether a rule took the row, the value of
/// now, the value then, and whether they differ.
pub(crate) struct Parts<'l> {
    pub(crate) lumps: &'l Lumps,
    /// The columns that some variant sets.
    pub(crate) set: &'l [String],
    /// The lumps, with the parameters so far.
    pub(crate) sql: Relation,
    pub(crate) texts: Vec<String>,
    pub(crate) as_of: Date,
}

impl Parts<'_> {
    /// Adds what a variant makes of the lumps, and the rows near its boundaries.
    pub(crate) fn add(
        &mut self,
        number: usize,
        variant: &Variant,
        edges: &[(usize, &Edge)],
        near: u16,
    ) -> Result<(), RuleError> {
        let opened: Vec<Rule> = variant.rules.iter().map(Rule::including_decided).collect();
        let columns = set_by(&variant.rules);
        let judged = self.judged(&opened)?;
        let same = opened == variant.rules;
        let part = if same { BOTH } else { DECIDABLE };
        self.count_all(number, &columns, part, &judged);
        for (index, edge) in edges {
            self.near(*index, edge, near, &judged);
        }
        if !same {
            let judged = self.judged(&variant.rules)?;
            self.count_all(number, &columns, TAKEN, &judged);
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
        self.sql = Relation::from_sql(self.sql.table.clone(), lumps);
        Ok(source.text().to_owned())
    }

    /// Counts the lumps by what becomes of all columns together: to plan a SELECT for each would take longer than to
    /// read them. Values that are equal and not the same, such as 1.5 and 1.50, have one text only in a count of their
    /// own.
    fn count_all(&mut self, number: usize, columns: &BTreeSet<String>, part: &str, judged: &str) {
        let one_text = |name: &&String| {
            let column = self.sql.table.column(name);
            column.is_none_or(|column| column.data_type.has_one_text())
        };
        let (together, alone): (Vec<String>, Vec<String>) =
            columns.iter().cloned().partition(|name| one_text(&name));
        let alone = alone.into_iter().map(|name| BTreeSet::from([name]));
        for columns in std::iter::once(together.into_iter().collect()).chain(alone) {
            self.count(number, &columns, part, judged);
        }
    }

    fn count(&mut self, number: usize, columns: &BTreeSet<String>, part: &str, judged: &str) {
        let (mut cells, mut groups, mut taken_by) = (Vec::new(), Vec::new(), Vec::new());
        for name in self.set {
            let (old, taken) = (self.lumps.before(name), self.lumps.taken(name));
            let (Some(old), Some(taken), true) = (old, taken, columns.contains(name)) else {
                cells.push(NOTHING.to_owned());
                continue;
            };
            let (new, taken) = (quote_identifier(name), quote_identifier(taken));
            let data_type = self.sql.table.column(name).map(|column| &column.data_type);
            let told = |value: &str| {
                data_type
                    .map_or_else(|| value.to_owned(), |data_type| data_type.grouped_text(value))
            };
            let differs = format!("({old} IS DISTINCT FROM {new})::text");
            cells.push(format!("{taken}::text, {}, {}, {differs}", told(&old), told(&new)));
            groups.push(format!("{taken}, {old}, {new}"));
            taken_by.push(taken);
        }
        if taken_by.is_empty() {
            return;
        }
        self.texts.push(format!(
            "SELECT '{number}'::text, '{part}'::text, NULL::text, sum({})::text, NULL::text, {} \
             FROM {judged} AS judged WHERE {} GROUP BY {}",
            self.lumps.rows(),
            cells.join(", "),
            taken_by.join(" OR "),
            groups.join(", "),
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
        let cells = vec![NOTHING; self.set.len()];
        self.texts.push(format!(
            "SELECT NULL, '{NEAR}', '{index}', (sum({rows}) FILTER (WHERE {date} < {on}))::text, \
             (sum({rows}) FILTER (WHERE {date} >= {on}))::text, {} \
             FROM {judged} AS judged WHERE {taken} AND {date} >= {from} AND {date} < {to}",
            cells.join(", "),
        ));
        let lumps = Sql { text: self.sql.text().to_owned(), parameters };
        self.sql = Relation::from_sql(self.sql.table.clone(), lumps);
    }
}
