//! What `doctor` needs to know of a server and its database: plain facts, read only.

mod activity;
mod citus;
mod data_api;
mod prisma;
mod replication;
mod server_facts;
mod table_facts;

pub use activity::{Activity, LongTransaction};
pub use citus::CitusCluster;
pub use data_api::DataApiExposure;
pub use prisma::PrismaMigrations;
pub use replication::{Replication, Standby};
pub use server_facts::ServerFacts;
pub use table_facts::{TableFacts, TableSize, Trigger, TriggerKind};

use leora_report::DatabaseError;

use crate::Session;
use crate::connection::TextRow;

/// Reads facts about a server, in a session's transaction.
#[derive(Debug)]
pub struct Inspection<'s> {
    session: &'s mut Session,
}

impl<'s> Inspection<'s> {
    /// In this session's transaction.
    pub fn new(session: &'s mut Session) -> Self {
        Self { session }
    }

    fn ask(&mut self, text: &str, parameters: &[&str]) -> Result<Vec<TextRow>, DatabaseError> {
        self.session.connection.fetch_inlined(text, parameters)
    }

    /// The rows, or `None` where this role may not see them.
    fn ask_if_allowed(
        &mut self,
        text: &str,
        parameters: &[&str],
    ) -> Result<Option<Vec<TextRow>>, DatabaseError> {
        let ask = |session: &mut Session| Inspection::new(session).ask(text, parameters);
        match self.session.without_effects(ask) {
            Ok(rows) => Ok(Some(rows)),
            Err(error) if error.code() == Some("42501") => Ok(None),
            Err(error) => Err(error),
        }
    }
}
