//! What rules have decided on each row, kept in a temporary table. What other rows give a row may change from statement to
//! statement: so what is counted, journalled and written is read from here.

use std::ops::Range;

use jiff::civil::Date;

use crate::sql::own_names::operation;
use crate::sql::rule_statements::{JudgedNames, ONCE, counted, judged_rows};
use crate::{
    DataType, Relation, RowState, Rule, RuleError, Sql, Table, inline_parameters, key_name,
    quote_identifier,
};

/// A temporary table with a row for each row of the rules' table, as [`compile_row_states`](crate::compile_row_states) gives
/// them for each of the rules of one `.set`.
#[derive(Clone, Debug)]
pub struct DecidedRows {
    name: String,
}

impl DecidedRows {
    /// The table for the rules of a `.set`, by the number of the first of them in its run.
    pub fn of_rule(number: usize) -> Self {
        Self {
            name: format!("pg_temp.{}", quote_identifier(&format!("leora_run decided {number}"))),
        }
    }

    /// Creates and fills the table. It is gone at the end of the transaction.
    ///
    /// # Errors
    /// As [`compile_row_states`](crate::compile_row_states).
    pub fn create(
        &self,
        rules: &[Rule],
        source: &Relation,
        as_of: Date,
    ) -> Result<String, RuleError> {
        let states = states(rules, source, as_of)?;
        Ok(format!("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS {states}", self.name))
    }

    /// Creates the table, and then fills it, as two statements: the second can run where writing is switched off.
    ///
    /// # Errors
    /// As [`compile_row_states`](crate::compile_row_states).
    pub fn create_and_fill(
        &self,
        rules: &[Rule],
        source: &Relation,
        as_of: Date,
    ) -> Result<(String, String), RuleError> {
        let states = states(rules, source, as_of)?;
        let create = self.create(rules, source, as_of)?;
        Ok((format!("{create} WITH NO DATA"), format!("INSERT INTO {} {states}", self.name)))
    }

    /// Drops the table.
    pub fn drop(&self) -> String {
        format!("DROP TABLE {}", self.name)
    }

    /// The same as [`compile_row_states`](crate::compile_row_states), of the rule of this place in its `.set`, from 0.
    pub fn row_states(&self, place: usize, table: &Table) -> Sql {
        let JudgedNames { state, valued, old, new } = JudgedNames::of_rule(place);
        let keys = keys(table);
        let text = format!(
            "SELECT {keys}{state} AS \"#state\", {valued} AS \"#valued\", {old} AS \"#old\", {new} AS \"#new\" FROM {}",
            self.name
        );
        Sql { text, parameters: vec![] }
    }

    /// The same as [`compile_changes`](crate::compile_changes), of the rule of this place.
    pub fn changes(&self, place: usize, table: &Table) -> Sql {
        let names = JudgedNames::of_rule(place);
        let text = format!(
            "SELECT {}{} AS \"#old\", {} AS \"#new\" FROM {} WHERE {}",
            keys(table),
            names.old,
            names.new,
            self.name,
            names.is_changed()
        );
        Sql { text, parameters: vec![] }
    }

    /// The UPDATE of the rows that the rules of these places change.
    pub fn update(&self, rules: &[Rule], places: Range<usize>, table: &Table) -> Sql {
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
        let (mut set, mut any) = (Vec::new(), Vec::new());
        let is_alone = places.len() == 1;
        for place in places {
            let rule = &rules[place];
            let (target, names) = (quote_identifier(&rule.column), JudgedNames::of_rule(place));
            let (new, changed) = (format!("decided.{}", names.new), RowState::Changed.to_string());
            let is_changed = operation(&format!("decided.{}", names.state), "=", &changed);
            set.push(match is_alone {
                true => format!("{target} = {new}"),
                false => format!(
                    "{target} = CASE WHEN {is_changed} THEN {new} ELSE updated.{target} END"
                ),
            });
            any.push(is_changed);
        }
        let text = format!(
            "UPDATE {} AS updated SET {} FROM {} AS decided WHERE ({}) AND {}",
            table.qualified(),
            set.join(", "),
            self.name,
            any.join(" OR "),
            same.join(" AND "),
        );
        Sql { text, parameters: vec![] }
    }

    /// The rows that the rules of these places change: the key's columns under the names of [`key_name`], then for each rule, by
    /// its number among these from 1, `#has N`, whether it changes the row, and `#value N`, the value that it gives.
    pub fn changed_values(&self, places: Range<usize>, table: &Table) -> Sql {
        let (mut shown, mut any) = (Vec::new(), Vec::new());
        for (at, place) in places.enumerate() {
            let (names, number) = (JudgedNames::of_rule(place), at + 1);
            let is_changed = names.is_changed();
            shown.push(format!(
                "{is_changed} AS \"#has {number}\", {} AS \"#value {number}\"",
                names.new
            ));
            any.push(is_changed);
        }
        let text = format!(
            "SELECT {}{} FROM {} WHERE {}",
            keys(table),
            shown.join(", "),
            self.name,
            any.join(" OR ")
        );
        Sql { text, parameters: vec![] }
    }

    /// Counts them as [`compile_preview`](crate::compile_preview) does, for the rule of this place.
    pub fn preview(&self, place: usize, table: &Table, data_type: &DataType) -> Sql {
        counted(self.row_states(place, table), data_type)
    }
}

fn states(rules: &[Rule], source: &Relation, as_of: Date) -> Result<String, RuleError> {
    Ok(inline_parameters(&judged_rows(rules, source, &source.table.key, ONCE, as_of)?))
}

fn keys(table: &Table) -> String {
    (1..=table.key.len()).map(|at| format!("{}, ", key_name(at))).collect()
}
