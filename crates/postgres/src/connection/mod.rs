//! One connection to the server. Its calls block, and an interrupt cancels the statement on the server too.

mod cells;
pub(crate) mod error;
mod explain;
pub(crate) mod own_statements;
mod preconnect;
pub(crate) mod progress;
mod runtime;
pub(crate) mod server;
pub(crate) mod session_objects;

use std::io;
use std::time::Duration;

use futures_util::{Stream, TryStreamExt};
use leora_report::DatabaseError;
use leora_rule::{MAX_PARAMETERS, Sql, format_number, quote_identifier};
use leora_system::Interrupt;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgConnection, PgRow};
use sqlx::{Arguments, AssertSqlSafe, Connection as _, Executor, Row as _, ValueRef as _};

pub(crate) use crate::connection::cells::{Cells, first_column};
use crate::connection::error::from_driver;
use crate::connection::explain::ConnectFailure;
use crate::connection::own_statements::{OWN_PATH, Statement};
use crate::connection::runtime::OwnRuntime;
use crate::connection::server::Server;

pub(crate) type TextRow = Vec<Option<String>>;

/// How long a cancelled statement may take to end before the connection is given up.
const CANCEL_GRACE: Duration = Duration::from_millis(1_500);
/// How long a server may take to end a statement whose time is over.
const SERVER_GRACE: Duration = Duration::from_secs(2);

/// One connection to the server. When it is dropped, an open transaction is rolled back and the connection is closed:
/// within a few seconds, also where the server does not answer.
#[derive(Debug)]
pub(crate) struct Connection {
    interrupt: Interrupt,
    options: PgConnectOptions,
    /// The schema of the tables.
    schema: String,
    /// Sets the path under which the application's code runs, such as a trigger.
    role_path: String,
    /// There until this is dropped.
    driver: Option<PgConnection>,
    backend: Option<Backend>,
    in_transaction: bool,
    /// Whether an SQL file has run in the transaction.
    has_run_file: bool,
    /// Whether the server has stopped to answer: nothing more is asked of it.
    is_lost: bool,
    /// How long a statement is waited for; without end when `None`.
    patience: Option<Duration>,
    runtime: OwnRuntime,
}

/// The server process that serves a transaction, and since when: behind a pooler it soon serves another client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Backend {
    pub(crate) pid: String,
    /// The start of the transaction, in seconds since 1970.
    pub(crate) since: String,
}

const BEGUN: &str = "\
SELECT pg_backend_pid()::text, extract(epoch FROM transaction_timestamp())::text, current_setting('transaction_read_only'),
       (to_regclass('pg_catalog.pg_dist_local_group') IS NOT NULL)::text";

/// What the server says of a transaction that has begun.
pub(crate) struct Begun {
    pub(crate) can_write: bool,
    pub(crate) has_citus: bool,
}

/// The schemas of the role's own path that there are, by what the role, the database or the address sets. A name is never
/// looked up by code of the database before it is among PostgreSQL's own.
const SCHEMAS: &str =
    "SELECT pg_catalog.to_json(pg_catalog.current_schemas(false))::pg_catalog.text";

fn set_path(schemas: &[String]) -> String {
    let names: Vec<String> = schemas.iter().map(|schema| quote_identifier(schema)).collect();
    format!("SET LOCAL search_path = {}, pg_temp", names.join(", "))
}

impl Connection {
    pub(crate) fn open(
        interrupt: &Interrupt,
        options: PgConnectOptions,
        schema: &str,
        timeout: Duration,
    ) -> Result<Self, ConnectFailure> {
        let runtime = OwnRuntime::new().map_err(|error| ConnectFailure::Driver(error.into()))?;
        let connecting = PgConnection::connect_with(&options);
        let driver = runtime.block_on(async {
            tokio::select! {
                connected = tokio::time::timeout(timeout, connecting) => match connected {
                    Ok(connected) => connected.map_err(ConnectFailure::Driver),
                    Err(_) => Err(ConnectFailure::TimedOut),
                },
                () = interrupt.wait() => Err(ConnectFailure::Interrupted),
            }
        })?;
        Ok(Self {
            interrupt: interrupt.clone(),
            options,
            schema: schema.to_owned(),
            role_path: set_path(&[schema.to_owned()]),
            driver: Some(driver),
            backend: None,
            in_transaction: false,
            has_run_file: false,
            is_lost: false,
            patience: None,
            runtime,
        })
    }

