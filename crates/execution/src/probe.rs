//! The host that finds out what scripts need. It reads no rows and changes none: it notes which script does what with
//! which table, answers with placeholders so that the script goes on, and may have the server prepare each statement.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use leora_host::{Host, HostError, ReadHost, Row, Selection, WriteHost, permit};
use leora_postgres::{Catalog, Reader, Session, foresee};
use leora_report::{Distribution, MigrationRecord, SqlRun};
use leora_rule::{
    self as rule, Change, ForeignKey, Index, Query, Relation, Rule, Sql, SqlToken, Table, Value,
    check_circle, lex,
};

use crate::object_access::ObjectAccess;
use crate::placeholder::{is_refused_placeholder, placeholder};
use crate::read::DatabaseReader;
use crate::run_context::RunContext;

/// Whether a probe has the server prepare statements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeMode {
    /// It notes what scripts access, whatever the manifest permits. The transaction need not be able to write.
    NoteAccess,
    /// It also has the server prepare each statement, and runs SQL files for real: in a transaction that has the locks
    /// for them, and must be rolled back.
    PrepareStatements,
}

/// How many rows a table seems to have to a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssumedRows {
    /// None.
    Zero,
    /// One.
    One,
}

/// Finds out what scripts need.
#[derive(Debug)]
pub struct Probe {
    database: DatabaseReader,
    mode: ProbeMode,
    step: usize,
    assumed_rows: AssumedRows,
    accesses: BTreeMap<ObjectAccess, BTreeSet<usize>>,
    rules: Vec<Rule>,
    missing_indexes: BTreeSet<String>,
    statements: usize,
    used_placeholder: bool,
}

impl Probe {
    /// In this session's transaction.
    pub fn new(session: Session, context: Arc<RunContext>, mode: ProbeMode) -> Self {
        Self {
            database: DatabaseReader::new(session, context),
            mode,
            step: 0,
            assumed_rows: AssumedRows::Zero,
            accesses: BTreeMap::new(),
            rules: vec![],
            missing_indexes: BTreeSet::new(),
            statements: 0,
            used_placeholder: false,
        }
    }

    /// Sets how many rows tables seem to have; none at first.
    pub fn assume_rows(&mut self, rows: AssumedRows) {
        self.assumed_rows = rows;
    }

    /// What was accessed, and by which steps, from 1.
    pub fn accesses(&self) -> &BTreeMap<ObjectAccess, BTreeSet<usize>> {
        &self.accesses
    }

    /// The statements that create the indexes by which rules would find the rows that they read of other tables faster.
    pub fn missing_indexes(&self) -> &BTreeSet<String> {
        &self.missing_indexes
    }

    /// How many statements the server has prepared.
    pub fn statements(&self) -> usize {
        self.statements
    }

    /// Whether the current step was answered with something that was not read.
    pub fn used_placeholder(&self) -> bool {
        self.used_placeholder
    }

    /// The session, when the scripts are done.
    pub fn into_session(self) -> Session {
        self.database.into_session()
    }

    fn note(&mut self, access: ObjectAccess) {
        self.accesses.entry(access).or_default().insert(self.step);
    }

    fn prepares(&self) -> bool {
        self.mode == ProbeMode::PrepareStatements
    }

    fn assumed_count(&self) -> u64 {
        match self.assumed_rows {
            AssumedRows::Zero => 0,
            AssumedRows::One => 1,
        }
    }

    /// Compiles a statement and has the server prepare it, in the mode that prepares.
    fn prepare(
        &mut self,
        compile: impl FnOnce(&mut DatabaseReader) -> Result<(Relation, Sql), HostError>,
    ) -> Result<(), HostError> {
        self.used_placeholder = true;
        if !self.prepares() {
            return Ok(());
        }
        let (_, sql) = compile(&mut self.database)?;
        self.explain(&sql)
    }

    /// A statement that the server refuses leaves the transaction as it was.
    fn explain(&mut self, sql: &Sql) -> Result<(), HostError> {
        self.statements += 1;
        let explained = Sql { text: format!("EXPLAIN {}", sql.text), ..sql.clone() };
        let explain = |session: &mut Session| Reader::new(session).texts(&explained);
        match self.database.session.without_effects(explain) {
            Err(error) if !is_refused_placeholder(&error, sql) => Err(error.into()),
            _ => Ok(()),
        }
    }

    fn placeholder_row(&mut self, table: &str) -> Result<Row, HostError> {
        let columns = self.database.find_table(table)?.map_or_else(Vec::new, |table| table.columns);
        Ok(columns.into_iter().map(|one| (one.name, placeholder(&one.data_type.kind))).collect())
    }

