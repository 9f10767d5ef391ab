//! The strategy `batches`: a few rows and their journal at a time, each batch a transaction of its own, on several
//! connections. A batch writes only row versions that were there when the rule began, so that it meets none of its
//! own again, nor one that somebody edited since; those are looked through at the end, without the rows that it has
//! written. A batch sees one moment of the data: when somebody else changes one of its rows it fails and is tried
//! again, so that the journal holds the values really replaced.
//!
//! Each connection has a stretch of the table of its own, and helps with another's when it is done: two connections
//! that take neighbouring pieces of one stretch need an eighth longer (1,000,000 rows, plain UPDATE of pieces in psql).

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use jiff::civil::Date;
use leora_report::{DatabaseError, Progress, WriteError};
use leora_rule::{
    Relation, Rule, RuleError, Sql, Table, compile_changed_places, compile_changes, compile_update,
};

use crate::journal::{self, JournalEntry, Key, RulePlace};
use crate::strategies::pace;
use crate::strategies::page_ranges::{self as parts, Left, PageRange};
use crate::{Session, Transaction};

/// How many connections write.
const WRITERS: usize = 2;
/// How often a batch that met somebody else's change is tried before it is put off, in halves.
const TRIES: u32 = 3;
/// How often rows that others changed meanwhile are looked for.
const SWEEPS: u32 = 8;
/// How many of these are written at a time.
const SWEPT: usize = 500;
/// How long is waited before rows that moved again are looked for.
const AGAIN: Duration = Duration::from_millis(100);
/// How often a piece is put off before the run stops: beside halving it, for about a minute of lock timeouts.
const PUT_OFF: u32 = 18;

/// What a rule needs to be written in batches.
pub(crate) struct Batched<'a> {
    pub(crate) rule: &'a Rule,
    pub(crate) table: &'a Table,
    pub(crate) run: &'a str,
    pub(crate) place: RulePlace,
    /// The transaction id from which on row versions are newer than the rule's beginning.
    pub(crate) began: u64,
    pub(crate) as_of: Date,
}

/// The statements of one part of the table.
struct PartStatements {
    changes: Sql,
    update: Sql,
    changed_places: Sql,
}

impl PartStatements {
    fn compile(batched: &Batched<'_>, part: &Table) -> Result<Self, RuleError> {
        let (rule, as_of) = (batched.rule, batched.as_of);
        let source = Relation::from_table(Arc::new(part.clone()));
        Ok(Self {
            changes: compile_changes(rule, &source, as_of)?,
            update: compile_update(rule, &source, as_of)?,
            changed_places: compile_changed_places(rule, &source, as_of)?,
        })
    }
}

/// The work that the writers share.
struct Work<'a> {
    batched: &'a Batched<'a>,
    statements: Vec<PartStatements>,
    left: Mutex<Left>,
    pages: u64,
    done: AtomicU64,
    rows: AtomicU64,
    failed: Mutex<Option<DatabaseError>>,
    pace: pace::Pace,
}

/// Writes the rule; the session is in no transaction, before and after.
pub(crate) fn write(session: &mut Session, batched: &Batched<'_>) -> Result<(), WriteError> {
    let (parts, pieces) = parts::of(session, batched.table)?;
    let work = Work {
        batched,
        statements: parts
            .iter()
            .map(|part| PartStatements::compile(batched, part))
            .collect::<Result<_, _>>()?,
        pages: pieces.iter().map(PageRange::pages).sum::<u64>().max(1),
        left: Mutex::new(Left::of(pieces, WRITERS)),
        done: AtomicU64::new(0),
        rows: AtomicU64::new(0),
        failed: Mutex::new(None),
        pace: pace::Pace::default(),
    };
    let mut writers = Vec::new();
    for _ in 0..WRITERS {
        writers.push(session.connect_another()?);
    }
    let work = &work;
    thread::scope(|scope| {
        let running: Vec<_> = writers
            .iter_mut()
            .enumerate()
            .map(|(own, writer)| scope.spawn(move || work.drain(writer, own)))
            .collect();
        while !running.iter().all(thread::ScopedJoinHandle::is_finished) {
            work.watch(session);
            thread::sleep(Duration::from_millis(20));
        }
    });
    if let Some(error) = taken(&work.failed) {
        return Err(error.into());
    }
    let mut writer = writers.pop().expect("there are writers");
    for _ in 0..SWEEPS {
        if work.sweep(&mut writer)? == 0 {
            break;
        }
    }
    Ok(())
}

fn taken<T>(slot: &Mutex<Option<T>>) -> Option<T> {
    slot.lock().unwrap_or_else(PoisonError::into_inner).take()
}

