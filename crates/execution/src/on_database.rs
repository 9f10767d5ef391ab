//! A host on a database: it reads, and what it does with writes is its [`Effects`].

use jiff::civil::Date;
use leora_folder::Manifest;
use leora_host::{Host, HostError, Row, Selection};
use leora_postgres::Session;
use leora_report::{Distribution, MigrationRecord, RuleStatistics, SqlRun};
use leora_rule::{Change, ForeignKey, Index, Rule, Table, Value};

use crate::reads::Reads;
use crate::study;

/// What a host does with what would write.
pub trait Effects: Send {
    /// What the operator allows.
    fn manifest(&self) -> &Manifest;
    /// See [`Host::change`].
    fn change(&mut self, reads: &mut Reads, rule: &Rule) -> Result<Change, HostError>;
    /// See [`Host::insert`].
    fn insert(
        &mut self,
        reads: &mut Reads,
        table: &str,
        values: &[(String, Value)],
    ) -> Result<Row, HostError>;
    /// See [`Host::refusal`].
    fn refusal(
        &mut self,
        reads: &mut Reads,
        table: &str,
        values: &[(String, Value)],
    ) -> Result<Option<String>, HostError>;
    /// See [`Host::delete`].
    fn delete(&mut self, reads: &mut Reads, rows: &Selection) -> Result<u64, HostError>;
    /// See [`Host::run_sql`].
    fn run_sql(&mut self, reads: &mut Reads, file: &str) -> Result<SqlRun, HostError>;
    /// See [`Host::query`].
    fn query(
        &mut self,
        reads: &mut Reads,
        sql: &str,
        parameters: &[Value],
    ) -> Result<Vec<Row>, HostError>;
    /// See [`Host::record_migration`].
    fn record_migration(
        &mut self,
        reads: &mut Reads,
        name: &str,
    ) -> Result<MigrationRecord, HostError>;
    /// See [`Host::record_rollback`].
    fn record_rollback(
        &mut self,
        reads: &mut Reads,
        name: &str,
    ) -> Result<MigrationRecord, HostError>;
}

/// A host on a database.
#[derive(Debug)]
pub struct OnDatabase<E> {
    reads: Reads,
    effects: E,
    statistics: Option<Vec<Option<RuleStatistics>>>,
}

impl<E: Effects> OnDatabase<E> {
    /// In this session's transaction, whose locks are taken.
    pub fn new(session: Session, as_of: Date, effects: E) -> Self {
        let reads = Reads::new(session, as_of, effects.manifest());
        Self { reads, effects, statistics: None }
    }

    /// From now on each rule is studied before it is applied.
    pub fn study(&mut self) {
        self.statistics = Some(vec![]);
    }

    /// The statistics of the rules that were applied, in their order.
    pub fn take_statistics(&mut self) -> Vec<Option<RuleStatistics>> {
        self.statistics.take().unwrap_or_default()
    }

    /// Says which step, from 1, the next calls belong to.
    pub fn enter_step(&mut self, step: usize) {
        self.reads.enter_step(step);
    }

    /// What the effects have gathered so far.
    pub fn effects(&mut self) -> &mut E {
        &mut self.effects
    }

    /// Starts over on the same tables, with other effects; returns those before.
    pub fn start_over(&mut self, effects: E) -> E {
        self.reads.suppose_nothing();
        std::mem::replace(&mut self.effects, effects)
    }

    /// The session, to record and to commit.
    pub fn session(&mut self) -> &mut Session {
        &mut self.reads.session
    }

    /// The session, when the scripts are done, and what the effects have gathered.
    pub fn into_parts(self) -> (Session, E) {
        (self.reads.session, self.effects)
    }
}

impl<E: Effects> Host for OnDatabase<E> {
    fn change(&mut self, rule: &Rule) -> Result<Change, HostError> {
        let studied = match self.statistics {
            Some(_) => study::study(&mut self.reads, rule)?,
            None => None,
        };
        let change = self.effects.change(&mut self.reads, rule)?;
        if let Some(all) = &mut self.statistics {
            all.push(studied);
        }
        Ok(change)
    }

    fn count(&mut self, rows: &Selection) -> Result<u64, HostError> {
        self.reads.count(rows)
    }

    fn distribution(&mut self, rows: &Selection, column: &str) -> Result<Distribution, HostError> {
        self.reads.distribution(rows, column)
    }

    fn distribution_by(
        &mut self,
        rows: &Selection,
        group: &str,
        column: &str,
    ) -> Result<Vec<(Option<String>, Distribution)>, HostError> {
        self.reads.distribution_by(rows, group, column)
    }

    fn rows(
        &mut self,
        rows: &Selection,
        columns: &[String],
        limit: u64,
    ) -> Result<Vec<Row>, HostError> {
        self.reads.rows(rows, columns, limit)
    }

    fn insert(&mut self, table: &str, values: &[(String, Value)]) -> Result<Row, HostError> {
        self.effects.insert(&mut self.reads, table, values)
    }

    fn refusal(
        &mut self,
        table: &str,
        values: &[(String, Value)],
    ) -> Result<Option<String>, HostError> {
        self.effects.refusal(&mut self.reads, table, values)
    }

    fn delete(&mut self, rows: &Selection) -> Result<u64, HostError> {
        self.effects.delete(&mut self.reads, rows)
    }

    fn table(&mut self, name: &str) -> Result<Option<Table>, HostError> {
        self.reads.table(name)
    }

    fn enumeration(&mut self, name: &str) -> Result<Option<Vec<String>>, HostError> {
        self.reads.enumeration(name)
    }

    fn index(&mut self, name: &str) -> Result<Option<Index>, HostError> {
        self.reads.index(name)
    }

    fn foreign_keys(&mut self, table: &str) -> Result<Vec<ForeignKey>, HostError> {
        self.reads.foreign_keys(table)
    }

    fn run_sql(&mut self, file: &str) -> Result<SqlRun, HostError> {
        self.effects.run_sql(&mut self.reads, file)
    }

    fn query(&mut self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>, HostError> {
        self.effects.query(&mut self.reads, sql, parameters)
    }

    fn last_run(&mut self, folder: &str) -> Result<Option<String>, HostError> {
        self.reads.last_run(folder)
    }

    fn record_migration(&mut self, name: &str) -> Result<MigrationRecord, HostError> {
        self.effects.record_migration(&mut self.reads, name)
    }

    fn record_rollback(&mut self, name: &str) -> Result<MigrationRecord, HostError> {
        self.effects.record_rollback(&mut self.reads, name)
    }
}
