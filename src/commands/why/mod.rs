//! `why`: what each rule of a folder makes of one row, and why. It reads only.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::civil::Date;
use leora_execution::CollectedRule;
use leora_folder::ScriptFolder;
use leora_host::HostError;
use leora_postgres::{Reader, Session, Transaction};
use leora_report::{Failure, FailureKind, NextChange, Outcome, Report, WhyReport, WhyRule};
use leora_rule::{Relation, RowExplanation, RowExplanationQuery, RuleError};
use leora_script::{Program, ScriptError, Settings};
use uuid::Uuid;

use crate::commands::context::Context;
use crate::commands::shared::collect_rules::{Gatherer, Rules};
use crate::commands::shared::script_folder::{introduce, open};
use crate::commands::shared::target;
use find_row::{Found, find};

mod find_row;
mod nearest;

/// The most days to come that are looked at.
const MOST_DAYS: usize = 40;

/// Shows why a row gets its values; returns the exit code.
pub(crate) fn why(path: &Path, row: &str, context: &Context) -> u8 {
    let mut report = Report {
        run: Uuid::now_v7().to_string(),
        folder: path.display().to_string(),
        as_of: context.options.as_of.to_string(),
        ..Report::default()
    };
    let failure = attempt(path, row, &mut report, context).err();
    report.outcome = failure.as_ref().map_or(Outcome::Planned, |failure| failure.kind.outcome());
    report.error = failure;
    context.screen().show_why(&report);
    report.error.map_or(0, |failure| failure.kind.exit_code())
}

fn attempt(path: &Path, row: &str, report: &mut Report, context: &Context) -> Result<(), Failure> {
    let folder = open(path, context)?;
    introduce(&folder, report, context);
    report.next.clear();
    report.back.clear();
    let program = Program::compile(&folder)?;
    let settings = Settings::new(context.options.set.clone());
    settings.check_known(program.settings())?;
    let found = target::find(context)?;
    report.target = Some(target::told(&found.target));
    context.screen().show_title(report);
    let server = context.server(found.target);
    let mut session = Session::connect(&server, context.timeouts())?;
    session.begin(Transaction::ReadOnly)?;
    let gatherer = Gatherer::new(session, context.run_context("", &folder), &program, context);
    report.why = Some(ask(&gatherer, &folder, row, &settings, report, context)?);
    Ok(())
}

fn ask(
    gatherer: &Gatherer<'_>,
    folder: &ScriptFolder,
    row: &str,
    settings: &Settings,
    report: &mut Report,
    context: &Context,
) -> Result<WhyReport, Failure> {
    let Rules { rules, switches, origins, settings, notes } = gatherer.gather(settings)?;
    report.settings = settings;
    if rules.is_empty() {
        let fact = format!("{} sets no column, so there is nothing to ask of a row", folder.path);
        let help = notes.first().cloned();
        return Err(Failure::new(FailureKind::Usage, fact, help));
    }
    let found = find(gatherer, &origins, row, &folder.path)?;
    let own = |(one, _): &(CollectedRule, _)| one.rule.table == found.table;
    let (rules, switches) = rules.into_iter().zip(switches).filter(own).unzip();
    let row = Row { gatherer, origin: &origins[&found.table], found, as_of: context.options.as_of };
    row.tell(rules, switches, notes)
}

/// The row that is asked about.
struct Row<'a> {
    gatherer: &'a Gatherer<'a>,
    origin: &'a Relation,
    found: Found,
    as_of: Date,
}

impl Row<'_> {
    fn tell(
        self,
        rules: Vec<CollectedRule>,
        switches: Vec<Vec<(String, Option<String>)>>,
        notes: Vec<String>,
    ) -> Result<WhyReport, Failure> {
        let mut told: Vec<WhyRule> = Vec::new();
        for (one, switches) in rules.into_iter().zip(switches) {
            let reasons = self.reasons(&one, self.as_of)?.ok_or_else(gone)?;
            let earlier = told.iter().find(|earlier| earlier.rule.column == one.rule.column);
            let now = earlier.map_or_else(|| reasons.before.clone(), |earlier| earlier.now.clone());
            let nearest = nearest::turns(&self, &one, &reasons)?;
            let CollectedRule { rule, skipped_sql: added_by, step, .. } = one;
            told.push(WhyRule {
                rule,
                step,
                added_by,
                now,
                explanation: reasons,
                next_change: None,
                no_next_change: None,
                nearest,
                switches,
            });
        }
        self.look_ahead(&mut told)?;
        let table = self.origin.table.clone();
        Ok(WhyReport {
            table: self.found.table,
            key: table.key.iter().cloned().zip(self.found.key).collect(),
            labels: self.found.called,
            rules: told,
            notes,
        })
    }

    fn reasons(&self, one: &CollectedRule, as_of: Date) -> Result<Option<RowExplanation>, Failure> {
        let inquiry =
            RowExplanationQuery::compile(&one.rule, &one.relation, &self.found.key, as_of)
                .map_err(meaningless)?;
        let rows = self.gatherer.session(|session| Reader::new(session).texts(&inquiry.sql))?;
        Ok(inquiry.read(rows))
    }

    /// Looks for the first day on which each rule gives another value, if the row stays as it is.
    fn look_ahead(&self, told: &mut [WhyRule]) -> Result<(), Failure> {
        let mut days: BTreeSet<Date> = BTreeSet::new();
        for one in told.iter() {
            let value = |name: &str| read(&one.explanation, name);
            days.extend(one.rule.future_change_days(self.origin, &value, self.as_of));
        }
        for day in days.into_iter().take(MOST_DAYS) {
            let mut source = self.origin.clone();
            for one in told.iter_mut() {
                if one.next_change.is_none() {
                    one.next_change = self.turned(one, &source, day)?;
                }
                source = source.after(&one.rule, day).map_err(meaningless)?;
            }
        }
        for one in told.iter_mut().filter(|one| one.next_change.is_none()) {
            one.no_next_change = no_day(one, self.origin);
        }
        Ok(())
    }

    fn turned(
        &self,
        one: &WhyRule,
        source: &Relation,
        day: Date,
    ) -> Result<Option<NextChange>, Failure> {
        let inquiry = RowExplanationQuery::compile(&one.rule, source, &self.found.key, day)
            .map_err(meaningless)?;
        let rows = self.gatherer.session(|session| Reader::new(session).try_texts(&inquiry.sql))?;
        let reasons = rows.and_then(|rows| inquiry.read(rows));
        let given =
            reasons.map(|reasons| reasons.given).filter(|gives| *gives != one.explanation.given);
        let days = i64::from((day - self.as_of).get_days());
        Ok(given.map(|gives| NextChange { on: day, days, gives }))
    }
}

/// The value that a rule reads of a column.
fn read(reasons: &RowExplanation, name: &str) -> Option<String> {
    reasons.reads.iter().find(|(column, _)| column == name).and_then(|(_, value)| value.clone())
}

/// Why no day to come changes what a rule gives.
fn no_day(one: &WhyRule, origin: &Relation) -> Option<String> {
    let columns = one.rule.time_dependent_columns(origin);
    let first = columns.first()?;
    Some(match read(&one.explanation, first) {
        None => format!("no day to come changes that: {first} has no value"),
        Some(value) if value.ends_with("infinity") => {
            format!("no day to come changes that: {first} is {value}")
        }
        Some(_) => "no day to come changes that, while the row stays as it is".into(),
    })
}

fn meaningless(error: RuleError) -> Failure {
    Failure::from(ScriptError::from(HostError::from(error)))
}

fn gone() -> Failure {
    Failure::new(FailureKind::Usage, "the row is gone", None)
}