impl Work<'_> {
    fn left(&self) -> MutexGuard<'_, Left> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self, own: usize) -> Option<PageRange> {
        self.left().next(own)
    }

    /// Tells how far it is, and whether others want to be let through.
    fn watch(&self, session: &mut Session) {
        let share = self.done.load(Ordering::Relaxed) as f64 / self.pages as f64;
        let rows = Some(self.rows.load(Ordering::Relaxed));
        session.server.progress().report(Progress {
            share,
            rows,
            waits_for: self.pace.waits_for(),
        });
        self.pace.look(session);
    }

    /// Writes pieces until there are none, or one of the writers has failed.
    fn drain(&self, writer: &mut Session, own: usize) {
        while let Some(piece) = self.next(own) {
            if self.failed.lock().unwrap_or_else(PoisonError::into_inner).is_some() {
                return;
            }
            let written = self.pace.wait(writer).and_then(|()| self.settle(writer, piece));
            match written {
                Ok(()) => {}
                Err(error) => {
                    // So that nobody waits for its locks.
                    let _ = writer.roll_back();
                    let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
                    failed.get_or_insert(error);
                    return;
                }
            }
        }
    }

    /// Writes a piece; where somebody else is in the way, again, and then in halves, after all the others.
    fn settle(&self, writer: &mut Session, piece: PageRange) -> Result<(), DatabaseError> {
        // A row version that is older than the rule's beginning was written by none of its batches.
        let old = format!(" AND age(xmin) > age('{}'::xid)", self.batched.began % (1 << 32));
        let condition = format!("{}{old}", piece.condition(writer.version));
        for tries in 1.. {
            match self.batch(writer, piece.part, &condition, &[]) {
                Err(error) if error.is_transient() => {
                    writer.roll_back()?;
                    if tries == TRIES && piece.put_off >= PUT_OFF {
                        return Err(error);
                    }
                    if tries == TRIES {
                        self.left().put_off(piece);
                        break;
                    }
                    writer.server.pause(Duration::from_millis(10) * tries)?;
                }
                ended => {
                    self.done.fetch_add(piece.pages(), Ordering::Relaxed);
                    return ended.map(drop);
                }
            }
        }
        Ok(())
    }

    /// Writes the rows of a part that the condition takes, with their journal, and commits.
    fn batch(
        &self,
        writer: &mut Session,
        part: usize,
        condition: &str,
        further: &[Option<String>],
    ) -> Result<u64, DatabaseError> {
        let Batched { rule, table, run, place, .. } = self.batched;
        let with = |sql: &Sql| {
            let parameters = sql.parameters.iter().chain(further).cloned().collect();
            Sql { text: format!("{}{}", sql.text, at(condition, sql)), parameters }
        };
        let statements = &self.statements[part];
        writer.begin(Transaction::Batch)?;
        let changes = with(&statements.changes);
        let (place, column) = (*place, rule.column.as_str());
        let journalled =
            journal::keep(writer, JournalEntry { run, place, table, column }, &changes)?;
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
        self.rows.fetch_add(written, Ordering::Relaxed);
        Ok(written)
    }

    /// Writes the rows that others have changed or added since the rule began, where it has not written them itself;
    /// returns how many.
    fn sweep(&self, writer: &mut Session) -> Result<u64, DatabaseError> {
        let mut written = 0;
        for part in 0..self.statements.len() {
            let places = self.moved(writer, part)?;
            for some in places.chunks(SWEPT) {
                let list = Some(format!("{{\"{}\"}}", some.join("\",\"")));
                let condition = " AND ctid = ANY ({}::text::tid[])";
                match self.batch(writer, part, condition, &[list]) {
                    // They have moved again: the next sweep finds them.
                    Err(error) if error.is_transient() => {
                        writer.roll_back()?;
                        writer.server.pause(AGAIN)?;
                    }
                    ended => written += ended?,
                }
            }
            written += u64::from(!places.is_empty());
        }
        Ok(written)
    }

    /// Where the rows are that would change, and that this rule has not written.
    fn moved(&self, writer: &mut Session, part: usize) -> Result<Vec<String>, DatabaseError> {
        let Batched { table, run, place, began, .. } = self.batched;
        let key = Key::of(table);
        let Sql { text, parameters } = &self.statements[part].changed_places;
        let new = format!("{text} AND age(rows.xmin) <= age('{}'::xid)", began % (1 << 32));
        writer.begin(Transaction::Batch)?;
        let any = Sql { text: format!("{new} LIMIT 1"), parameters: parameters.clone() };
        let mut places = writer.connection.fetch(&any)?;
        if !places.is_empty() {
            let text = format!(
                "{new} AND NOT EXISTS (SELECT FROM (SELECT unnest({array}) AS key FROM leora_run.transition \
                   WHERE run = '{run}'::uuid AND rule = {rule}) AS was WHERE was.key = {key})",
                array = key.array,
                rule = place.rule,
                key = key.expression_of("rows"),
            );
            places = writer.connection.fetch(&Sql { text, parameters: parameters.clone() })?;
        }
        Ok(places.into_iter().filter_map(|mut row| row.remove(0)).collect())
    }
}

/// A condition whose `{}` is the parameter after those of the statement.
fn at(condition: &str, sql: &Sql) -> String {
    condition.replace("{}", &format!("${}", sql.parameters.len() + 1))
}
