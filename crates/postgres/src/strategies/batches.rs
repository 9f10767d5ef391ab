//! The strategy `batches`: a few rows and their journal at a time, each batch a transaction of its own, on several
//! connections. A batch writes only row versions that were there when the rule began, so that it meets none of its
//! own again, nor one that was edited since; those are looked through at the end, without the rows that it has
//! written. A batch sees one snapshot of the data: when another session changes one of its rows it fails and is retried,
//! so that the journal holds the values really replaced.
//!
//! Each connection has a stretch of the table of its own, and helps with another's when it is done: two connections
//! that take neighbouring ranges of one stretch need an eighth longer (1,000,000 rows, plain UPDATE of ranges in psql).

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use jiff::civil::Date;
use leora_report::{DatabaseError, Progress, WriteError};
use leora_rule::{
    Relation, Rule, RuleError, Sql, Table, compile_changed_rows, compile_changes_of,
    compile_update, operation,
};

use crate::journal::touched_rows::TouchedRows;
use crate::journal::{self, JournalEntry, RulePlace};
use crate::strategies::late_rows;
use crate::strategies::pace::Pace;
use crate::strategies::page_ranges::{PageQueue, PageRange, Partition, page_ranges};
use crate::{Session, Transaction};

const WRITERS: usize = 2;
/// How often a batch that met another session's change is tried before it is put off, in halves.
const TRIES: u32 = 3;
/// How often a range is put off before the run stops: beside halving it, for about a minute of lock timeouts.
const MAX_PUT_OFF: u32 = 18;
const WATCH_PAUSE: Duration = Duration::from_millis(20);

/// Rules that are written together.
pub(crate) struct BatchedRules<'a> {
    pub(crate) rules: &'a [Rule],
    /// The rows of the table, with what other rows give them.
    pub(crate) relation: &'a Relation,
    pub(crate) table: &'a Table,
    pub(crate) run: &'a str,
    /// The place in the run of each rule.
    pub(crate) places: &'a [RulePlace],
    pub(crate) began: u64,
    pub(crate) as_of: Date,
}

impl BatchedRules<'_> {
    /// Whether a row version, by its transaction id, is older than the rule's beginning.
    fn was_there(&self, xmin: &str) -> String {
        let began = format!("pg_catalog.age('{}'::pg_catalog.xid)", self.began % (1 << 32));
        operation(&format!("pg_catalog.age({xmin})"), ">", &began)
    }

    fn longest_list(&self) -> usize {
        self.rules.iter().map(Rule::longest_list).max().unwrap_or(0)
    }

    fn columns(&self) -> String {
        let columns: Vec<&str> = self.rules.iter().map(|rule| rule.column.as_str()).collect();
        columns.join(", ")
    }

    /// Whether what the journal holds was written by one of these.
    pub(crate) fn is_rule(&self) -> String {
        let is_one = |place: &RulePlace| operation("rule", "=", &place.rule.to_string());
        let any: Vec<String> = self.places.iter().map(is_one).collect();
        format!("({})", any.join(" OR "))
    }
}

/// Or of the whole table, where it has no partitions.
struct PartitionStatements {
    /// For each rule.
    changes: Vec<Sql>,
    update: Sql,
    changed_rows: Sql,
}

impl PartitionStatements {
    fn compile(batched: &BatchedRules<'_>, partition: &Table) -> Result<Self, RuleError> {
        let (rules, as_of) = (batched.rules, batched.as_of);
        let source = batched.relation.row_by_row(&Arc::new(partition.clone()), as_of)?;
        let changes = |place| compile_changes_of(place, rules, &source, as_of);
        Ok(Self {
            changes: (0..rules.len()).map(changes).collect::<Result<_, _>>()?,
            update: compile_update(rules, &source, as_of)?,
            changed_rows: compile_changed_rows(rules, &source, as_of)?,
        })
    }
}

/// What is to be written, as the table lies now.
pub(crate) struct Work<'a> {
    pub(crate) batched: &'a BatchedRules<'a>,
    pub(crate) partitions: Vec<Partition>,
    statements: Vec<PartitionStatements>,
    queue: Mutex<PageQueue>,
    pages: u64,
    pages_done: AtomicU64,
    rows_done: &'a AtomicU64,
    failed: Mutex<Option<DatabaseError>>,
    /// Whether the ranges are no longer those of the rows: somebody has rewritten a partition.
    moved: AtomicBool,
    pace: Pace,
}

/// The rows of a batch, by a condition that is added to those of the rule.
pub(crate) enum BatchRows {
    /// Those in a range of pages, as the table lay when the ranges were made.
    InRange(String),
    /// Those at these places that have one of these keys. In the condition `{places}` and `{keys}` stand for the two.
    Found { condition: String, places: String, keys: String },
}

