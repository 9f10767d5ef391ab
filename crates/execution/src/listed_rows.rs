//! The rows that rules change, one by one, for `--rows`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use leora_folder::RowLabel;
use leora_host::HostError;
use leora_postgres::{JournalledRule, RowLabels, RowListing, RulePlace, Session, list_journalled};
use leora_report::{DatabaseError, ListedRule};
use leora_rule::{
    ColumnsShown, DecidedRows, Expr, Figure, FigureSource, Link, Node, Relation, Rule, Sql,
    compile_listed_changes, compile_listed_rows,
};

use crate::collect::{CollectedRule, RuleCollector};
use crate::read::DatabaseReader;
use crate::run_context::RunContext;

/// A list that a host fills and a command writes.
pub type SharedRows = Arc<Mutex<RowListing>>;

/// The list; a panic of a script has been caught by then.
pub fn lock_rows(rows: &SharedRows) -> MutexGuard<'_, RowListing> {
    rows.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How the rows of a rule are read.
pub(crate) struct RowsOfRule {
    listed: ListedRule,
    statement: Sql,
    may_call: bool,
}

impl RowsOfRule {
    pub(crate) fn list(
        self,
        session: &mut Session,
        rows: &SharedRows,
    ) -> Result<(), DatabaseError> {
        let Self { listed, statement, may_call } = self;
        let mut rows = lock_rows(rows);
        match may_call {
            true => session.read_only(|session| rows.add(session, listed, statement)),
            false => rows.add(session, listed, statement),
        }
    }
}

impl DatabaseReader {
    /// From now on the rows that rules change are listed. What the list has is forgotten.
    ///
    /// # Errors
    /// Where the list can't be kept.
    pub fn list_rows(&mut self, rows: &SharedRows) -> Result<(), DatabaseError> {
        lock_rows(rows).clear()?;
        self.rows = Some(Arc::clone(rows));
        Ok(())
    }

    /// Lists the rows that a rule would change, as this relation has them.
    pub(crate) fn list_predicted(
        &mut self,
        rule: &Rule,
        relation: &Relation,
        step: &str,
    ) -> Result<(), HostError> {
        let Some(rows) = self.rows.clone() else { return Ok(()) };
        let of_rule = self.rows_of_rule(rule, relation, step, None)?;
        Ok(of_rule.list(&mut self.session, &rows)?)
    }

    /// How the rows are read that the rules of a `.set` are about to change, in their order; `first` is the number of the first
    /// of them in the run. What is decided by other rows is decided by then.
    pub(crate) fn rows_of_rules(
        &mut self,
        rules: &[Rule],
        relation: &Relation,
        step: &str,
        first: usize,
    ) -> Result<Vec<RowsOfRule>, HostError> {
        let mut all = Vec::new();
        for (place, rule) in rules.iter().enumerate() {
            let decided = relation
                .has_figures()
                .then(|| DecidedRows::of_rule(first).changes(place, &relation.table));
            all.push(self.rows_of_rule(rule, relation, step, decided.as_ref())?);
        }
        Ok(all)
    }

    fn rows_of_rule(
        &mut self,
        rule: &Rule,
        relation: &Relation,
        step: &str,
        decided: Option<&Sql>,
    ) -> Result<RowsOfRule, HostError> {
        let as_of = self.context.as_of;
        let labels = self.row_labels(relation)?;
        let (relation, labels) = match labels {
            Some(RowLabels { relation, columns }) => (relation, columns),
            None => (relation.clone(), vec![]),
        };
        let table = &relation.table;
        // The key and the column that is set are shown by themselves, and so is what names the row.
        let is_shown = |name: &str| name != rule.column && !table.key.iter().any(|one| one == name);
        let mut reads = ColumnsShown::of(rule, &relation, is_shown).selected().to_vec();
        reads.retain(|name| !labels.contains(name));
        let columns: Vec<String> = labels.iter().chain(&reads).cloned().collect();
        let statement = match decided {
            Some(changes) => {
                compile_listed_changes(rule, &relation, &changes.text, &columns, as_of)
            }
            None => compile_listed_rows(rule, &relation, &columns, as_of),
        }?;
        let shown = |names: &[String]| {
            names.iter().map(|name| table.shown_name(name).to_owned()).collect::<Vec<_>>()
        };
        let listed = ListedRule {
            step: step.to_owned(),
            table: table.name.clone(),
            column: rule.column.clone(),
            key: table.key.clone(),
            labels: shown(&labels),
            reads: shown(&reads),
            file: rule.location.as_ref().map(|location| location.arm_file().to_owned()),
            lines: rule.arm_lines(),
            ..ListedRule::default()
        };
        Ok(RowsOfRule { listed, statement, may_call: table.may_call() })
    }

