//! Comparing what the combinations of settings give, table by table.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use jiff::civil::Date;
use leora_execution::{CollectedRule, SharedRows, read_threshold_model};
use leora_postgres::Reader;
use leora_report::{Combination, Failure, FailureKind, Observer, ThresholdReport, WhatIfReport};
use leora_rule::{Reach, Relation, Rule, Variant, WhatIf, WhatIfResult};
use leora_script::Settings;

use crate::cli::VariedSetting;
use crate::commands::context::Context;
use crate::commands::shared::{FolderRuleCollector, FolderRules, rule_failure};
use crate::commands::what_if::combinations::SettingValues;

/// How many days from a boundary a row is near it.
const NEAR_DAYS: u16 = 7;

pub(crate) struct Comparison<'a> {
    collector: &'a FolderRuleCollector<'a>,
    varied: Vec<VariedSetting>,
    combinations: Vec<SettingValues>,
    /// The rules without the varied values.
    base: FolderRules,
    variants: Vec<FolderRules>,
}

impl<'a> Comparison<'a> {
    pub(crate) fn collect(
        collector: &'a FolderRuleCollector<'a>,
        settings: &Settings,
        varied: Vec<VariedSetting>,
        combinations: Vec<SettingValues>,
    ) -> Result<Self, Failure> {
        let base = collector.collect(settings)?;
        let with_values = |values: &SettingValues| collector.collect(&settings.with_varied(values));
        let variants = combinations.iter().map(with_values).collect::<Result<_, _>>()?;
        let compared = Self { collector, varied, combinations, base, variants };
        compared.refuse_figures_of_rules()?;
        Ok(compared)
    }

    /// Lists the rows that the rules of the one combination would change.
    pub(crate) fn list_rows(&self, rows: &SharedRows) -> Result<(), Failure> {
        match self.variants.as_slice() {
            [rules] => self.collector.list_rows(rules, rows),
            _ => Ok(()),
        }
    }

    pub(crate) fn unvaried_settings(&self) -> BTreeMap<String, String> {
        let mut settings = self.base.settings.clone();
        settings.retain(|name, _| self.varied.iter().all(|varied| varied.name != *name));
        settings
    }

    pub(crate) fn compare(&self, folder: &str, context: &Context) -> Result<WhatIfReport, Failure> {
        let combinations = self.describe_combinations();
        let mut report = WhatIfReport {
            notes: self.notes(),
            varied: self.varied_values(&combinations),
            combinations,
            ..WhatIfReport::default()
        };
        context.screen().on_start("reading");
        let started = Instant::now();
        self.read_results(&mut report, context)?;
        report.reading_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        if context.options.report.is_some() {
            report.thresholds = self.read_threshold_models(context)?;
        }
        if report.combinations.iter().all(|combination| combination.results.is_empty()) {
            let fact = format!("{folder} sets no column, so no setting changes anything");
            return Err(Failure::new(FailureKind::Usage, fact, None));
        }
        Ok(report)
    }

    /// The combinations, with the values as the scripts use them.
    fn describe_combinations(&self) -> Vec<Combination> {
        let describe = |(values, rules): (&SettingValues, &FolderRules)| {
            let used = |(name, value): &(String, String)| {
                (name.clone(), rules.settings.get(name).unwrap_or(value).clone())
            };
            let settings: Vec<(String, String)> = values.iter().map(used).collect();
            let in_force =
                settings.iter().all(|(name, value)| self.base.settings.get(name) == Some(value));
            Combination { settings, in_force, results: vec![] }
        };
        self.combinations.iter().zip(&self.variants).map(describe).collect()
    }

    /// The values of each varied setting, in the order in which they are tried.
    fn varied_values(&self, combinations: &[Combination]) -> Vec<(String, Vec<String>)> {
        let values = |setting: &VariedSetting| {
            let settings = combinations.iter().flat_map(|combination| &combination.settings);
            let own = settings.filter(|(name, _)| *name == setting.name);
            (setting.name.clone(), distinct(own.map(|(_, value)| value.clone())))
        };
        self.varied.iter().map(values).collect()
    }

    /// Other rows are read once for all combinations, as they are stored.
    fn refuse_figures_of_rules(&self) -> Result<(), Failure> {
        for rules in self.variants.iter().map(|variant| &variant.rules) {
            let mut set: BTreeSet<(String, String)> = BTreeSet::new();
            for of_one_set in rules.chunk_by(|_, next| next.rule.joins_previous) {
                for CollectedRule { rule, relation, .. } in of_one_set {
                    let read = relation.figure_columns();
                    if let Some((table, column)) = read.intersection(&set).next() {
                        return Err(reads_what_a_rule_sets(rule, table, column));
                    }
                }
                let columns = of_one_set.iter().map(|collected| &collected.rule);
                set.extend(columns.map(|rule| (rule.table.clone(), rule.column.clone())));
            }
        }
        Ok(())
    }

