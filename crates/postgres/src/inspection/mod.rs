//! What a doctor wants to know of a server and its database: plain facts, read only.

pub(crate) mod activity;
pub(crate) mod data_api;
pub(crate) mod prisma;
pub(crate) mod replication;
pub(crate) mod server_facts;
pub(crate) mod table_facts;

pub use activity::{Activity, LongTransaction};
pub use data_api::DataApiExposure;
pub use prisma::PrismaMigrations;
pub use replication::{Replication, Standby};
pub use server_facts::ServerFacts;
pub use table_facts::{TableFacts, TableSize, Trigger, TriggerKind};

use leora_report::DatabaseError;
use leora_rule::Sql;

use crate::Session;
use crate::connection::TextRow;

/// Looks at a server, in a session's transaction.
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
        let parameters = parameters.iter().map(|text| Some((*text).to_owned())).collect();
        self.session.connection.fetch_inlined(&Sql { text: text.to_owned(), parameters })
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

/// The cells of a row, taken one after the other.
struct Cells(std::vec::IntoIter<Option<String>>);

impl Cells {
    fn of(row: TextRow) -> Self {
        Self(row.into_iter())
    }

    fn some(&mut self) -> Option<String> {
        self.0.next().flatten()
    }

    fn text(&mut self) -> String {
        self.some().unwrap_or_default()
    }

    fn truth(&mut self) -> bool {
        self.some().as_deref() == Some("true")
    }

    fn number(&mut self) -> u64 {
        self.some().and_then(|text| text.parse().ok()).unwrap_or(0)
    }
}

/// The first row's cells; none where there is no row.
fn first(rows: Vec<TextRow>) -> Cells {
    Cells::of(rows.into_iter().next().unwrap_or_default())
}

/// Every row's first cell.
fn names(rows: Vec<TextRow>) -> Vec<String> {
    rows.into_iter().map(|row| Cells::of(row).text()).collect()
}
