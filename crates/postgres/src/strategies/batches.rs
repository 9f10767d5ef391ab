//! The strategy `batches`: a few rows and their journal at a time, each batch a transaction of its own, on several
//! connections. A batch writes only row versions that were there when the rule began, so that it meets none of its
//! own again, nor one that was edited since; those are looked through at the end, without the rows that it has
//! written. A batch sees one snapshot of the data: when another session changes one of its rows it fails and is retried,
//! so that the journal holds the values really replaced.
//!
//! Each connection has a stretch of the table of its own, and helps with another's when it is done: two connections
//! that take neighbouring ranges of one stretch need an eighth longer (1,000,000 rows, plain UPDATE of ranges in psql).

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use jiff::civil::Date;
use leora_report::{DatabaseError, Progress, WriteError};
use leora_rule::{
    Relation, Rule, RuleError, Sql, Table, compile_changed_places, compile_changes, compile_update,
    operation,
};

use crate::connection::first_column;
use crate::journal::{self, JournalEntry, JournalKey, RulePlace};
use crate::strategies::pace::Pace;
use crate::strategies::page_ranges::{PageQueue, PageRange, page_ranges};
use crate::{Session, Transaction};

const WRITERS: usize = 2;
/// How often a batch that met another session's change is tried before it is put off, in halves.
const TRIES: u32 = 3;
/// How often rows that others changed meanwhile are looked for.
const MAX_SWEEPS: u32 = 8;
const SWEEP_ROWS: usize = 500;
const SWEEP_PAUSE: Duration = Duration::from_millis(100);
/// How often a range is put off before the run stops: beside halving it, for about a minute of lock timeouts.
const MAX_PUT_OFF: u32 = 18;
const WATCH_PAUSE: Duration = Duration::from_millis(20);

pub(crate) struct BatchedRule<'a> {
    pub(crate) rule: &'a Rule,
    pub(crate) table: &'a Table,
    pub(crate) run: &'a str,
    pub(crate) place: RulePlace,
    pub(crate) began: u64,
    pub(crate) as_of: Date,
}

impl BatchedRule<'_> {
    /// Whether a row version, by its transaction id, is older than the rule's beginning.
    fn was_there(&self, xmin: &str) -> String {
        let began = format!("pg_catalog.age('{}'::pg_catalog.xid)", self.began % (1 << 32));
        operation(&format!("pg_catalog.age({xmin})"), ">", &began)
    }
}

/// Or of the whole table, where it has no partitions.
struct PartitionStatements {
    changes: Sql,
    update: Sql,
    changed_places: Sql,
}

impl PartitionStatements {
    fn compile(batched: &BatchedRule<'_>, partition: &Table) -> Result<Self, RuleError> {
        let (rule, as_of) = (batched.rule, batched.as_of);
        let source = Relation::from_table(Arc::new(partition.clone()));
        Ok(Self {
            changes: compile_changes(rule, &source, as_of)?,
            update: compile_update(rule, &source, as_of)?,
            changed_places: compile_changed_places(rule, &source, as_of)?,
        })
    }
}

struct Work<'a> {
    batched: &'a BatchedRule<'a>,
    statements: Vec<PartitionStatements>,
    queue: Mutex<PageQueue>,
    pages: u64,
    pages_done: AtomicU64,
    rows_done: AtomicU64,
    failed: Mutex<Option<DatabaseError>>,
    pace: Pace,
}

