//! One connection, with calls that block, and that an interrupt ends on the server too.

pub(crate) mod error;
pub(crate) mod pooler;
pub(crate) mod preconnect;
pub(crate) mod progress;
pub(crate) mod runtime;
pub(crate) mod server;

use std::future::Future;
use std::time::Duration;

use futures_util::{Stream, TryStreamExt};
use leora_report::DatabaseError;
use leora_rule::{Sql, inline_parameters};
use leora_system::Interrupt;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgConnection, PgRow};
use sqlx::{Arguments, AssertSqlSafe, Connection as _, Either, Executor, Row as _};

use crate::connection::error::from_driver;
use crate::connection::runtime::OwnRuntime;

/// A row, all columns as text.
pub(crate) type TextRow = Vec<Option<String>>;

/// How long a cancelled statement may take to end before the connection is given up.
const CANCEL_GRACE: Duration = Duration::from_millis(1_500);

/// One connection to the server.
#[derive(Debug)]
pub(crate) struct Connection {
    interrupt: Interrupt,
    options: PgConnectOptions,
    connection: PgConnection,
    backend: Option<Backend>,
    runtime: OwnRuntime,
}

/// The server process that serves a transaction, and since when: behind a pooler it soon serves another client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Backend {
    /// Its process id.
    pub(crate) pid: String,
    /// The start of the transaction, in seconds since 1970.
    pub(crate) since: String,
}

/// Who serves the transaction, since when, and whether it only reads.
const BEGUN: &str = "\
SELECT pg_backend_pid()::text, extract(epoch FROM transaction_timestamp())::text, current_setting('transaction_read_only')";

impl Connection {
    /// Connects.
    pub(crate) fn open(
        interrupt: &Interrupt,
        options: PgConnectOptions,
        patience: Duration,
    ) -> Result<Self, sqlx::Error> {
        let runtime = OwnRuntime::new()?;
        let connecting = PgConnection::connect_with(&options);
        let waited = runtime.block_on(async {
            tokio::select! {
                done = tokio::time::timeout(patience, connecting) => Some(done),
                () = interrupt.wait() => None,
            }
        });
        let connection = match waited {
            Some(Ok(connection)) => connection?,
            Some(Err(_)) => return Err(sqlx::Error::PoolTimedOut),
            None => return Err(sqlx::Error::WorkerCrashed),
        };
        Ok(Self { interrupt: interrupt.clone(), options, connection, backend: None, runtime })
    }

    /// Begins a transaction by these two statements, and remembers which server process serves it, for an interrupt to
    /// cancel its statements. Returns whether the transaction can write.
    pub(crate) fn begin(&mut self, begin: &str, settings: &str) -> Result<bool, DatabaseError> {
        let told = self.fetch_each(&[begin, settings, BEGUN])?.pop();
        let mut cells = told.into_iter().flatten().flatten().flatten();
        self.backend = cells.next().zip(cells.next()).map(|(pid, since)| Backend { pid, since });
        Ok(cells.next().as_deref() != Some("on"))
    }

    /// The server's version, such as `150008`.
    pub(crate) fn version(&mut self) -> Result<u32, DatabaseError> {
        if let Some(told) = self.connection.server_version_num() {
            return Ok(told);
        }
        let rows = self.fetch_text("SELECT current_setting('server_version_num')")?;
        Ok(rows[0][0].as_deref().and_then(|text| text.parse().ok()).unwrap_or(0))
    }

    /// The server process that serves the transaction, or served the last one.
    pub(crate) fn backend(&self) -> Option<&Backend> {
        self.backend.as_ref()
    }

    /// Runs a statement and returns how many rows it touched.
    pub(crate) fn execute(&mut self, sql: &Sql) -> Result<u64, DatabaseError> {
        let query = bind(sql).map_err(from_driver)?;
        let Self { connection, runtime, interrupt, options, backend } = self;
        let work = async { Ok(connection.execute(query).await?.rows_affected()) };
        drive(runtime, interrupt, Cancel { options, backend: backend.as_ref() }, work)
    }

    /// Runs a statement whose columns are all text.
    pub(crate) fn fetch(&mut self, sql: &Sql) -> Result<Vec<TextRow>, DatabaseError> {
        let query = bind(sql).map_err(from_driver)?;
        let Self { connection, runtime, interrupt, options, backend } = self;
        let work = async {
            let rows = connection.fetch_all(query).await?;
            rows.iter().map(texts).collect()
        };
        drive(runtime, interrupt, Cancel { options, backend: backend.as_ref() }, work)
    }

