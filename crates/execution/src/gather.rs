//! The host that gathers rules and writes nothing: to look at them one row at a time, or under several settings.

use std::collections::BTreeMap;

use leora_folder::Manifest;
use leora_host::{HostError, Row, Selection, permit};
use leora_report::{MigrationRecord, SqlRun};
use leora_rule::{self as rule, Change, Relation, Rule, Value};

use crate::RunContext;
use crate::on_database::{Effects, OnDatabase};
use crate::reads::Reads;

/// Gathers the rules of a folder.
pub type Gather = OnDatabase<Gathering>;

/// Rules are gathered; later ones read what earlier ones would give.
#[derive(Debug)]
pub struct Gathering {
    context: RunContext,
    found: Vec<Gathered>,
    origins: BTreeMap<String, Relation>,
    imagined: Vec<(String, String)>,
    skipped: Vec<String>,
    marks: Vec<String>,
}

/// A rule as a script makes it.
#[derive(Clone, Debug)]
pub struct Gathered {
    /// The rule.
    pub rule: Rule,
    /// The rows that it would be applied to: the table as the earlier rules would leave it.
    pub source: Relation,
    /// The SQL files of earlier steps that may add the column that it sets, where there is none yet.
    pub awaits: Vec<String>,
    /// The step, from 1.
    pub step: usize,
}

impl Gathering {
    /// For the rules of this folder.
    pub fn new(context: RunContext) -> Self {
        let (found, origins, imagined) = (vec![], BTreeMap::new(), vec![]);
        Self { context, found, origins, imagined, skipped: vec![], marks: vec![] }
    }

    /// Says that a step's SQL files are not run.
    pub fn skip_sql(&mut self, files: impl IntoIterator<Item = String>) {
        for file in files {
            if !self.skipped.contains(&file) {
                self.skipped.push(file);
            }
        }
    }

    /// The SQL files that were not run so far.
    pub fn skipped_sql(&self) -> &[String] {
        &self.skipped
    }

    /// What could not be looked at.
    pub fn take_marks(&mut self) -> Vec<String> {
        std::mem::take(&mut self.marks)
    }

    /// How many rules there are so far.
    pub fn count(&self) -> usize {
        self.found.len()
    }

    /// The rules, in order, and the tables that they set, as they are now, with the columns that do not exist yet.
    pub fn into_parts(self) -> (Vec<Gathered>, BTreeMap<String, Relation>) {
        (self.found, self.origins)
    }
}

/// A write that is not done, and whose answer nobody can know.
fn unforeseeable(what: String) -> HostError {
    HostError::Unforeseeable { reason: what }
}

impl Effects for Gathering {
    fn manifest(&self) -> &Manifest {
        &self.context.manifest
    }

    fn change(&mut self, reads: &mut Reads, rule: &Rule) -> Result<Change, HostError> {
        let mut source = reads.source(&rule.table)?;
        self.origins.entry(rule.table.clone()).or_insert_with(|| source.clone());
        let absent = source.table.column(&rule.column).is_none() && !self.skipped.is_empty();
        if absent {
            let column = rule.inferred_column(&source.table);
            if let Some(origin) = self.origins.get_mut(&rule.table) {
                *origin = origin.with_column(column.clone());
            }
            source = source.with_column(column);
            reads.replace(source.clone());
            self.imagined.push((rule.table.clone(), rule.column.clone()));
        }
        rule::column(&source.table, &rule.column)?;
        permit::set(&self.context.manifest, &rule.table, &rule.column)?;
        // Also where nothing is read: a rule that means nothing is told as a run would tell it.
        rule::compile_preview(rule, &source, self.context.as_of)?;
        reads.suppose(rule)?;
        let own = (rule.table.clone(), rule.column.clone());
        let awaits = if self.imagined.contains(&own) { self.skipped.clone() } else { vec![] };
        self.found.push(Gathered { rule: rule.clone(), source, awaits, step: reads.step() });
        Ok(Change::none(rule))
    }

    fn insert(
        &mut self,
        _: &mut Reads,
        table: &str,
        _: &[(String, Value)],
    ) -> Result<Row, HostError> {
        permit::insert(&self.context.manifest, table)?;
        Err(unforeseeable(format!("it inserts into {table}, and nothing is written here")))
    }

    fn refusal(
        &mut self,
        _: &mut Reads,
        table: &str,
        _: &[(String, Value)],
    ) -> Result<Option<String>, HostError> {
        permit::insert(&self.context.manifest, table)?;
        Err(unforeseeable(format!("it tries to insert into {table}, and nothing is written here")))
    }

    fn delete(&mut self, _: &mut Reads, rows: &Selection) -> Result<u64, HostError> {
        permit::delete(&self.context.manifest)?;
        Err(unforeseeable(format!("it deletes from {}, and nothing is written here", rows.table)))
    }

    fn run_sql(&mut self, _: &mut Reads, file: &str) -> Result<SqlRun, HostError> {
        self.skip_sql([file.to_owned()]);
        Ok(SqlRun::default())
    }

    fn query(
        &mut self,
        reads: &mut Reads,
        sql: &str,
        parameters: &[Value],
    ) -> Result<Vec<Row>, HostError> {
        if let Some(column) = crate::forecast::reads(sql, &reads.pending()) {
            self.marks.push(format!("what a query reads of {column}, which an earlier rule sets: it read the values of now"));
        }
        reads.query(sql, parameters)
    }

    fn record_migration(&mut self, _: &mut Reads, _: &str) -> Result<MigrationRecord, HostError> {
        permit::record(&self.context.manifest)?;
        Ok(MigrationRecord::NEW)
    }

    fn record_rollback(&mut self, _: &mut Reads, _: &str) -> Result<MigrationRecord, HostError> {
        permit::record(&self.context.manifest)?;
        Ok(MigrationRecord::NEW)
    }
}