    fn notes(&self) -> Vec<String> {
        let rules = self.variants.iter().flat_map(|variant| &variant.rules);
        let notes = self.variants.iter().flat_map(|variant| variant.notes.iter().cloned());
        let mut notes = distinct(notes.chain(rules.filter_map(missing_column_note)));
        for VariedSetting { name, .. } in &self.varied {
            let mut all = self.variants.iter().chain([&self.base]);
            if all.all(|rules| !rules.settings.contains_key(name)) {
                notes.push(format!("no rule depends on {name}"));
            }
        }
        notes
    }

    fn read_results(&self, report: &mut WhatIfReport, context: &Context) -> Result<(), Failure> {
        for (table, relation) in self.tables(context.options.as_of)? {
            let relation = &relation;
            let variant = |rules: &FolderRules| table_variant(rules, table);
            let variants: Vec<Variant> = self.variants.iter().map(variant).collect();
            let compile = |reach| {
                let as_of = context.options.as_of;
                WhatIf::compile(relation, &variants, reach, as_of, NEAR_DAYS).map_err(rule_failure)
            };
            let what_if = compile(Reach::Decidable)?;
            let rows = self
                .collector
                .with_session(|session| Reader::new(session).try_texts(&what_if.sql))?;
            let (results, boundaries): (Vec<Vec<WhatIfResult>>, _) = match rows {
                Some(rows) => what_if.read(rows),
                None => {
                    report.notes.push(only_taken_note(table));
                    let what_if = compile(Reach::Taken)?;
                    let rows = self
                        .collector
                        .with_session(|session| Reader::new(session).texts(&what_if.sql))?;
                    what_if.read(rows)
                }
            };
            for (combination, results) in report.combinations.iter_mut().zip(results) {
                combination.results.extend(results);
            }
            report.boundaries.extend(boundaries);
        }
        Ok(())
    }

    /// The tables that any combination sets, each with all the columns that one of them knows.
    fn tables<'s>(&'s self, as_of: Date) -> Result<Vec<(&'s String, Relation)>, Failure> {
        let mut tables: Vec<(&String, &Relation)> = Vec::new();
        for (name, relation) in self.variants.iter().flat_map(|variant| &variant.stored) {
            match tables.iter_mut().find(|(known, _)| *known == name) {
                None => tables.push((name, relation)),
                Some((_, known))
                    if relation.table.stored_names().count()
                        > known.table.stored_names().count() =>
                {
                    *known = relation;
                }
                Some(_) => {}
            }
        }
        let with_figures = |(name, widest): (&'s String, &Relation)| {
            let all = self.variants.iter().filter_map(|variant| variant.stored.get(name));
            let rows = widest.without_figures().with_figures_of(all, as_of);
            Ok((name, rows.map_err(rule_failure)?))
        };
        tables.into_iter().map(with_figures).collect()
    }

    /// For a page, whose reader can move thresholds: the rows of each rule by day. This is read beside the one pass.
    fn read_threshold_models(&self, context: &Context) -> Result<Vec<ThresholdReport>, Failure> {
        let mut models = Vec::new();
        for CollectedRule { rule, relation, skipped_sql, .. } in &self.base.rules {
            if !skipped_sql.is_empty() {
                continue;
            }
            let as_of = context.options.as_of;
            let histogram = self.collector.with_session(|session| {
                read_threshold_model(&mut Reader::new(session), rule, relation, as_of)
            })?;
            models.extend(histogram.map(|histogram| ThresholdReport {
                table: rule.table.clone(),
                column: rule.column.clone(),
                histogram,
            }));
        }
        Ok(models)
    }
}

fn reads_what_a_rule_sets(rule: &Rule, table: &str, column: &str) -> Failure {
    let message = format!(
        "a rule for {}.{} reads {table}.{column} of other rows, which an earlier rule sets",
        rule.table, rule.column
    );
    let help = "what-if can't compare that: run a plan with each setting, as in plan FOLDER --set name=value";
    Failure::new(FailureKind::Usage, message, Some(help.into()))
}

fn only_taken_note(table: &str) -> String {
    format!(
        "the rules can't be computed on every row of {table} that an earlier run has decided: the distributions are of the rows that `where` takes"
    )
}

fn missing_column_note(collected: &CollectedRule) -> Option<String> {
    let Rule { table, column, .. } = &collected.rule;
    let files = collected.skipped_sql.join(", ");
    let missing = !collected.skipped_sql.is_empty();
    missing.then(|| {
        format!("{table}.{column} is not there yet: {files} may add it, and is not run here")
    })
}

fn table_variant(rules: &FolderRules, table: &str) -> Variant {
    let own = rules.rules.iter().filter(|collected| collected.rule.table == table);
    Variant {
        settings: rules.settings.clone().into_iter().collect(),
        rules: own.map(|collected| collected.rule.clone()).collect(),
    }
}

/// In the order of their first appearance.
fn distinct(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut distinct: Vec<String> = Vec::new();
    for text in texts {
        if !distinct.contains(&text) {
            distinct.push(text);
        }
    }
    distinct
}
