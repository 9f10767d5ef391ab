//! What a page shows of a rule beside what it did: read before it, in the same transaction.

use jiff::civil::Date;
use leora_host::HostError;
use leora_postgres::Reader;
use leora_report::{
    DatabaseError, HistogramBucket, HistogramDay, RuleStatistics, ThresholdHistogram,
};
use leora_rule::{self as rule, Relation, Rule, ThresholdModel};

use crate::reads::Reads;

/// The most groups of a histogram that a page carries.
const MOST_GROUPS: usize = 40_000;

/// Studies a rule, if it means something on its table: what it does not, the change itself will tell.
pub(crate) fn study(reads: &mut Reads, rule: &Rule) -> Result<Option<RuleStatistics>, HostError> {
    let Ok(source) = reads.source(&rule.table) else { return Ok(None) };
    let as_of = reads.as_of;
    let Ok(update) = rule::compile_update(rule, &source, as_of) else {
        return Ok(None);
    };
    let Ok(sql) = rule::compile_distribution(&source, None, None, &rule.column, as_of) else {
        return Ok(None);
    };
    let before = reads.reader().shares(&sql)?;
    let thresholds = read_threshold_model(&mut reads.reader(), rule, &source, as_of)?;
    Ok(Some(RuleStatistics { statement: Some(update), before, thresholds }))
}

/// Reads the rows that a rule could decide, by day, where its values depend on one date column alone and the days are not
/// too many for a page.
///
/// # Errors
/// [`DatabaseError`] of the server.
pub fn read_threshold_model(
    reader: &mut Reader<'_>,
    rule: &Rule,
    source: &Relation,
    as_of: Date,
) -> Result<Option<ThresholdHistogram>, DatabaseError> {
    let Some(model) = ThresholdModel::from_rule(rule) else { return Ok(None) };
    let limit = MOST_GROUPS + 1;
    let Ok(sql) = rule::compile_histogram(rule, &model.column, source, limit, as_of) else {
        return Ok(None);
    };
    let buckets: Vec<HistogramBucket> = reader.texts(&sql)?.into_iter().map(bucket).collect();
    Ok((buckets.len() <= MOST_GROUPS).then_some(ThresholdHistogram { model, buckets }))
}

fn bucket(row: Vec<Option<String>>) -> HistogramBucket {
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
