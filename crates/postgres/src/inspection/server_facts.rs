//! The server itself: its version, its clock, and the connection to it.

use leora_report::DatabaseError;

use crate::connection::Cells;
use crate::inspection::Inspection;

/// The server, and the connection to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerFacts {
    /// The version as it calls itself: `15.8`.
    pub version: String,
    /// Whether it is a standby, which takes no writes.
    pub standby: bool,
    /// Whether transactions can't write unless they ask for it.
    pub read_only: bool,
    /// The TLS version and cipher of the connection; none when it is not encrypted.
    pub tls: Option<String>,
    /// Its clock, in microseconds since 1970.
    pub clock: i64,
    /// Whether this role sees what other roles' sessions do.
    pub sees_sessions: bool,
}

const MACHINE: &str = "\
SELECT split_part(current_setting('server_version'), ' ', 1), pg_is_in_recovery()::text,
       (SELECT (reset_val = 'on')::text FROM pg_settings WHERE name = 'default_transaction_read_only'),
       (SELECT version || ', ' || cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl),
       round(extract(epoch FROM clock_timestamp()) * 1000000)::bigint::text,
       pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')::text";

impl Inspection<'_> {
    /// The server, and the connection to it.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn server_facts(&mut self) -> Result<ServerFacts, DatabaseError> {
        let mut row = Cells::of_first(self.ask(MACHINE, &[])?);
        Ok(ServerFacts {
            version: row.text(),
            standby: row.flag(),
            read_only: row.flag(),
            tls: row.optional(),
            clock: row.optional().and_then(|text| text.parse().ok()).unwrap_or(0),
            sees_sessions: row.flag(),
        })
    }
}
