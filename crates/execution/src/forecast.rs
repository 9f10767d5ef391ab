//! The host that foretells what a run would do, and writes no row. SQL files run for real, in a transaction
//! that is always rolled back.

use std::time::Instant;

use leora_folder::Manifest;
use leora_host::{HostError, Row, Selection, guard, permit};
use leora_postgres::{
    Catalog, History, Prisma, preview_change, reason_against_batches, reason_against_rewrite,
};
use leora_report::{MigrationRecord, Recorded, SqlRun};
use leora_rule::{self as rule, Change, ChangePreview, Rule, Sample, Value};

use crate::on_database::{Effects, OnDatabase};
use crate::reads::Reads;
use crate::{RunContext, sql_files};

/// Foretells what a run would do.
pub type Forecast = OnDatabase<Foretelling>;

/// How many of the rows that would change are shown.
const SAMPLES: u64 = 3;

/// Writes are foretold.
#[derive(Debug)]
pub struct Foretelling {
    context: RunContext,
    supposed: Vec<Rule>,
    marks: Vec<String>,
}

impl Foretelling {
    /// For the rules of this plan.
    pub fn new(context: RunContext) -> Self {
        Self { context, supposed: vec![], marks: vec![] }
    }

    /// What could not be foretold since this was last asked.
    pub fn take_marks(&mut self) -> Vec<String> {
        std::mem::take(&mut self.marks)
    }

    fn foresee(
        &self,
        reads: &mut Reads,
        rule: &Rule,
        source: &rule::Relation,
    ) -> Result<ChangePreview, HostError> {
        let columns = columns_read(rule, source);
        let sql = rule::compile_sample(rule, source, &columns, SAMPLES, self.context.as_of)?;
        let sampled = reads.reader().texts(&sql)?;
        let samples = sampled.into_iter().map(|row| sample(row, source.table.key.len())).collect();
        let unsure = Catalog::new(&mut reads.session).interference(&rule.table, &rule.column)?;
        let key = source.table.key.clone();
        Ok(ChangePreview { key, columns, samples, unsure, ..ChangePreview::default() })
    }
}

