//! A connection with one transaction, and the settings that make it the same everywhere.

mod citus;
mod commit;
mod identity;
pub(crate) mod locks;
mod pending;
mod pooler;
mod run_lock;
pub(crate) mod savepoint;
mod settings;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use leora_report::{DatabaseError, Lock, ServerError};

use crate::connection::own_statements::Statement;
use crate::connection::session_objects::RESET_SETTINGS;
use crate::connection::{Cells, Connection, TextRow};
use crate::{HistoryState, Server, Target};
use pending::Pending;
use run_lock::{LockProof, RunLock};

pub use settings::{ReadLimits, Timeouts};

/// The kind of transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transaction {
    /// It can't write, and sees one snapshot of the data.
    ReadOnly,
    /// It can write.
    ReadWrite,
    /// It can write rows that no other transaction has changed since it began.
    Batch,
}

#[derive(Debug, Default)]
pub(crate) struct CheckedKeys {
    pub(crate) tables: BTreeSet<String>,
    /// Whether one of them has partitions on other servers, which commit by themselves.
    pub(crate) any_remote: bool,
}

/// Whether the server is a replica, and of which one, where the role may know.
const REPLICA: &str = "\
SELECT pg_is_in_recovery()::text,
       (SELECT concat_ws(':', sender_host, sender_port) FROM pg_stat_wal_receiver WHERE sender_host <> '')";

const TRANSACTION: &str = "SELECT pg_catalog.pg_current_xact_id_if_assigned()::text";

pub(crate) const CHECK_CONSTRAINTS: &str = "SET CONSTRAINTS ALL IMMEDIATE";

static PART_COMMITTED: AtomicBool = AtomicBool::new(false);

/// Whether a part of this process's run is committed: it stays, however the process ends.
pub fn part_committed() -> bool {
    PART_COMMITTED.load(Ordering::Relaxed)
}

/// A connection with its transaction. When it is dropped, an open transaction is rolled back and the connection is
/// closed, within a few seconds also where the server does not answer.
#[derive(Debug)]
pub struct Session {
    pub(crate) connection: Connection,
    pub(crate) server: Server,
    pub(crate) read_limits: ReadLimits,
    timeouts: Timeouts,
    pub(crate) version: u32,
    /// Whether the database has Citus, by the transaction that began last.
    pub(crate) has_citus: bool,
    pub(crate) checked_keys: CheckedKeys,
    /// The names of settings that SQL files of this transaction have declared for those after them.
    pub(crate) declared_settings: BTreeSet<String>,
    pub(crate) pending: Pending,
    /// `None` until this transaction has asked for it.
    pub(crate) history: Option<HistoryState>,
    /// The locks that keep other runs away, where this session's own transactions end in between.
    run_lock: Option<RunLock>,
    /// By which each transaction proves that they are held.
    lock_proof: Option<LockProof>,
    part_committed: bool,
    /// Why there is no second connection.
    no_second: Option<String>,
}

/// How long the locks that keep other runs away are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeldUntil {
    /// Until the transaction ends.
    Commit,
    /// Until the session ends, whatever it commits in between.
    Done,
}

impl Session {
    /// Connects.
    ///
    /// # Errors
    /// [`DatabaseError::Connect`], which says what to check.
    pub fn connect(server: &Server, timeouts: Timeouts) -> Result<Self, DatabaseError> {
        Self::over(server.open()?, server, timeouts)
    }

    fn over(
        mut connection: Connection,
        server: &Server,
        timeouts: Timeouts,
    ) -> Result<Self, DatabaseError> {
        let version = connection.version()?;
        Ok(Self {
            connection,
            server: server.clone(),
            read_limits: ReadLimits::default(),
            timeouts,
            version,
            has_citus: false,
            checked_keys: CheckedKeys::default(),
            declared_settings: BTreeSet::new(),
            pending: Pending::default(),
            history: None,
            run_lock: None,
            lock_proof: None,
            part_committed: false,
            no_second: None,
        })
    }