    /// Lists the rows that rules have written in batches, by the journal.
    pub(crate) fn list_written<'r>(
        &mut self,
        relation: &Relation,
        rules: impl IntoIterator<Item = (&'r Rule, &'r RulePlace)>,
    ) -> Result<(), HostError> {
        let Some(rows) = self.rows.clone() else { return Ok(()) };
        let stored = Relation::from_table(relation.stored_table());
        let labels = self.row_labels(&stored)?;
        let names = labels.as_ref().map_or(&[][..], |labels| &labels.columns);
        let table = labels.as_ref().map_or(&stored.table, |labels| &labels.relation.table);
        for (rule, place) in rules {
            let listed = ListedRule {
                step: step_name(&self.context, place.step),
                table: table.name.clone(),
                column: rule.column.clone(),
                key: table.key.clone(),
                labels: names.iter().map(|name| table.shown_name(name).to_owned()).collect(),
                ..ListedRule::default()
            };
            let run = self.context.run.clone();
            let journalled = JournalledRule { run: &run, rule: place.rule };
            let session = &mut self.session;
            list_journalled(session, &mut lock_rows(&rows), journalled, listed, labels.as_ref())?;
        }
        Ok(())
    }

    /// The rows with the columns that name them: those of `[labels]`, or those by which `why` finds a row.
    fn row_labels(&mut self, relation: &Relation) -> Result<Option<RowLabels>, HostError> {
        let context = Arc::clone(&self.context);
        let Some(chosen) = context.manifest().labels.get(&relation.table.name) else {
            let found = RowLabels::find(&mut self.session, &relation.stored_table(), None)?;
            let with_figures =
                |labels: RowLabels| RowLabels { relation: relation.clone(), ..labels };
            return Ok(found.map(with_figures));
        };
        let mut columns = Vec::new();
        let mut parents = Vec::new();
        for label in chosen {
            match label {
                RowLabel::Column(name) => {
                    columns.push(relation.table.require_column(name)?.name.clone())
                }
                RowLabel::OfParent { path, column } => {
                    let value = of_parent(path, column)?;
                    columns.extend(value.figures().first().map(|figure| figure.name().to_owned()));
                    parents.push(value);
                }
            }
        }
        let parents: Vec<&Expr> = parents.iter().collect();
        let relation = self.with_figures(relation.clone(), &parents)?;
        columns.retain(|name| !relation.table.key.contains(name));
        Ok(Some(RowLabels { relation, columns }))
    }
}

impl RuleCollector {
    /// Lists the rows that rules would change, each on the rows that the earlier ones would leave.
    ///
    /// # Errors
    /// As of a rule that is applied.
    pub fn list_rows(
        &mut self,
        rules: &[CollectedRule],
        rows: &SharedRows,
    ) -> Result<(), HostError> {
        self.database.list_rows(rows)?;
        let context = Arc::clone(&self.database.context);
        for CollectedRule { rule, relation, step, .. } in rules {
            self.database.list_predicted(rule, relation, &step_name(&context, *step))?;
        }
        Ok(())
    }
}

/// The name of a step, by its number from 1.
fn step_name(context: &RunContext, step: usize) -> String {
    let step = step.checked_sub(1).and_then(|at| context.folder.steps.get(at));
    step.map(|step| step.name.clone()).unwrap_or_default()
}

/// `parent("salesRepId").col("name")`.
fn of_parent(path: &[String], column: &str) -> Result<Expr, HostError> {
    let wrong = |reason: String| HostError::NotAllowed {
        entry: None,
        message: format!("a label of [labels] can't be read: {reason}"),
        help: "name fewer parents behind each other".into(),
    };
    path.iter().rev().try_fold(Expr::column(column), |value, column| {
        let link = Link::ForeignKey { table: None, column: column.clone() };
        let figure = Figure::new(FigureSource::Parent { link, value })
            .map_err(|error| wrong(error.to_string()))?;
        Expr::new(Node::Figure(figure.into())).map_err(|error| wrong(error.to_string()))
    })
}
