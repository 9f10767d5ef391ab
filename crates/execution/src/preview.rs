//! The host that predicts what a run would do, and writes no row. SQL files run for real, in a transaction that is
//! always rolled back.

use std::sync::Arc;
use std::time::Instant;

use leora_host::{Host, HostError, ReadHost, Row, Selection, WriteHost, permit};
use leora_postgres::{
    Catalog, History, Prisma, Session, foresee, preview_change, reason_against_batches,
    reason_against_rewrite, share_strategy,
};
use leora_report::{Effect, MigrationRecord, Recorded, SqlRun, StepEffects};
use leora_rule::{
    self as rule, Change, ChangePreview, ColumnsShown, Relation, Rule, Sample, Value,
};

use crate::approved_values::spell_as_approved;
use crate::effect_log::{EffectLog, rule_effect};
use crate::forbidden::check_guards;
use crate::pending_columns::mentioned;
use crate::read::DatabaseReader;
use crate::run_context::RunContext;
use crate::set_once::ColumnsSet;
use crate::unpredictable;

const NO_WRITES: &str = "a plan writes no rows";

/// How many of the rows that would change are shown.
const SAMPLES: u64 = 3;

/// Predicts what a run would do.
#[derive(Debug)]
pub struct Preview {
    /// Answers the calls that read, and holds the session.
    pub database: DatabaseReader,
    rules: Vec<Rule>,
    effects: EffectLog,
    columns_set: ColumnsSet,
}

impl Preview {
    /// In this session's transaction, which must be rolled back.
    pub fn new(session: Session, context: Arc<RunContext>) -> Self {
        Self {
            database: DatabaseReader::new(session, context),
            rules: vec![],
            effects: EffectLog::default(),
            columns_set: ColumnsSet::default(),
        }
    }

    /// What the steps would do to the database.
    pub fn take_effects(&mut self) -> Vec<StepEffects> {
        self.effects.take()
    }

    /// Notes that the step ends here, where what follows can't be predicted.
    fn note_end<T>(&mut self, answer: Result<T, HostError>) -> Result<T, HostError> {
        if let Err(HostError::Unpredictable { reason }) = &answer {
            self.effects.note(Effect::NotPredicted { reason: reason.clone() });
        }
        answer
    }

    fn predict(&mut self, rules: &[Rule]) -> Result<Vec<Change>, HostError> {
        self.columns_set.add(rules, self.database.context.manifest())?;
        let relation = self.database.rule_relation(rules)?;
        let DatabaseReader { session, context, .. } = &mut self.database;
        let strategy = context.manifest().strategy;
        let (mut changes, mut reading_ms) = (Vec::new(), Vec::new());
        for rule in rules {
            let started = Instant::now();
            let change = preview_change(session, rule, &relation, context.as_of, strategy)?;
            reading_ms.push(u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX));
            check_guards(session, context, &change, &relation.table)?;
            changes.push(change);
        }
        share_strategy(&mut changes);
        if changes.iter().any(|change| change.changed() > 0) {
            foresee(session, rules, &relation, context.as_of)?;
        }
        for ((rule, change), reading_ms) in rules.iter().zip(&mut changes).zip(reading_ms) {
            if change.changed() > 0 {
                self.database.list_predicted(rule, &relation, self.effects.step())?;
            }
            let preview = self.preview_of(rule, &relation, change)?;
            change.preview = Some(ChangePreview { reading_ms, ..preview });
            let mut effect = rule_effect(rule, change, &relation.table);
            let DatabaseReader { session, context, .. } = &mut self.database;
            spell_as_approved(&mut effect, session, context, &relation.table)?;
            self.effects.note(effect);
        }
        self.database.assume_applied(rules)?;
        self.rules.extend(rules.iter().cloned());
        Ok(changes)
    }

    fn preview_of(
        &mut self,
        rule: &Rule,
        relation: &Relation,
        change: &Change,
    ) -> Result<ChangePreview, HostError> {
        let session = &mut self.database.session;
        let against_rewrite = reason_against_rewrite(session, rule, &relation.table, change)?;
        let against_batches = reason_against_batches(session, rule, &relation.table)?;
        let preview = self.sample(rule, relation)?;
        let missing_indexes = self.database.missing_indexes(relation)?.into_iter().collect();
        Ok(ChangePreview { against_rewrite, against_batches, missing_indexes, ..preview })
    }

    /// A few of the rows that would change, and what may interfere with their writing.
    fn sample(&mut self, rule: &Rule, relation: &Relation) -> Result<ChangePreview, HostError> {
        let as_of = self.database.context.as_of;
        let counted = relation.with_row_counts(as_of)?;
        let key = relation.table.key.clone();
        // The key and the column that is set are shown by themselves.
        let is_shown = |name: &str| name != rule.column && !key.iter().any(|one| one == name);
        let shown = ColumnsShown::of(rule, &counted, is_shown);
        let sql = rule::compile_sample(rule, &counted, shown.selected(), SAMPLES, as_of)?;
        let rows = self.database.read(relation, |reader| reader.texts(&sql))?;
        let samples = rows.into_iter().map(|row| sample_from_row(row, key.len(), &shown)).collect();
        let unsure =
            Catalog::new(&mut self.database.session).interference(&rule.table, &rule.column)?;
        let columns = shown.names.iter().map(|name| counted.table.shown_name(name).to_owned());
        let columns = columns.collect();
        let other_tables = relation.other_tables().into_iter().collect();
        Ok(ChangePreview {
            key,
            columns,
            samples,
            unsure,
            other_tables,
            ..ChangePreview::default()
        })
    }
}

