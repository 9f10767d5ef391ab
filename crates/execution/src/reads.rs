//! What a script reads from the database: tables as they are, or as rules that were not written yet would
//! leave them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::civil::Date;
use leora_folder::Manifest;
use leora_host::{HostError, Row, Selection};
use leora_postgres::{Catalog, History, Reader, Session, Target};
use leora_report::{DatabaseError, Distribution};
use leora_rule::{
    self as rule, DataType, ForeignKey, Index, KeyBy, Relation, Rule, Sql, Table, Value, nearest,
};

/// Reads in a session's transaction.
#[derive(Debug)]
pub struct Reads {
    pub(crate) session: Session,
    pub(crate) as_of: Date,
    tables: HashMap<String, Table>,
    sources: HashMap<String, Relation>,
    named_keys: BTreeMap<String, Vec<String>>,
    /// Tables that are likely to be asked for: all are read from the catalog with the first.
    likely: Vec<String>,
    step: usize,
}

impl Reads {
    /// Reads in this session's transaction, with the tables and keys that the manifest names.
    pub(crate) fn new(session: Session, as_of: Date, manifest: &Manifest) -> Self {
        let (tables, sources) = (HashMap::new(), HashMap::new());
        let likely = manifest.tables().into_iter().map(str::to_owned).collect();
        let named_keys = manifest.keys.clone();
        Self { session, as_of, tables, sources, named_keys, likely, step: 0 }
    }

    pub(crate) fn enter_step(&mut self, step: usize) {
        self.step = step;
    }

    /// The step, from 1, that the calls belong to.
    pub(crate) fn step(&self) -> usize {
        self.step
    }

    /// The rows of a table, with its shape.
    pub(crate) fn source(&mut self, name: &str) -> Result<Relation, HostError> {
        if let Some(source) = self.find(name)? {
            return Ok(source);
        }
        let names = Catalog::new(&mut self.session).table_names()?;
        if names.is_empty() {
            return Err(no_tables(name, self.session.target()));
        }
        Err(HostError::NoTable {
            name: name.to_owned(),
            schema: self.session.target().schema.clone(),
            nearest: nearest(name, names.iter().map(String::as_str)).map(str::to_owned),
        })
    }

    fn find(&mut self, name: &str) -> Result<Option<Relation>, HostError> {
        if let Some(source) = self.sources.get(name) {
            return Ok(Some(source.clone()));
        }
        if !self.tables.contains_key(name) {
            let likely = self.likely.iter().map(String::as_str);
            let new = |name: &&str| !self.tables.contains_key(*name);
            let wanted: Vec<&str> = likely.filter(new).chain([name]).collect();
            for table in Catalog::new(&mut self.session).tables(&wanted)? {
                self.tables.insert(table.name.clone(), table);
            }
        }
        let table = self.tables.get(name).map(|table| self.with_its_key(table.clone()));
        let source = table.transpose()?.map(|table| Relation::from_table(Arc::new(table)));
        if let Some(source) = &source {
            self.sources.insert(name.to_owned(), source.clone());
        }
        Ok(source)
    }

    /// The table with the key that the manifest names, where it has none of its own.
    fn with_its_key(&self, table: Table) -> Result<Table, HostError> {
        let Some(named) = self.named_keys.get(&table.name) else { return Ok(table) };
        for column in named {
            rule::column(&table, column)?;
        }
        match &table.key {
            none if none.is_empty() => {
                Ok(Table { key: named.clone(), key_by: KeyBy::Declared, ..table })
            }
            own if own == named => Ok(table),
            own => Err(HostError::NotAllowed {
                message: format!(
                    "the primary key of {} is {}, and [keys] says {}",
                    table.name,
                    own.join(", "),
                    named.join(", ")
                ),
                help: format!("take {} out of [keys] in leora.toml", table.name),
            }),
        }
    }

    /// From now on the table is read as this rule would leave it.
    pub(crate) fn suppose(&mut self, rule: &Rule) -> Result<(), HostError> {
        let after = self.source(&rule.table)?.after(rule, self.as_of)?;
        self.sources.insert(rule.table.clone(), after);
        Ok(())
    }

    /// From now on every table is read as it is.
    pub(crate) fn suppose_nothing(&mut self) {
        self.sources.clear();
    }

    /// From now on the table is read as these rows.
    pub(crate) fn replace(&mut self, source: Relation) {
        self.sources.insert(source.table.name.clone(), source);
    }

    /// The rules supposed so far, on the tables as the catalog has them now.
    pub(crate) fn resuppose(&mut self, rules: &[Rule]) -> Result<(), HostError> {
        self.tables.clear();
        self.sources.clear();
        rules.iter().try_for_each(|rule| self.suppose(rule))
    }

