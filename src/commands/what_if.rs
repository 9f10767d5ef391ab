//! `what-if`: what other settings would give, in one read-only pass over the data.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use leora_execution::{CollectedRule, read_threshold_model};
use leora_host::HostError;
use leora_postgres::{Reader, Session, Transaction};
use leora_report::{
    Combination, Failure, FailureKind, Observer, Outcome, Report, ThresholdReport, WhatIfReport,
};
use leora_rule::{Relation, Rule, Variant, WhatIf, WhatIfResult};
use leora_script::{Program, ScriptError, Settings};
use uuid::Uuid;

use crate::cli::VariedSetting;
use crate::commands::context::Context;
use crate::commands::shared::collect_rules::{Gatherer, Rules};
use crate::commands::shared::report_page::Page;
use crate::commands::shared::script_folder::{explain_settings, introduce, open};
use crate::commands::shared::target;

/// The most combinations at a time: more than anybody reads.
const MOST: usize = 200;

/// How many days from a boundary a row is near it.
const NEAR_DAYS: u16 = 7;

/// Shows what other settings would give; returns the exit code.
pub(crate) fn what_if(path: &Path, vary: &[VariedSetting], context: &Context) -> u8 {
    let mut report = Report {
        run: Uuid::now_v7().to_string(),
        folder: path.display().to_string(),
        as_of: context.options.as_of.to_string(),
        ..Report::default()
    };
    let page = Page::open("what-if", context);
    let failure = match &page {
        Ok(_) => attempt(path, vary, &mut report, context).err(),
        Err(failure) => Some(failure.clone()),
    };
    report.outcome = failure.as_ref().map_or(Outcome::Planned, |failure| failure.kind.outcome());
    report.error = failure;
    context.screen().show_what_if(&report);
    if let Ok(page) = &page {
        page.write(&report, context);
    }
    report.error.map_or(0, |failure| failure.kind.exit_code())
}

fn attempt(
    path: &Path,
    vary: &[VariedSetting],
    report: &mut Report,
    context: &Context,
) -> Result<(), Failure> {
    let folder = open(path, context)?;
    introduce(&folder, report, context);
    report.next.clear();
    report.back.clear();
    let program = Program::compile(&folder)?;
    explain_settings(&program, report);
    let settings = Settings::new(context.options.set.clone());
    settings.check_known(program.settings())?;
    let varied = merged(vary, context)?;
    let combinations = combinations(&varied)?;
    for values in &combinations {
        settings.with_varied(values).check_known(program.settings())?;
    }
    let found = target::find(context)?;
    report.target = Some(target::told(&found.target));
    context.screen().show_title(report);
    let server = context.server(found.target);
    let mut session = Session::connect(&server, context.timeouts())?;
    session.begin(Transaction::ReadOnly)?;
    let gatherer = Gatherer::new(session, context.run_context("", &folder), &program, context);
    let question = Question { settings: &settings, varied, combinations };
    report.what_if = Some(question.ask(&gatherer, report, context)?);
    Ok(())
}

/// The settings to vary, each once.
fn merged(
    vary: &[VariedSetting],
    context: &Context,
) -> Result<Vec<(String, Vec<String>)>, Failure> {
    let mut varied: Vec<(String, Vec<String>)> = Vec::new();
    for VariedSetting { name, values } in vary {
        if context.options.set.iter().any(|(set, _)| set == name) {
            let fact = format!("{name} is both set and varied");
            let help = format!("leave out --set {name}, or add its value to --vary {name}=...");
            return Err(Failure::new(FailureKind::Usage, fact, Some(help)));
        }
        if !varied.iter().any(|(known, _)| known == name) {
            varied.push((name.clone(), vec![]));
        }
        if let Some((_, all)) = varied.iter_mut().find(|(known, _)| known == name) {
            for value in values {
                if !all.contains(value) {
                    all.push(value.clone());
                }
            }
        }
    }
    Ok(varied)
}

/// Every combination of the values, those of the last setting changing fastest.
fn combinations(varied: &[(String, Vec<String>)]) -> Result<Vec<Vec<(String, String)>>, Failure> {
    let count = varied.iter().try_fold(1_usize, |sum, (_, values)| sum.checked_mul(values.len()));
    if count.is_none_or(|count| count > MOST) {
        let told = count.map_or_else(|| "far too many".into(), |count| count.to_string());
        return Err(Failure::new(
            FailureKind::Usage,
            format!("these are {told} combinations; at most {MOST} are tried at once"),
            Some("give --vary fewer values, or vary one setting after the other".into()),
        ));
    }
    let mut all: Vec<Vec<(String, String)>> = vec![vec![]];
    for (name, values) in varied {
        let longer = |start: &Vec<(String, String)>| {
            let one = |value: &String| {
                start.iter().cloned().chain([(name.clone(), value.clone())]).collect::<Vec<_>>()
            };
            values.iter().map(one).collect::<Vec<_>>()
        };
        all = all.iter().flat_map(longer).collect();
    }
    Ok(all)
}

/// What is asked.
struct Question<'a> {
    settings: &'a Settings,
    varied: Vec<(String, Vec<String>)>,
    combinations: Vec<Vec<(String, String)>>,
}

