//! All that knows PostgreSQL and sqlx: the target, the session and its transaction, the catalog,
//! the history and its journal, and the ways to write a rule.
//!
//! The calls block: each connection waits on a runtime of its own, and an [`Interrupt`] cancels the server's statement.

mod catalog;
mod connection;
mod history;
mod inspection;
mod journal;
mod prisma;
mod privilege;
mod query;
mod reader;
mod session;
mod sql_file;
mod strategies;
mod target;
mod undo;

pub use catalog::Catalog;
pub use connection::progress::ProgressListener;
pub use connection::server::Server;
pub use history::{
    HISTORY_NEEDS, HISTORY_SCHEMA, History, RunRecord, StepRecord, history_grants,
    history_schema_statements,
};
pub use inspection::{
    Activity, DataApiExposure, Inspection, LongTransaction, PrismaMigrations, Replication,
    ServerFacts, Standby, TableFacts, TableSize, Trigger, TriggerKind,
};
pub use journal::RulePlace;
pub use prisma::Prisma;
pub use privilege::{OwnedKind, Owner, Ownership, Privilege, Role, TableOwner, TableVerb};
pub use reader::{GroupedShares, Reader};
pub use session::{ReadLimits, Session, Timeouts, Transaction, part_committed};
pub use sql_file::ownership::{NewOwner, RelatedTablesOwner};
pub use strategies::{
    Journaling, Writer, preview_change, reason_against_batches, reason_against_rewrite,
    rewrite_obstacle,
};
pub use target::{Target, TargetError, TargetSource, TlsTrust, dotenv_variables};
pub use undo::Undo;
