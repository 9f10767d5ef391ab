//! The host in memory: it gathers the rules, answers what examples give, and notes what nobody answers.

use leora_report::{Distribution, MigrationRecord, SqlRun, ValueCount};
use leora_rule::{Change, Column, ForeignKey, Index, KeyBy, Rule, Table, Value};

use crate::given::{Given, Shares};
use crate::{Host, HostError, Row, Selection};

/// Answers a script's calls without a database. What nobody gave is answered as an empty database would.
#[derive(Debug, Default)]
pub struct ExampleHost {
    given: Given,
    heard: Vec<Heard>,
    unanswered: Option<Question>,
}

/// A rule that a script came to.
#[derive(Clone, Debug)]
pub struct Heard {
    /// The rule.
    pub rule: Rule,
    /// What its step had asked before, that nobody answered: in a run the rule may be another.
    pub after: Option<Question>,
}

/// What a script asked of the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The entry of `given` that answers it.
    pub entry: &'static str,
    /// What it is asked of: a table, a `Table.column`, an enum, an index, a query.
    pub of: String,
}

impl ExampleHost {
    /// A host that knows what is given.
    pub fn new(given: Given) -> Self {
        Self { given, ..Self::default() }
    }

    /// The next calls are another step's; what it asks is its own affair.
    pub fn enter_step(&mut self) {
        self.unanswered = None;
    }

    /// The first question of this step that nobody answered.
    pub fn unanswered(&self) -> Option<&Question> {
        self.unanswered.as_ref()
    }

    /// The rules so far.
    pub fn heard(&self) -> &[Heard] {
        &self.heard
    }

    /// The answer that was given, else the one of an empty database, noted.
    fn answer<T: Clone + Default>(
        &mut self,
        entry: &'static str,
        of: &str,
        answer: impl FnOnce(&Given) -> Option<T>,
    ) -> T {
        let found = answer(&self.given);
        if found.is_none() {
            self.unanswered.get_or_insert(Question { entry, of: of.to_owned() });
        }
        found.unwrap_or_default()
    }
}

fn distribution(table: &str, column: &str, shares: &Shares) -> Distribution {
    let share =
        |(value, rows): &(Option<String>, u64)| ValueCount { value: value.clone(), rows: *rows };
    Distribution {
        table: table.to_owned(),
        column: column.to_owned(),
        values: shares.iter().map(share).collect(),
    }
}

/// A table as it is given: only its columns and their types are known.
fn table(name: &str, columns: &[(String, String)], given: &Given) -> Table {
    let column = |(name, type_name): &(String, String)| Column {
        name: name.clone(),
        data_type: given.data_type(type_name),
        nullable: true,
        default: None,
        cascades_to: None,
        generated: false,
    };
    Table {
        schema: "public".into(),
        name: name.to_owned(),
        columns: columns.iter().map(column).collect(),
        key: vec!["id".into()],
        key_by: KeyBy::PrimaryKey,
        unwritable: None,
    }
}

impl Host for ExampleHost {
    fn change(&mut self, rule: &Rule) -> Result<Change, HostError> {
        self.heard.push(Heard { rule: rule.clone(), after: self.unanswered.clone() });
        Ok(Change::none(rule))
    }

    fn count(&mut self, rows: &Selection) -> Result<u64, HostError> {
        Ok(self.answer("count", &rows.table, |given| given.counts.get(&rows.table).copied()))
    }

    fn distribution(&mut self, rows: &Selection, column: &str) -> Result<Distribution, HostError> {
        let of = format!("{}.{column}", rows.table);
        let shares =
            self.answer("distribution", &of, |given| given.distributions.get(&of).cloned());
        Ok(distribution(&rows.table, column, &shares))
    }

    fn distribution_by(
        &mut self,
        rows: &Selection,
        _: &str,
        column: &str,
    ) -> Result<Vec<(Option<String>, Distribution)>, HostError> {
        let of = format!("{}.{column}", rows.table);
        let groups = self.answer("distribution_by", &of, |given| given.groups.get(&of).cloned());
        let one = |(group, shares)| (group, distribution(&rows.table, column, &shares));
        Ok(groups.into_iter().map(one).collect())
    }

    fn rows(&mut self, rows: &Selection, _: &[String], limit: u64) -> Result<Vec<Row>, HostError> {
        let mut found =
            self.answer("rows", &rows.table, |given| given.rows.get(&rows.table).cloned());
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(found)
    }

    fn insert(&mut self, _: &str, values: &[(String, Value)]) -> Result<Row, HostError> {
        Ok(values.to_vec())
    }

    fn refusal(&mut self, _: &str, _: &[(String, Value)]) -> Result<Option<String>, HostError> {
        Ok(None)
    }

    fn delete(&mut self, _: &Selection) -> Result<u64, HostError> {
        Ok(0)
    }

    fn table(&mut self, name: &str) -> Result<Option<Table>, HostError> {
        Ok(self.answer("table", name, |given| {
            let columns = given.tables.get(name)?.as_ref();
            Some(columns.map(|columns| table(name, columns, given)))
        }))
    }

    fn enumeration(&mut self, name: &str) -> Result<Option<Vec<String>>, HostError> {
        Ok(self.answer("enum_values", name, |given| given.enums.get(name).cloned()))
    }

    fn index(&mut self, name: &str) -> Result<Option<Index>, HostError> {
        Ok(self.answer("index", name, |given| given.indexes.get(name).cloned()))
    }

    fn foreign_keys(&mut self, table: &str) -> Result<Vec<ForeignKey>, HostError> {
        Ok(self.answer("foreign_keys", table, |given| given.foreign_keys.get(table).cloned()))
    }

    fn run_sql(&mut self, _: &str) -> Result<SqlRun, HostError> {
        Ok(SqlRun::default())
    }

    fn query(&mut self, sql: &str, _: &[Value]) -> Result<Vec<Row>, HostError> {
        Ok(self.answer("query", sql, |given| given.queries.get(sql).cloned()))
    }

    fn last_run(&mut self, folder: &str) -> Result<Option<String>, HostError> {
        Ok(self.answer("last_run", folder, |given| given.runs.get(folder).cloned()))
    }

    fn record_migration(&mut self, _: &str) -> Result<MigrationRecord, HostError> {
        Ok(MigrationRecord::NEW)
    }

    fn record_rollback(&mut self, _: &str) -> Result<MigrationRecord, HostError> {
        Ok(MigrationRecord::NEW)
    }
}
