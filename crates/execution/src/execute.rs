//! The host that does what scripts say, in the run's transaction.

use std::collections::HashSet;
use std::sync::Arc;

use leora_host::{Host, HostError, ReadHost, Row, Selection, WriteHost, permit};
use leora_postgres::{History, Prisma, RulePlace, Session, writing_may_wait};
use leora_report::{Effect, MigrationRecord, SqlRun, StepEffects};
use leora_rule::{Change, DataType, Relation, Rule, Strategy, Value};

use crate::approved_values::spell_as_approved;
use crate::effect_log::{EffectLog, add_rows, rule_effect};
use crate::forbidden::check_guards;
use crate::read::DatabaseReader;
use crate::run_context::{Resumed, RunContext};
use crate::set_once::ColumnsSet;
use crate::waiting_writes::{RevisedRule, writer};

/// Does what scripts say.
#[derive(Debug)]
pub struct Execute {
    /// Answers the calls that read, and holds the session.
    pub database: DatabaseReader,
    step: usize,
    rules: usize,
    columns_set: ColumnsSet,
    effects: EffectLog,
}

impl Execute {
    /// In this session's transaction, which has the locks of the run.
    pub fn new(session: Session, context: Arc<RunContext>) -> Self {
        let database = DatabaseReader::new(session, context);
        Self {
            database,
            step: 0,
            rules: 0,
            columns_set: ColumnsSet::default(),
            effects: EffectLog::default(),
        }
    }

    /// What the steps have done to the database so far, or will do once what waits is written.
    pub fn effects(&self) -> &[StepEffects] {
        self.effects.so_far()
    }

    /// What the steps have done to the database.
    pub fn take_effects(&mut self) -> Vec<StepEffects> {
        self.effects.take()
    }

    /// Refuses what a step has done where that was not approved; the transaction must then be rolled back.
    fn note_effect(&mut self, effect: Effect) -> Result<(), HostError> {
        self.effects.note_approved(effect, &self.database.context)
    }

    /// Judges the rules of a `.set`, and writes them where their writing may not wait.
    fn apply(&mut self, rules: &[Rule]) -> Result<Vec<Change>, HostError> {
        let relation = self.database.rule_relation(rules)?;
        self.columns_set.add(rules, self.database.context.manifest())?;
        let first = RulePlace { step: self.step, rule: self.rules + 1 };
        self.rules += rules.len();
        let relation = match writing_may_wait(rules, &relation) {
            true => relation,
            false => self.relation_once_written(rules, &relation)?,
        };
        let in_batches = self.database.context.manifest().strategy == Strategy::Batches;
        let of_rules = match self.database.rows.is_some() && !in_batches {
            true => {
                self.database.rows_of_rules(rules, &relation, self.effects.step(), first.rule)?
            }
            false => vec![],
        };
        let table = &*relation.table;
        let DatabaseReader { session, context, rows, .. } = &mut self.database;
        let check = |session: &mut Session, planned: &[Change]| {
            for (place, (rule, change)) in rules.iter().zip(planned).enumerate() {
                check_guards(session, context, change, table)?;
                let mut effect = rule_effect(rule, change, table);
                if let Some(Resumed::All(written)) = &context.resumed {
                    add_rows(&mut effect, written, first.rule + place);
                }
                spell_as_approved(&mut effect, session, context, table)?;
                self.effects.note_approved(effect, context)?;
            }
            for (of_rule, change) in of_rules.into_iter().zip(planned) {
                if let Some(rows) = rows.as_ref().filter(|_| change.changed() > 0) {
                    of_rule.list(session, rows)?;
                }
            }
            Ok::<(), HostError>(())
        };
        let judged = writer(session, context).judge(rules, &relation, first, check)?;
        if judged.may_wait() {
            let changes = judged.changes().to_vec();
            self.database.wait_to_write(judged)?;
            return Ok(changes);
        }
        self.database.write_waiting_of(&table.name)?;
        let DatabaseReader { session, context, .. } = &mut self.database;
        let places = judged.places().to_vec();
        let changes = writer(session, context).write(judged)?;
        if in_batches {
            self.database.list_written(&relation, rules.iter().zip(&places))?;
        }
        for (place, (rule, change)) in rules.iter().zip(&changes).enumerate() {
            let mut effect = rule_effect(rule, change, table);
            let DatabaseReader { session, context, .. } = &mut self.database;
            spell_as_approved(&mut effect, session, context, table)?;
            self.correct_effect(first.rule + place, effect);
        }
        Ok(changes)
    }

    /// The columns whose writing waits, as `Table.column`, each once.
    pub fn waiting_columns(&self) -> Vec<String> {
        let rules = self.database.waiting.rules();
        let mut names: Vec<String> =
            rules.iter().map(|rule| format!("{}.{}", rule.table, rule.column)).collect();
        let mut known = HashSet::new();
        names.retain(|name| known.insert(name.clone()));
        names
    }

