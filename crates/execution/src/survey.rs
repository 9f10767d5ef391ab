//! The host that only notes what a script would do with which table. It reads no rows and changes none: what a
//! script is given is made up, so that it goes on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::{Date, date};
use leora_folder::{Piece, scan};
use leora_host::{Host, HostError, Row, Selection};
use leora_postgres::{Catalog, Reader, Session};
use leora_report::{Distribution, MigrationRecord, SqlRun};
use leora_rule::{self as rule, Change, ForeignKey, Index, Kind, Relation, Rule, Table, Value};

/// What a script does with something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Touch {
    /// It reads rows of this table.
    Read(String),
    /// It sets a column of this table.
    Set(String),
    /// It adds rows to this table.
    Insert(String),
    /// It deletes rows of this table.
    Delete(String),
    /// It runs this SQL file.
    Sql(String),
    /// It asks when a folder ran last.
    PastRuns,
    /// It records this migration.
    Record(String),
    /// It records that this migration was rolled back.
    TakeBack(String),
}

/// How many rows a table is said to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Supposed {
    /// None are counted.
    Empty,
    /// One is counted.
    Filled,
}

/// Whether a rule means something on a table depends on no date.
const ANY_DAY: Date = date(2000, 1, 1);

/// A text that no row has.
pub const MADE_UP: &str = "(made up)";

/// Notes what scripts would do.
#[derive(Debug)]
pub struct Survey {
    session: Session,
    supposed: Supposed,
    step: String,
    noted: BTreeMap<Touch, BTreeSet<String>>,
}

impl Survey {
    /// In this session's transaction, which need not be able to write.
    pub fn new(session: Session) -> Self {
        let noted = BTreeMap::new();
        Self { session, supposed: Supposed::Empty, step: String::new(), noted }
    }

    /// Says which step the next calls belong to, and what they are told.
    pub fn enter_step(&mut self, step: &str, supposed: Supposed) {
        step.clone_into(&mut self.step);
        self.supposed = supposed;
    }

    /// The session, and what was noted: what is done, and by which steps.
    pub fn into_parts(self) -> (Session, BTreeMap<Touch, BTreeSet<String>>) {
        (self.session, self.noted)
    }

    fn note(&mut self, touch: Touch) {
        self.noted.entry(touch).or_default().insert(self.step.clone());
    }

    fn counted(&self) -> u64 {
        match self.supposed {
            Supposed::Empty => 0,
            Supposed::Filled => 1,
        }
    }

    /// A row that nobody has, with a value of the right sort in each column.
    fn made_up(&mut self, table: &str) -> Result<Row, HostError> {
        let shape = Catalog::new(&mut self.session).table(table)?;
        let columns = shape.map_or_else(Vec::new, |table| table.columns);
        Ok(columns.into_iter().map(|one| (one.name, example(&one.data_type.kind))).collect())
    }

    fn made_up_value(&mut self, table: &str, column: &str) -> Result<Value, HostError> {
        let row = self.made_up(table)?;
        Ok(row.into_iter().find(|(name, _)| name == column).map_or(Value::Null, |(_, value)| value))
    }
}

/// A value of this sort that nobody has.
pub(crate) fn example(kind: &Kind) -> Value {
    match kind {
        Kind::Bool => Value::Bool(false),
        Kind::Integer { .. } => Value::Integer(1),
        Kind::Decimal => Value::Decimal(1.into()),
        Kind::Float => Value::Text("1".into()),
        Kind::Uuid => Value::Text("00000000-0000-0000-0000-000000000000".into()),
        Kind::Date | Kind::Timestamp | Kind::TimestampTz => Value::Text("2000-01-01".into()),
        Kind::Enum { labels, .. } => Value::Text(labels.first().cloned().unwrap_or_default()),
        Kind::Text | Kind::Other => Value::Text(MADE_UP.into()),
    }
}

/// The names that an SQL text may mean tables by.
fn names(sql: &str) -> Vec<String> {
    let name = |piece: &Piece<'_>| match piece {
        Piece::Word(word) => Some(word.to_lowercase()),
        Piece::Quoted(text) => {
            text.strip_prefix('"')?.strip_suffix('"').map(|name| name.replace("\"\"", "\""))
        }
        _ => None,
    };
    scan(sql).iter().filter_map(|token| name(&token.kind)).collect()
}

