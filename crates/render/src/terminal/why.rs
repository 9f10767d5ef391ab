//! Why a row gets its values.

use leora_report::{NearestValue, WhyReport, WhyRule};
use leora_rule::{ConditionVerdict, RowExplanation};

use crate::numbers::format_count;
use crate::terminal::layout::{display_width, hang, indent, marked, pad};
use crate::terminal::style::{Style, Tone};
use crate::text::sanitize;
use crate::wording::{
    describe_arm_verdict, describe_condition, describe_read, describe_value, describe_verdict,
    switch_on,
};

/// The most arms that are listed; of a longer list those that do not match are counted.
const LISTED: usize = 12;

/// The width of the labels.
const LABEL: usize = 12;

/// The widest room for conditions, so that the verdicts behind them stand below each other.
const CONDITION: usize = 40;

pub(crate) fn render_why(report: &WhyReport, style: Style) -> Vec<String> {
    let values = |pairs: &[(String, String)], separator: &str| {
        pairs.iter().map(|(_, value)| value.as_str()).collect::<Vec<_>>().join(separator)
    };
    let head = format!("{} {}", report.table, values(&report.key, ","));
    let mut lines = indent(0, &head, Tone::Heading, style);
    if !report.labels.is_empty() {
        lines.extend(indent(0, &values(&report.labels, ", "), Tone::Plain, style));
    }
    for rule in &report.rules {
        lines.push(String::new());
        lines.extend(render_rule(rule, style));
    }
    lines.push(String::new());
    lines.extend(report.notes.iter().flat_map(|note| marked("?", Tone::Warning, note, style)));
    lines.push(style.paint(Tone::Good, "Nothing was changed."));
    lines
}

/// A label that repeats is not shown again.
struct LabelledLines {
    lines: Vec<String>,
    last: &'static str,
    style: Style,
}

impl LabelledLines {
    fn add(&mut self, label: &'static str, text: &str, tone: Tone) {
        let shown = if label == self.last { "" } else { label };
        self.last = label;
        let head = format!("  {}", pad(shown, LABEL));
        self.lines.extend(hang(&head, LABEL + 2, text, tone, self.style));
    }
}

fn render_rule(one: &WhyRule, style: Style) -> Vec<String> {
    let head = sanitize(&format!("{}.{}", one.rule.table, one.rule.column));
    let lines = vec![style.paint(Tone::Heading, &head)];
    let mut lines = LabelledLines { lines, last: "", style };
    if let Some(place) = &one.rule.location {
        lines.add("rule", &format!("{}:{}", place.file, place.line), Tone::Dim);
    }
    if !one.added_by.is_empty() {
        let files = one.added_by.join(", ");
        let text = format!("the table has no such column yet; {files} may add it");
        lines.add("not there", &text, Tone::Warning);
    }
    for ((name, value), rows) in one.explanation.reads.iter().zip(&one.explanation.of_rows) {
        let name = one.rule.shown_name(name);
        lines.add("reads", &format!("{name} {}", describe_read(value, *rows)), Tone::Plain);
    }
    add_filter(one, &mut lines);
    add_arms(one, &mut lines);
    lines.add("now", describe_value(&one.now), Tone::Plain);
    lines.add("after", &describe_after(one), Tone::Good);
    add_flips(one, &mut lines);
    lines.lines
}

fn add_filter(one: &WhyRule, lines: &mut LabelledLines) {
    let Some(filter) = &one.rule.filter else { return };
    let RowExplanation { taken, against, .. } = &one.explanation;
    if *taken == ConditionVerdict::Yes {
        lines.add("where", &format!("takes it: {filter}"), Tone::Plain);
        return;
    }
    lines.add("where", &format!("leaves it out: {filter}"), Tone::Warning);
    let whole = against.first().is_some_and(|(part, _)| *part == filter.to_string());
    if !whole || *taken == ConditionVerdict::NoValue {
        for (part, verdict) in against {
            lines.add("where", &format!("{part}: {}", describe_verdict(*verdict)), Tone::Plain);
        }
    }
    for (name, comment) in &one.switches {
        let why = comment.as_ref().map(|comment| format!(" ({comment})")).unwrap_or_default();
        let switch = switch_on(name);
        lines.add("where", &format!("a setting that is off: {switch}{why}"), Tone::Dim);
    }
}

