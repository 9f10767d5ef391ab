//! The host in memory: it collects the rules, answers with what examples give, and notes what no example answers.

use jiff::civil::Date;
use leora_report::{Distribution, MigrationRecord, SqlRun};
use leora_rule::{Change, Column, ForeignKey, Index, KeyBy, Placement, Query, Rule, Table, Value};

use crate::HostError;
use crate::given_answers::GivenAnswers;
use crate::host::{Host, ReadHost, Row, Selection, WriteHost};

/// Answers a script's calls without a database. Where no answer is given, it answers as an empty database would.
#[derive(Debug, Default)]
pub struct ExampleHost {
    given: GivenAnswers,
    as_of: Date,
    reached_rules: Vec<ReachedRule>,
    unanswered: Option<UnansweredQuestion>,
}

/// A rule that a script reached.
#[derive(Clone, Debug)]
pub struct ReachedRule {
    /// The rule.
    pub rule: Rule,
    /// The first question of its step before it that no example answers: with another answer, a run may make another
    /// rule.
    pub after: Option<UnansweredQuestion>,
}

/// A question to the database that no example answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnansweredQuestion {
    /// The entry of `given` that would answer it.
    pub entry: &'static str,
    /// What it asks about: a table, a `Table.column`, an enum, an index, or the text of a query.
    pub subject: String,
}

impl ExampleHost {
    /// A host that answers with what is given.
    pub fn new(given: GivenAnswers) -> Self {
        Self { given, ..Self::default() }
    }

    /// The same, on this business date.
    pub fn on(self, as_of: Date) -> Self {
        Self { as_of, ..self }
    }

    /// The first question of the current step that no example answers.
    pub fn unanswered(&self) -> Option<&UnansweredQuestion> {
        self.unanswered.as_ref()
    }

    /// The rules that all steps have reached so far, in order.
    pub fn reached_rules(&self) -> &[ReachedRule] {
        &self.reached_rules
    }

    /// The given answer; without one the answer of an empty database, and the question is noted.
    fn answer<T: Default>(
        &mut self,
        entry: &'static str,
        subject: &str,
        find: impl FnOnce(&GivenAnswers) -> Option<T>,
    ) -> T {
        let found = find(&self.given);
        if found.is_none() {
            let subject = subject.to_owned();
            self.unanswered.get_or_insert(UnansweredQuestion { entry, subject });
        }
        found.unwrap_or_default()
    }
}

/// A table of which only the columns and their types are given.
fn table(name: &str, columns: &[(String, String)], given: &GivenAnswers) -> Table {
    let column = |(name, type_name): &(String, String)| Column {
        name: name.clone(),
        data_type: given.data_type(type_name).data_type().clone(),
        nullable: true,
        default: None,
        cascades_to: None,
        generated: false,
        is_tied: false,
        figure: None,
    };
    Table {
        schema: "public".into(),
        name: name.to_owned(),
        columns: columns.iter().map(column).collect(),
        key: vec!["id".into()],
        key_by: KeyBy::PrimaryKey,
        unwritable: None,
        is_watched: false,
        placement: Placement::Own,
    }
}

impl Host for ExampleHost {
    fn enter_step(&mut self, _: usize) {
        self.unanswered = None;
    }

    fn reader(&mut self) -> &mut dyn ReadHost {
        self
    }

    fn writer(&mut self) -> &mut dyn WriteHost {
        self
    }
}

impl ReadHost for ExampleHost {
    fn as_of(&self) -> Date {
        self.as_of
    }

    fn count_rows(&mut self, rows: &Selection) -> Result<u64, HostError> {
        Ok(self.answer("count", &rows.table, |given| given.counts.get(&rows.table).copied()))
    }

    fn distribution(&mut self, rows: &Selection, column: &str) -> Result<Distribution, HostError> {
        let place = format!("{}.{column}", rows.table);
        let values =
            self.answer("distribution", &place, |given| given.distributions.get(&place).cloned());
        Ok(Distribution { table: rows.table.clone(), column: column.to_owned(), values })
    }

    fn distribution_by(
        &mut self,
        rows: &Selection,
        _: &str,
        column: &str,
    ) -> Result<Vec<(Option<String>, Distribution)>, HostError> {
        let place = format!("{}.{column}", rows.table);
        let groups =
            self.answer("distribution_by", &place, |given| given.groups.get(&place).cloned());
        let (table, column) = (rows.table.clone(), column.to_owned());
        let distribution = |(group, values)| {
            (group, Distribution { table: table.clone(), column: column.clone(), values })
        };
        Ok(groups.into_iter().map(distribution).collect())
    }

    fn read_rows(
        &mut self,
        rows: &Selection,
        _: &[String],
        limit: u64,
    ) -> Result<Vec<Row>, HostError> {
        let mut found =
            self.answer("rows", &rows.table, |given| given.rows.get(&rows.table).cloned());
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(found)
    }