/// The session is in no transaction, before and after.
pub(crate) fn write(session: &mut Session, batched: &BatchedRule<'_>) -> Result<(), WriteError> {
    let (partitions, ranges) = page_ranges(session, batched.table)?;
    let compile = |partition: &Table| PartitionStatements::compile(batched, partition);
    let work = Work {
        batched,
        statements: partitions.iter().map(compile).collect::<Result<_, _>>()?,
        pages: ranges.iter().map(PageRange::pages).sum::<u64>().max(1),
        queue: Mutex::new(PageQueue::new(ranges, WRITERS)),
        pages_done: AtomicU64::new(0),
        rows_done: AtomicU64::new(0),
        failed: Mutex::new(None),
        pace: Pace::default(),
    };
    let mut writers = Vec::new();
    for _ in 0..WRITERS {
        writers.push(session.connect_another()?);
    }
    work.run(session, &mut writers);
    if let Some(error) = locked(&work.failed).take() {
        return Err(error.into());
    }
    let mut writer = writers.pop().expect("there are writers");
    for _ in 0..MAX_SWEEPS {
        if work.sweep(&mut writer)? == 0 {
            break;
        }
    }
    Ok(())
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Work<'_> {
    fn run(&self, session: &mut Session, writers: &mut [Session]) {
        thread::scope(|scope| {
            let running: Vec<_> = writers
                .iter_mut()
                .enumerate()
                .map(|(own, writer)| scope.spawn(move || self.write_ranges(writer, own)))
                .collect();
            while !running.iter().all(thread::ScopedJoinHandle::is_finished) {
                self.watch(session);
                thread::sleep(WATCH_PAUSE);
            }
        });
    }

    fn watch(&self, session: &mut Session) {
        let share = self.pages_done.load(Ordering::Relaxed) as f64 / self.pages as f64;
        let rows = Some(self.rows_done.load(Ordering::Relaxed));
        let progress = Progress { share, rows, waits_for: self.pace.waits_for() };
        session.server.progress().report(progress);
        self.pace.look(session);
    }

    fn write_ranges(&self, writer: &mut Session, own: usize) {
        loop {
            let Some(range) = locked(&self.queue).next(own) else { return };
            if locked(&self.failed).is_some() {
                return;
            }
            let written = self.pace.wait(writer).and_then(|()| self.write_range(writer, range));
            if let Err(error) = written {
                // So that no session waits for its locks.
                let _ = writer.roll_back();
                locked(&self.failed).get_or_insert(error);
                return;
            }
        }
    }

    /// Where another session is in the way it is tried again, and then in halves, after all the others.
    fn write_range(&self, writer: &mut Session, range: PageRange) -> Result<(), DatabaseError> {
        // A row version that is older than the rule's beginning was written by none of its batches.
        let old = format!(" AND {}", self.batched.was_there("xmin"));
        let condition = format!("{}{old}", range.condition(writer.version));
        for tries in 1.. {
            match self.write_batch(writer, range.partition, &condition, &[]) {
                Err(error) if error.is_transient() => {
                    writer.roll_back()?;
                    if tries == TRIES && range.put_off >= MAX_PUT_OFF {
                        return Err(error);
                    }
                    if tries == TRIES {
                        locked(&self.queue).put_off(range);
                        break;
                    }
                    writer.server.pause(Duration::from_millis(10) * tries)?;
                }
                ended => {
                    self.pages_done.fetch_add(range.pages(), Ordering::Relaxed);
                    return ended.map(drop);
                }
            }
        }
        Ok(())
    }

    fn write_batch(
        &self,
        writer: &mut Session,
        partition: usize,
        condition: &str,
        further: &[Option<String>],
    ) -> Result<u64, DatabaseError> {
        let BatchedRule { rule, table, run, place, .. } = self.batched;
        let with = |sql: &Sql| {
            let parameters = sql.parameters.iter().chain(further).cloned().collect();
            Sql { text: format!("{}{}", sql.text, with_parameter(condition, sql)), parameters }
        };
        let statements = &self.statements[partition];
        writer.begin(Transaction::Batch)?;
        let changes = with(&statements.changes);
        let entry = JournalEntry { run, place: *place, table, column: &rule.column };
        let journalled = journal::write(writer, entry, &changes)?;
        let mut written = 0;
        if journalled > 0 {
            written = writer.connection.execute(&with(&statements.update))?;
        }
        if journalled != written {
            return Err(DatabaseError::Inconsistent {
                message: format!(
                    "{}.{}: {journalled} rows of a batch were journalled and {written} written",
                    table.name, rule.column
                ),
                help: format!(
                    "a trigger or a rule on {} interferes; disable it for the run",
                    table.name
                ),
            });
        }
        writer.commit_batch()?;
        self.rows_done.fetch_add(written, Ordering::Relaxed);
        Ok(written)
    }

    /// Writes the rows that others have changed or added since the rule began, where it has not written them itself;
    /// returns how many.
    fn sweep(&self, writer: &mut Session) -> Result<u64, DatabaseError> {
        let mut written = 0;
        for partition in 0..self.statements.len() {
            let places = self.find_missed(writer, partition)?;
            for some in places.chunks(SWEEP_ROWS) {
                let list = Some(format!("{{\"{}\"}}", some.join("\",\"")));
                let list_of_places = "ANY ({}::pg_catalog.text::pg_catalog.tid[])";
                let condition = format!(" AND {}", operation("ctid", "=", list_of_places));
                match self.write_batch(writer, partition, &condition, &[list]) {
                    // They have moved again: the next sweep finds them.
                    Err(error) if error.is_transient() => {
                        writer.roll_back()?;
                        writer.server.pause(SWEEP_PAUSE)?;
                    }
                    ended => written += ended?,
                }
            }
            written += u64::from(!places.is_empty());
        }
        Ok(written)
    }

    /// Where the rows are that would change, and that this rule has not written.
    fn find_missed(
        &self,
        writer: &mut Session,
        partition: usize,
    ) -> Result<Vec<String>, DatabaseError> {
        let BatchedRule { table, run, place, .. } = self.batched;
        let key = JournalKey::new(table);
        let Sql { text, parameters } = &self.statements[partition].changed_places;
        let new = format!("{text} AND NOT {}", self.batched.was_there("rows.xmin"));
        writer.begin(Transaction::Batch)?;
        let any = Sql { text: format!("{new} LIMIT 1"), parameters: parameters.clone() };
        let mut places = writer.connection.fetch(&any)?;
        if !places.is_empty() {
            let text = format!(
                "{new} AND NOT EXISTS (SELECT FROM (SELECT pg_catalog.unnest({array}) AS key FROM leora_run.transition \
                   WHERE {is_run} AND {is_rule}) AS was WHERE {is_key})",
                array = key.array,
                is_run = operation("run", "=", &format!("'{run}'::pg_catalog.uuid")),
                is_rule = operation("rule", "=", &place.rule.to_string()),
                is_key = operation("was.key", "=", &key.expression("rows")),
            );
            places = writer.connection.fetch(&Sql { text, parameters: parameters.clone() })?;
        }
        Ok(first_column(places))
    }
}

/// The condition with the number of the parameter after those of the statement in place of `{}`.
fn with_parameter(condition: &str, sql: &Sql) -> String {
    condition.replace("{}", &format!("${}", sql.parameters.len() + 1))
}
