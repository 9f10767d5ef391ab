//! The host that does what scripts say, in the run's transaction.

use std::collections::HashSet;
use std::sync::Arc;

use leora_host::{Host, HostError, ReadHost, Row, Selection, WriteHost, permit};
use leora_postgres::{History, Journaling, Prisma, RulePlace, Session, Writer};
use leora_report::{Effect, MigrationRecord, SqlRun, StepEffects};
use leora_rule::{Access, Change, DataType, Rule, Strategy, Value};

use crate::effect_log::{EffectLog, add_rows, rule_effect};
use crate::forbidden::check_guards;
use crate::read::DatabaseReader;
use crate::run_context::{Resumed, RunContext};

/// Does what scripts say.
#[derive(Debug)]
pub struct Execute {
    /// Answers the calls that read, and holds the session.
    pub database: DatabaseReader,
    step: usize,
    rules: usize,
    columns_set: HashSet<(String, String)>,
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
            columns_set: HashSet::new(),
            effects: EffectLog::default(),
        }
    }

    /// What the steps have done to the database.
    pub fn take_effects(&mut self) -> Vec<StepEffects> {
        self.effects.take()
    }

    /// Refuses what a step has done where that was not approved; the transaction must then be rolled back.
    fn note_effect(&mut self, effect: Effect) -> Result<(), HostError> {
        self.effects.note_approved(effect, &self.database.context)
    }

    fn apply(&mut self, rules: &[Rule]) -> Result<Vec<Change>, HostError> {
        let relation = self.database.rule_relation(rules)?;
        rules.iter().try_for_each(|rule| self.check_set_once(rule))?;
        let first = RulePlace { step: self.step, rule: self.rules + 1 };
        self.rules += rules.len();
        let in_batches = self.database.context.manifest().strategy == Strategy::Batches;
        let of_rules = match self.database.rows.is_some() && !in_batches {
            true => {
                self.database.rows_of_rules(rules, &relation, self.effects.step(), first.rule)?
            }
            false => vec![],
        };
        let DatabaseReader { session, context, rows, .. } = &mut self.database;
        let manifest = context.manifest();
        let journal = match manifest.access {
            Access::RolledBack => Journaling::Off,
            Access::ReadOnly | Access::ReadWrite => Journaling::On,
        };
        let mut writer =
            Writer::new(session, &context.run, context.as_of, journal, manifest.strategy);
        let table = &*relation.table;
        let changes = writer.apply(rules, &relation, first, |session, planned| {
            for (place, (rule, change)) in rules.iter().zip(planned).enumerate() {
                check_guards(session, context, change, table)?;
                let mut effect = rule_effect(rule, change, table);
                if let Some(Resumed::All(written)) = &context.resumed {
                    add_rows(&mut effect, written, first.rule + place);
                }
                self.effects.note_approved(effect, context)?;
            }
            for (of_rule, change) in of_rules.into_iter().zip(planned) {
                if let Some(rows) = rows.as_ref().filter(|_| change.changed() > 0) {
                    of_rule.list(session, rows)?;
                }
            }
            Ok::<(), HostError>(())
        })?;
        if in_batches {
            self.database.list_written(rules, &relation, self.effects.step(), first.rule)?;
        }
        // Batches may meet other rows than were counted.
        if self.database.context.resumed != Some(Resumed::Left) {
            let written = rules.iter().zip(&changes);
            let effects = written.map(|(rule, change)| rule_effect(rule, change, table)).collect();
            self.effects.correct_last(effects);
        }
        Ok(changes)
    }

    /// A run in batches can be continued after a pause: of two rules that set a column, the first would then set it
    /// again.
    fn check_set_once(&mut self, rule: &Rule) -> Result<(), HostError> {
        let first = self.columns_set.insert((rule.table.clone(), rule.column.clone()));
        let manifest = self.database.context.manifest();
        if first || manifest.strategy != Strategy::Batches {
            return Ok(());
        }
        Err(HostError::NotAllowed {
            entry: None,
            message: format!("{}.{} is set twice, in batches", rule.table, rule.column),
            help: format!(
                "put both rules into one, or take strategy = \"batches\" out of {}",
                manifest.path
            ),
        })
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
        let (_, sql) = self.database.insert_sql(table, values)?;
        Ok(self.database.reader().constraint_violation(&sql)?)
    }

    fn delete_rows(&mut self, rows: &Selection) -> Result<u64, HostError> {
        let (_, sql) = self.database.delete_sql(rows)?;
        let count = self.database.reader().execute(&sql)?;
        self.note_effect(Effect::Delete { table: rows.table.clone(), rows: count })?;
        Ok(count)
    }

    fn run_sql_file(&mut self, file: &str) -> Result<SqlRun, HostError> {
        let next = Effect::Sql { file: file.to_owned(), objects: vec![] };
        self.effects.check_next(&next, &self.database.context)?;
        let ran = self.database.run_sql_file(file)?;
        self.note_effect(Effect::Sql { file: file.to_owned(), objects: ran.objects.clone() })?;
        self.database.reload_tables(&[])?;
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