    fn query(&mut self, query: &Query, _: &[Value]) -> Result<Vec<Row>, HostError> {
        let sql = query.written();
        Ok(self.answer("query", sql, |given| given.queries.get(sql).cloned()))
    }

    fn find_table(&mut self, name: &str) -> Result<Option<Table>, HostError> {
        Ok(self.answer("table", name, |given| {
            let columns = given.tables.get(name)?.as_ref();
            Some(columns.map(|columns| table(name, columns, given)))
        }))
    }

    fn enum_labels(&mut self, name: &str) -> Result<Option<Vec<String>>, HostError> {
        Ok(self.answer("enum_values", name, |given| given.enums.get(name).cloned()))
    }

    fn find_index(&mut self, name: &str) -> Result<Option<Index>, HostError> {
        Ok(self.answer("index", name, |given| given.indexes.get(name).cloned()))
    }

    fn foreign_keys(&mut self, table: &str) -> Result<Vec<ForeignKey>, HostError> {
        Ok(self.answer("foreign_keys", table, |given| given.foreign_keys.get(table).cloned()))
    }

    fn last_run(&mut self, folder: &str) -> Result<Option<String>, HostError> {
        Ok(self.answer("last_run", folder, |given| given.runs.get(folder).cloned()))
    }
}

impl WriteHost for ExampleHost {
    fn apply_rules(&mut self, rules: &[Rule]) -> Result<Vec<Change>, HostError> {
        let after = &self.unanswered;
        let reached =
            rules.iter().map(|rule| ReachedRule { rule: rule.clone(), after: after.clone() });
        self.reached_rules.extend(reached);
        Ok(rules.iter().map(Change::none).collect())
    }

    fn insert_row(&mut self, _: &str, values: &[(String, Value)]) -> Result<Row, HostError> {
        Ok(values.to_vec())
    }

    fn try_insert(&mut self, _: &str, _: &[(String, Value)]) -> Result<Option<String>, HostError> {
        Ok(None)
    }

    fn delete_rows(&mut self, _: &Selection) -> Result<u64, HostError> {
        Ok(0)
    }

    fn run_sql_file(&mut self, _: &str) -> Result<SqlRun, HostError> {
        Ok(SqlRun::default())
    }

    fn record_migration(&mut self, _: &str) -> Result<MigrationRecord, HostError> {
        Ok(MigrationRecord::NEW)
    }

    fn record_rollback(&mut self, _: &str) -> Result<MigrationRecord, HostError> {
        Ok(MigrationRecord::NEW)
    }
}

#[cfg(test)]
mod tests {
    use leora_rule::{Assignment, Expr};

    use super::*;

    fn selection(table: &str) -> Selection {
        Selection { table: table.into(), filter: None }
    }

    fn rule() -> Rule {
        Rule {
            table: "Customer".into(),
            filter: None,
            column: "accountType".into(),
            assignment: Assignment::Value(Expr::literal(Value::Text("ACTIVE".into()))),
            location: None,
            joins_previous: false,
        }
    }

    #[test]
    fn answers_with_what_is_given() {
        let counts = [("Customer".to_owned(), 12)].into();
        let mut host = ExampleHost::new(GivenAnswers { counts, ..GivenAnswers::default() });
        assert_eq!(host.count_rows(&selection("Customer")).unwrap(), 12);
        assert_eq!(host.unanswered(), None);
    }

    #[test]
    fn answers_as_an_empty_database_and_notes_the_first_question_of_the_step() {
        let mut host = ExampleHost::default();
        assert_eq!(host.count_rows(&selection("Customer")).unwrap(), 0);
        assert!(
            host.distribution(&selection("Customer"), "accountType").unwrap().values.is_empty()
        );
        let first = UnansweredQuestion { entry: "count", subject: "Customer".into() };
        assert_eq!(host.unanswered(), Some(&first));
        host.enter_step(2);
        assert_eq!(host.unanswered(), None);
    }

    #[test]
    fn a_rule_knows_whether_it_may_depend_on_an_answer() {
        let mut host = ExampleHost::default();
        host.apply_rules(&[rule()]).unwrap();
        host.find_table("Customer").unwrap();
        host.apply_rules(&[rule()]).unwrap();
        let depends: Vec<bool> =
            host.reached_rules().iter().map(|reached| reached.after.is_some()).collect();
        assert_eq!(depends, [false, true]);
    }

    #[test]
    fn a_given_table_has_the_types_that_are_given() {
        let columns = Some(vec![("since".to_owned(), "timestamp".to_owned())]);
        let tables = [("Customer".to_owned(), columns), ("Gone".to_owned(), None)].into();
        let mut host = ExampleHost::new(GivenAnswers { tables, ..GivenAnswers::default() });
        let table = host.find_table("Customer").unwrap().expect("it is given");
        assert_eq!(table.columns[0].data_type.kind, leora_rule::Kind::Timestamp);
        assert_eq!(host.find_table("Gone").unwrap(), None);
        assert_eq!(host.unanswered(), None);
    }
}