impl Question<'_> {
    fn ask(
        &self,
        gatherer: &Gatherer<'_>,
        report: &mut Report,
        context: &Context,
    ) -> Result<WhatIfReport, Failure> {
        let base = gatherer.gather(self.settings)?;
        let mut variants = Vec::new();
        for values in &self.combinations {
            variants.push(gatherer.gather(&self.settings.with_varied(values))?);
        }
        report.settings = base.settings.clone();
        for (name, _) in &self.varied {
            report.settings.remove(name);
        }
        let mut told =
            WhatIfReport { notes: self.notes(&base, &variants), ..WhatIfReport::default() };
        self.describe(&base, &variants, &mut told);
        context.screen().on_start("reading");
        let started = Instant::now();
        self.judge(gatherer, &variants, context, &mut told)?;
        told.reading_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        if context.options.report.is_some() {
            told.thresholds = threshold_models(gatherer, &base, context)?;
        }
        if told.combinations.iter().all(|one| one.results.is_empty()) {
            let fact = format!("{} sets no column, so no setting changes anything", report.folder);
            return Err(Failure::new(FailureKind::Usage, fact, None));
        }
        Ok(told)
    }

    /// The combinations, with the values as the scripts take them.
    fn describe(&self, base: &Rules, variants: &[Rules], told: &mut WhatIfReport) {
        for (values, rules) in self.combinations.iter().zip(variants) {
            let taken = |(name, value): &(String, String)| {
                (name.clone(), rules.settings.get(name).unwrap_or(value).clone())
            };
            let settings: Vec<(String, String)> = values.iter().map(taken).collect();
            let in_force =
                settings.iter().all(|(name, value)| base.settings.get(name) == Some(value));
            told.combinations.push(Combination { settings, in_force, results: vec![] });
        }
        for (name, _) in &self.varied {
            let mut values: Vec<String> = Vec::new();
            for (_, value) in
                told.combinations.iter().flat_map(|one| &one.settings).filter(|(of, _)| of == name)
            {
                if !values.contains(value) {
                    values.push(value.clone());
                }
            }
            told.varied.push((name.clone(), values));
        }
    }

    fn notes(&self, base: &Rules, variants: &[Rules]) -> Vec<String> {
        let mut notes: Vec<String> = Vec::new();
        for note in variants.iter().flat_map(|rules| &rules.notes) {
            if !notes.contains(note) {
                notes.push(note.clone());
            }
        }
        let awaited = |collected: &CollectedRule| {
            (!collected.skipped_sql.is_empty()).then(|| {
                let Rule { table, column, .. } = &collected.rule;
                format!(
                    "{table}.{column} is not there yet: {} may add it, and is not run here",
                    collected.skipped_sql.join(", ")
                )
            })
        };
        for note in variants.iter().flat_map(|rules| &rules.rules).filter_map(awaited) {
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
        for (name, _) in &self.varied {
            if !base.settings.contains_key(name)
                && variants.iter().all(|rules| !rules.settings.contains_key(name))
            {
                notes.push(format!("no rule depends on {name}"));
            }
        }
        notes
    }

    /// Judges the variants, table by table.
    fn judge(
        &self,
        gatherer: &Gatherer<'_>,
        variants: &[Rules],
        context: &Context,
        told: &mut WhatIfReport,
    ) -> Result<(), Failure> {
        let mut origins: BTreeMap<&String, &Relation> = BTreeMap::new();
        let mut order: Vec<&String> = Vec::new();
        for (name, source) in variants.iter().flat_map(|rules| &rules.origins) {
            let known = origins.entry(name).or_insert(source);
            if source.table.columns.len() > known.table.columns.len() {
                *known = source;
            }
            if !order.contains(&name) {
                order.push(name);
            }
        }
        for name in order {
            let variants: Vec<Variant> =
                variants.iter().map(|rules| variant(rules, name)).collect();
            let as_of = context.options.as_of;
            let asked = WhatIf::compile(origins[name], &variants, as_of, NEAR_DAYS)
                .map_err(|error| Failure::from(ScriptError::from(HostError::from(error))))?;
            let rows = gatherer.session(|session| Reader::new(session).texts(&asked.sql))?;
            let (results, boundaries): (Vec<Vec<WhatIfResult>>, _) = asked.read(rows);
            for (combination, results) in told.combinations.iter_mut().zip(results) {
                combination.results.extend(results);
            }
            told.boundaries.extend(boundaries);
        }
        Ok(())
    }
}

/// The rules whose thresholds a page can turn, with the rows by day. It is read beside the one pass, for a page alone.
fn threshold_models(
    gatherer: &Gatherer<'_>,
    base: &Rules,
    context: &Context,
) -> Result<Vec<ThresholdReport>, Failure> {
    let mut models = Vec::new();
    for CollectedRule { rule, relation, skipped_sql, .. } in &base.rules {
        if !skipped_sql.is_empty() {
            continue;
        }
        let as_of = context.options.as_of;
        let read = gatherer.session(|session| {
            read_threshold_model(&mut Reader::new(session), rule, relation, as_of)
        })?;
        models.extend(read.map(|histogram| ThresholdReport {
            table: rule.table.clone(),
            column: rule.column.clone(),
            histogram,
        }));
    }
    Ok(models)
}

/// The rules on one table.
fn variant(rules: &Rules, table: &str) -> Variant {
    let own = rules.rules.iter().filter(|collected| collected.rule.table == table);
    Variant {
        settings: rules.settings.clone().into_iter().collect(),
        rules: own.map(|collected| collected.rule.clone()).collect(),
    }
}
