//! What a rule has decided on each row, kept in a temporary table. What other rows give a row may change from statement to
//! statement: so what is counted, journalled and written is read from here.

use jiff::civil::Date;

use crate::sql::own_names::operation;
use crate::{
    DataType, Relation, RowState, Rule, RuleError, Sql, Table, compile_row_states,
    inline_parameters, key_name, quote_identifier,
};

/// A temporary table with a row for each row of the rule's table, as [`compile_row_states`] gives them.
#[derive(Clone, Debug)]
pub struct DecidedRows {
    name: String,
}

impl DecidedRows {
    /// The table for the rule of this number in its run.
    pub fn of_rule(number: usize) -> Self {
        Self {
            name: format!("pg_temp.{}", quote_identifier(&format!("leora_run decided {number}"))),
        }
    }

    /// Creates and fills the table. It is gone at the end of the transaction.
    ///
    /// # Errors
    /// As [`compile_row_states`].
    pub fn create(&self, rule: &Rule, source: &Relation, as_of: Date) -> Result<String, RuleError> {
        let states = inline_parameters(&compile_row_states(rule, source, as_of)?);
        Ok(format!("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS {states}", self.name))
    }

    /// Creates the table, and then fills it, as two statements: the second can run where writing is switched off.
    ///
    /// # Errors
    /// As [`compile_row_states`].
    pub fn create_and_fill(
        &self,
        rule: &Rule,
        source: &Relation,
        as_of: Date,
    ) -> Result<(String, String), RuleError> {
        let states = inline_parameters(&compile_row_states(rule, source, as_of)?);
        let create = self.create(rule, source, as_of)?;
        Ok((format!("{create} WITH NO DATA"), format!("INSERT INTO {} {states}", self.name)))
    }

    /// Drops the table.
    pub fn drop(&self) -> String {
        format!("DROP TABLE {}", self.name)
    }

    /// The same as [`compile_row_states`].
    pub fn row_states(&self) -> Sql {
        Sql { text: format!("SELECT * FROM {}", self.name), parameters: vec![] }
    }

    /// The same as [`compile_changes`](crate::compile_changes).
    pub fn changes(&self, table: &Table) -> Sql {
        let keys: String = (1..=table.key.len()).map(|at| format!("{}, ", key_name(at))).collect();
        let text =
            format!("SELECT {keys}\"#old\", \"#new\" FROM {} WHERE {}", self.name, is_changed());
        Sql { text, parameters: vec![] }
    }

    /// The UPDATE of the rows that change.
    pub fn update(&self, rule: &Rule, table: &Table) -> Sql {
        let row = |(at, name): (usize, &String)| {
            let (own, decided) = (
                format!("updated.{}", quote_identifier(name)),
                format!("decided.{}", key_name(at + 1)),
            );
            match table.column(name) {
                Some(column) => column.data_type.operation(&own, "=", &decided),
                None => operation(&own, "=", &decided),
            }
        };
        let same: Vec<String> = table.key.iter().enumerate().map(row).collect();
        let text = format!(
            "UPDATE {} AS updated SET {} = decided.\"#new\" FROM {} AS decided WHERE {} AND {}",
            table.qualified(),
            quote_identifier(&rule.column),
            self.name,
            operation("decided.\"#state\"", "=", &RowState::Changed.to_string()),
            same.join(" AND "),
        );
        Sql { text, parameters: vec![] }
    }

    /// Counts them as [`compile_preview`](crate::compile_preview) does.
    pub fn preview(&self, data_type: &DataType) -> Sql {
        crate::sql::rule_statements::counted(self.row_states(), data_type)
    }
}

fn is_changed() -> String {
    operation("\"#state\"", "=", &RowState::Changed.to_string())
}
