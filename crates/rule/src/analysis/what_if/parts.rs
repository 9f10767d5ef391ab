//! The parts of the statement: each evaluates one variant on the row classes.

use std::collections::BTreeSet;

use jiff::civil::{Date, DateTime};

use crate::analysis::row_classes::RowClasses;
use crate::analysis::what_if::boundaries::VariantBoundary;
use crate::sql::own_names::{differ, operation};
use crate::sql::table::AS_TEXT;
use crate::{
    Assignment, Expr, Reach, Relation, Rule, RuleError, Sql, Value, Variant, quote_identifier,
};

/// What a row of the statement counts: rows that `where` takes, ...
pub(super) const TAKEN: &str = "taken";
/// ... rows that the rules could decide, ...
pub(super) const DECIDABLE: &str = "decidable";
/// ... rows that are both, where the two are the same, ...
pub(super) const BOTH: &str = "both";
/// ... or rows near a boundary.
pub(super) const NEAR: &str = "near";

/// The cells of a column that a variant does not set.
const NO_CELLS: &str =
    "NULL::pg_catalog.text, NULL::pg_catalog.text, NULL::pg_catalog.text, NULL::pg_catalog.text";

/// The parts of the statement, a SELECT each. Their columns: the variant, what is counted, the boundary, rows (before the
/// boundary), rows after it; then for each column that some variant sets whether a rule took the row, the value of
/// now, the value then, and whether they differ.
pub(super) struct Parts<'c> {
    classes: &'c RowClasses,
    set: &'c [String],
    /// The classes, with the parameters so far.
    relation: Relation,
    texts: Vec<String>,
    as_of: Date,
}

impl<'c> Parts<'c> {
    pub(super) fn new(classes: &'c RowClasses, set: &'c [String], as_of: Date) -> Self {
        Self { classes, set, relation: classes.relation.clone(), texts: vec![], as_of }
    }

    pub(super) fn finish(self) -> Sql {
        let text = format!("{} {}", self.classes.with, self.texts.join(" UNION ALL "));
        Sql { text, parameters: self.relation.parameters().to_vec() }
    }

    pub(super) fn add_variant(
        &mut self,
        number: usize,
        variant: &Variant,
        reach: Reach,
        boundaries: &[VariantBoundary],
        near: u16,
    ) -> Result<(), RuleError> {
        let widened: Vec<Rule> = match reach {
            Reach::Decidable => {
                Rule::by_set(&variant.rules).flat_map(Rule::including_decided).collect()
            }
            Reach::Taken => variant.rules.clone(),
        };
        let columns = variant.columns();
        let outcome = self.outcome(&widened)?;
        let same = widened == variant.rules;
        let part = if same { BOTH } else { DECIDABLE };
        self.count_all(number, &columns, part, &outcome);
        for (index, boundary) in boundaries.iter().enumerate() {
            if boundary.variant == number {
                self.count_near(index, boundary, near, &outcome);
            }
        }
        if !same {
            let outcome = self.outcome(&variant.rules)?;
            self.count_all(number, &columns, TAKEN, &outcome);
        }
        Ok(())
    }

    /// The classes as these rules would leave them, with a mark on those that a rule took.
    fn outcome(&mut self, rules: &[Rule]) -> Result<String, RuleError> {
        let mut source = self.relation.clone();
        for set in Rule::by_set(rules) {
            for rule in set {
                let Some(taken) = self.classes.taken(&rule.column) else { continue };
                let yes = Assignment::Value(Expr::literal(Value::Bool(true)));
                let marks = Rule { column: taken.to_owned(), assignment: yes, ..rule.clone() };
                source = source.after(&marks, self.as_of)?;
            }
            source = source.after_set(set, self.as_of)?;
        }
        self.set_parameters(source.parameters().to_vec());
        Ok(source.text().to_owned())
    }

    fn set_parameters(&mut self, parameters: Vec<Option<String>>) {
        let sql = Sql { text: self.relation.text().to_owned(), parameters };
        self.relation = Relation::from_sql(self.relation.table.clone(), sql);
    }

