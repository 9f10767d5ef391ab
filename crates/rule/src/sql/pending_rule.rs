//! The rows of a table as a rule would leave them, before it is written.

use jiff::civil::Date;

use crate::{Relation, Rule, RuleError, SqlBuilder, quote_identifier};

impl Relation {
    /// The rows as this rule would leave them.
    ///
    /// # Errors
    /// [`RuleError`] when the rule means nothing on this table.
    pub fn after(&self, rule: &Rule, as_of: Date) -> Result<Self, RuleError> {
        let mut sql = SqlBuilder::new(self, as_of);
        let taken = sql.computed(|sql| sql.filter(rule.filter.as_ref()))?;
        let value = sql.rule_value(rule)?;
        let pairs = sql.joined_pairs(rule)?;
        let column = |name: &str| {
            let quoted = quote_identifier(name);
            if name != rule.column {
                return quoted;
            }
            format!("CASE WHEN {taken} THEN {value} ELSE {quoted} END AS {quoted}")
        };
        let columns: Vec<String> = self.table.stored_names().map(column).collect();
        let text =
            format!("(SELECT {} FROM {} AS earlier{pairs})", columns.join(", "), self.text());
        let mut pending = self.pending.clone();
        pending.push(rule.column.clone());
        Ok(Self { pending, ..Self::from_sql(self.stored_table(), sql.finish(text)) })
    }
}
