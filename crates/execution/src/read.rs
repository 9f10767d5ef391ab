//! Reads the database for scripts: tables as they are stored, or as rules that nobody has written yet would leave them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::civil::Date;
use leora_host::{HostError, ReadHost, Row, Selection, permit};
use leora_postgres::{Catalog, History, Reader, Session, Target};
use leora_report::{DatabaseError, Distribution, RuleStatistics};
use leora_rule::{
    self as rule, DataType, ForeignKey, Index, KeyBy, Query, Relation, Rule, Table, Value,
    check_circle, nearest,
};

use crate::RunContext;
use crate::listed_rows::SharedRows;
use crate::pending_columns::read_by_query;
use crate::waiting_writes::WaitingWrites;

/// How many values of a list are given that no row has.
const MOST_UNMATCHED: u64 = 1_000;

/// Reads in a session's transaction, and knows the run.
#[derive(Debug)]
pub struct DatabaseReader {
    pub(crate) session: Session,
    pub(crate) context: Arc<RunContext>,
    tables: HashMap<String, Table>,
    /// The guards of the manifest whose values are checked, by table and place.
    pub(crate) checked_guards: HashSet<(String, usize, usize)>,
    relations: HashMap<String, Relation>,
    notes: Vec<String>,
    pub(crate) statistics: Option<Vec<Option<RuleStatistics>>>,
    pub(crate) rows: Option<SharedRows>,
    /// What is judged and not yet written; nothing in a plan, which writes nothing.
    pub(crate) waiting: WaitingWrites,
}

impl DatabaseReader {
    pub(crate) fn new(session: Session, context: Arc<RunContext>) -> Self {
        let (tables, relations) = (HashMap::new(), HashMap::new());
        let checked_guards = HashSet::new();
        let (notes, statistics, rows) = (vec![], None, None);
        let waiting = WaitingWrites::default();
        Self {
            session,
            context,
            tables,
            checked_guards,
            relations,
            notes,
            statistics,
            rows,
            waiting,
        }
    }

    /// The session, to record and to commit.
    pub fn session(&mut self) -> &mut Session {
        &mut self.session
    }

    /// The session, when the scripts are done.
    pub fn into_session(self) -> Session {
        self.session
    }

