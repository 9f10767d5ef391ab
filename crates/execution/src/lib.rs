//! The hosts on a database: they execute what scripts say, preview it, collect its rules, or probe what it needs.
//!
//! Each is a [`DatabaseReader`], which answers the calls that read, and a writer of its own.

mod approval;
mod approved_values;

mod collect;
mod effect_comparison;
mod effect_log;
mod execute;
mod figures;
mod forbidden;
mod listed_rows;
mod object_access;
mod pending_columns;
mod placeholder;
mod preview;
mod probe;
mod read;
mod rule_statistics;
mod run_context;
mod set_once;
mod sql_files;
mod statements;
mod unpredictable;
mod waiting_writes;

pub use approval::Approval;
pub use collect::{CollectedRule, RuleCollector};
pub use effect_log::add_written;
pub use execute::Execute;
pub use listed_rows::{SharedRows, lock_rows};
pub use object_access::ObjectAccess;
pub use placeholder::PLACEHOLDER;
pub use preview::Preview;
pub use probe::{AssumedRows, Probe, ProbeMode};
pub use read::DatabaseReader;
pub use rule_statistics::read_threshold_model;
pub use run_context::{Resumed, RunContext};
pub use waiting_writes::RevisedRule;