    /// Begins a transaction by these two statements, and remembers which server process serves it, for an interrupt to
    /// cancel its statements. One that is still open is rolled back before.
    pub(crate) fn begin(&mut self, begin: &str, settings: &str) -> Result<Begun, DatabaseError> {
        self.roll_back()?;
        self.in_transaction = true;
        let statements = [
            Statement::AsRole(begin),
            Statement::AsRole(SCHEMAS),
            Statement::Own(BEGUN),
            Statement::Own(settings),
        ];
        let mut results = self.fetch_each(&statements)?;
        let mut cells = Cells::of_first(results.remove(2));
        self.backend =
            cells.optional().zip(cells.optional()).map(|(pid, since)| Backend { pid, since });
        let begun = Begun { can_write: cells.text() != "on", has_citus: cells.flag() };
        self.adopt_path(Cells::of_first(results.remove(1)).list())?;
        Ok(begun)
    }

    /// The role's path has these schemas: triggers look up names on it, as under psql. The schema of the tables is added
    /// in front where it is not among them.
    fn adopt_path(&mut self, mut schemas: Vec<String>) -> Result<(), DatabaseError> {
        schemas.retain(|schema| schema != "pg_catalog" && !schema.starts_with("pg_temp_"));
        if !schemas.contains(&self.schema) {
            schemas.insert(0, self.schema.clone());
        }
        let role_path = set_path(&schemas);
        if role_path != self.role_path {
            self.role_path = role_path.clone();
            self.execute_text(&role_path)?;
        }
        Ok(())
    }

    /// The path of the role, as a setting.
    pub(crate) fn role_schemas(&self) -> String {
        self.role_path.replacen("SET LOCAL search_path = ", "", 1)
    }

    /// Sets the path of an SQL file, until the next message: what it makes without a schema is made in that of the tables.
    pub(crate) fn file_path(&self) -> String {
        let first = format!("SET LOCAL search_path = {}, ", quote_identifier(&self.schema));
        self.role_path.replacen("SET LOCAL search_path = ", &first, 1)
    }

    pub(crate) fn commit(&mut self) -> Result<(), DatabaseError> {
        if self.has_run_file {
            // After an SQL file, the values that SET LOCAL has hidden would come back as settings of the session.
            self.execute_text("RESET ALL")?;
        }
        self.execute_text("COMMIT")?;
        self.in_transaction = false;
        self.has_run_file = false;
        Ok(())
    }

    /// Rolls back the open transaction, if there is one; also when an interrupt was raised.
    pub(crate) fn roll_back(&mut self) -> Result<(), DatabaseError> {
        if !self.in_transaction {
            return Ok(());
        }
        // In one message: behind a pooler, the next one may go to another server process.
        let text = match std::mem::take(&mut self.has_run_file) {
            true => format!("ROLLBACK; {}", self.release_session_objects()),
            false => "ROLLBACK".to_owned(),
        };
        let rolled_back = match self.driver.as_mut().filter(|_| !self.is_lost) {
            None => Err(lost()),
            Some(driver) => self.runtime.block_on(async {
                let rolling_back = driver.execute(sqlx::raw_sql(AssertSqlSafe(text)));
                match tokio::time::timeout(CANCEL_GRACE * 2, rolling_back).await {
                    Ok(done) => done.map(drop).map_err(from_driver),
                    Err(_) => Err(lost()),
                }
            }),
        };
        self.is_lost |= rolled_back.is_err();
        self.in_transaction &= rolled_back.is_err();
        rolled_back
    }

    /// The server's version, such as `150008`.
    pub(crate) fn version(&mut self) -> Result<u32, DatabaseError> {
        if let Some(version) = self.driver.as_ref().and_then(PgConnection::server_version_num) {
            return Ok(version);
        }
        let rows = self.fetch_text("SELECT current_setting('server_version_num')")?;
        Ok(rows[0][0].as_deref().and_then(|text| text.parse().ok()).unwrap_or(0))
    }

    pub(crate) fn backend(&self) -> Option<&Backend> {
        self.backend.as_ref()
    }

    /// Runs a statement of the compiler's, which names what is PostgreSQL's own in full, and returns how many rows it touched.
    pub(crate) fn execute(&mut self, sql: &Sql) -> Result<u64, DatabaseError> {
        let query = bind(sql)?;
        self.run(async |driver| Ok(driver.execute(query).await?.rows_affected()))
    }

    /// Runs a statement of the compiler's whose columns are all text.
    pub(crate) fn fetch(&mut self, sql: &Sql) -> Result<Vec<TextRow>, DatabaseError> {
        let query = bind(sql)?;
        self.run(async |driver| driver.fetch_all(query).await?.iter().map(texts).collect())
    }

    /// Runs one statement whose columns are all text, as long as what it returns is at most this many bytes.
    pub(crate) fn fetch_within(
        &mut self,
        sql: &Sql,
        limit: u64,
    ) -> Result<Vec<TextRow>, DatabaseError> {
        let query = bind(sql)?;
        self.run(async |driver| read_within(driver.fetch(query), limit).await)?
            .ok_or_else(|| too_much(limit))
    }

