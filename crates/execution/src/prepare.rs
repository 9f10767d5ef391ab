//! The host that has the database prepare every statement of a script, and reads and writes no row. SQL files run for
//! real, in a transaction that is always rolled back.

use jiff::civil::Date;
use leora_host::{Host, HostError, Row, Selection, permit};
use leora_postgres::{Reader, Session};
use leora_report::{Distribution, MigrationRecord, SqlRun};
use leora_rule::{self as rule, Change, ForeignKey, Index, Relation, Rule, Sql, Table, Value};

use crate::reads::Reads;
use crate::survey::example;
use crate::{RunContext, sql_files};

/// Prepares what scripts would run.
#[derive(Debug)]
pub struct Prepare {
    reads: Reads,
    context: RunContext,
    supposed: Vec<Rule>,
    statements: usize,
    made_up: bool,
}

impl Prepare {
    /// In this session's transaction, which has the locks that the folder's SQL files need.
    pub fn new(session: Session, context: RunContext) -> Self {
        let reads = Reads::new(session, context.as_of, &context.manifest);
        Self { reads, context, supposed: vec![], statements: 0, made_up: false }
    }

    /// The next calls are another step's, counted from 1.
    pub fn enter_step(&mut self, step: usize) {
        self.reads.enter_step(step);
        self.made_up = false;
    }

    /// Whether the step was told something that is made up.
    pub fn made_up(&self) -> bool {
        self.made_up
    }

    /// The session, and how many statements were prepared.
    pub fn into_parts(self) -> (Session, usize) {
        (self.reads.session, self.statements)
    }

    fn as_of(&self) -> Date {
        self.context.as_of
    }

    /// Lets the server parse, check and plan a statement. One that it refuses takes nothing else with it.
    fn prepare(&mut self, sql: &Sql) -> Result<(), HostError> {
        self.statements += 1;
        let explained = Sql { text: format!("EXPLAIN {}", sql.text), ..sql.clone() };
        self.reads.session.mark()?;
        let told = Reader::new(&mut self.reads.session).texts(&explained);
        self.reads.session.back_to_mark()?;
        told?;
        Ok(())
    }

    /// A row of a table that nobody has: the script shall go on.
    fn row(&mut self, source: &Relation) -> Row {
        self.made_up = true;
        let columns = source.table.columns.iter();
        columns.map(|column| (column.name.clone(), example(&column.data_type.kind))).collect()
    }

    fn distribution_of(
        &mut self,
        rows: &Selection,
        group: Option<&str>,
        column: &str,
    ) -> Result<Distribution, HostError> {
        let source = self.reads.source(&rows.table)?;
        let sql =
            rule::compile_distribution(&source, rows.filter.as_ref(), group, column, self.as_of())?;
        self.prepare(&sql)?;
        self.made_up = true;
        let (table, column) = (rows.table.clone(), column.to_owned());
        Ok(Distribution { table, column, values: vec![] })
    }
}

impl Host for Prepare {
    fn change(&mut self, rule: &Rule) -> Result<Change, HostError> {
        let source = self.reads.source(&rule.table)?;
        rule::column(&source.table, &rule.column)?;
        permit::set(&self.context.manifest, &rule.table, &rule.column)?;
        self.prepare(&rule::compile_preview(rule, &source, self.as_of())?)?;
        // What earlier rules set is of the column's own type: the table as it is will do.
        let stored = Relation::from_table(source.table);
        self.prepare(&rule::compile_update(rule, &stored, self.as_of())?)?;
        self.reads.suppose(rule)?;
        self.supposed.push(rule.clone());
        self.made_up = true;
        Ok(Change::none(rule))
    }

    fn count(&mut self, rows: &Selection) -> Result<u64, HostError> {
        let source = self.reads.source(&rows.table)?;
        self.prepare(&rule::compile_count(&source, rows.filter.as_ref(), self.as_of())?)?;
        self.made_up = true;
        Ok(0)
    }

    fn distribution(&mut self, rows: &Selection, column: &str) -> Result<Distribution, HostError> {
        self.distribution_of(rows, None, column)
    }

    fn distribution_by(
        &mut self,
        rows: &Selection,
        group: &str,
        column: &str,
    ) -> Result<Vec<(Option<String>, Distribution)>, HostError> {
        let all = self.distribution_of(rows, Some(group), column)?;
        Ok(vec![(None, all)])
    }

    fn rows(
        &mut self,
        rows: &Selection,
        columns: &[String],
        limit: u64,
    ) -> Result<Vec<Row>, HostError> {
        let source = self.reads.source(&rows.table)?;
        let sql = rule::compile_rows(&source, rows.filter.as_ref(), columns, limit, self.as_of())?;
        self.prepare(&sql)?;
        let mut row = self.row(&source);
        row.retain(|(name, _)| columns.contains(name));
        Ok(vec![row])
    }

    fn insert(&mut self, table: &str, values: &[(String, Value)]) -> Result<Row, HostError> {
        permit::insert(&self.context.manifest, table)?;
        let (source, sql) = self.reads.insertion(table, values)?;
        self.prepare(&sql)?;
        let mut row = self.row(&source);
        for (name, value) in &mut row {
            if let Some((_, given)) = values.iter().find(|(column, _)| column == name) {
                value.clone_from(given);
            }
        }
        Ok(row)
    }

    fn refusal(
        &mut self,
        table: &str,
        values: &[(String, Value)],
    ) -> Result<Option<String>, HostError> {
        permit::insert(&self.context.manifest, table)?;
        let (_, sql) = self.reads.insertion(table, values)?;
        self.prepare(&sql)?;
        self.made_up = true;
        Ok(None)
    }

    fn delete(&mut self, rows: &Selection) -> Result<u64, HostError> {
        permit::delete(&self.context.manifest)?;
        let source = self.reads.source(&rows.table)?;
        if let Some(taken) = &rows.filter {
            self.prepare(&rule::compile_delete(&source, taken, self.as_of())?)?;
        }
        self.made_up = true;
        Ok(0)
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
        let ran = sql_files::run(&mut self.reads, &self.context.manifest, &self.context.sql, file)?;
        self.statements += 1;
        self.reads.resuppose(&self.supposed)?;
        Ok(ran)
    }

    fn query(&mut self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>, HostError> {
        // As a subquery it can be nothing but a SELECT, as in a run.
        let text = format!("SELECT FROM (\n{sql}\n) AS answer");
        let parameters = parameters.iter().map(Value::to_sql_text).collect();
        self.prepare(&Sql { text, parameters })?;
        self.made_up = true;
        Ok(vec![])
    }

    fn last_run(&mut self, folder: &str) -> Result<Option<String>, HostError> {
        self.reads.last_run(folder)
    }

    fn record_migration(&mut self, _: &str) -> Result<MigrationRecord, HostError> {
        permit::record(&self.context.manifest)?;
        Ok(MigrationRecord::NEW)
    }

    fn record_rollback(&mut self, _: &str) -> Result<MigrationRecord, HostError> {
        permit::record(&self.context.manifest)?;
        Ok(MigrationRecord::NEW)
    }
}