    /// Columns whose values are only supposed, as `Table.column`.
    pub(crate) fn pending(&self) -> Vec<String> {
        let of = |(table, source): (&String, &Relation)| {
            source.pending().iter().map(|column| format!("{table}.{column}")).collect::<Vec<_>>()
        };
        let mut all: Vec<String> = self.sources.iter().flat_map(of).collect();
        all.sort();
        all.dedup();
        all
    }

    /// Reads rows; those of a view with writing switched off, since it may call any function.
    fn read<T>(
        &mut self,
        source: &Relation,
        read: impl FnOnce(&mut Reader<'_>) -> Result<T, DatabaseError>,
    ) -> Result<T, HostError> {
        if source.table.unwritable.is_none() {
            return Ok(read(&mut self.reader())?);
        }
        Ok(self.session.read_only(|session| read(&mut Reader::new(session)))?)
    }

    pub(crate) fn reader(&mut self) -> Reader<'_> {
        Reader::new(&mut self.session)
    }

    pub(crate) fn count(&mut self, rows: &Selection) -> Result<u64, HostError> {
        let source = self.source(&rows.table)?;
        let sql = rule::compile_count(&source, rows.filter.as_ref(), self.as_of)?;
        self.read(&source, |reader| reader.number(&sql))
    }

    pub(crate) fn distribution(
        &mut self,
        rows: &Selection,
        column: &str,
    ) -> Result<Distribution, HostError> {
        let source = self.source(&rows.table)?;
        let sql =
            rule::compile_distribution(&source, rows.filter.as_ref(), None, column, self.as_of)?;
        let shares = self.read(&source, |reader| reader.shares(&sql))?;
        Ok(Distribution { table: rows.table.clone(), column: column.to_owned(), values: shares })
    }

    pub(crate) fn distribution_by(
        &mut self,
        rows: &Selection,
        group: &str,
        column: &str,
    ) -> Result<Vec<(Option<String>, Distribution)>, HostError> {
        let source = self.source(&rows.table)?;
        let sql = rule::compile_distribution(
            &source,
            rows.filter.as_ref(),
            Some(group),
            column,
            self.as_of,
        )?;
        let groups = self.read(&source, |reader| reader.grouped_shares(&sql))?;
        let (table, column) = (rows.table.clone(), column.to_owned());
        let whole = |(group, shares)| {
            (group, Distribution { table: table.clone(), column: column.clone(), values: shares })
        };
        Ok(groups.into_iter().map(whole).collect())
    }

    pub(crate) fn rows(
        &mut self,
        rows: &Selection,
        columns: &[String],
        limit: u64,
    ) -> Result<Vec<Row>, HostError> {
        let source = self.source(&rows.table)?;
        let sql = rule::compile_rows(&source, rows.filter.as_ref(), columns, limit, self.as_of)?;
        let types: Vec<&DataType> = columns
            .iter()
            .filter_map(|name| source.table.column(name))
            .map(|column| &column.data_type)
            .collect();
        let found = self.read(&source, |reader| reader.rows(&sql, &types))?;
        Ok(found.into_iter().map(|values| columns.iter().cloned().zip(values).collect()).collect())
    }

    pub(crate) fn table(&mut self, name: &str) -> Result<Option<Table>, HostError> {
        Ok(self.find(name)?.map(|source| Table::clone(&source.table)))
    }

    pub(crate) fn enumeration(&mut self, name: &str) -> Result<Option<Vec<String>>, HostError> {
        Ok(Catalog::new(&mut self.session).enumeration(name)?)
    }

    pub(crate) fn index(&mut self, name: &str) -> Result<Option<Index>, HostError> {
        // Whoever asks for an index means the schema as it will be.
        self.session.build_postponed_indexes(None)?;
        Ok(Catalog::new(&mut self.session).index(name)?)
    }

    pub(crate) fn foreign_keys(&mut self, table: &str) -> Result<Vec<ForeignKey>, HostError> {
        Ok(Catalog::new(&mut self.session).foreign_keys(table)?)
    }

    pub(crate) fn query(&mut self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>, HostError> {
        Ok(self.reader().query(sql, parameters)?)
    }

    pub(crate) fn last_run(&mut self, folder: &str) -> Result<Option<String>, HostError> {
        Ok(History::new(&mut self.session).last_run(folder)?.map(|run| run.started_at))
    }

    /// The statement that inserts a row.
    pub(crate) fn insertion(
        &mut self,
        table: &str,
        values: &[(String, Value)],
    ) -> Result<(Relation, Sql), HostError> {
        let source = self.source(table)?;
        let sql = rule::compile_insert(&source, values, self.as_of)?;
        Ok((source, sql))
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