fn add_arms(one: &WhyRule, lines: &mut LabelledLines) {
    if !one.explanation.has_tried_arms() {
        let text = "the arms can't be computed on this row, which a run does not try";
        return lines.add("tried", text, Tone::Plain);
    }
    let arms = one.rule.arms();
    let winner = one.explanation.winner();
    let listed: Vec<usize> = match arms.len() {
        0..=LISTED => (0..arms.len()).collect(),
        _ => winner.into_iter().collect(),
    };
    let conditions: Vec<String> = arms.iter().map(describe_condition).collect();
    let widths = listed.iter().map(|at| display_width(&conditions[*at]));
    let room = widths.max().unwrap_or(0).min(CONDITION);
    for at in &listed {
        let verdict = one.explanation.arms.get(*at).copied();
        let verdict = describe_arm_verdict(verdict.unwrap_or(ConditionVerdict::NotTried));
        let place =
            arms[*at].line.map_or_else(|| format!("arm {}", at + 1), |line| format!("line {line}"));
        let text = format!("{place}  {}  {verdict}", pad(&conditions[*at], room));
        if Some(*at) == winner {
            let gives = describe_value(&one.explanation.given);
            lines.add("tried", &format!("{text}, gives {gives}"), Tone::Good);
        } else {
            lines.add("tried", &text, Tone::Plain);
        }
    }
    let rest = arms.len() - listed.len();
    if rest > 0 {
        let others = format_count(rest as u64, "other arm");
        lines.add("tried", &format!("{others} did not win"), Tone::Plain);
    }
    if winner.is_none() {
        lines.add("tried", "no arm matched, so the rule leaves the row alone", Tone::Plain);
    }
}

fn describe_after(one: &WhyRule) -> String {
    let (value, given) = (one.explanation.after(), &one.explanation.given);
    let line = one.explanation.winner().and_then(|at| one.rule.arms()[at].line);
    let by = match (&one.rule.location, line) {
        (Some(location), Some(line)) => format!(", by {}:{line}", location.arm_file()),
        _ => String::new(),
    };
    let after = describe_value(value);
    if one.explanation.taken != ConditionVerdict::Yes && !one.explanation.has_tried_arms() {
        return format!("stays {after}");
    }
    if one.explanation.taken != ConditionVerdict::Yes {
        let would = match value == given {
            true => ", which its arms give too".into(),
            false => format!("; its arms would give {}", describe_value(given)),
        };
        return format!("stays {after}{would}{by}");
    }
    match *value == one.now {
        true => format!("{after}, as now{by}"),
        false => format!("{after}{by}"),
    }
}

/// The day and the values of single columns at which another arm wins.
fn add_flips(one: &WhyRule, lines: &mut LabelledLines) {
    let taken = one.explanation.taken == ConditionVerdict::Yes;
    if let Some(change) = &one.next_change {
        let days = format_count(change.days.unsigned_abs(), "day");
        let gives = describe_value(&change.gives);
        let if_taken = if taken { "" } else { ", if `where` took it" };
        let text = format!("{days} until {gives}, on {}{if_taken}", change.on);
        lines.add("flips", &text, Tone::Plain);
    }
    if let Some(reason) = &one.no_next_change {
        lines.add("flips", reason, Tone::Plain);
    }
    for NearestValue { column, value, distance, gives } in &one.nearest {
        let distance = distance.as_ref().map(|far| format!(" ({far})")).unwrap_or_default();
        let supposed = match value {
            None => format!("{column} had no value"),
            Some(value) => format!("{column} were {value}{distance}"),
        };
        lines.add("flips", &format!("{} if {supposed}", describe_value(gives)), Tone::Plain);
    }
    if one.next_change.is_none() && one.no_next_change.is_none() && one.nearest.is_empty() {
        let text = "no other value of a single column that it reads was found to change that";
        lines.add("flips", text, Tone::Plain);
    }
}
