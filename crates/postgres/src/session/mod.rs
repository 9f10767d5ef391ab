//! A connection with one transaction, and the settings that make it the same everywhere.

pub(crate) mod commit;
pub(crate) mod locks;
pub(crate) mod pending;
pub(crate) mod settings;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use leora_report::{DatabaseError, Lock, ServerError};

use crate::connection::{Connection, TextRow};
use crate::{Server, Target};
use pending::Pending;

pub use settings::{ReadLimits, Timeouts};

/// The sort of transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transaction {
    /// It can't write, and sees one moment of the data.
    ReadOnly,
    /// It can write.
    ReadWrite,
    /// It can write rows that nobody has changed since it began.
    Batch,
}

/// What a transaction has found out about keys that somebody named.
#[derive(Debug, Default)]
pub(crate) struct Trusted {
    /// The tables whose keys were checked.
    pub(crate) tables: BTreeSet<String>,
    /// Whether one of them has parts on other servers, which commit by themselves.
    pub(crate) far: bool,
}

/// Whether the server is a replica, and of which one, where the role may know.
const REPLICA: &str = "\
SELECT pg_is_in_recovery()::text,
       (SELECT concat_ws(':', sender_host, sender_port) FROM pg_stat_wal_receiver WHERE sender_host <> '')";

const TRANSACTION_START: &str = "SELECT extract(epoch FROM transaction_timestamp())::text";

/// Whether a part of this process's run is committed.
static PART_COMMITTED: AtomicBool = AtomicBool::new(false);

/// Remembers that a part of the run is committed, now or by the process that it goes on from.
pub(crate) fn remember_part_committed() {
    PART_COMMITTED.store(true, Ordering::Relaxed);
}

/// Whether a part of this process's run is committed: it stays, however the process ends.
pub fn part_committed() -> bool {
    PART_COMMITTED.load(Ordering::Relaxed)
}

/// A connection with its transaction.
#[derive(Debug)]
pub struct Session {
    pub(crate) link: Connection,
    pub(crate) server: Server,
    pub(crate) reading: ReadLimits,
    timeouts: Timeouts,
    pub(crate) version: u32,
    /// What this transaction has found out about keys that somebody named.
    pub(crate) trusted: Trusted,
    /// What is still to be done before it ends, and what was at its mark.
    pub(crate) pending: Pending,
    marked: Pending,
    /// Holds the locks that keep other runs away, where this session's own transactions end in between.
    keeper: Option<Connection>,
}

/// Makes deferred constraints speak now.
pub(crate) const CHECK_CONSTRAINTS: &str = "SET CONSTRAINTS ALL IMMEDIATE";

impl Session {
    /// Connects.
    ///
    /// # Errors
    /// [`DatabaseError`] in words about what to check.
    pub fn connect(server: &Server, timeouts: Timeouts) -> Result<Self, DatabaseError> {
        let mut link = server.open()?;
        let version = link.version()?;
        let reading = ReadLimits::default();
        Ok(Self {
            link,
            server: server.clone(),
            reading,
            timeouts,
            version,
            trusted: Trusted::default(),
            pending: Pending::default(),
            marked: Pending::default(),
            keeper: None,
        })
    }

    /// The server's version, such as `150008`.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// The target.
    pub fn target(&self) -> &Target {
        self.server.target()
    }

    /// Sets how much a script may read at once.
    pub fn set_read_limits(&mut self, reading: ReadLimits) {
        self.reading = reading;
    }

