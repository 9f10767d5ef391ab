//! The host that does what the script says, in the run's transaction.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::civil::Date;

use super::{Host, HostError, Row, Selection, permit};
use crate::database::{
    Catalog, DatabaseError, Distribution, History, Journal, Reader, Recorded, Session, SqlRun,
    Target, Writer,
};
use crate::folder::{Access, Manifest, Source};
use crate::rule::{self, Change, DataType, ForeignKey, Index, Rule, Sql, Table, Value, nearest};

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
    pub sql: BTreeMap<String, Source>,
}

/// Does what the script says.
#[derive(Debug)]
pub struct Live {
    session: Session,
    context: RunContext,
    tables: HashMap<String, Arc<Table>>,
    step: usize,
    rules: usize,
}

impl Live {
    /// In this session's transaction, whose locks are taken.
    pub fn new(session: Session, context: RunContext) -> Self {
        Self { session, context, tables: HashMap::new(), step: 0, rules: 0 }
    }

    /// Says which step, from 1, the next calls belong to.
    pub fn enter_step(&mut self, step: usize) {
        self.step = step;
    }

    /// The session, to record and to commit.
    pub fn session(&mut self) -> &mut Session {
        &mut self.session
    }

    /// The session, when the scripts are done.
    pub fn into_session(self) -> Session {
        self.session
    }

    fn find(&mut self, name: &str) -> Result<Option<Arc<Table>>, HostError> {
        if let Some(table) = self.tables.get(name) {
            return Ok(Some(Arc::clone(table)));
        }
        let found = Catalog::of(&mut self.session).table(name)?.map(Arc::new);
        if let Some(table) = &found {
            self.tables.insert(name.to_owned(), Arc::clone(table));
        }
        Ok(found)
    }

    fn known(&mut self, name: &str) -> Result<Arc<Table>, HostError> {
        if let Some(table) = self.find(name)? {
            return Ok(table);
        }
        let names = Catalog::of(&mut self.session).table_names()?;
        if names.is_empty() {
            return Err(no_tables(name, self.session.target()));
        }
        Err(HostError::NoTable {
            name: name.to_owned(),
            schema: self.session.target().schema.clone(),
            nearest: nearest(name, names.iter().map(String::as_str)).map(str::to_owned),
        })
    }

    fn read(&mut self) -> Reader<'_> {
        Reader::of(&mut self.session)
    }

    fn insertion(
        &mut self,
        table: &str,
        values: &[(String, Value)],
    ) -> Result<(Arc<Table>, Sql), HostError> {
        permit::insert(&self.context.manifest, table)?;
        let table = self.known(table)?;
        let sql = rule::insert(&table, values, self.context.as_of)?;
        Ok((table, sql))
    }
}

impl Host for Live {
    fn change(&mut self, rule: &Rule) -> Result<Change, HostError> {
        let table = self.known(&rule.table)?;
        // A misspelt column is that, and not one that the manifest should name.
        rule::column(&table, &rule.column)?;
        permit::set(&self.context.manifest, &rule.table, &rule.column)?;
        self.rules += 1;
        let place = (self.step, self.rules);
        let journal = match self.context.manifest.access {
            Access::RolledBack => Journal::NotNeeded,
            Access::ReadOnly | Access::ReadWrite => Journal::Kept,
        };
        let RunContext { run, as_of, .. } = &self.context;
        let mut writer = Writer::of(&mut self.session, run, *as_of, journal);
        Ok(writer.write(rule, &table, place)?)
    }

    fn count(&mut self, rows: &Selection) -> Result<u64, HostError> {
        let table = self.known(&rows.table)?;
        let sql = rule::count(&table, rows.filter.as_ref(), self.context.as_of)?;
        Ok(self.read().number(&sql)?)
    }

    fn distribution(&mut self, rows: &Selection, column: &str) -> Result<Distribution, HostError> {
        let table = self.known(&rows.table)?;
        let filter = rows.filter.as_ref();
        let sql = rule::distribution(&table, filter, None, column, self.context.as_of)?;
        let shares = self.read().shares(&sql)?;
        Ok(Distribution { table: rows.table.clone(), column: column.to_owned(), shares })
    }

    fn distribution_by(
        &mut self,
        rows: &Selection,
        group: &str,
        column: &str,
    ) -> Result<Vec<(Option<String>, Distribution)>, HostError> {
        let table = self.known(&rows.table)?;
        let filter = rows.filter.as_ref();
        let sql = rule::distribution(&table, filter, Some(group), column, self.context.as_of)?;
        let groups = self.read().grouped_shares(&sql)?;
        let (name, column) = (rows.table.clone(), column.to_owned());
        let whole = |(group, shares)| {
            (group, Distribution { table: name.clone(), column: column.clone(), shares })
        };
        Ok(groups.into_iter().map(whole).collect())
    }

