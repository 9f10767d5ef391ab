//! The thresholds to turn: what the page's script redraws the distribution from.

use leora_report::{HistogramBucket, HistogramDay, Report, ThresholdHistogram};
use leora_rule::{Period, ThresholdModel, ThresholdTest};
use maud::{Markup, PreEscaped, html};
use serde_json::{Value, json};

use crate::render::html::guard::embedded;

pub(crate) fn render(
    number: usize,
    name: &str,
    histogram: &ThresholdHistogram,
    report: &Report,
) -> Markup {
    let id = format!("dial-{number}");
    let ThresholdHistogram { model, buckets } = histogram;
    let data = data(name, model, buckets, report);
    html! {
        section.dial aria-label=(format!("Other thresholds for {name}")) data-dial=(id) {
            h4 { "Try other thresholds" }
            noscript { p.dim { "With JavaScript there are sliders here, which redraw the distribution." } }
        }
        script type="application/json" id=(id) { (PreEscaped(embedded(&data))) }
    }
}

fn data(name: &str, model: &ThresholdModel, buckets: &[HistogramBucket], report: &Report) -> Value {
    let mut names: Vec<&str> = model.thresholds.iter().filter_map(|one| one.setting()).collect();
    names.sort_by_key(|name| model.thresholds.iter().position(|one| one.setting() == Some(name)));
    names.dedup();
    let setting = |name: &&str| {
        let period = model.thresholds.iter().find(|one| one.setting() == Some(name));
        json!({
            "name": name, "value": period.map(ToString::to_string), "parts": period.copied().map(Period::parts),
            "comment": report.setting_comments.get(*name),
        })
    };
    let threshold = |period: &Period| {
        let at = period.setting().and_then(|name| names.iter().position(|one| *one == name));
        json!({ "setting": at, "parts": period.parts() })
    };
    let arms = model.arms.iter().map(|arm| json!({ "test": test(&arm.test), "value": arm.value }));
    json!({
        "name": name, "date": model.column, "as_of": report.as_of,
        "settings": names.iter().map(setting).collect::<Vec<_>>(),
        "thresholds": model.thresholds.iter().map(threshold).collect::<Vec<_>>(),
        "arms": arms.collect::<Vec<_>>(),
        "rows": groups(buckets),
    })
}

fn test(condition: &ThresholdTest) -> Value {
    match condition {
        ThresholdTest::Always => json!(["always"]),
        ThresholdTest::Compare(comparison, threshold) => {
            json!(["compare", comparison.truth(), threshold])
        }
        ThresholdTest::IsNull => json!(["null"]),
        ThresholdTest::Not(a) => json!(["not", test(a)]),
        ThresholdTest::And(a, b) => json!(["and", test(a), test(b)]),
        ThresholdTest::Or(a, b) => json!(["or", test(a), test(b)]),
    }
}

/// The histogram by what rows of one kind have in common: `[taken, old value, [[day, rows], ...]]`.
fn groups(buckets: &[HistogramBucket]) -> Vec<Value> {
    let alike = |a: &HistogramBucket, b: &HistogramBucket| a.taken == b.taken && a.old == b.old;
    let group = |group: &[HistogramBucket]| {
        let days: Vec<Value> = group.iter().map(|one| json!([day(one.day), one.rows])).collect();
        json!([group[0].taken, group[0].old, days])
    };
    buckets.chunk_by(alike).map(group).collect()
}

fn day(day: HistogramDay) -> Value {
    match day {
        HistogramDay::FromToday(days) => json!(days),
        HistogramDay::Infinity => json!("infinity"),
        HistogramDay::NegativeInfinity => json!("-infinity"),
        HistogramDay::Missing => Value::Null,
    }
}
