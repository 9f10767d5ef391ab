//! The thresholds to move: the numbers from which the page's script redraws the distribution.

use leora_report::{HistogramBucket, HistogramDay, Report, ThresholdHistogram};
use leora_rule::{Period, ThresholdTest};
use maud::{Markup, PreEscaped, html};
use serde::Serialize;

use crate::html::security::embed_json;

/// The sliders of one rule; `number` tells it from the others of the page.
pub(crate) fn render_threshold_model(
    number: usize,
    name: &str,
    histogram: &ThresholdHistogram,
    report: &Report,
) -> Markup {
    let id = format!("thresholds-{number}");
    html! {
        section.thresholds aria-label=(format!("Other thresholds for {name}")) data-model=(id) {
            h4 { "Try other thresholds" }
            noscript { p.dim { "With JavaScript there are sliders here, which redraw the distribution." } }
        }
        script type="application/json" id=(id) { (PreEscaped(embed_json(&PageModel::new(name, histogram, report)))) }
    }
}

/// What the script reads. `Period::parts` are months and days.
#[derive(Serialize)]
struct PageModel<'r> {
    name: &'r str,
    as_of: &'r str,
    settings: Vec<PageSetting<'r>>,
    /// The other settings, which its figures depend on too.
    others: Vec<(&'r str, &'r str)>,
    thresholds: Vec<PageThreshold>,
    arms: Vec<PageArm<'r>>,
    rows: Vec<PageRows<'r>>,
}

#[derive(Serialize)]
struct PageSetting<'r> {
    name: &'r str,
    value: String,
    parts: (i32, i32),
    comment: Option<&'r str>,
}

#[derive(Serialize)]
struct PageThreshold {
    /// The position of the setting that moves it, where one does.
    setting: Option<usize>,
    parts: (i32, i32),
}

#[derive(Serialize)]
struct PageArm<'r> {
    test: PageTest,
    value: Option<&'r str>,
}

/// A condition: its kind, and what it is of.
#[derive(Serialize)]
#[serde(tag = "kind", content = "of", rename_all = "snake_case")]
enum PageTest {
    Always,
    IsNull,
    /// Whether it holds before, at and after the threshold of this position.
    Compare([bool; 3], usize),
    Not(Box<PageTest>),
    And(Box<PageTest>, Box<PageTest>),
    Or(Box<PageTest>, Box<PageTest>),
}

/// Rows that `where` takes or leaves out, and that had one value: how many on each day.
#[derive(Serialize)]
struct PageRows<'r> {
    taken: bool,
    old: Option<&'r str>,
    days: Vec<(HistogramDay, u64)>,
}

impl<'r> PageModel<'r> {
    fn new(name: &'r str, histogram: &'r ThresholdHistogram, report: &'r Report) -> Self {
        let ThresholdHistogram { model, buckets } = histogram;
        let mut settings: Vec<PageSetting<'r>> = Vec::new();
        for period in &model.thresholds {
            let Some(name) = period.setting() else { continue };
            if settings.iter().all(|known| known.name != name) {
                let comment = report.setting_comments.get(name).map(String::as_str);
                let (value, parts) = (period.to_string(), period.parts());
                settings.push(PageSetting { name, value, parts, comment });
            }
        }
        let threshold = |period: &Period| PageThreshold {
            setting: settings.iter().position(|one| Some(one.name) == period.setting()),
            parts: period.parts(),
        };
        let arms = model.arms.iter();
        let own = |name: &String| settings.iter().any(|one| one.name == name);
        let others = report.settings.iter().filter(|(name, _)| !own(name));
        Self {
            name,
            others: others.map(|(name, value)| (name.as_str(), value.as_str())).collect(),
            as_of: &report.as_of,
            thresholds: model.thresholds.iter().map(threshold).collect(),
            arms: arms
                .map(|arm| PageArm { test: (&arm.test).into(), value: arm.value.as_deref() })
                .collect(),
            rows: group_rows(buckets),
            settings,
        }
    }
}

impl From<&ThresholdTest> for PageTest {
    fn from(test: &ThresholdTest) -> Self {
        let inner = |test: &ThresholdTest| Box::new(Self::from(test));
        match test {
            ThresholdTest::Always => Self::Always,
            ThresholdTest::Compare(comparison, threshold) => {
                Self::Compare(comparison.truth(), *threshold)
            }
            ThresholdTest::IsNull => Self::IsNull,
            ThresholdTest::Not(a) => Self::Not(inner(a)),
            ThresholdTest::And(a, b) => Self::And(inner(a), inner(b)),
            ThresholdTest::Or(a, b) => Self::Or(inner(a), inner(b)),
        }
    }
}

fn group_rows(buckets: &[HistogramBucket]) -> Vec<PageRows<'_>> {
    let mut all = Vec::new();
    for group in buckets.chunk_by(|a, b| a.taken == b.taken && a.old == b.old) {
        let (taken, old) = (group[0].taken, group[0].old.as_deref());
        let days = group.iter().map(|one| (one.day, one.rows)).collect();
        all.push(PageRows { taken, old, days });
    }
    all
}

#[cfg(test)]
mod tests {
    use leora_rule::{Comparison, ThresholdArm, ThresholdModel};

    use super::*;

    #[test]
    fn the_script_gets_tests_as_kinds_and_days_as_numbers_or_words() {
        let test = ThresholdTest::Not(Box::new(ThresholdTest::Compare(Comparison::Less, 0)));
        let arm = |test, value: &str| ThresholdArm { test, value: Some(value.into()) };
        let model = ThresholdModel {
            column: "day".into(),
            thresholds: vec![],
            arms: vec![
                arm(test, "A"),
                arm(ThresholdTest::IsNull, "B"),
                arm(ThresholdTest::Always, "C"),
            ],
        };
        let bucket = |day, taken| HistogramBucket { day, taken, old: None, rows: 2 };
        let buckets = vec![
            bucket(HistogramDay::FromToday(-3), false),
            bucket(HistogramDay::Missing, true),
            bucket(HistogramDay::Infinity, true),
            bucket(HistogramDay::NegativeInfinity, true),
        ];
        let histogram = ThresholdHistogram { model, buckets };
        let report = Report {
            as_of: "2025-10-25".into(),
            settings: [("on".to_owned(), "true".to_owned())].into(),
            ..Report::default()
        };
        assert_eq!(
            serde_json::to_value(PageModel::new("T.c", &histogram, &report)).unwrap(),
            serde_json::json!({
                "name": "T.c", "as_of": "2025-10-25", "settings": [], "others": [["on", "true"]], "thresholds": [],
                "arms": [
                    { "test": { "kind": "not", "of": { "kind": "compare", "of": [[true, false, false], 0] } }, "value": "A" },
                    { "test": { "kind": "is_null" }, "value": "B" },
                    { "test": { "kind": "always" }, "value": "C" },
                ],
                "rows": [
                    { "taken": false, "old": null, "days": [[-3, 2]] },
                    { "taken": true, "old": null, "days": [[null, 2], ["infinity", 2], ["-infinity", 2]] },
                ],
            })
        );
    }
}
