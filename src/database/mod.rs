//! All that knows PostgreSQL and sqlx: the target, the session and its transaction, the catalog,
//! the history and its journal, and the ways to write a rule.
//!
//! The calls block: each connection waits on a runtime of its own, and an [`Interrupt`] cancels the server's statement.

/// What the server knows this program's connections as, unless the address says otherwise.
const APPLICATION: &str = "leora-run";

mod ahead;
mod belonging;
mod catalog;
mod error;
mod history;
mod inspection;
mod interrupt;
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

pub use belonging::{Belonging, Heir, Kin};
pub use catalog::Catalog;
pub use error::{DatabaseError, Holder, ServerError};
pub use history::{
    HISTORY_NEEDS, HISTORY_SCHEMA, History, Recorded, RunRecord, StepRecord, history_granted,
    history_made,
};
pub use inspection::{
    Activity, Exposure, Inspection, LongTransaction, Machine, PrismaHistory, Replication, Standby,
    Surroundings, TableSize, TriggerKind, TriggerThere,
};
pub use interrupt::Interrupt;
pub use later::LaterIndex;
pub use locks::Lock;
pub use meter::{Meter, Progress};
pub use objects::{ObjectChange, ObjectVerb};
pub use past::{PastRule, PastRun, PastStep};
pub use prisma::{Prisma, PrismaRecord, Recording};
pub use privilege::{OwnedKind, Owner, Ownership, Privilege, Role, TableOwner, TableVerb};
pub use read::{Distribution, Group, Reader, Share};
pub use server::Server;
pub use session::{Reading, Session, Timeouts, Transaction, part_committed};
pub use sql_file::SqlRun;
pub use target::{NoTarget, Target, TargetSource, TlsTrust, dotenv_variables};
pub use undoing::Undoing;
pub use write::{
    Foretold, Journal, PutBack, WriteError, Writer, against_batches, against_rewrite, foretell,
    obstacle,
};