    /// The same for a statement that the server ends after `time`; where it does not, the connection is given up.
    ///
    /// # Errors
    /// Those of the server, and [`DatabaseError::ReadLimitReached`] where it goes on all the same.
    pub(crate) fn fetch_in_time(
        &mut self,
        sql: &Sql,
        limit: u64,
        time: Duration,
    ) -> Result<Vec<TextRow>, DatabaseError> {
        self.patience = Some(time + SERVER_GRACE);
        let found = self.fetch_within(sql, limit);
        self.patience = None;
        found
    }

    /// The same for a statement that the compiler has written: without parameters it goes in one message.
    pub(crate) fn fetch_compiled_within(
        &mut self,
        sql: &Sql,
        limit: u64,
    ) -> Result<Vec<TextRow>, DatabaseError> {
        if !sql.parameters.is_empty() {
            return self.fetch_within(sql, limit);
        }
        let query = sqlx::raw_sql(AssertSqlSafe(sql.text.clone()));
        self.run(async |driver| read_within(driver.fetch(query), limit).await)?
            .ok_or_else(|| too_much(limit))
    }

    /// Runs a statement of the compiler's whose columns are all text, and gives each row to `take` as it arrives, until that
    /// fails.
    pub(crate) fn for_each_row(
        &mut self,
        sql: &Sql,
        mut take: impl FnMut(&[Option<&[u8]>]) -> io::Result<()>,
    ) -> Result<io::Result<()>, DatabaseError> {
        let query = bind(sql)?;
        self.run(async |driver| {
            let mut found = driver.fetch(query);
            while let Some(row) = found.try_next().await? {
                let mut cells = Vec::with_capacity(row.len());
                for at in 0..row.len() {
                    let cell = row.try_get_raw(at)?;
                    let is_null = cell.is_null();
                    let text = cell.as_bytes().ok();
                    cells.push(text.filter(|_| !is_null));
                }
                if let Err(error) = take(&cells) {
                    return Ok(Err(error));
                }
            }
            Ok(Ok(()))
        })
    }

    /// Runs statements that run code of the application, or that look up no function and no operator.
    pub(crate) fn execute_text(&mut self, text: &str) -> Result<(), DatabaseError> {
        self.send(text).map(drop)
    }

    fn send(&mut self, text: &str) -> Result<u64, DatabaseError> {
        let query = sqlx::raw_sql(AssertSqlSafe(text.to_owned()));
        self.run(async |driver| Ok(driver.execute(query).await?.rows_affected()))
    }

    /// The same; also returns how many statements of the text were completed.
    pub(crate) fn execute_counting(&mut self, text: &str) -> (usize, Result<(), DatabaseError>) {
        let query = sqlx::raw_sql(AssertSqlSafe(text.to_owned()));
        let mut completed = 0;
        let done = self.run(async |driver| {
            let mut messages = driver.fetch_many(query);
            while let Some(message) = messages.try_next().await? {
                completed += usize::from(message.is_left());
            }
            Ok(())
        });
        (completed, done)
    }

    /// Waits this long, or until an interrupt is raised.
    pub(crate) fn pause(&self, time: Duration) -> Result<(), DatabaseError> {
        self.runtime.block_on(async {
            tokio::select! {
                () = tokio::time::sleep(time) => Ok(()),
                () = self.interrupt.wait() => Err(DatabaseError::Interrupted),
            }
        })
    }

    pub(crate) fn is_lost(&self) -> bool {
        self.is_lost
    }

    pub(crate) fn ignore_interrupts(&mut self) {
        self.interrupt = Interrupt::default();
    }

    pub(crate) fn heed_interrupts(&mut self, server: &Server) {
        self.interrupt = server.interrupt().clone();
    }

