//! The domain: values, expressions, rules and what they mean, and their translation to SQL.
//!
//! Pure: nothing here knows the scripting language or talks to a database. A [`Rule`] is checked
//! against a [`Table`] and compiled to [`Sql`], whose text has no value in it.

mod analysis;
mod counts;
mod evaluate;
mod model;
mod nearest;
mod sql;

pub use analysis::counterfactual::{Counterfactual, moment_of_text};
pub use analysis::row_explanation::{ConditionVerdict, RowExplanation, RowExplanationQuery};
pub use analysis::threshold_model::{ThresholdArm, ThresholdModel, ThresholdTest, histogram};
pub use analysis::unreachable_arms::{Shadowed, shadowed};
pub use analysis::what_if::{Variant, WhatIf};
pub use analysis::what_if_result::{Boundary, Population, WhatIfResult};
pub use counts::{counted, grouped};
pub use evaluate::decide::{Decision, Undecided, decide, evaluate};
pub use evaluate::record::Record;
pub use model::access::Access;
pub use model::change::{Change, ChangePreview, Instead, Kept, Sample, Strategy, Transition};
pub use model::error::RuleError;
pub use model::expression::{Arithmetic, Comparison, Expr, MAX_DEPTH, MAX_NODES, Node, TooLarge};
pub use model::period::{BadPeriod, Period, midnight};
pub use model::rule::{Arm, Assignment, Pair, Rule, RulePlace};
pub use model::table::{Column, DataType, ForeignKey, Index, KeyBy, Kind, Table};
pub use model::typing::column;
pub use model::value::Value;
pub use nearest::nearest;
pub use sql::compile::{Sql, SqlBuilder};
pub use sql::quote::{quote_identifier, quote_literal, quote_qualified, written_out};
pub use sql::reads::{count, delete, distribution, insert, rows};
pub use sql::relation::Relation;
pub use sql::row_search::{Fit, SEARCHED, Search, search};
pub use sql::statements::{CHANGED, LEFT_OUT, RuleStatements, SAME, UNMATCHED, preview, sample};
