//! The domain: values, expressions, rules and what they mean, and their translation to SQL.
//!
//! Pure: nothing here knows the scripting language or talks to a database. A [`Rule`] is checked
//! against a [`Table`] and compiled to [`Sql`], whose text has no value in it.

mod access;
mod amount;
mod change;
mod compile;
mod cuts;
mod datum;
mod dial;
mod division;
mod error;
mod evaluate;
mod expression;
mod imagined;
mod lumps;
mod nearest;
mod notation;
mod opened;
mod outlook;
mod period;
mod quote;
mod reach;
mod reads;
mod reasons;
mod record;
mod rules;
mod search;
mod source;
mod statement;
mod table;
mod turning;
mod typing;
mod value;
mod what_if;

pub use access::Access;
pub use amount::{counted, grouped};
pub use change::{Change, Foreseen, Instead, Kept, Sample, Strategy, Transition};
pub use compile::{Sql, SqlBuilder};
pub use dial::{Dial, DialArm, DialTest, histogram};
pub use error::RuleError;
pub use evaluate::{Decision, Undecided, decide, evaluate};
pub use expression::{Arithmetic, Comparison, Expr, MAX_DEPTH, MAX_NODES, Node, TooLarge};
pub use nearest::nearest;
pub use outlook::{Boundary, Outlook, Population};
pub use period::{BadPeriod, Period, midnight};
pub use quote::{quote_identifier, quote_literal, quote_qualified, written_out};
pub use reach::{Shadowed, shadowed};
pub use reads::{count, delete, distribution, insert, rows};
pub use reasons::{Inquiry, Reasons, Verdict};
pub use record::Record;
pub use rules::{Arm, Assignment, Pair, Rule, RulePlace};
pub use search::{Fit, SEARCHED, Search, search};
pub use source::Source;
pub use statement::{CHANGED, LEFT_OUT, RuleStatements, SAME, UNMATCHED, preview, sample};
pub use table::{Column, DataType, ForeignKey, Index, KeyBy, Kind, Table};
pub use turning::{Supposition, moment_of_text};
pub use typing::column;
pub use value::Value;
pub use what_if::{Variant, WhatIf};