    /// Waits for the server; an interrupt cancels the statement there and waits for it to end.
    fn run<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut PgConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, DatabaseError> {
        if self.interrupt.is_raised() {
            return Err(DatabaseError::Interrupted);
        }
        let Some(driver) = self.driver.as_mut().filter(|_| !self.is_lost) else {
            return Err(lost());
        };
        let (interrupt, options, backend) = (&self.interrupt, &self.options, self.backend.as_ref());
        let patience = self.patience;
        let done = self.runtime.block_on(async {
            let work = work(driver);
            tokio::pin!(work);
            let late = async {
                match patience {
                    Some(time) => tokio::time::sleep(time).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                done = &mut work => return Ended::Done(done),
                () = late => return Ended::Late,
                () = interrupt.wait() => {}
            }
            // Dropping the future would leave the statement running on the server.
            let cancelled = async { tokio::join!(cancel(options, backend), &mut work).1 };
            let _ = tokio::time::timeout(CANCEL_GRACE, cancelled).await;
            Ended::Interrupted
        });
        let done = match done {
            Ended::Done(done) => done,
            Ended::Interrupted => return Err(DatabaseError::Interrupted),
            Ended::Late => {
                self.is_lost = true;
                return Err(DatabaseError::ReadLimitReached {
                    limit: "query_time",
                    most: format!("{} s", (patience.unwrap_or_default() - SERVER_GRACE).as_secs()),
                });
            }
        };
        self.is_lost = matches!(done, Err(sqlx::Error::Io(_) | sqlx::Error::Protocol(_)));
        done.map_err(from_driver)
    }
}

/// How waiting for the server ended.
enum Ended<T> {
    Done(Result<T, sqlx::Error>),
    Interrupted,
    /// The server did not end the statement when it should have.
    Late,
}

impl Drop for Connection {
    fn drop(&mut self) {
        // A lost connection has rolled back already, and so has a server that sees the closed socket.
        let _ = self.roll_back();
        let Some(driver) = self.driver.take().filter(|_| !self.is_lost) else { return };
        let closing = async { tokio::time::timeout(CANCEL_GRACE, driver.close()).await };
        let _ = self.runtime.block_on(closing);
    }
}

fn lost() -> DatabaseError {
    DatabaseError::Lost { message: "the server does not answer".into() }
}

/// The only place where SQL text reaches the driver with parameters: it comes from the compiler in
/// `rule`, or from this layer's own constants.
fn bind(
    sql: &Sql,
) -> Result<sqlx::query::Query<'static, sqlx::Postgres, PgArguments>, DatabaseError> {
    if sql.parameters.len() > MAX_PARAMETERS {
        let [given, most] =
            [sql.parameters.len(), MAX_PARAMETERS].map(|count| format_number(count as u64));
        return Err(DatabaseError::Inconsistent {
            message: format!("the statement needs {given} parameters, and PostgreSQL takes at most {most}"),
            help: "use fewer values in one rule or read, or put them into a table and look them up there".into(),
        });
    }
    let mut arguments = PgArguments::default();
    for parameter in &sql.parameters {
        let added = arguments.add(parameter.clone()).map_err(sqlx::Error::Encode);
        added.map_err(from_driver)?;
    }
    let query = sqlx::query_with(AssertSqlSafe(sql.text.clone()), arguments);
    // Named statements would be left behind in a pooler.
    Ok(query.persistent(false))
}

/// Without a look at the types: a statement without parameters returns every value as text.
fn texts(row: &PgRow) -> Result<TextRow, sqlx::Error> {
    (0..row.len()).map(|at| row.try_get_unchecked(at)).collect()
}

/// `None` when the rows take up more bytes than `limit`.
async fn read_within(
    mut found: impl Stream<Item = Result<PgRow, sqlx::Error>> + Unpin,
    limit: u64,
) -> Result<Option<Vec<TextRow>>, sqlx::Error> {
    let (mut rows, mut bytes) = (Vec::new(), 0);
    while let Some(row) = found.try_next().await? {
        let row = texts(&row)?;
        // An empty cell takes room too.
        let cells = row.iter().map(|cell| 8 + cell.as_ref().map_or(0, String::len));
        bytes += cells.sum::<usize>() as u64;
        if bytes > limit {
            return Ok(None);
        }
        rows.push(row);
    }
    Ok(Some(rows))
}

fn too_much(limit: u64) -> DatabaseError {
    DatabaseError::ReadLimitReached { limit: "read_bytes", most: limit.to_string() }
}

/// Asks the server, over a second connection, to cancel what the backend is doing, while it still serves this transaction.
async fn cancel(options: &PgConnectOptions, backend: Option<&Backend>) {
    let Some(Backend { pid, since }) = backend else { return };
    let Ok(mut other) = PgConnection::connect_with(options).await else { return };
    let cancel = format!(
        "{OWN_PATH}; SELECT pg_cancel_backend(pid) FROM pg_stat_activity \
         WHERE pid = {pid} AND extract(epoch FROM xact_start)::text = '{since}'"
    );
    // Nothing to be done when it fails: the statement then ends with the connection.
    let _ = other.execute(sqlx::raw_sql(AssertSqlSafe(cancel))).await;
    let _ = other.close().await;
}

#[cfg(test)]
mod tests {
    use leora_rule::Sql;

    use super::bind;

    #[test]
    fn more_parameters_than_the_protocol_takes_are_refused() {
        let statement = |count| Sql { text: "SELECT 1".into(), parameters: vec![None; count] };
        assert!(bind(&statement(65_535)).is_ok());
        let told = bind(&statement(70_000)).err().map(|error| error.to_string());
        let message = "the statement needs 70,000 parameters, and PostgreSQL takes at most 65,535";
        assert_eq!(told.as_deref(), Some(message));
    }
}
