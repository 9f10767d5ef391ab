//! What a page shows of a rule beside what it changed: read before the change, in the same transaction.

use jiff::civil::Date;
use leora_host::HostError;
use leora_postgres::Reader;
use leora_report::{
    DatabaseError, HistogramBucket, HistogramDay, RuleStatistics, ThresholdHistogram,
};
use leora_rule::{self as rule, Relation, Rule, ThresholdModel};

use crate::read::DatabaseReader;

/// The most groups of a histogram that a page carries.
const MAX_GROUPS: usize = 40_000;

impl DatabaseReader {
    /// From now on statistics are read before each rule is applied.
    pub fn collect_statistics(&mut self) {
        self.statistics = Some(vec![]);
    }

    /// The statistics of the rules that were applied, in order.
    pub fn take_statistics(&mut self) -> Vec<Option<RuleStatistics>> {
        self.statistics.take().unwrap_or_default()
    }

    /// There are none of a rule that does not fit its table: that is reported when it is applied.
    pub(crate) fn read_statistics(
        &mut self,
        rules: &[Rule],
    ) -> Result<Vec<Option<RuleStatistics>>, HostError> {
        if self.statistics.is_none() {
            return Ok(vec![]);
        }
        rules.iter().map(|rule| self.statistics_of(rule, rules)).collect()
    }

    fn statistics_of(
        &mut self,
        rule: &Rule,
        rules: &[Rule],
    ) -> Result<Option<RuleStatistics>, HostError> {
        let Ok(relation) = self.relation(&rule.table) else { return Ok(None) };
        let Ok(relation) = self.with_figures_of(relation, rules) else { return Ok(None) };
        let as_of = self.context.as_of;
        // What is decided by other rows is written from a table of decisions: what decides is what people want to see.
        let compiled = match rules.iter().any(Rule::reads_other_rows) {
            true => rule::compile_changes(rule, &relation, as_of),
            false => rule::compile_update(rules, &relation, as_of),
        };
        let Ok(statement) = compiled else { return Ok(None) };
        let Ok(sql) = rule::compile_distribution(&relation, None, None, &rule.column, as_of) else {
            return Ok(None);
        };
        let before = self.reader().shares(&sql)?;
        let thresholds = read_threshold_model(&mut self.reader(), rule, &relation, as_of)?;
        Ok(Some(RuleStatistics { statement: Some(statement), before, thresholds }))
    }

    pub(crate) fn keep_statistics(&mut self, statistics: Vec<Option<RuleStatistics>>) {
        if let Some(all) = &mut self.statistics {
            all.extend(statistics);
        }
    }
}

/// Reads how many rows lie on which day, where a rule's values depend on one date column alone and there are not too
/// many days: from that, a page computes what other thresholds would give.
///
/// # Errors
/// [`DatabaseError`] of the server.
pub fn read_threshold_model(
    reader: &mut Reader<'_>,
    rule: &Rule,
    relation: &Relation,
    as_of: Date,
) -> Result<Option<ThresholdHistogram>, DatabaseError> {
    // A page can move the thresholds of a column of the row itself.
    if rule.reads_other_rows() {
        return Ok(None);
    }
    let Some(model) = ThresholdModel::from_rule(rule) else { return Ok(None) };
    let limit = MAX_GROUPS + 1;
    let Ok(sql) = rule::compile_histogram(rule, &model.column, relation, limit, as_of) else {
        return Ok(None);
    };
    let buckets: Vec<HistogramBucket> =
        reader.texts(&sql)?.into_iter().map(bucket_from_row).collect();
    Ok((buckets.len() <= MAX_GROUPS).then_some(ThresholdHistogram { model, buckets }))
}

fn bucket_from_row(row: Vec<Option<String>>) -> HistogramBucket {
    let mut cells = row.into_iter();
    let day = match cells.next().flatten().as_deref() {
        None => HistogramDay::Missing,
        Some("infinity") => HistogramDay::Infinity,
        Some("-infinity") => HistogramDay::NegativeInfinity,
        Some(days) => HistogramDay::FromToday(days.parse().unwrap_or(i64::MIN)),
    };
    let taken = cells.next().flatten().as_deref() == Some("true");
    let old = cells.next().flatten();
    let rows = cells.next().flatten().and_then(|text| text.parse().ok()).unwrap_or(0);
    HistogramBucket { day, taken, old, rows }
}