    /// Writes what still waits, when the steps are done.
    ///
    /// # Errors
    /// [`HostError`]; the transaction must then be rolled back.
    pub fn write_waiting(&mut self) -> Result<(), HostError> {
        self.database.write_waiting()
    }

    /// What writing has changed of what was reported of rules.
    pub fn take_revised(&mut self) -> Vec<RevisedRule> {
        let revised = std::mem::take(&mut self.database.waiting.revised);
        for RevisedRule { number, effect, .. } in &revised {
            self.correct_effect(*number, effect.clone());
        }
        revised
    }

    /// The rows of the rules once what waits is written that they, or what watches their table, may look at.
    fn relation_once_written(
        &mut self,
        rules: &[Rule],
        relation: &Relation,
    ) -> Result<Relation, HostError> {
        let in_batches = self.database.context.manifest().strategy == Strategy::Batches;
        match relation.table.is_watched || in_batches {
            true => self.database.write_waiting()?,
            false => self.database.write_waiting_of(&relation.table.name)?,
        }
        self.database.rule_relation(rules)
    }

    /// Batches may have met other rows than were counted.
    fn correct_effect(&mut self, number: usize, written: Effect) {
        if self.database.context.resumed != Some(Resumed::Left) {
            self.effects.correct_rule(number, written);
        }
    }
}

impl Host for Execute {
    fn enter_step(&mut self, step: usize) {
        self.step = step;
        self.effects.enter_step(step, &self.database.context);
    }

    fn reader(&mut self) -> &mut dyn ReadHost {
        &mut self.database
    }

    fn writer(&mut self) -> &mut dyn WriteHost {
        self
    }
}

impl WriteHost for Execute {
    fn apply_rules(&mut self, rules: &[Rule]) -> Result<Vec<Change>, HostError> {
        let statistics = self.database.read_statistics(rules)?;
        let changes = self.apply(rules)?;
        self.database.keep_statistics(statistics);
        Ok(changes)
    }

    fn insert_row(&mut self, table: &str, values: &[(String, Value)]) -> Result<Row, HostError> {
        self.database.write_waiting()?;
        let (relation, sql) = self.database.insert_sql(table, values)?;
        self.note_effect(Effect::Insert { table: table.to_owned(), rows: 1 })?;
        let types: Vec<&DataType> =
            relation.table.columns.iter().map(|column| &column.data_type).collect();
        let row = self.database.reader().rows(&sql, &types)?.into_iter().next().unwrap_or_default();
        Ok(relation.table.column_names().map(str::to_owned).zip(row).collect())
    }

    fn try_insert(
        &mut self,
        table: &str,
        values: &[(String, Value)],
    ) -> Result<Option<String>, HostError> {
        self.database.write_waiting()?;
        let (_, sql) = self.database.insert_sql(table, values)?;
        Ok(self.database.reader().constraint_violation(&sql)?)
    }

    fn delete_rows(&mut self, rows: &Selection) -> Result<u64, HostError> {
        self.database.write_waiting()?;
        let (_, sql) = self.database.delete_sql(rows)?;
        let count = self.database.reader().execute(&sql)?;
        self.note_effect(Effect::Delete { table: rows.table.clone(), rows: count })?;
        Ok(count)
    }

    fn run_sql_file(&mut self, file: &str) -> Result<SqlRun, HostError> {
        let next = Effect::Sql { file: file.to_owned(), objects: vec![] };
        self.effects.check_next(&next, &self.database.context)?;
        let ran = self.database.run_sql_file_past_waiting(file)?;
        self.note_effect(Effect::Sql { file: file.to_owned(), objects: ran.objects.clone() })?;
        let waiting = self.database.waiting.rules();
        self.database.reload_tables(&waiting)?;
        Ok(ran)
    }

    fn record_migration(&mut self, name: &str) -> Result<MigrationRecord, HostError> {
        let DatabaseReader { session, context, .. } = &mut self.database;
        permit::check_record(context.manifest(), name)?;
        let history = History::new(session).record_migration(name, &context.run)?;
        let prisma = Prisma::new(session).record(name, context.prisma_checksum(name))?;
        let record = MigrationRecord { history, prisma };
        self.note_effect(Effect::of_recording(name, false, &record))?;
        Ok(record)
    }

    fn record_rollback(&mut self, name: &str) -> Result<MigrationRecord, HostError> {
        let DatabaseReader { session, context, .. } = &mut self.database;
        permit::check_record(context.manifest(), name)?;
        let history = History::new(session).record_rollback(name, &context.run)?;
        let prisma = Prisma::new(session).record_rollback(name)?;
        let record = MigrationRecord { history, prisma };
        self.note_effect(Effect::of_recording(name, true, &record))?;
        Ok(record)
    }
}