    fn rows(
        &mut self,
        rows: &Selection,
        columns: &[String],
        limit: u64,
    ) -> Result<Vec<Row>, HostError> {
        let table = self.known(&rows.table)?;
        let sql = rule::rows(&table, rows.filter.as_ref(), columns, limit, self.context.as_of)?;
        let types: Vec<&DataType> = columns
            .iter()
            .filter_map(|name| table.column(name))
            .map(|column| &column.data_type)
            .collect();
        let found = self.read().rows(&sql, &types)?;
        Ok(found.into_iter().map(|values| columns.iter().cloned().zip(values).collect()).collect())
    }

    fn insert(&mut self, table: &str, values: &[(String, Value)]) -> Result<Row, HostError> {
        let (table, sql) = self.insertion(table, values)?;
        let types: Vec<&DataType> = table.columns.iter().map(|column| &column.data_type).collect();
        let row = self.read().rows(&sql, &types)?.into_iter().next().unwrap_or_default();
        Ok(table.column_names().map(str::to_owned).zip(row).collect())
    }

    fn refusal(
        &mut self,
        table: &str,
        values: &[(String, Value)],
    ) -> Result<Option<String>, HostError> {
        let (_, sql) = self.insertion(table, values)?;
        Ok(self.read().refusal(&sql)?)
    }

    fn delete(&mut self, rows: &Selection) -> Result<u64, HostError> {
        permit::delete(&self.context.manifest)?;
        let table = self.known(&rows.table)?;
        let all = rule::Expr::literal(Value::Bool(true));
        let sql = rule::delete(&table, rows.filter.as_ref().unwrap_or(&all), self.context.as_of)?;
        Ok(self.read().execute(&sql)?)
    }

    fn table(&mut self, name: &str) -> Result<Option<Table>, HostError> {
        Ok(self.find(name)?.map(|table| Table::clone(&table)))
    }

    fn enumeration(&mut self, name: &str) -> Result<Option<Vec<String>>, HostError> {
        Ok(Catalog::of(&mut self.session).enumeration(name)?)
    }

    fn index(&mut self, name: &str) -> Result<Option<Index>, HostError> {
        Ok(Catalog::of(&mut self.session).index(name)?)
    }

    fn foreign_keys(&mut self, table: &str) -> Result<Vec<ForeignKey>, HostError> {
        Ok(Catalog::of(&mut self.session).foreign_keys(table)?)
    }

    fn run_sql(&mut self, file: &str) -> Result<SqlRun, HostError> {
        let Some(source) = self.context.sql.get(file).cloned() else {
            return Err(HostError::NotAllowed {
                message: format!("the manifest does not name the SQL file {file}"),
                help: format!("add \"{file}\" to sql = [...] in {}", self.context.manifest.path),
            });
        };
        let ran =
            self.session.run_sql(&source.text).map_err(|error| sql_failure(&source, error))?;
        self.tables.clear();
        match ran.undeclared.first() {
            None => Ok(ran),
            Some(lock) => Err(HostError::NotAllowed {
                message: format!(
                    "{file} locks {} in {} mode, which the run had not taken first",
                    lock.table, lock.mode
                ),
                help: format!(
                    "add it to locks = {{ ... }} in {}, as \"exclusive\" or \"no-writes\"",
                    self.context.manifest.path
                ),
            }),
        }
    }

    fn query(&mut self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>, HostError> {
        Ok(self.read().query(sql, parameters)?)
    }

    fn record_migration(&mut self, name: &str) -> Result<Recorded, HostError> {
        permit::record(&self.context.manifest)?;
        Ok(History::of(&mut self.session).record_migration(name, &self.context.run)?)
    }

    fn record_rollback(&mut self, name: &str) -> Result<Recorded, HostError> {
        permit::record(&self.context.manifest)?;
        Ok(History::of(&mut self.session).record_rollback(name)?)
    }
}

/// A database without any table is another one than the script is for.
fn no_tables(name: &str, target: &Target) -> HostError {
    let Target { schema, database, source, .. } = target;
    HostError::Database(DatabaseError::Inconsistent {
        message: format!("the database {database} has no tables in schema {schema}, so no {name}"),
        help: format!("check that {source} names the CRM's database"),
    })
}

/// A failed SQL file, with the line and column that the server's position stands for.
fn sql_failure(source: &Source, error: DatabaseError) -> HostError {
    let position = match &error {
        DatabaseError::Server(server) => server.position,
        _ => return HostError::Database(error),
    };
    let place = position.map(|at| {
        let before: String = source.text.chars().take(at.saturating_sub(1)).collect();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    });
    HostError::SqlFile { path: source.path.clone(), place, error }
}
