//! The rows of a table as rules would leave them, before they are written.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::sql::rule_statements::has_one_spelling;
use crate::{Relation, Rule, RuleError, SqlBuilder, quote_identifier};

impl Relation {
    /// The rows as this rule would leave them.
    ///
    /// # Errors
    /// [`RuleError`] when the rule means nothing on this table.
    pub fn after(&self, rule: &Rule, as_of: Date) -> Result<Self, RuleError> {
        self.after_set(std::slice::from_ref(rule), as_of)
    }

    /// The rows as the rules of one `.set` would leave them, each of which reads the row as it was.
    ///
    /// # Errors
    /// As [`Relation::after`].
    pub fn after_set(&self, rules: &[Rule], as_of: Date) -> Result<Self, RuleError> {
        let mut sql = SqlBuilder::new(self, as_of);
        let (mut set, mut all_pairs) = (BTreeMap::new(), String::new());
        for (place, rule) in rules.iter().enumerate() {
            sql.rule = place;
            let taken = sql.computed(|sql| sql.rule_filter(rule))?;
            let value = sql.rule_value(rule)?;
            all_pairs.push_str(&sql.joined_pairs(rule)?);
            let own = quote_identifier(&rule.column);
            let data_type = &self.table.require_column(&rule.column)?.data_type;
            // An equal value is not written, and the row keeps its own spelling of it.
            let changes = match has_one_spelling(data_type) {
                true => taken,
                false => {
                    let differ = data_type.differ(&own, &value);
                    format!("CASE WHEN {taken} THEN {differ} ELSE false END")
                }
            };
            let value = format!("CASE WHEN {changes} THEN {value} ELSE {own} END AS {own}");
            set.insert(rule.column.as_str(), value);
        }
        let column = |name: &str| set.get(name).cloned().unwrap_or_else(|| quote_identifier(name));
        let columns: Vec<String> = self.table.stored_names().map(column).collect();
        let text =
            format!("(SELECT {} FROM {} AS earlier{all_pairs})", columns.join(", "), self.text());
        let mut pending = self.pending.clone();
        pending.extend(rules.iter().map(|rule| rule.column.clone()));
        Ok(Self { pending, ..Self::from_sql(self.stored_table(), sql.finish(text)) })
    }
}