    /// What could not be predicted since this was last called, each a phrase such as `what a query reads of Item.mood`.
    pub fn take_notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }

    pub(crate) fn note_stored_read(&mut self, what: &str) {
        let note = format!("{what}, which an earlier rule sets: it read the stored values");
        self.notes.push(note);
    }

    /// The table of the rules of a `.set`, whose columns exist and may be set.
    pub(crate) fn rule_relation(&mut self, rules: &[Rule]) -> Result<Relation, HostError> {
        self.as_views_see_it(|reader| reader.find_rule_relation(rules))
    }

    fn find_rule_relation(&mut self, rules: &[Rule]) -> Result<Relation, HostError> {
        let relation = self.relation(table_of(rules))?;
        for rule in rules {
            // A misspelt column is reported as such, and not as one that the manifest should name.
            relation.table.require_column(&rule.column)?;
            permit::check_column(self.context.manifest(), &rule.table, &rule.column)?;
        }
        self.check_forbidden_values()?;
        let relation = self.with_figures_of(relation, rules)?;
        check_circle(rules, &relation.table)?;
        Ok(relation)
    }

    /// The rows that a condition selects from, with the figures that it reads.
    pub(crate) fn selected_relation(&mut self, rows: &Selection) -> Result<Relation, HostError> {
        self.as_views_see_it(|reader| {
            let relation = reader.relation(&rows.table)?;
            reader.with_figures(relation, &rows.filter.iter().collect::<Vec<_>>())
        })
    }

    /// What is found once all is written that waits, where a view is among it: it reads tables as they are stored.
    fn as_views_see_it(
        &mut self,
        find: impl Fn(&mut Self) -> Result<Relation, HostError>,
    ) -> Result<Relation, HostError> {
        let found = find(self)?;
        let is_plain = !found.table.may_call() && found.table.unwritable.is_none();
        if self.waiting.is_empty() || is_plain {
            return Ok(found);
        }
        self.write_waiting()?;
        find(self)
    }

    /// Writes what waits before a query that may read it: by the name of the table, by a view, or by a relation of another
    /// schema, of which nobody knows what it reads. The server's own catalogs read no table.
    fn write_for_query(&mut self, query: &Query) -> Result<(), HostError> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let names: Vec<&str> = query.names().relations.iter().map(String::as_str).collect();
        let mut may_read = names.iter().any(|name| self.waiting.has_table(name));
        for name in &names {
            let table = self.find_relation(name)?.map(|relation| relation.table);
            may_read |= table.is_some_and(|table| table.unwritable.is_some());
        }
        match may_read || Catalog::new(&mut self.session).is_elsewhere(&names)? {
            true => self.write_waiting(),
            false => Ok(()),
        }
    }

    /// Reads a table as it is stored again, when what waited for it is written.
    pub(crate) fn forget_pending(&mut self, table: &str) {
        self.relations.remove(table);
    }

    pub(crate) fn relation(&mut self, name: &str) -> Result<Relation, HostError> {
        if let Some(relation) = self.find_relation(name)? {
            return Ok(relation);
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

    pub(crate) fn find_relation(&mut self, name: &str) -> Result<Option<Relation>, HostError> {
        if let Some(relation) = self.relations.get(name) {
            return Ok(Some(relation.clone()));
        }
        if !self.tables.contains_key(name) {
            // The first question reads all the tables of the manifest: they are likely to be asked for.
            let context = Arc::clone(&self.context);
            let likely = context.manifest().named_tables().into_iter();
            let unread = likely.filter(|name| !self.tables.contains_key(*name));
            let wanted: Vec<&str> = unread.chain([name]).collect();
            for table in Catalog::new(&mut self.session).tables(&wanted)? {
                self.tables.insert(table.name.clone(), table);
            }
        }
        let Some(table) = self.tables.get(name) else { return Ok(None) };
        let relation = Relation::from_table(Arc::new(self.with_declared_key(table.clone())?));
        self.relations.insert(name.to_owned(), relation.clone());
        Ok(Some(relation))
    }

    /// The table with the key that the manifest declares, where it has none of its own.
    fn with_declared_key(&self, table: Table) -> Result<Table, HostError> {
        let keys = &self.context.manifest().keys;
        let Some(declared) = keys.get(&table.name) else { return Ok(table) };
        for column in declared {
            table.require_column(column)?;
        }
        match &table.key {
            none if none.is_empty() => {
                Ok(Table { key: declared.clone(), key_by: KeyBy::Declared, ..table })
            }
            own if own == declared => Ok(table),
            own => Err(HostError::NotAllowed {
                entry: None,
                message: format!(
                    "the primary key of {} is {}, and [keys] says {}",
                    table.name,
                    own.join(", "),
                    declared.join(", ")
                ),
                help: format!("take {} out of [keys] in leora.toml", table.name),
            }),
        }
    }

    /// The rules of one `.set`.
    pub(crate) fn assume_applied(&mut self, rules: &[Rule]) -> Result<(), HostError> {
        let relation = self.relation(table_of(rules))?;
        let after = self.with_figures_of(relation, rules)?.after_set(rules, self.context.as_of)?;
        self.replace_relation(after);
        Ok(())
    }

    pub(crate) fn replace_relation(&mut self, relation: Relation) {
        self.relations.insert(relation.table.name.clone(), relation);
    }

    pub(crate) fn read_as_stored(&mut self) {
        self.relations.clear();
        self.notes.clear();
    }

    /// Reads the shapes of tables anew, after an SQL file, and assumes that these rules were applied to them.
    pub(crate) fn reload_tables(&mut self, applied: &[Rule]) -> Result<(), HostError> {
        self.tables.clear();
        self.relations.clear();
        Rule::by_set(applied).try_for_each(|set| self.assume_applied(set))
    }

    /// The columns that are read as rules would leave them, as `Table.column`.
    pub(crate) fn pending_columns(&self) -> Vec<String> {
        let of_table = |(table, relation): (&String, &Relation)| {
            relation.pending().iter().map(|column| format!("{table}.{column}")).collect::<Vec<_>>()
        };
        let mut all: Vec<String> = self.relations.iter().flat_map(of_table).collect();
        all.sort();
        all.dedup();
        all
    }

    pub(crate) fn reader(&mut self) -> Reader<'_> {
        Reader::new(&mut self.session)
    }

    /// Reads rows; those of a view with writing switched off, since it may call any function.
    pub(crate) fn read<T>(
        &mut self,
        relation: &Relation,
        read: impl FnOnce(&mut Reader<'_>) -> Result<T, DatabaseError>,
    ) -> Result<T, HostError> {
        if relation.table.unwritable.is_none() && !relation.table.may_call() {
            return Ok(read(&mut self.reader())?);
        }
        Ok(self.session.read_only(|session| read(&mut Reader::new(session)))?)
    }
}

impl ReadHost for DatabaseReader {
    fn as_of(&self) -> Date {
        self.context.as_of
    }

    fn count_rows(&mut self, rows: &Selection) -> Result<u64, HostError> {
        let (relation, sql) = self.count_sql(rows)?;
        self.read(&relation, |reader| reader.number(&sql))
    }

    fn distribution(&mut self, rows: &Selection, column: &str) -> Result<Distribution, HostError> {
        let (relation, sql) = self.distribution_sql(rows, None, column)?;
        let shares = self.read(&relation, |reader| reader.shares(&sql))?;
        Ok(Distribution { table: rows.table.clone(), column: column.to_owned(), values: shares })
    }

    fn distribution_by(
        &mut self,
        rows: &Selection,
        group: &str,
        column: &str,
    ) -> Result<Vec<(Option<String>, Distribution)>, HostError> {
        let (relation, sql) = self.distribution_sql(rows, Some(group), column)?;
        let groups = self.read(&relation, |reader| reader.grouped_shares(&sql))?;
        let (table, column) = (rows.table.clone(), column.to_owned());
        let distribution = |(group, shares)| {
            (group, Distribution { table: table.clone(), column: column.clone(), values: shares })
        };
        Ok(groups.into_iter().map(distribution).collect())
    }

    fn read_rows(
        &mut self,
        rows: &Selection,
        columns: &[String],
        limit: u64,
    ) -> Result<Vec<Row>, HostError> {
        let (relation, sql) = self.rows_sql(rows, columns, limit)?;
        let types: Vec<&DataType> = columns
            .iter()
            .filter_map(|name| relation.table.column(name))
            .map(|column| &column.data_type)
            .collect();
        let found = self.read(&relation, |reader| reader.rows(&sql, &types))?;
        Ok(found.into_iter().map(|values| columns.iter().cloned().zip(values).collect()).collect())
    }

    fn typed_table(&mut self, name: &str) -> Result<Option<Table>, HostError> {
        Ok(Some(Table::clone(&self.relation(name)?.table)))
    }

    fn unmatched(
        &mut self,
        table: &str,
        column: &str,
        values: &[&Value],
    ) -> Result<(u64, Vec<String>), HostError> {
        let relation = self.relation(table)?;
        let as_of = self.context.as_of;
        let sql = rule::compile_unmatched(&relation, column, values, MOST_UNMATCHED, as_of)?;
        let found = self.read(&relation, |reader| reader.shares(&sql))?;
        let count = found.first().map_or(0, |first| first.rows);
        Ok((count, found.into_iter().filter_map(|one| one.value).collect()))
    }

    fn query(&mut self, query: &Query, parameters: &[Value]) -> Result<Vec<Row>, HostError> {
        self.write_for_query(query)?;
        if let Some(column) = read_by_query(query.written(), &self.pending_columns()) {
            self.note_stored_read(&format!("what a query reads of {column}"));
        }
        Ok(self.reader().query(query, parameters)?)
    }

    fn find_table(&mut self, name: &str) -> Result<Option<Table>, HostError> {
        Ok(self.find_relation(name)?.map(|relation| Table::clone(&relation.table)))
    }

    fn enum_labels(&mut self, name: &str) -> Result<Option<Vec<String>>, HostError> {
        Ok(Catalog::new(&mut self.session).enumeration(name)?)
    }

    fn find_index(&mut self, name: &str) -> Result<Option<Index>, HostError> {
        // A script that asks for an index means the schema as the run will leave it.
        self.write_waiting()?;
        self.session.build_deferred_indexes(None)?;
        Ok(Catalog::new(&mut self.session).index(name)?)
    }

    fn foreign_keys(&mut self, table: &str) -> Result<Vec<ForeignKey>, HostError> {
        Ok(Catalog::new(&mut self.session).foreign_keys(table)?)
    }

    fn last_run(&mut self, folder: &str) -> Result<Option<String>, HostError> {
        let manifest = self.context.manifest();
        let only_sets = manifest.sql.is_empty()
            && manifest.records.is_empty()
            && manifest.writes.iter().all(|entry| entry.contains('.'));
        let settable = manifest.settable_columns();
        let settable: Vec<String> =
            settable.map(|(table, column)| format!("{table}.{column}")).collect();
        let last = History::new(&mut self.session)
            .last_run(folder, only_sets.then_some(settable.as_slice()))?;
        Ok(last.map(|run| run.started_at))
    }
}

/// The table of the rules of a `.set`, which has at least one.
fn table_of(rules: &[Rule]) -> &str {
    rules.first().map_or("", |rule| &rule.table)
}

/// A database without any table is another one than the script is for.
fn no_tables(name: &str, target: &Target) -> HostError {
    let Target { schema, database, source, .. } = target;
    HostError::Database(DatabaseError::Inconsistent {
        message: format!("the database {database} has no tables in schema {schema}, so no {name}"),
        help: format!("check that {source} names the CRM's database"),
    })
}
