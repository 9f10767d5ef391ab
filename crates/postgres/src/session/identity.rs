//! Which server and database a session is connected to.

use leora_report::{DatabaseError, ServerIdentity};

use crate::Session;
use crate::connection::Cells;

/// The version, the database and the role, and whether the role may ask for the server's own identifier.
const WHERE: &str = "\
SELECT pg_catalog.current_setting('server_version'), \
       (SELECT oid::pg_catalog.text FROM pg_catalog.pg_database WHERE datname OPERATOR(pg_catalog.=) pg_catalog.current_database()), \
       current_user::pg_catalog.text, \
       pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')::pg_catalog.text";

const SYSTEM: &str =
    "SELECT system_identifier::pg_catalog.text FROM pg_catalog.pg_control_system()";

impl Session {
    /// Which server, database and role serve the open transaction.
    pub fn server_identity(&mut self) -> Result<ServerIdentity, DatabaseError> {
        let mut cells = Cells::of_first(self.connection.fetch_text(WHERE)?);
        let (version, database_id, role) = (cells.text(), cells.text(), cells.text());
        // Only then: a function that must not be called would end the transaction.
        let system = match cells.flag() {
            true => Cells::of_first(self.connection.fetch_text(SYSTEM)?).optional(),
            false => None,
        };
        Ok(ServerIdentity { system, version, database_id, role })
    }
}