    fn check_rules(&mut self, rules: &[Rule]) -> Result<(), HostError> {
        let as_of = self.database.context.as_of;
        self.note_other_rows(rules)?;
        let Some(Rule { table, .. }) = rules.first() else { return Ok(()) };
        let ran_sql = self.accesses.keys().any(|one| matches!(one, ObjectAccess::RunSql(_)));
        // What an SQL file would make of the tables is not known without running it.
        if !ran_sql && let Some(relation) = self.database.find_relation(table)? {
            let relation = self.database.with_figures_of(relation, rules)?;
            check_circle(rules, &relation.table)?;
            for rule in rules {
                rule::compile_preview(rule, &relation, as_of)?;
            }
            // What an earlier rule makes of the table is not assumed here.
            let others = |one: &Rule| one.table == *table && !rules.contains(one);
            if self.knows_rows() && !self.rules.iter().any(others) {
                foresee(&mut self.database.session, rules, &relation, as_of)?;
            }
        }
        if !rules.iter().all(|rule| self.rules.contains(rule)) {
            self.rules.extend(rules.iter().cloned());
        }
        Ok(())
    }

    /// A table that an SQL file may create is not there yet.
    fn note_other_rows(&mut self, rules: &[Rule]) -> Result<(), HostError> {
        let Some(Rule { table, .. }) = rules.iter().find(|rule| rule.reads_other_rows()) else {
            return Ok(());
        };
        self.note(ObjectAccess::KeepDecisions);
        let Some(relation) = self.database.find_relation(table)? else { return Ok(()) };
        if let Ok(relation) = self.database.with_figures_of(relation, rules) {
            for table in relation.other_tables() {
                self.note(ObjectAccess::Read(table));
            }
            self.missing_indexes.extend(self.database.missing_indexes(&relation)?);
        }
        Ok(())
    }

    /// Notes what a condition reads beside its table.
    fn note_selected(&mut self, rows: &Selection) {
        self.note(ObjectAccess::Read(rows.table.clone()));
        if let Ok(relation) = self.database.selected_relation(rows) {
            for table in relation.other_tables() {
                self.note(ObjectAccess::Read(table));
            }
        }
    }

    /// Whether a rule is the one that a run comes to, on rows that a run finds.
    fn knows_rows(&self) -> bool {
        let written =
            |one: &ObjectAccess| matches!(one, ObjectAccess::Insert(_) | ObjectAccess::Delete(_));
        !self.used_placeholder && !self.accesses.keys().any(written)
    }

    fn prepare_rules(&mut self, rules: &[Rule]) -> Result<(), HostError> {
        let as_of = self.database.context.as_of;
        let relation = self.database.rule_relation(rules)?;
        self.note_other_rows(rules)?;
        for rule in rules {
            self.explain(&rule::compile_preview(rule, &relation, as_of)?)?;
        }
        if self.knows_rows() {
            foresee(&mut self.database.session, rules, &relation, as_of)?;
        }
        // A row alone has no rank, and what is decided of all rows is written as it was decided.
        if !rules.iter().any(Rule::reads_ranks) {
            // What earlier rules set has the column's own type, so the stored table serves for the UPDATE.
            let stored = relation.row_by_row(&relation.stored_table(), as_of)?;
            self.explain(&rule::compile_update(rules, &stored, as_of)?)?;
        }
        self.database.assume_applied(rules)?;
        self.rules.extend(rules.iter().cloned());
        self.used_placeholder = true;
        Ok(())
    }

    /// The rows of a query, whose columns the server alone knows; none where it refuses the query.
    fn try_query(&mut self, query: &Query, parameters: &[Value]) -> Result<Vec<Row>, HostError> {
        let rows = |session: &mut Session| Reader::new(session).query(query, parameters);
        Ok(self.database.session.without_effects(rows).unwrap_or_default())
    }
}

impl Host for Probe {
    fn enter_step(&mut self, step: usize) {
        self.step = step;
        self.used_placeholder = false;
    }

    fn reader(&mut self) -> &mut dyn ReadHost {
        self
    }

    fn writer(&mut self) -> &mut dyn WriteHost {
        self
    }
}

impl ReadHost for Probe {
    fn as_of(&self) -> Date {
        self.database.context.as_of
    }

    fn count_rows(&mut self, rows: &Selection) -> Result<u64, HostError> {
        self.note_selected(rows);
        self.prepare(|database| database.count_sql(rows))?;
        Ok(self.assumed_count())
    }

    fn distribution(&mut self, rows: &Selection, column: &str) -> Result<Distribution, HostError> {
        self.note_selected(rows);
        self.prepare(|database| database.distribution_sql(rows, None, column))?;
        Ok(Distribution { table: rows.table.clone(), column: column.to_owned(), values: vec![] })
    }

    fn distribution_by(
        &mut self,
        rows: &Selection,
        group: &str,
        column: &str,
    ) -> Result<Vec<(Option<String>, Distribution)>, HostError> {
        let (table, values) = (rows.table.clone(), vec![]);
        self.note(ObjectAccess::Read(table.clone()));
        self.prepare(|database| database.distribution_sql(rows, Some(group), column))?;
        let row = self.placeholder_row(&table)?;
        let value = row.into_iter().find(|(name, _)| name == group);
        let value = value.and_then(|(_, value)| value.to_sql_text());
        Ok(vec![(value, Distribution { table, column: column.to_owned(), values })])
    }

