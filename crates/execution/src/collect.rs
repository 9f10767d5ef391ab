//! The host that collects rules and writes nothing: to explain one row, or to compare several settings.

use std::collections::BTreeMap;
use std::sync::Arc;

use leora_host::{Host, HostError, ReadHost, Row, Selection, WriteHost, permit};
use leora_postgres::Session;
use leora_report::{MigrationRecord, SqlRun};
use leora_rule::{self as rule, Change, Relation, Rule, Value};

use crate::read::DatabaseReader;
use crate::run_context::RunContext;
use crate::unpredictable;

const NO_WRITES: &str = "nothing is written here";

/// Collects the rules of a folder; later ones read what earlier ones would give.
#[derive(Debug)]
pub struct RuleCollector {
    /// Answers the calls that read, and holds the session.
    pub database: DatabaseReader,
    step: usize,
    rules: Vec<CollectedRule>,
    origins: BTreeMap<String, Relation>,
    inferred_columns: Vec<(String, String)>,
    skipped_sql: Vec<String>,
}

/// A rule as a script makes it.
#[derive(Clone, Debug)]
pub struct CollectedRule {
    /// The rule.
    pub rule: Rule,
    /// The rows that it would be applied to: the table as the earlier rules would leave it.
    pub relation: Relation,
    /// The SQL files of earlier steps that may add the column which it sets; empty where that column exists.
    pub skipped_sql: Vec<String>,
    /// The step, from 1.
    pub step: usize,
}

impl RuleCollector {
    /// In this session's transaction, which need not be able to write.
    pub fn new(session: Session, context: Arc<RunContext>) -> Self {
        Self {
            database: DatabaseReader::new(session, context),
            step: 0,
            rules: vec![],
            origins: BTreeMap::new(),
            inferred_columns: vec![],
            skipped_sql: vec![],
        }
    }

    /// Notes the SQL files of a step, which are not run.
    pub fn skip_sql(&mut self, files: impl IntoIterator<Item = String>) {
        for file in files {
            if !self.skipped_sql.contains(&file) {
                self.skipped_sql.push(file);
            }
        }
    }

    /// The SQL files that were not run so far.
    pub fn skipped_sql(&self) -> &[String] {
        &self.skipped_sql
    }

    /// The rules, in order, and the tables that they set as they are stored, with the columns that do not exist yet.
    /// The collector begins anew, on the same tables.
    pub fn take_rules(&mut self) -> (Vec<CollectedRule>, BTreeMap<String, Relation>) {
        self.database.read_as_stored();
        self.inferred_columns.clear();
        self.skipped_sql.clear();
        (std::mem::take(&mut self.rules), std::mem::take(&mut self.origins))
    }

    /// A column that an SQL file may add, which is not run here, is inferred from the rule.
    fn infer_column(&mut self, rule: &Rule) -> Result<(), HostError> {
        let relation = self.database.relation(&rule.table)?;
        let figured =
            self.database.with_figures_of(relation.clone(), std::slice::from_ref(rule))?;
        let origin = self.origins.entry(rule.table.clone()).or_insert_with(|| relation.clone());
        if relation.table.column(&rule.column).is_some() || self.skipped_sql.is_empty() {
            return Ok(());
        }
        let column = rule.inferred_column(&figured.table);
        *origin = origin.with_column(column.clone());
        let relation = relation.with_column(column);
        self.database.replace_relation(relation);
        self.inferred_columns.push((rule.table.clone(), rule.column.clone()));
        Ok(())
    }

    /// Other settings are compared on the rows as they are stored, with what other rows give them.
    fn add_figures_to_origin(&mut self, rules: &[Rule]) -> Result<(), HostError> {
        let Some(Rule { table, .. }) = rules.first() else { return Ok(()) };
        if let Some(origin) = self.origins.get(table).cloned() {
            let origin = self.database.with_figures_of(origin, rules)?;
            self.origins.insert(table.clone(), origin);
        }
        Ok(())
    }

    fn collect(&mut self, rule: &Rule, relation: &Relation) {
        let inferred = self
            .inferred_columns
            .iter()
            .any(|(table, column)| *table == rule.table && *column == rule.column);
        let skipped_sql = if inferred { self.skipped_sql.clone() } else { vec![] };
        let (rule, relation, step) = (rule.clone(), relation.clone(), self.step);
        self.rules.push(CollectedRule { rule, relation, skipped_sql, step });
    }
}

impl Host for RuleCollector {
    fn enter_step(&mut self, step: usize) {
        self.step = step;
    }

    fn reader(&mut self) -> &mut dyn ReadHost {
        &mut self.database
    }

    fn writer(&mut self) -> &mut dyn WriteHost {
        self
    }
}

impl WriteHost for RuleCollector {
    fn apply_rules(&mut self, rules: &[Rule]) -> Result<Vec<Change>, HostError> {
        rules.iter().try_for_each(|rule| self.infer_column(rule))?;
        let relation = self.database.rule_relation(rules)?;
        self.add_figures_to_origin(rules)?;
        for rule in rules {
            // Compiled also where nothing is read: a rule that does not fit its table fails as in a run.
            rule::compile_preview(rule, &relation, self.database.context.as_of)?;
            self.collect(rule, &relation);
        }
        self.database.assume_applied(rules)?;
        Ok(rules.iter().map(Change::none).collect())
    }

    fn insert_row(&mut self, table: &str, _: &[(String, Value)]) -> Result<Row, HostError> {
        unpredictable::insert(self.database.context.manifest(), table, NO_WRITES)
    }

    fn try_insert(
        &mut self,
        table: &str,
        _: &[(String, Value)],
    ) -> Result<Option<String>, HostError> {
        unpredictable::try_insert(self.database.context.manifest(), table, NO_WRITES)
    }

    fn delete_rows(&mut self, rows: &Selection) -> Result<u64, HostError> {
        unpredictable::delete(self.database.context.manifest(), rows, NO_WRITES)
    }

    fn run_sql_file(&mut self, file: &str) -> Result<SqlRun, HostError> {
        self.skip_sql([file.to_owned()]);
        Ok(SqlRun::default())
    }

    fn record_migration(&mut self, name: &str) -> Result<MigrationRecord, HostError> {
        permit::check_record(self.database.context.manifest(), name)?;
        Ok(MigrationRecord::NEW)
    }

    fn record_rollback(&mut self, name: &str) -> Result<MigrationRecord, HostError> {
        self.record_migration(name)
    }
}