impl BatchRows {
    fn added_to(&self, sql: &Sql) -> Sql {
        let Sql { text, mut parameters } = sql.clone();
        match self {
            Self::InRange(condition) => Sql { text: text + condition, parameters },
            Self::Found { condition, places, keys } => {
                let first = parameters.len() + 1;
                parameters.extend([Some(places.clone()), Some(keys.clone())]);
                let condition = condition
                    .replace("{places}", &format!("${first}"))
                    .replace("{keys}", &format!("${}", first + 1));
                Sql { text: text + &condition, parameters }
            }
        }
    }
}

/// What became of a batch.
pub(crate) enum Batch {
    /// It wrote this many rows.
    Written(u64),
    /// Nothing: the rows are in other places now.
    Moved,
}

/// Writes all rows that change; returns how many others added or changed at the end, and are left. The session is in no
/// transaction, before and after.
pub(crate) fn write(session: &mut Session, batched: &BatchedRules<'_>) -> Result<u64, WriteError> {
    let mut writers = Vec::new();
    for _ in 0..WRITERS {
        writers.push(session.connect_another().map_err(DatabaseError::between_batches)?);
    }
    let rows_done = AtomicU64::new(0);
    loop {
        let mut work = Work::look(session, batched, &rows_done)?;
        work.run(session, &mut writers);
        if let Some(error) = locked(&work.failed).take() {
            return Err(error.between_batches().into());
        }
        if !*work.moved.get_mut() {
            let writer = writers.last_mut().expect("there are writers");
            let left = late_rows::write(&work, writer).map_err(DatabaseError::between_batches)?;
            return Ok(left);
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'a> Work<'a> {
    fn look(
        session: &mut Session,
        batched: &'a BatchedRules<'a>,
        rows_done: &'a AtomicU64,
    ) -> Result<Self, WriteError> {
        let (partitions, ranges) = page_ranges(session, batched.table, batched.longest_list())?;
        let compile = |one: &Partition| PartitionStatements::compile(batched, &one.table);
        Ok(Self {
            batched,
            statements: partitions.iter().map(compile).collect::<Result<_, _>>()?,
            partitions,
            pages: ranges.iter().map(PageRange::pages).sum::<u64>().max(1),
            queue: Mutex::new(PageQueue::new(ranges, WRITERS)),
            pages_done: AtomicU64::new(0),
            rows_done,
            failed: Mutex::new(None),
            moved: AtomicBool::new(false),
            pace: Pace::default(),
        })
    }

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
            if self.moved.load(Ordering::Relaxed) || locked(&self.failed).is_some() {
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
        let rows = BatchRows::InRange(range.condition(writer.version) + &old);
        for tries in 1.. {
            match self.write_batch(writer, range.partition, &rows) {
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
                    if let Batch::Moved = ended? {
                        self.moved.store(true, Ordering::Relaxed);
                    }
                    self.pages_done.fetch_add(range.pages(), Ordering::Relaxed);
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Writes those of these rows of a partition that change.
    pub(crate) fn write_batch(
        &self,
        writer: &mut Session,
        partition: usize,
        rows: &BatchRows,
    ) -> Result<Batch, DatabaseError> {
        let BatchedRules { rules, table, run, places, .. } = self.batched;
        let statements = &self.statements[partition];
        writer.begin(Transaction::Batch)?;
        let (mut most, mut journalled) = (0, 0);
        for ((rule, place), changes) in rules.iter().zip(*places).zip(&statements.changes) {
            let (changes, place) = (rows.added_to(changes), *place);
            let entry = JournalEntry { run, place, table, column: &rule.column };
            let count = journal::write(writer, entry, &changes)?;
            most = count.max(most);
            journalled += count;
        }
        if matches!(rows, BatchRows::InRange(_))
            && !self.partitions[partition].is_in_place(writer)?
        {
            writer.roll_back()?;
            return Ok(Batch::Moved);
        }
        let mut written = 0;
        if journalled > 0 {
            let touched = TouchedRows::count(writer, table)?;
            written = writer.connection.execute(&rows.added_to(&statements.update))?;
            touched.verify(writer, &self.batched.columns(), written)?;
        }
        // Of several columns each row is written once.
        if !(most..=journalled).contains(&written) {
            return Err(DatabaseError::Inconsistent {
                message: format!(
                    "{}.{}: {most} rows of a batch were journalled and {written} written",
                    table.name,
                    self.batched.columns()
                ),
                help: format!(
                    "a trigger or a rule on {} interferes; disable it for the run",
                    table.name
                ),
            });
        }
        writer.commit_batch()?;
        self.rows_done.fetch_add(written, Ordering::Relaxed);
        Ok(Batch::Written(written))
    }

    /// The rows of a partition that would change, as [`compile_changed_rows`] gives them.
    pub(crate) fn changed_rows(&self, partition: usize) -> &Sql {
        &self.statements[partition].changed_rows
    }
}
