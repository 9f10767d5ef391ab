//! All that knows PostgreSQL and sqlx: the target, the session and its transaction, the catalog,
//! the history and its journal, and the ways to write a rule.
//!
//! The calls block: each connection waits on a runtime of its own, and an [`Interrupt`] cancels the server's statement.

mod ahead;
mod belonging;
mod catalog;
mod error;
mod history;
mod inspection;
mod later;
mod link;
mod locks;
mod meter;
mod objects;
mod outcome;
mod past;
mod pooler;
mod prisma;
mod privilege;
mod query;
mod read;
mod runtime;
mod server;
mod session;
mod sql_file;
mod target;
mod undoing;
mod write;

pub use belonging::{Heir, Kin};
pub use catalog::Catalog;
pub use history::{
    HISTORY_NEEDS, HISTORY_SCHEMA, History, RunRecord, StepRecord, history_granted, history_made,
};
pub use inspection::{
    Activity, Exposure, Inspection, LongTransaction, Machine, PrismaHistory, Replication, Standby,
    Surroundings, TableSize, TriggerKind, TriggerThere,
};
pub use meter::Meter;
pub use prisma::Prisma;
pub use privilege::{OwnedKind, Owner, Ownership, Privilege, Role, TableOwner, TableVerb};
pub use read::{Group, Reader};
pub use server::Server;
pub use session::{Reading, Session, Timeouts, Transaction, part_committed};
pub use target::{NoTarget, Target, TargetSource, TlsTrust, dotenv_variables};
pub use undoing::Undoing;
pub use write::{Foretold, Journal, Writer, against_batches, against_rewrite, foretell, obstacle};
