//! All that knows PostgreSQL and sqlx.
//!
//! A run goes through it like this: `target` finds the database and reads its address; `connection` opens a connection
//! whose calls block, and whose statements an interrupt cancels; `session` begins the transaction, takes the locks and sets
//! the settings; `catalog` describes the tables; `reader` and `query` read for scripts; `sql_file` runs SQL files and sees
//! what they did; `foresight` counts what the server would refuse; `strategies` writes rules and `journal` keeps what they replaced; `history` records runs and steps, and
//! `prisma` its migrations. `undo` puts a run of the history back by its journal. `inspection`, `privilege` and `roles` are
//! what `doctor` asks.
//!
//! The calls block: each connection waits on a runtime of its own. Unless their docs say otherwise, they fail with the
//! server's error, a `DatabaseError`; the transaction must then be rolled back.

mod catalog;
mod citus;
mod connection;
mod declared_key;
mod equal_values;
mod foresight;
mod history;
mod inspection;
mod journal;
mod partitions;
mod prisma;
mod privilege;
mod query;
mod query_row;
mod reader;
mod roles;
mod row_listing;
mod session;
mod sql_file;
mod strategies;
mod target;
mod undo;
mod unique_moves;

pub use catalog::Catalog;
pub use connection::progress::ProgressListener;
pub use connection::server::Server;
pub use foresight::foresee;
pub use history::{
    HISTORY_READS, HISTORY_SCHEMA, HISTORY_UPGRADE, History, HistoryState, RunRecord, StepRecord,
};
pub use inspection::{
    Activity, CitusCluster, DataApiExposure, Inspection, LongTransaction, PrismaMigrations,
    Replication, ServerFacts, Standby, TableFacts, TableSize, Trigger, TriggerKind,
};
pub use journal::RulePlace;
pub use prisma::Prisma;
pub use privilege::{OwnedKind, Privilege, TableVerb};
pub use reader::{GroupedShares, Reader};
pub use roles::{Owner, Ownership, Role, TableOwner};
pub use row_listing::{JournalledRule, RowLabels, RowListing, list_journalled};
pub use session::{HeldUntil, ReadLimits, Session, Timeouts, Transaction, part_committed};
pub use sql_file::ownership::{NewOwner, RelatedTablesOwner};
pub use sql_file::table_reads::TableStates;
pub use strategies::{
    JoinedError, Journaling, JudgedRules, Writer, preview_change, reason_against_batches,
    reason_against_rewrite, rewrite_obstacle, share_strategy, writing_may_wait,
};
pub use target::{
    Target, TargetError, TargetSource, TlsTrust, dotenv_variables, looks_like_address,
};
pub use undo::{Undo, UndoListing, rules_put_back_together};
