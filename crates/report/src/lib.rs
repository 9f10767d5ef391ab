//! What happened, as plain data. Rendered for the terminal, as JSON, or as a page.
//!
//! Where a type derives `Serialize`, its fields are the keys of the JSON of `--format json`, which is an interface: keys are
//! added, never renamed.

mod api_function;
mod check;
mod database_error;
mod distribution;
mod doctor;
mod effect;
mod entry;
mod example_result;
mod failure;
mod file;
mod finding;
mod fix;
mod format;
mod grants;
mod lock;
mod lock_holder;
mod migration_record;
mod outcome;
mod past;
mod place;
mod plan;
mod progress;
mod provenance;
mod put_back;
mod quote;
mod report;
mod row_list;
mod rule_statistics;
mod server_error;
mod setting;
mod source;
mod sql_run;
mod status;
mod step;
mod table_shapes;
mod target;
mod what_if;
mod why;
mod write_error;

pub use api_function::ApiFunction;
pub use check::{CheckReport, FolderCheck, SettingReport};
pub use database_error::DatabaseError;
pub use distribution::{Distribution, ValueCount};
pub use doctor::{CheckVerdict, DoctorCheck, DoctorReport};
pub use effect::{Effect, StepEffects};
pub use entry::{Entry, Expectation, Observer, ShownTable};
pub use example_result::{ArmPlace, DecidedBy, ExampleOutcome, ExampleResult, ValueRead};
pub use failure::{Failure, FailureKind};
pub use file::{FileChange, FileReport};
pub use finding::{Finding, FindingKind};
pub use fix::{Fix, Replacement};
pub use format::{FormatMode, FormatReport, FormattedFile};
pub use grants::{Grant, GrantList, UnseenStep};
pub use lock::Lock;
pub use lock_holder::{APPLICATION, LockHolder};
pub use migration_record::{MigrationRecord, PrismaRecord, Recorded};
pub use outcome::Outcome;
pub use past::{PastOutcome, PastRule, PastRun, PastStep};
pub use place::Place;
pub use plan::{PlanReport, StrategyEstimate};
pub use progress::Progress;
pub use provenance::Provenance;
pub use put_back::PutBack;
pub use quote::{shell_argument, shell_option, shell_path, shell_word, toml_string};
pub use report::Report;
pub use row_list::{
    ChangeFilter, FilteredValue, FirstOfTransition, FirstRows, ListedRow, ListedRule, RowList,
};
pub use rule_statistics::{HistogramBucket, HistogramDay, RuleStatistics, ThresholdHistogram};
pub use server_error::{InnerQuery, ServerError};
pub use setting::Setting;
pub use source::SourceReport;
pub use sql_run::{DeferredIndex, ObjectChange, ObjectOwnership, ObjectVerb, SqlRun};
pub use status::{FolderStatus, RunStatus, Status};
pub use step::{ExpectationCounts, StepReport};
pub use table_shapes::{ColumnShape, TableShape, TableShapes};
pub use target::{ServerIdentity, TargetReport};
pub use what_if::{Combination, ThresholdReport, WhatIfReport};
pub use why::{NearestValue, NextChange, WhyReport, WhyRule};
pub use write_error::WriteError;
