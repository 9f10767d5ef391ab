//! The rows of a table as a rule would leave them, as a statement.

use jiff::civil::Date;

use crate::sql::rule_statements::ChangeParts;
use crate::{Relation, Rule, RuleError, Sql, quote_identifier};

/// The name of the column in [`compile_rows_changed_by`] that has the value before.
pub const OLD_VALUE: &str = "#old";

/// Reads the rows that change, with all columns as the rule would leave them, and [`OLD_VALUE`].
///
/// # Errors
/// As [`crate::compile_preview`].
pub fn compile_rows_changed_by(
    rule: &Rule,
    source: &Relation,
    as_of: Date,
) -> Result<Sql, RuleError> {
    let ChangeParts { sql, target, value, changes, rows, .. } =
        ChangeParts::on(rule, source, as_of)?;
    let column = |name: &str| match name == rule.column {
        true => format!("{value} AS {target}"),
        false => quote_identifier(name),
    };
    let columns: Vec<String> = source.table.column_names().map(column).collect();
    Ok(sql.finish(format!(
        "SELECT {}, {target} AS {} FROM {rows} WHERE {changes}",
        columns.join(", "),
        quote_identifier(OLD_VALUE),
    )))
}

/// Reads all rows, with all columns as the rule would leave them.
///
/// # Errors
/// As [`crate::compile_preview`].
pub fn compile_rows_after(rule: &Rule, source: &Relation, as_of: Date) -> Result<Sql, RuleError> {
    let after = source.after(rule, as_of)?;
    let text = format!("SELECT * FROM {} AS rows", after.text());
    Ok(Sql { text, parameters: after.parameters().to_vec() })
}
