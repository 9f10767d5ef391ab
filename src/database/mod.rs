//! All that knows PostgreSQL and sqlx: the target, the session and its transaction, the catalog,
//! the history and its journal, and the ways to write a rule.
//!
//! The calls block: they wait on the runtime, and an [`Interrupt`] cancels the server's statement.

mod catalog;
mod error;
mod history;
mod interrupt;
mod link;
mod locks;
mod objects;
mod query;
mod read;
mod server;
mod session;
mod sql_file;
mod target;
mod write;

pub use catalog::Catalog;
pub use error::{DatabaseError, Holder, ServerError};
pub use history::{History, Recorded, RunRecord, StepRecord};
pub use interrupt::Interrupt;
pub use locks::Lock;
pub use objects::{ObjectChange, ObjectVerb};
pub use read::{Distribution, Reader, Share};
pub use server::Server;
pub use session::{Session, Timeouts, Transaction};
pub use sql_file::SqlRun;
pub use target::{NoTarget, Target, TargetSource};
pub use write::{Journal, WriteError, Writer};