    /// Runs one statement whose columns are all text, as long as what it returns is no more than so many bytes.
    pub(crate) fn fetch_within(
        &mut self,
        sql: &Sql,
        most: u64,
    ) -> Result<Vec<TextRow>, DatabaseError> {
        let query = bind(sql).map_err(from_driver)?;
        let Self { connection, runtime, interrupt, options, backend } = self;
        let work = within(connection.fetch(query), most);
        let cancel = Cancel { options, backend: backend.as_ref() };
        limited(drive(runtime, interrupt, cancel, work)?, most)
    }

    /// The same for a statement that the compiler has written: without parameters it goes in one message.
    pub(crate) fn fetch_compiled_within(
        &mut self,
        sql: &Sql,
        most: u64,
    ) -> Result<Vec<TextRow>, DatabaseError> {
        if !sql.parameters.is_empty() {
            return self.fetch_within(sql, most);
        }
        let query = sqlx::raw_sql(AssertSqlSafe(sql.text.clone()));
        let Self { connection, runtime, interrupt, options, backend } = self;
        let work = within(connection.fetch(query), most);
        let cancel = Cancel { options, backend: backend.as_ref() };
        limited(drive(runtime, interrupt, cancel, work)?, most)
    }

    /// Runs a statement without parameters whose columns are all text. It is sent in one message: outside of a
    /// transaction a pooler may give each message to another server process.
    pub(crate) fn fetch_text(&mut self, text: &str) -> Result<Vec<TextRow>, DatabaseError> {
        let Self { connection, runtime, interrupt, options, backend } = self;
        let query = sqlx::raw_sql(AssertSqlSafe(text.to_owned()));
        let work = async {
            let rows = connection.fetch_all(query).await?;
            rows.iter().map(texts).collect()
        };
        drive(runtime, interrupt, Cancel { options, backend: backend.as_ref() }, work)
    }

    /// Sends statements of this tool's own in one message; returns what each returns, in their order.
    pub(crate) fn fetch_each(
        &mut self,
        statements: &[&str],
    ) -> Result<Vec<Vec<TextRow>>, DatabaseError> {
        let Self { connection, runtime, interrupt, options, backend } = self;
        let query = sqlx::raw_sql(AssertSqlSafe(statements.join("; ")));
        let work = async {
            let (mut results, mut ended) = (vec![vec![]; statements.len()], 0);
            let mut found = connection.fetch_many(query);
            while let Some(one) = found.try_next().await? {
                match one {
                    Either::Left(_) => ended += 1,
                    Either::Right(row) => results[ended].push(texts(&row)?),
                }
            }
            Ok(results)
        };
        drive(runtime, interrupt, Cancel { options, backend: backend.as_ref() }, work)
    }

    /// Asks something in this tool's own words, with names and such as parameters.
    pub(crate) fn ask(&mut self, sql: &Sql) -> Result<Vec<TextRow>, DatabaseError> {
        self.fetch_text(&inline_parameters(sql))
    }

    /// Writes something of this tool's own, and returns how many rows it touched.
    pub(crate) fn tell(&mut self, sql: &Sql) -> Result<u64, DatabaseError> {
        self.send(&inline_parameters(sql))
    }

    /// Runs a text of several statements.
    pub(crate) fn script(&mut self, text: &str) -> Result<(), DatabaseError> {
        self.send(text).map(|_| ())
    }

    /// Sends a text in one message, and returns how many rows it touched.
    fn send(&mut self, text: &str) -> Result<u64, DatabaseError> {
        let Self { connection, runtime, interrupt, options, backend } = self;
        let query = sqlx::raw_sql(AssertSqlSafe(text.to_owned()));
        let work = async { Ok(connection.execute(query).await?.rows_affected()) };
        drive(runtime, interrupt, Cancel { options, backend: backend.as_ref() }, work)
    }