    /// Counts the classes by what becomes of all columns together: to plan a SELECT for each column would take longer than
    /// to read them. A column with equal values that have several texts, such as 1.5 and 1.50, gets a count of its own,
    /// which shows one text for them.
    fn count_all(&mut self, number: usize, columns: &BTreeSet<String>, part: &str, outcome: &str) {
        let one_text = |name: &&String| {
            let column = self.relation.table.column(name);
            column.is_none_or(|column| column.data_type.has_one_text())
        };
        let (together, alone): (Vec<String>, Vec<String>) =
            columns.iter().cloned().partition(|name| one_text(&name));
        let alone = alone.into_iter().map(|name| BTreeSet::from([name]));
        for columns in std::iter::once(together.into_iter().collect()).chain(alone) {
            self.count(number, &columns, part, outcome);
        }
    }

    fn count(&mut self, number: usize, columns: &BTreeSet<String>, part: &str, outcome: &str) {
        let (mut cells, mut groups, mut taken_by) = (Vec::new(), Vec::new(), Vec::new());
        for name in self.set {
            let (before, taken) = (self.classes.before(name), self.classes.taken(name));
            let (Some(old), Some(taken), true) = (before, taken, columns.contains(name)) else {
                cells.push(NO_CELLS.to_owned());
                continue;
            };
            let (new, taken) = (quote_identifier(name), quote_identifier(taken));
            let data_type = self.relation.table.column(name).map(|column| &column.data_type);
            let text = |value: &str| {
                data_type
                    .map_or_else(|| value.to_owned(), |data_type| data_type.grouped_text(value))
            };
            let differs = match data_type {
                Some(data_type) => data_type.differ(&old, &new),
                None => differ(&old, &new),
            };
            let (old_text, new_text) = (text(&old), text(&new));
            cells.push(format!("{taken}{AS_TEXT}, {old_text}, {new_text}, {differs}{AS_TEXT}"));
            let key = |value: &str| {
                data_type.map_or_else(|| value.to_owned(), |data_type| data_type.group_key(value))
            };
            groups.push(format!("{taken}, {}, {}", key(&old), key(&new)));
            taken_by.push(taken);
        }
        if taken_by.is_empty() {
            return;
        }
        self.texts.push(format!(
            "SELECT '{number}'{AS_TEXT}, '{part}'{AS_TEXT}, NULL{AS_TEXT}, pg_catalog.sum({}){AS_TEXT}, NULL{AS_TEXT}, {} \
             FROM {outcome} AS outcome WHERE {} GROUP BY {}",
            self.classes.rows(),
            cells.join(", "),
            taken_by.join(" OR "),
            groups.join(", "),
        ));
    }

    fn count_near(&mut self, index: usize, boundary: &VariantBoundary, near: u16, outcome: &str) {
        let Some(taken) = self.classes.taken(&boundary.found.column) else { return };
        let (taken, rows) = (quote_identifier(taken), self.classes.rows());
        let date = quote_identifier(&boundary.found.reads);
        let mut parameters = self.relation.parameters().to_vec();
        let mut bind = |moment: DateTime| {
            parameters.push(Value::Timestamp(moment).to_sql_text());
            format!("${}::pg_catalog.text::timestamp", parameters.len())
        };
        let [from, on, to] = boundary.window(near).map(&mut bind);
        let cells = vec![NO_CELLS; self.set.len()];
        self.texts.push(format!(
            "SELECT NULL, '{NEAR}', '{index}', (pg_catalog.sum({rows}) FILTER (WHERE {before})){AS_TEXT}, \
             (pg_catalog.sum({rows}) FILTER (WHERE {after})){AS_TEXT}, {} \
             FROM {outcome} AS outcome WHERE {taken} AND {not_earlier} AND {not_later}",
            cells.join(", "),
            before = operation(&date, "<", &on),
            after = operation(&date, ">=", &on),
            not_earlier = operation(&date, ">=", &from),
            not_later = operation(&date, "<", &to),
        ));
        self.set_parameters(parameters);
    }
}