    /// Why the server gave no second connection, where one was asked for. Then it can't be told whether a transaction
    /// pooler is in between.
    pub fn no_second_connection(&self) -> Option<&str> {
        self.no_second.as_deref()
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
    pub fn set_read_limits(&mut self, limits: ReadLimits) {
        self.read_limits = limits;
    }

    /// Begins a transaction, with the settings that make it the same everywhere. One that is still open is rolled back.
    pub fn begin(&mut self, transaction: Transaction) -> Result<(), DatabaseError> {
        let begin = match transaction {
            Transaction::ReadOnly => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            Transaction::ReadWrite => "BEGIN ISOLATION LEVEL READ COMMITTED",
            Transaction::Batch => "BEGIN ISOLATION LEVEL REPEATABLE READ",
        };
        let settings = self.settings();
        let begun = self.connection.begin(begin, &settings)?;
        self.checked_keys = CheckedKeys::default();
        self.declared_settings.clear();
        self.pending = Pending::default();
        self.history = None;
        self.has_citus = begun.has_citus;
        if begun.has_citus {
            self.begin_on_citus()?;
        }
        match transaction {
            Transaction::ReadOnly => Ok(()),
            // A batch that a crash of the server loses is lost whole, and done again.
            Transaction::Batch => self.prove_lock(Some("SET LOCAL synchronous_commit = off")),
            Transaction::ReadWrite if begun.can_write => self.prove_lock(None),
            Transaction::ReadWrite => Err(self.explain_read_only()?),
        }
    }

    /// Runs a statement, and has the transaction prove that the run's lock is held, where it does not hold it itself.
    fn prove_lock(&mut self, first: Option<&str>) -> Result<(), DatabaseError> {
        let proof = self.lock_proof.as_ref().map(LockProof::statement);
        let statements: Vec<_> =
            [first, proof.as_deref()].into_iter().flatten().map(Statement::Own).collect();
        if statements.is_empty() {
            return Ok(());
        }
        let answer = self.connection.fetch_each(&statements)?.pop().unwrap_or_default();
        match proof.is_none() || Cells::of_first(answer).flag() {
            true => Ok(()),
            false => Err(DatabaseError::LockLost),
        }
    }

    /// A server, database or role was made read-only on purpose: that is not overruled, and reported before anything waits
    /// for a lock.
    fn explain_read_only(&mut self) -> Result<DatabaseError, DatabaseError> {
        let rows = self.connection.fetch_text(REPLICA)?;
        let [replica, primary] =
            rows.into_iter().next().and_then(|row| row.try_into().ok()).unwrap_or_default();
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

    /// Sets the settings again, after an SQL file that may have changed them, and releases what the file would leave in the
    /// server process. Asks for what the file has declared by a setting before that, and runs further statements afterwards,
    /// all in one message; returns the rows of each of these. Fails when the file ended the transaction.
    pub(crate) fn restore_settings(
        &mut self,
        transaction: &str,
        declared: Statement<'_>,
        further: &[Statement<'_>],
    ) -> Result<Vec<Vec<TextRow>>, DatabaseError> {
        let (settings, release) = (self.settings(), self.connection.release_session_objects());
        // Reset before they are set: what a file sets for the session would be in force again after the COMMIT.
        let set = [Statement::Own(&settings), Statement::Own(&release)];
        let first = [Statement::Own(TRANSACTION), declared];
        let all = [&first, &RESET_SETTINGS[..], &set, further].concat();
        let mut results = self.connection.fetch_each(&all)?;
        if results.remove(0).remove(0).remove(0).as_deref() != Some(transaction) {
            return Err(self.ended_by_file(transaction).unwrap_or(DatabaseError::RolledBackByFile));
        }
        self.checked_keys.tables.clear();
        results.drain(1..=RESET_SETTINGS.len() + set.len());
        Ok(results)
    }

    /// What an SQL file did to the transaction of this number, if it is over. After an error, a transaction that goes on
    /// takes no statement.
    pub(crate) fn ended_by_file(&mut self, transaction: &str) -> Option<DatabaseError> {
        let asked = "SELECT pg_catalog.pg_xact_status($1::text::xid8)";
        let rows = self.connection.fetch_inlined(asked, &[transaction]).ok()?;
        match Cells::of_first(rows).optional()?.as_str() {
            "committed" => Some(DatabaseError::CommittedByFile),
            "aborted" => Some(DatabaseError::RolledBackByFile),
            _ => None,
        }
    }

    /// Takes the locks that keep other runs away, and Prisma Migrate, waiting at most this long.
    ///
    /// # Errors
    /// [`DatabaseError::Busy`] or [`DatabaseError::PrismaBusy`] when one of those is at work.
    pub fn take_run_locks(&mut self, held: HeldUntil, wait: Duration) -> Result<(), DatabaseError> {
        if held == HeldUntil::Done && self.run_lock.is_none() {
            let lock = RunLock::take(&self.server, self.version, wait);
            let lock = lock.map_err(|error| match error {
                DatabaseError::Connect { message, .. } => {
                    DatabaseError::OneConnection { reason: pooler::without_place(&message) }
                }
                other => other,
            })?;
            self.lock_proof = Some(lock.proof.clone());
            self.run_lock = Some(lock);
        }
        let between_runs = self.run_lock.is_none().then_some(&locks::BETWEEN_RUNS);
        let keys = between_runs.into_iter().flatten().chain([&locks::TRANSACTION_LOCK]);
        let keys: Vec<i64> = keys.copied().collect();
        locks::take_locks(&mut self.connection, &keys, wait)
    }

    /// Begins a transaction that records how a run has stopped, on a new connection where the other is lost. No batch of the
    /// run is at work any more.
    ///
    /// # Errors
    /// [`DatabaseError`] when the server does not answer in time, or another run is at work.
    pub fn begin_record(&mut self) -> Result<(), DatabaseError> {
        self.ignore_interrupts();
        let wait = self.timeouts.commit;
        if self.connection.is_lost() {
            self.reconnect(wait)?;
        }
        let held = match self.begin(Transaction::ReadWrite) {
            Err(DatabaseError::LockLost) => {
                (self.run_lock, self.lock_proof) = (None, None);
                self.begin(Transaction::ReadWrite)?;
                HeldUntil::Commit
            }
            begun => begun.map(|()| HeldUntil::Done)?,
        };
        let held = if self.run_lock.is_none() { HeldUntil::Commit } else { held };
        self.take_run_locks(held, wait)
    }

    /// Takes locks on tables, in the order given. When one is not free in time the transaction is rolled back: nothing
    /// has been written.
    ///
    /// # Errors
    /// [`DatabaseError::LockTimeout`] with the sessions that hold locks in the way.
    pub fn take_locks(&mut self, wanted: &[Lock]) -> Result<(), DatabaseError> {
        for lock in wanted {
            match locks::take_table_lock(&mut self.connection, lock) {
                Err(error) if error.code() == Some("55P03") => {
                    return Err(self.explain_lock_timeout(lock.clone())?);
                }
                taken => taken?,
            }
        }
        Ok(())
    }

    fn explain_lock_timeout(&mut self, lock: Lock) -> Result<DatabaseError, DatabaseError> {
        // In a transaction again: a pooler keeps together only what is in one.
        self.begin(Transaction::ReadOnly)?;
        let holders = locks::table_lock_holders(&mut self.connection, &lock)?;
        self.roll_back()?;
        Ok(DatabaseError::LockTimeout { table: lock.table, mode: lock.mode, holders })
    }

    /// Commits.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server; [`DatabaseError::Lost`] leaves open whether it committed.
    pub fn commit(&mut self) -> Result<(), DatabaseError> {
        // Once the COMMIT is sent, stopping would only lose sight of its outcome.
        self.connection.ignore_interrupts();
        self.connection.commit()
    }

    /// Whether a part of the run is committed, and stays whatever comes.
    pub fn has_committed_part(&self) -> bool {
        self.part_committed
    }

    /// Also when the process that this one resumes has committed it.
    pub(crate) fn remember_part_committed(&mut self) {
        self.part_committed = true;
        PART_COMMITTED.store(true, Ordering::Relaxed);
    }

    pub(crate) fn commit_batch(&mut self) -> Result<(), DatabaseError> {
        self.connection.commit()
    }

    /// The connection that holds the run's lock, so that it is not idle for long.
    pub(crate) fn lock_connection(&mut self) -> &mut Connection {
        self.run_lock.as_mut().map_or(&mut self.connection, |lock| &mut lock.connection)
    }

    pub(crate) fn connect_another(&self) -> Result<Self, DatabaseError> {
        let other = Self::connect(&self.server, self.timeouts)?;
        Ok(Self { lock_proof: self.lock_proof.clone(), ..other })
    }

    /// Rolls back the open transaction, also when interrupted, so that its locks are free. Where the session is not used
    /// any more, dropping it does the same.
    ///
    /// # Errors
    /// [`DatabaseError::Lost`] when the server does not answer; it rolls back by itself then.
    pub fn roll_back(&mut self) -> Result<(), DatabaseError> {
        self.connection.roll_back()
    }

    /// Has deferred constraints checked now, so that a later DDL meets no pending trigger events.
    ///
    /// # Errors
    /// [`DatabaseError`] when a constraint is violated.
    pub fn check_constraints(&mut self) -> Result<(), DatabaseError> {
        self.connection.execute_text(CHECK_CONSTRAINTS)
    }

    /// From now on interrupts are not looked at: to record what happened.
    pub fn ignore_interrupts(&mut self) {
        self.connection.ignore_interrupts();
    }
}
