//! The rows of a table as rules would leave them, as a statement.

use jiff::civil::Date;

use crate::sql::rule_set::{SetColumn, SetParts};
use crate::{Relation, Rule, RuleError, Sql, quote_identifier};

/// The name of the column in [`compile_rows_changed_by`] that has the value before.
pub const OLD_VALUE: &str = "#old";

/// Reads the rows that the rule of this place changes, from 0, with all columns as the rules of its `.set` would leave them,
/// and [`OLD_VALUE`].
///
/// # Errors
/// As [`crate::compile_preview`].
pub fn compile_rows_changed_by(
    place: usize,
    rules: &[Rule],
    source: &Relation,
    as_of: Date,
) -> Result<Sql, RuleError> {
    let SetParts { sql, columns, rows, .. } = SetParts::compile(rules, source, as_of)?;
    let column = |name: &str| {
        let own = rules.iter().position(|rule| rule.column == name);
        match own.map(|place| &columns[place]) {
            Some(SetColumn { target, value, .. }) => format!("{value} AS {target}"),
            None => quote_identifier(name),
        }
    };
    let shown: Vec<String> = source.table.column_names().map(column).collect();
    let SetColumn { target, changes, .. } = &columns[place];
    Ok(sql.finish(format!(
        "SELECT {}, {target} AS {} FROM {rows} WHERE {changes}",
        shown.join(", "),
        quote_identifier(OLD_VALUE),
    )))
}

/// Reads all rows, with all columns as the rules of a `.set` would leave them.
///
/// # Errors
/// As [`crate::compile_preview`].
pub fn compile_rows_after(
    rules: &[Rule],
    source: &Relation,
    as_of: Date,
) -> Result<Sql, RuleError> {
    let after = source.after_set(rules, as_of)?;
    let text = format!("SELECT * FROM {} AS rows", after.text());
    Ok(Sql { text, parameters: after.parameters().to_vec() })
}
