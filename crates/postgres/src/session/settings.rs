//! What a session is limited to, and the settings that make its transactions the same everywhere.

use std::time::Duration;

use leora_rule::quote_literal;

use crate::session::Session;

/// How long the server may take.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// For a lock.
    pub lock: Duration,
    /// For a statement.
    pub statement: Duration,
    /// For being found again, when the connection is lost during COMMIT.
    pub commit: Duration,
}

/// How much a script may read at once.
#[derive(Clone, Copy, Debug)]
pub struct ReadLimits {
    /// Bytes of what a read returns, in all.
    pub bytes: u64,
    /// Rows of a query.
    pub query_rows: u64,
    /// Time of a query at the server.
    pub query_time: Duration,
}

impl Default for ReadLimits {
    fn default() -> Self {
        Self { bytes: 16 << 20, query_rows: 1_000, query_time: Duration::from_secs(10) }
    }
}

/// How long a transaction may sit idle, should this process hang.
const IDLE_LIMIT: Duration = Duration::from_secs(120);
/// How often the server checks, during a statement, that this process is still there.
const CONNECTION_CHECK: Duration = Duration::from_secs(2);

impl Session {
    /// For this transaction only: a pooler's next client must not inherit them. Each message sets the `search_path`.
    pub(crate) fn settings(&self) -> String {
        let set = |(name, value): &(&str, String)| {
            format!("pg_catalog.set_config('{name}', {}, true)", quote_literal(value))
        };
        format!("SELECT {}", self.all_settings().iter().map(set).collect::<Vec<_>>().join(", "))
    }

    /// A statement that sets one of them again.
    pub(super) fn set_again(&self, name: &str) -> Option<String> {
        let settings = self.all_settings();
        let (name, value) = settings.iter().find(|(known, _)| *known == name)?;
        Some(format!("SET LOCAL {name} = {}", quote_literal(value)))
    }

    fn all_settings(&self) -> Vec<(&'static str, String)> {
        let milliseconds = |time: Duration| time.as_millis().to_string();
        let mut settings = vec![
            ("TimeZone", "UTC".to_owned()),
            ("DateStyle", "ISO, YMD".into()),
            ("IntervalStyle", "postgres".into()),
            ("bytea_output", "hex".into()),
            ("extra_float_digits", "1".into()),
            // What the lexer takes for a string must be one for the server, which reads the text as UTF-8.
            ("standard_conforming_strings", "on".into()),
            ("client_encoding", "UTF8".into()),
            ("transform_null_equals", "off".into()),
            // The names of the history are compared as the catalog's functions show them.
            ("quote_all_identifiers", "off".into()),
            ("row_security", "off".into()),
            // Compiling the many small expressions of rules takes longer than it saves.
            ("jit", "off".into()),
            ("client_min_messages", "warning".into()),
            ("lock_timeout", milliseconds(self.timeouts.lock)),
            ("statement_timeout", milliseconds(self.timeouts.statement)),
            ("idle_in_transaction_session_timeout", milliseconds(IDLE_LIMIT)),
        ];
        // New in PostgreSQL 14.
        if self.version >= 140_000 {
            settings.push(("client_connection_check_interval", milliseconds(CONNECTION_CHECK)));
        }
        // New in PostgreSQL 17: it would end a run, however short its statements are.
        if self.version >= 170_000 {
            settings.push(("transaction_timeout", "0".into()));
        }
        settings
    }
}