    /// Runs a text even when an interrupt was raised: to roll back and to record.
    pub(crate) fn script_anyway(&mut self, text: &str) -> Result<(), DatabaseError> {
        let query = sqlx::raw_sql(AssertSqlSafe(text.to_owned()));
        let work = self.connection.execute(query);
        let patient = async { tokio::time::timeout(CANCEL_GRACE * 2, work).await };
        let done = self.runtime.block_on(patient);
        match done {
            Ok(result) => result.map(|_| ()).map_err(from_driver),
            Err(_) => Err(DatabaseError::Lost { message: "the server does not answer".into() }),
        }
    }

    /// Closes the connection in good order.
    pub(crate) fn close(self) {
        let closing = async { tokio::time::timeout(CANCEL_GRACE, self.connection.close()).await };
        // The work is done; a server that does not hear the goodbye notices the closed socket.
        let _ = self.runtime.block_on(closing);
    }

    /// From now on interrupts are not looked at.
    pub(crate) fn ignore_interrupts(&mut self) {
        self.interrupt = Interrupt::default();
    }
}

/// The only place where SQL text reaches the driver with parameters: it comes from the compiler in
/// `rule`, or from this layer's own constants.
fn bind(
    sql: &Sql,
) -> Result<sqlx::query::Query<'static, sqlx::Postgres, PgArguments>, sqlx::Error> {
    let mut arguments = PgArguments::default();
    for parameter in &sql.parameters {
        arguments.add(parameter.clone()).map_err(sqlx::Error::Encode)?;
    }
    let query = sqlx::query_with(AssertSqlSafe(sql.text.clone()), arguments);
    // Named statements would be left behind in a pooler.
    Ok(query.persistent(false))
}

/// What is needed to cancel a statement.
struct Cancel<'a> {
    options: &'a PgConnectOptions,
    backend: Option<&'a Backend>,
}

/// The columns of a row.
fn texts(row: &PgRow) -> Result<TextRow, sqlx::Error> {
    (0..row.len()).map(|at| row.try_get(at)).collect()
}

/// The rows, or nothing when they take up more bytes than that.
async fn within(
    mut found: impl Stream<Item = Result<PgRow, sqlx::Error>> + Unpin,
    most: u64,
) -> Result<Option<Vec<TextRow>>, sqlx::Error> {
    let (mut rows, mut bytes) = (Vec::new(), 0);
    while let Some(row) = found.try_next().await? {
        let row = texts(&row)?;
        // An empty cell takes room too.
        let cells = row.iter().map(|cell| 8 + cell.as_ref().map_or(0, String::len));
        bytes += cells.sum::<usize>() as u64;
        if bytes > most {
            return Ok(None);
        }
        rows.push(row);
    }
    Ok(Some(rows))
}

fn limited(found: Option<Vec<TextRow>>, most: u64) -> Result<Vec<TextRow>, DatabaseError> {
    found.ok_or_else(|| DatabaseError::ReadLimitReached {
        limit: "read_bytes",
        most: most.to_string(),
    })
}

/// Waits for the server; an interrupt cancels the statement there and waits for it to end.
fn drive<T>(
    runtime: &OwnRuntime,
    interrupt: &Interrupt,
    cancel: Cancel<'_>,
    work: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, DatabaseError> {
    runtime.block_on(async {
        if interrupt.is_raised() {
            return Err(DatabaseError::Interrupted);
        }
        tokio::pin!(work);
        tokio::select! {
            done = &mut work => return done.map_err(from_driver),
            () = interrupt.wait() => {}
        }
        // Dropping the future would leave the statement running on the server.
        let ended = async { tokio::join!(cancel.send(), &mut work).1 };
        let _ = tokio::time::timeout(CANCEL_GRACE, ended).await;
        Err(DatabaseError::Interrupted)
    })
}

impl Cancel<'_> {
    /// Asks the server, over a second connection, to cancel what the backend is doing, while that is still ours.
    async fn send(&self) {
        let Some(Backend { pid, since }) = self.backend else { return };
        let Ok(mut other) = PgConnection::connect_with(self.options).await else { return };
        let ask = format!(
            "SELECT pg_cancel_backend(pid) FROM pg_stat_activity \
             WHERE pid = {pid} AND extract(epoch FROM xact_start)::text = '{since}'"
        );
        // Nothing to be done when it fails: the statement then ends with the connection.
        let _ = other.execute(sqlx::raw_sql(AssertSqlSafe(ask))).await;
        let _ = other.close().await;
    }
}
