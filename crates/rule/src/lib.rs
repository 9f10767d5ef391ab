//! The domain: rules, what they mean, and their translation to SQL. It is pure: nothing here knows the scripting language
//! or talks to a database.
//!
//! - `model` has the data: [`Value`], [`Expr`] and the operators, [`Rule`], [`Table`], [`Period`], [`Change`].
//! - `sql` compiles rules and reads to statements: [`Sql`], whose text has no value in it.
//! - `evaluate` decides a rule on one row in memory, as PostgreSQL would: for examples, without a database.
//! - `analysis` looks into rules: arms that can't match, other settings ([`WhatIf`]), why a row gets its value
//!   ([`RowExplanation`]).
//!
//! The way of a rule: a script builds a [`Rule`] from [`Expr`]s. It is applied to a [`Relation`], which is a [`Table`], or
//! what earlier rules would leave of it. `compile_...` checks the rule against the table's types (a [`RuleError`] when it
//! means nothing there) and gives the statement that the caller needs: [`compile_preview`] counts, [`compile_update`]
//! writes. What it did or would do is a [`Change`].

mod analysis;
mod counts;
mod distinct;
mod evaluate;
#[cfg(test)]
mod fixtures;
mod model;
mod nearest;
mod sql;
mod unprintable;

pub use analysis::columns_shown::ColumnsShown;
pub use analysis::counterfactual::Counterfactual;
pub use analysis::row_explanation::{
    ConditionVerdict, RowExplanation, RowExplanationQuery, TriedArms,
};
pub use analysis::threshold_model::{
    ThresholdArm, ThresholdModel, ThresholdTest, compile_histogram,
};
pub use analysis::unreachable_arms::{UnreachableArm, unreachable_arms};
pub use analysis::what_if::compile::WhatIf;
pub use analysis::what_if::result::{Boundary, Population, WhatIfResult};
pub use analysis::what_if::variant::{Reach, Variant};
pub use counts::{format_count, format_number};
pub use evaluate::column_type::{ColumnType, TRIED_TYPES, TriedType};
pub use evaluate::decide::{Decision, decide, evaluate};
pub use evaluate::error::EvaluationError;
pub use evaluate::record::Record;
pub use evaluate::values_read::values_read;
pub use model::access::Access;
pub use model::change::{
    Change, ChangePreview, Fallback, Sample, Strategy, Transition, UnchangedRows,
};
pub use model::decimal::parse_decimal;
pub use model::error::{RuleError, RulePart};
pub use model::expression::{Expr, MAX_DEPTH, MAX_NODES, Node, TooLarge};
pub use model::figure::own_column as outer_name;
pub use model::figure::{Aggregate, Figure, FigureSource, Link, MAX_LEVELS, TooDeep};
pub use model::function::{Function, MOST_PLACES, Parameter, Style};
pub use model::moment::{midnight, parse_moment};
pub use model::operator::{Arithmetic, Comparison};
pub use model::period::{InvalidPeriod, Period};
pub use model::placement::{CitusLayout, Placement};
pub use model::rank::Rank;
pub use model::rule::{Arm, Assignment, Pair, Rule, RuleLocation};
pub use model::rule_set::check_circle;
pub use model::table::{
    BaseType, Column, Comparability, DataType, FigureColumn, ForeignKey, Index, KeyBy, Kind,
    OperatorClass, Table,
};
pub use model::value::Value;
pub use nearest::nearest;
pub use sql::after::{OLD_VALUE, compile_rows_after, compile_rows_changed_by};
pub use sql::builder::SqlBuilder;
pub use sql::decided_rows::DecidedRows;
pub use sql::figures::FigureGroup;
pub use sql::lexer::{UnreadableSql, lex};
pub use sql::listed_rows::{
    compile_labelled_rows, compile_listed_changes, compile_listed_rows, listed_column_name,
};
pub use sql::own_names::{differ, operation};
pub use sql::printable::printable_sql;
pub use sql::query::{GATHERED, MAX_PARAMETERS, Query, QueryNames};
pub use sql::quote::{inline_parameters, quote_identifier, quote_literal, quote_qualified};
pub use sql::reads::{
    compile_count, compile_delete, compile_distribution, compile_insert, compile_rows,
    compile_unmatched,
};
pub use sql::relation::Relation;
pub use sql::row_search::{MAX_ROWS_FOUND, MatchKind, RowSearch, label_columns};
pub use sql::rule_set::compile_new_values;
pub use sql::rule_statements::{
    RowState, compile_changed_rows, compile_changes, compile_changes_of, compile_preview,
    compile_row_states, compile_sample, compile_update, key_columns, key_name,
};
pub use sql::split_statements::split_statements;
pub use sql::statement::Sql;
pub use sql::token::{SqlToken, SqlTokenKind};
pub use unprintable::is_unprintable;
