//! The host that does what the script says, in the run's transaction.

use std::collections::{BTreeMap, HashSet};

use jiff::civil::Date;
use leora_folder::{Manifest, SourceFile};
use leora_host::{HostError, Row, Selection, guard, permit};
use leora_postgres::{History, Journaling, Prisma, RulePlace, Writer};
use leora_report::{MigrationRecord, SqlRun};
use leora_rule::{self as rule, Access, Change, DataType, Expr, Rule, Strategy, Value};

use crate::on_database::{Effects, OnDatabase};
use crate::reads::Reads;
use crate::sql_files;

/// What a run needs to know about itself.
#[derive(Clone, Debug)]
pub struct RunContext {
    /// The run's id.
    pub run: String,
    /// The business date.
    pub as_of: Date,
    /// What the operator allows.
    pub manifest: Manifest,
    /// The SQL files, by name.
    pub sql: BTreeMap<String, SourceFile>,
    /// Prisma's migration.sql, by the migration's name.
    pub prisma: BTreeMap<String, SourceFile>,
    /// Whether guards let pass what they would refuse.
    pub allow_large_change: bool,
}

impl RunContext {
    /// The checksum that Prisma keeps of a migration, where the folder has its migration.sql.
    pub(crate) fn prisma_checksum(&self, name: &str) -> Option<&str> {
        self.prisma.get(name).map(|source| source.sha256.as_str())
    }
}

/// Does what the script says.
pub type Live = OnDatabase<Doing>;

/// Writes are done.
#[derive(Debug)]
pub struct Doing {
    context: RunContext,
    rules: usize,
    set: HashSet<(String, String)>,
}

impl Doing {
    /// For the rules of this run.
    pub fn new(context: RunContext) -> Self {
        Self { context, rules: 0, set: HashSet::new() }
    }
}

impl Doing {
    /// A run in batches can go on after a pause: a column that two rules set would then be set by the first again.
    fn set_once(&mut self, rule: &Rule) -> Result<(), HostError> {
        let new = self.set.insert((rule.table.clone(), rule.column.clone()));
        let manifest = &self.context.manifest;
        if new || manifest.strategy != Strategy::Batches {
            return Ok(());
        }
        Err(HostError::NotAllowed {
            message: format!("{}.{} is set twice, in batches", rule.table, rule.column),
            help: format!(
                "put both rules into one, or take strategy = \"batches\" out of {}",
                manifest.path
            ),
        })
    }
}

impl Effects for Doing {
    fn manifest(&self) -> &Manifest {
        &self.context.manifest
    }

    fn change(&mut self, reads: &mut Reads, rule: &Rule) -> Result<Change, HostError> {
        let source = reads.source(&rule.table)?;
        // A misspelt column is that, and not one that the manifest should name.
        rule::column(&source.table, &rule.column)?;
        permit::set(&self.context.manifest, &rule.table, &rule.column)?;
        self.set_once(rule)?;
        self.rules += 1;
        let place = RulePlace { step: reads.step(), rule: self.rules };
        let RunContext { run, as_of, manifest, allow_large_change, .. } = &self.context;
        let journal = match manifest.access {
            Access::RolledBack => Journaling::Off,
            Access::ReadOnly | Access::ReadWrite => Journaling::On,
        };
        let mut writer = Writer::new(&mut reads.session, run, *as_of, journal, manifest.strategy);
        writer.apply(rule, &source, place, |planned| match allow_large_change {
            true => Ok(()),
            false => guard::judge(manifest, planned),
        })
    }

    fn insert(
        &mut self,
        reads: &mut Reads,
        table: &str,
        values: &[(String, Value)],
    ) -> Result<Row, HostError> {
        permit::insert(&self.context.manifest, table)?;
        let (source, sql) = reads.insertion(table, values)?;
        let types: Vec<&DataType> =
            source.table.columns.iter().map(|column| &column.data_type).collect();
        let row = reads.reader().rows(&sql, &types)?.into_iter().next().unwrap_or_default();
        Ok(source.table.column_names().map(str::to_owned).zip(row).collect())
    }

    fn refusal(
        &mut self,
        reads: &mut Reads,
        table: &str,
        values: &[(String, Value)],
    ) -> Result<Option<String>, HostError> {
        permit::insert(&self.context.manifest, table)?;
        let (_, sql) = reads.insertion(table, values)?;
        Ok(reads.reader().constraint_violation(&sql)?)
    }

    fn delete(&mut self, reads: &mut Reads, rows: &Selection) -> Result<u64, HostError> {
        permit::delete(&self.context.manifest)?;
        let source = reads.source(&rows.table)?;
        let all = Expr::literal(Value::Bool(true));
        let sql = rule::compile_delete(
            &source,
            rows.filter.as_ref().unwrap_or(&all),
            self.context.as_of,
        )?;
        Ok(reads.reader().execute(&sql)?)
    }

    fn run_sql(&mut self, reads: &mut Reads, file: &str) -> Result<SqlRun, HostError> {
        let ran = sql_files::run(reads, &self.context.manifest, &self.context.sql, file)?;
        reads.resuppose(&[])?;
        Ok(ran)
    }

    fn query(
        &mut self,
        reads: &mut Reads,
        sql: &str,
        parameters: &[Value],
    ) -> Result<Vec<Row>, HostError> {
        reads.query(sql, parameters)
    }

    fn record_migration(
        &mut self,
        reads: &mut Reads,
        name: &str,
    ) -> Result<MigrationRecord, HostError> {
        permit::record(&self.context.manifest)?;
        let history = History::new(&mut reads.session).record_migration(name, &self.context.run)?;
        let checksum = self.context.prisma_checksum(name);
        let prisma = Prisma::new(&mut reads.session).record(name, checksum)?;
        Ok(MigrationRecord { history, prisma })
    }

    fn record_rollback(
        &mut self,
        reads: &mut Reads,
        name: &str,
    ) -> Result<MigrationRecord, HostError> {
        permit::record(&self.context.manifest)?;
        let history = History::new(&mut reads.session).record_rollback(name)?;
        let prisma = Prisma::new(&mut reads.session).record_rollback(name)?;
        Ok(MigrationRecord { history, prisma })
    }
}