fn sample_from_row(row: Vec<Option<String>>, keys: usize, shown: &ColumnsShown) -> Sample {
    let mut cells = row.into_iter();
    let (old, new) = (cells.next().flatten(), cells.next().flatten());
    let key = cells.by_ref().take(keys).map(Option::unwrap_or_default).collect();
    let (reads, of_rows) = shown.read(cells.collect());
    Sample { old, new, key, reads, of_rows }
}

impl Host for Preview {
    fn enter_step(&mut self, step: usize) {
        self.effects.enter_step(step, &self.database.context);
    }

    fn reader(&mut self) -> &mut dyn ReadHost {
        &mut self.database
    }

    fn writer(&mut self) -> &mut dyn WriteHost {
        self
    }
}

impl WriteHost for Preview {
    fn apply_rules(&mut self, rules: &[Rule]) -> Result<Vec<Change>, HostError> {
        let statistics = self.database.read_statistics(rules)?;
        let changes = self.predict(rules)?;
        self.database.keep_statistics(statistics);
        Ok(changes)
    }

    fn insert_row(&mut self, table: &str, _: &[(String, Value)]) -> Result<Row, HostError> {
        let answer = unpredictable::insert(self.database.context.manifest(), table, NO_WRITES);
        self.note_end(answer)
    }

    fn try_insert(
        &mut self,
        table: &str,
        _: &[(String, Value)],
    ) -> Result<Option<String>, HostError> {
        let answer = unpredictable::try_insert(self.database.context.manifest(), table, NO_WRITES);
        self.note_end(answer)
    }

    fn delete_rows(&mut self, rows: &Selection) -> Result<u64, HostError> {
        let answer = unpredictable::delete(self.database.context.manifest(), rows, NO_WRITES);
        self.note_end(answer)
    }

    fn run_sql_file(&mut self, file: &str) -> Result<SqlRun, HostError> {
        let pending = self.database.pending_columns();
        let source = self.database.context.folder.sql.get(file);
        if let Some(column) = source.and_then(|source| mentioned(&source.text, &pending)) {
            self.database.note_stored_read(&format!("what {file} does with {column}"));
        }
        let ran = self.database.run_sql_file(file)?;
        self.effects.note(Effect::Sql { file: file.to_owned(), objects: ran.objects.clone() });
        self.database.reload_tables(&self.rules)?;
        Ok(ran)
    }

    fn record_migration(&mut self, name: &str) -> Result<MigrationRecord, HostError> {
        let DatabaseReader { session, context, .. } = &mut self.database;
        permit::check_record(context.manifest(), name)?;
        let known = History::new(session).migration_recorded_at(name)?;
        let history = known.map_or(Recorded::New, Recorded::Already);
        let prisma = Prisma::new(session).preview_record(name, context.prisma_checksum(name))?;
        let record = MigrationRecord { history, prisma };
        self.effects.note(Effect::of_recording(name, false, &record));
        Ok(record)
    }

    fn record_rollback(&mut self, name: &str) -> Result<MigrationRecord, HostError> {
        let DatabaseReader { session, context, .. } = &mut self.database;
        permit::check_record(context.manifest(), name)?;
        let known = History::new(session).migration_recorded_at(name)?;
        let history = if known.is_some() { Recorded::New } else { Recorded::NotRecorded };
        let prisma = Prisma::new(session).preview_rollback(name)?;
        let record = MigrationRecord { history, prisma };
        self.effects.note(Effect::of_recording(name, true, &record));
        Ok(record)
    }
}