impl Host for Survey {
    fn change(&mut self, rule: &Rule) -> Result<Change, HostError> {
        self.note(Touch::Set(rule.table.clone()));
        // What an SQL file makes of the tables is not known here.
        if !self.noted.keys().any(|touch| matches!(touch, Touch::Sql(_)))
            && let Some(table) = Catalog::new(&mut self.session).table(&rule.table)?
        {
            rule::compile_preview(rule, &Relation::from_table(Arc::new(table)), ANY_DAY)?;
        }
        Ok(Change::none(rule))
    }

    fn count(&mut self, rows: &Selection) -> Result<u64, HostError> {
        self.note(Touch::Read(rows.table.clone()));
        Ok(self.counted())
    }

    fn distribution(&mut self, rows: &Selection, column: &str) -> Result<Distribution, HostError> {
        self.note(Touch::Read(rows.table.clone()));
        Ok(Distribution { table: rows.table.clone(), column: column.to_owned(), values: vec![] })
    }

    fn distribution_by(
        &mut self,
        rows: &Selection,
        group: &str,
        column: &str,
    ) -> Result<Vec<(Option<String>, Distribution)>, HostError> {
        let shares = self.distribution(rows, column)?;
        let value = self.made_up_value(&rows.table, group)?;
        Ok(vec![(value.to_sql_text(), shares)])
    }

    fn rows(
        &mut self,
        rows: &Selection,
        columns: &[String],
        _: u64,
    ) -> Result<Vec<Row>, HostError> {
        self.note(Touch::Read(rows.table.clone()));
        let whole = self.made_up(&rows.table)?;
        let value = |name: &String| {
            let found = whole.iter().find(|(column, _)| column == name);
            (name.clone(), found.map_or(Value::Null, |(_, value)| value.clone()))
        };
        Ok(vec![columns.iter().map(value).collect()])
    }

    fn insert(&mut self, table: &str, values: &[(String, Value)]) -> Result<Row, HostError> {
        self.note(Touch::Insert(table.to_owned()));
        let mut row = self.made_up(table)?;
        for (name, value) in &mut row {
            if let Some((_, given)) = values.iter().find(|(column, _)| column == name) {
                value.clone_from(given);
            }
        }
        Ok(row)
    }

    fn refusal(&mut self, table: &str, _: &[(String, Value)]) -> Result<Option<String>, HostError> {
        self.note(Touch::Insert(table.to_owned()));
        Ok(None)
    }

    fn delete(&mut self, rows: &Selection) -> Result<u64, HostError> {
        self.note(Touch::Delete(rows.table.clone()));
        Ok(self.counted())
    }

    fn table(&mut self, name: &str) -> Result<Option<Table>, HostError> {
        Ok(Catalog::new(&mut self.session).table(name)?)
    }

    fn enumeration(&mut self, name: &str) -> Result<Option<Vec<String>>, HostError> {
        Ok(Catalog::new(&mut self.session).enumeration(name)?)
    }

    fn index(&mut self, name: &str) -> Result<Option<Index>, HostError> {
        Ok(Catalog::new(&mut self.session).index(name)?)
    }

    fn foreign_keys(&mut self, table: &str) -> Result<Vec<ForeignKey>, HostError> {
        Ok(Catalog::new(&mut self.session).foreign_keys(table)?)
    }

    fn last_run(&mut self, _: &str) -> Result<Option<String>, HostError> {
        self.note(Touch::PastRuns);
        Ok(None)
    }

    fn run_sql(&mut self, file: &str) -> Result<SqlRun, HostError> {
        self.note(Touch::Sql(file.to_owned()));
        Ok(SqlRun::default())
    }

    fn query(&mut self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>, HostError> {
        let mentioned = names(sql);
        for table in Catalog::new(&mut self.session).table_names()? {
            if mentioned.contains(&table) {
                self.note(Touch::Read(table));
            }
        }
        self.session.mark()?;
        let asked = Reader::new(&mut self.session).query(sql, parameters);
        self.session.back_to_mark()?;
        // Its columns are known to the server alone: without the privilege there is nothing to make up.
        Ok(asked.unwrap_or_default())
    }

    fn record_migration(&mut self, name: &str) -> Result<MigrationRecord, HostError> {
        self.note(Touch::Record(name.to_owned()));
        Ok(MigrationRecord::NEW)
    }

    fn record_rollback(&mut self, name: &str) -> Result<MigrationRecord, HostError> {
        self.note(Touch::TakeBack(name.to_owned()));
        Ok(MigrationRecord::NEW)
    }
}