    fn read_rows(
        &mut self,
        rows: &Selection,
        columns: &[String],
        limit: u64,
    ) -> Result<Vec<Row>, HostError> {
        self.note_selected(rows);
        self.prepare(|database| database.rows_sql(rows, columns, limit))?;
        let row = self.placeholder_row(&rows.table)?;
        let value = |name: &String| {
            let found = row.iter().find(|(column, _)| column == name);
            (name.clone(), found.map_or(Value::Null, |(_, value)| value.clone()))
        };
        Ok(vec![columns.iter().map(value).collect()])
    }

    fn query(&mut self, query: &Query, parameters: &[Value]) -> Result<Vec<Row>, HostError> {
        let tokens = lex(query.written()).unwrap_or_default();
        let mentioned: Vec<String> = tokens.iter().filter_map(SqlToken::identifier).collect();
        for table in Catalog::new(&mut self.database.session).table_names()? {
            if mentioned.contains(&table) {
                self.note(ObjectAccess::Read(table));
            }
        }
        self.used_placeholder = true;
        if !self.prepares() {
            return self.try_query(query, parameters);
        }
        // As a subquery it can be nothing but a SELECT, as in a run.
        let statement = Reader::new(&mut self.database.session).query_statement(query)?;
        let text = format!("SELECT FROM ({statement}) AS answer");
        let parameters = parameters.iter().map(Value::to_sql_text).collect();
        self.explain(&Sql { text, parameters })?;
        Ok(vec![])
    }

    fn find_table(&mut self, name: &str) -> Result<Option<Table>, HostError> {
        self.database.find_table(name)
    }

    fn enum_labels(&mut self, name: &str) -> Result<Option<Vec<String>>, HostError> {
        self.database.enum_labels(name)
    }

    fn find_index(&mut self, name: &str) -> Result<Option<Index>, HostError> {
        self.database.find_index(name)
    }

    fn foreign_keys(&mut self, table: &str) -> Result<Vec<ForeignKey>, HostError> {
        self.database.foreign_keys(table)
    }

    fn last_run(&mut self, folder: &str) -> Result<Option<String>, HostError> {
        self.note(ObjectAccess::ReadHistory);
        if self.prepares() { self.database.last_run(folder) } else { Ok(None) }
    }
}

impl WriteHost for Probe {
    fn apply_rules(&mut self, rules: &[Rule]) -> Result<Vec<Change>, HostError> {
        for rule in rules {
            self.note(ObjectAccess::Set(rule.table.clone()));
        }
        match self.mode {
            ProbeMode::NoteAccess => self.check_rules(rules)?,
            ProbeMode::PrepareStatements => self.prepare_rules(rules)?,
        }
        Ok(rules.iter().map(Change::none).collect())
    }

    fn insert_row(&mut self, table: &str, values: &[(String, Value)]) -> Result<Row, HostError> {
        self.note(ObjectAccess::Insert(table.to_owned()));
        self.prepare(|database| database.insert_sql(table, values))?;
        let mut row = self.placeholder_row(table)?;
        for (name, value) in &mut row {
            if let Some((_, given)) = values.iter().find(|(column, _)| column == name) {
                value.clone_from(given);
            }
        }
        Ok(row)
    }

    fn try_insert(
        &mut self,
        table: &str,
        values: &[(String, Value)],
    ) -> Result<Option<String>, HostError> {
        self.note(ObjectAccess::Insert(table.to_owned()));
        self.prepare(|database| database.insert_sql(table, values))?;
        Ok(None)
    }

    fn delete_rows(&mut self, rows: &Selection) -> Result<u64, HostError> {
        self.note(ObjectAccess::Delete(rows.table.clone()));
        self.prepare(|database| database.delete_sql(rows))?;
        Ok(self.assumed_count())
    }

    fn run_sql_file(&mut self, file: &str) -> Result<SqlRun, HostError> {
        self.note(ObjectAccess::RunSql(file.to_owned()));
        if !self.prepares() {
            return Ok(SqlRun::default());
        }
        let ran = self.database.run_sql_file(file)?;
        self.statements += 1;
        self.database.reload_tables(&self.rules)?;
        Ok(ran)
    }

    fn record_migration(&mut self, name: &str) -> Result<MigrationRecord, HostError> {
        self.note(ObjectAccess::RecordMigration(name.to_owned()));
        if self.prepares() {
            permit::check_record(self.database.context.manifest(), name)?;
        }
        Ok(MigrationRecord::NEW)
    }

    fn record_rollback(&mut self, name: &str) -> Result<MigrationRecord, HostError> {
        self.note(ObjectAccess::RecordRollback(name.to_owned()));
        if self.prepares() {
            permit::check_record(self.database.context.manifest(), name)?;
        }
        Ok(MigrationRecord::NEW)
    }
}