/// The columns that a rule reads, without the key and the column that it sets.
fn columns_read(rule: &Rule, source: &rule::Relation) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let filter = rule.filter.iter().flat_map(rule::Expr::columns).map(str::to_owned);
    for name in rule.arm_columns().into_iter().chain(filter) {
        let known = source.table.column(&name).is_some() && !source.table.key.contains(&name);
        if known && name != rule.column && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn sample(row: Vec<Option<String>>, keys: usize) -> Sample {
    let mut cells = row.into_iter();
    let (old, new) = (cells.next().flatten(), cells.next().flatten());
    let key = cells.by_ref().take(keys).map(Option::unwrap_or_default).collect();
    Sample { old, new, key, reads: cells.collect() }
}

/// The first of these columns, `Table.column`, whose own name stands in an SQL text.
fn mentions(sql: &str, pending: &[String]) -> Option<String> {
    let column =
        |name: &&String| name.split_once('.').is_some_and(|(_, column)| sql.contains(column));
    pending.iter().find(column).cloned()
}

/// The same for a query, which may also read all the columns of a table.
pub(crate) fn reads(query: &str, pending: &[String]) -> Option<String> {
    let all = query.replace("count(*)", "").contains('*');
    let table =
        |name: &&String| name.split_once('.').is_some_and(|(table, _)| query.contains(table));
    mentions(query, pending).or_else(|| pending.iter().find(|name| all && table(name)).cloned())
}

/// What a script would have to be given, and nobody can know.
fn unforeseeable(what: &str) -> HostError {
    HostError::Unforeseeable { reason: what.to_owned() }
}

impl Effects for Foretelling {
    fn manifest(&self) -> &Manifest {
        &self.context.manifest
    }

    fn change(&mut self, reads: &mut Reads, rule: &Rule) -> Result<Change, HostError> {
        let source = reads.source(&rule.table)?;
        rule::column(&source.table, &rule.column)?;
        permit::set(&self.context.manifest, &rule.table, &rule.column)?;
        let started = Instant::now();
        let statement = rule::compile_preview(rule, &source, self.context.as_of)?;
        let strategy = self.context.manifest.strategy;
        let change = preview_change(&mut reads.session, rule, &source.table, &statement, strategy)?;
        let reading_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        if !self.context.allow_large_change {
            guard::judge(&self.context.manifest, &change)?;
        }
        let preview = self.foresee(reads, rule, &source)?;
        let against_rewrite = reason_against_rewrite(&mut reads.session, &source.table, &change)?;
        let against_batches = reason_against_batches(&mut reads.session, rule, &source.table)?;
        reads.suppose(rule)?;
        self.supposed.push(rule.clone());
        let preview = ChangePreview { reading_ms, against_rewrite, against_batches, ..preview };
        Ok(Change { preview: Some(preview), ..change })
    }

    fn insert(
        &mut self,
        _: &mut Reads,
        table: &str,
        _: &[(String, Value)],
    ) -> Result<Row, HostError> {
        permit::insert(&self.context.manifest, table)?;
        Err(unforeseeable(&format!("it inserts into {table}, and a plan writes no rows")))
    }

    fn refusal(
        &mut self,
        _: &mut Reads,
        table: &str,
        _: &[(String, Value)],
    ) -> Result<Option<String>, HostError> {
        permit::insert(&self.context.manifest, table)?;
        Err(unforeseeable(&format!("it tries to insert into {table}, and a plan writes no rows")))
    }

    fn delete(&mut self, _: &mut Reads, rows: &Selection) -> Result<u64, HostError> {
        permit::delete(&self.context.manifest)?;
        Err(unforeseeable(&format!("it deletes from {}, and a plan writes no rows", rows.table)))
    }

    fn run_sql(&mut self, reads: &mut Reads, file: &str) -> Result<SqlRun, HostError> {
        let reads_pending =
            self.context.sql.get(file).and_then(|source| mentions(&source.text, &reads.pending()));
        if let Some(column) = reads_pending {
            self.marks.push(format!("what {file} does with {column}, which an earlier rule sets: it read the values of now"));
        }
        let ran = sql_files::run(reads, &self.context.manifest, &self.context.sql, file)?;
        reads.resuppose(&self.supposed)?;
        Ok(ran)
    }

    fn query(
        &mut self,
        reads: &mut Reads,
        sql: &str,
        parameters: &[Value],
    ) -> Result<Vec<Row>, HostError> {
        if let Some(column) = self::reads(sql, &reads.pending()) {
            self.marks.push(format!("what a query reads of {column}, which an earlier rule sets: it read the values of now"));
        }
        reads.query(sql, parameters)
    }

    fn record_migration(
        &mut self,
        reads: &mut Reads,
        name: &str,
    ) -> Result<MigrationRecord, HostError> {
        permit::record(&self.context.manifest)?;
        let known = History::new(&mut reads.session).migration_recorded_at(name)?;
        let history = known.map_or(Recorded::New, Recorded::Already);
        let checksum = self.context.prisma_checksum(name);
        let prisma = Prisma::new(&mut reads.session).preview_record(name, checksum)?;
        Ok(MigrationRecord { history, prisma })
    }

    fn record_rollback(
        &mut self,
        reads: &mut Reads,
        name: &str,
    ) -> Result<MigrationRecord, HostError> {
        permit::record(&self.context.manifest)?;
        let known = History::new(&mut reads.session).migration_recorded_at(name)?;
        let history = if known.is_some() { Recorded::New } else { Recorded::NotRecorded };
        let prisma = Prisma::new(&mut reads.session).preview_rollback(name)?;
        Ok(MigrationRecord { history, prisma })
    }
}