    /// Begins the transaction, with the settings that make it the same everywhere.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn begin(&mut self, transaction: Transaction) -> Result<(), DatabaseError> {
        let begin = match transaction {
            Transaction::ReadOnly => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            Transaction::ReadWrite => "BEGIN ISOLATION LEVEL READ COMMITTED",
            Transaction::Batch => "BEGIN ISOLATION LEVEL REPEATABLE READ",
        };
        let settings = self.settings();
        let can_write = self.link.begin(begin, &settings)?;
        self.trusted = Trusted::default();
        self.pending = Pending::default();
        match transaction {
            Transaction::ReadOnly => Ok(()),
            // A batch that a crash of the server loses is lost whole, and done again.
            Transaction::Batch => self.link.script("SET LOCAL synchronous_commit = off"),
            Transaction::ReadWrite if can_write => Ok(()),
            Transaction::ReadWrite => Err(self.takes_no_writes()?),
        }
    }

    /// Whoever made the server, the database or the role read-only meant it: it is not overruled, and told before
    /// anybody waits for a lock.
    fn takes_no_writes(&mut self) -> Result<DatabaseError, DatabaseError> {
        let asked = self.link.fetch_text(REPLICA)?;
        let [replica, primary] =
            asked.into_iter().next().and_then(|row| row.try_into().ok()).unwrap_or_default();
        let message = match (replica.as_deref(), primary) {
            (Some("true"), Some(primary)) => {
                format!("the server is a replica of {primary}, and takes no writes")
            }
            (Some("true"), None) => "the server is a replica, and takes no writes".into(),
            _ => "the server takes no writes: it, the database or the role is read-only".into(),
        };
        let error = ServerError { message, code: "25006".into(), ..ServerError::default() };
        Ok(DatabaseError::Server(Box::new(error)))
    }

    /// Sets the settings again, after an SQL file that may have changed them, and asks further statements of this tool's
    /// own in the same message; returns what each of those returns.
    ///
    /// # Errors
    /// [`DatabaseError`] when the file ended the transaction.
    pub(crate) fn restore(&mut self, further: &[&str]) -> Result<Vec<Vec<TextRow>>, DatabaseError> {
        let settings = self.settings();
        let all = [&[TRANSACTION_START, &settings], further].concat();
        let mut told = self.link.fetch_each(&all)?;
        let since = told.remove(0).remove(0).remove(0);
        if since != self.link.backend().map(|ours| ours.since.clone()) {
            return Err(DatabaseError::Inconsistent {
                message: "the SQL file ended the run's transaction".into(),
                help: "take the statement that commits or rolls back out of the file".into(),
            });
        }
        self.trusted.tables.clear();
        told.remove(0);
        Ok(told)
    }

    /// Takes the locks that keep other runs away, and Prisma Migrate, waiting at most this long.
    ///
    /// # Errors
    /// [`DatabaseError::Busy`] or [`DatabaseError::PrismaBusy`] when one of those is at work.
    pub fn take_run_locks(&mut self, wait: Duration) -> Result<(), DatabaseError> {
        locks::take_run_locks(&mut self.link, &self.server, wait)
    }

    /// Takes locks on tables, in the order given. When one is not had in time the transaction is rolled
    /// back: nothing has been written.
    ///
    /// # Errors
    /// [`DatabaseError::LockTimeout`] with those who are in the way.
    pub fn take_locks(&mut self, wanted: &[Lock]) -> Result<(), DatabaseError> {
        match locks::take(&mut self.link, wanted) {
            Ok(()) => Ok(()),
            Err((error, Some(lock))) if error.code() == Some("55P03") => {
                // In a transaction again: a pooler keeps together only what is in one.
                self.link.script("ROLLBACK; BEGIN READ ONLY")?;
                let holders = locks::table_holders(&mut self.link, &lock)?;
                self.link.script("ROLLBACK")?;
                Err(DatabaseError::LockTimeout { table: lock.table, mode: lock.mode, holders })
            }
            Err((error, _)) => Err(error),
        }
    }

    /// Commits.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server; [`DatabaseError::Lost`] leaves open whether it committed.
    pub fn commit(&mut self) -> Result<(), DatabaseError> {
        // Once the COMMIT is sent, stopping would only lose sight of its outcome.
        self.link.ignore_interrupts();
        self.link.script("COMMIT")
    }

    /// Commits, to go on with another transaction. The locks that keep other runs away go on too: a connection of its
    /// own holds them, in a transaction that reads nothing, so that it keeps no old row from VACUUM.
    ///
    /// # Errors
    /// [`DatabaseError::Busy`] when another run was quicker, and [`DatabaseError`] of the server.
    pub(crate) fn commit_and_go_on(&mut self) -> Result<(), DatabaseError> {
        let first = self.keeper.is_none();
        if first {
            let mut keeper = self.server.open()?;
            keeper.script("BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0")?;
            self.keeper = Some(keeper);
        }
        self.link.script("COMMIT")?;
        remember_part_committed();
        match (&mut self.keeper, first) {
            (Some(keeper), true) => locks::take_run_locks(keeper, &self.server, Duration::ZERO),
            _ => Ok(()),
        }
    }

    /// Whether something of the run is committed, and stays whatever comes.
    pub fn has_committed_part(&self) -> bool {
        self.keeper.is_some()
    }

    /// Commits a batch.
    pub(crate) fn commit_batch(&mut self) -> Result<(), DatabaseError> {
        self.link.script("COMMIT")
    }

    /// Another session like this one.
    pub(crate) fn another(&self) -> Result<Self, DatabaseError> {
        Self::connect(&self.server, self.timeouts)
    }

    /// Rolls back; also when interrupted. A lost connection has rolled back already.
    pub fn roll_back(&mut self) {
        let _ = self.link.script_anyway("ROLLBACK");
    }

    /// Reads with writing switched off at the server: what is read may call functions.
    ///
    /// # Errors
    /// Of the reading, or of the server.
    pub fn read_only<T, E: From<DatabaseError>>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        self.link.script("SAVEPOINT reading; SET LOCAL transaction_read_only = on")?;
        let answer = read(self)?;
        self.link.script("ROLLBACK TO SAVEPOINT reading; RELEASE SAVEPOINT reading")?;
        Ok(answer)
    }

    /// Marks this moment of the transaction.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn mark(&mut self) -> Result<(), DatabaseError> {
        self.marked = self.pending.clone();
        self.link.script("SAVEPOINT mark")
    }

    /// Takes back what was done since the mark.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn back_to_mark(&mut self) -> Result<(), DatabaseError> {
        self.link.script("ROLLBACK TO SAVEPOINT mark; RELEASE SAVEPOINT mark")?;
        self.pending = self.marked.clone();
        self.restore(&[]).map(|_| ())
    }

    /// Makes deferred constraints speak now, so that a later DDL meets no pending trigger events.
    ///
    /// # Errors
    /// [`DatabaseError`] when a constraint is violated.
    pub fn check_constraints(&mut self) -> Result<(), DatabaseError> {
        self.link.script(CHECK_CONSTRAINTS)
    }

    /// Looks at an interrupt no more: to record what happened.
    pub fn ignore_interrupts(&mut self) {
        self.link.ignore_interrupts();
    }

    /// Closes the connection in good order.
    pub fn close(self) {
        self.link.close();
    }
}
