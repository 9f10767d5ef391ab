//! Why a row gets its values.

use leora_report::{NearestValue, Report, WhyReport, WhyRule};
use leora_rule::{Arm, ConditionVerdict, Node, RowExplanation, RuleLocation, format_count};
use serde_json::{Value, json};

use crate::render::style::{Style, Tone};
use crate::render::text::{columns, padded, plain, wrapped};

/// The most arms that are listed; of a longer list those that do not match are counted.
const LISTED: usize = 12;

/// How far what is told of a rule stands in.
const LABEL: usize = 12;

/// The lines of a why.
pub(crate) fn lines(report: &WhyReport, style: Style) -> Vec<String> {
    let key: Vec<&str> = report.key.iter().map(|(_, value)| value.as_str()).collect();
    let called: Vec<&str> = report.labels.iter().map(|(_, value)| value.as_str()).collect();
    let mut lines = Vec::new();
    let head = format!("{} {}", report.table, key.join(","));
    lines.extend(
        wrapped(&plain(&head), style.width).iter().map(|line| style.paint(Tone::Heading, line)),
    );
    if !called.is_empty() {
        lines.extend(wrapped(&plain(&called.join(", ")), style.width));
    }
    for rule in &report.rules {
        lines.push(String::new());
        lines.extend(rule_lines(rule, style));
    }
    lines.push(String::new());
    for note in &report.notes {
        let told = wrapped(&plain(note), style.width - 4);
        let marks = std::iter::once(style.paint(Tone::Warning, "?"));
        let marks = marks.chain(std::iter::repeat(" ".into()));
        lines.extend(marks.zip(told).map(|(mark, line)| format!("  {mark} {line}")));
    }
    lines.push(style.paint(Tone::Good, "Nothing was changed."));
    lines
}

/// Lines below a label.
struct Told {
    lines: Vec<String>,
    style: Style,
}

impl Told {
    fn say(&mut self, label: &str, text: &str, tone: Option<Tone>) {
        let told = wrapped(&plain(text), self.style.width.saturating_sub(LABEL + 2));
        let labels = std::iter::once(label).chain(std::iter::repeat(""));
        for (label, line) in labels.zip(told) {
            let line = tone.map_or_else(|| line.clone(), |tone| self.style.paint(tone, &line));
            self.lines.push(format!("  {}{line}", padded(label, LABEL)));
        }
    }
}

fn rule_lines(one: &WhyRule, style: Style) -> Vec<String> {
    let rule = &one.rule;
    let place = rule.location.as_ref().map(|at| format!("{}:{}", at.file, at.line));
    let head = format!("{}.{}", rule.table, rule.column);
    let mut told = Told { lines: vec![style.paint(Tone::Heading, &plain(&head))], style };
    if let Some(place) = place {
        told.say("rule", &place, Some(Tone::Dim));
    }
    if !one.added_by.is_empty() {
        let files = one.added_by.join(", ");
        told.say(
            "not there",
            &format!("the table has no such column yet; {files} may add it"),
            Some(Tone::Warning),
        );
    }
    for (label, (name, value)) in labels("reads").zip(&one.explanation.reads) {
        told.say(label, &format!("{name} {}", word(value)), None);
    }
    filter_lines(one, &mut told);
    arm_lines(one, &mut told);
    told.say("now", &word(&one.now), None);
    told.say("after", &after(one), Some(Tone::Good));
    turn_lines(one, &mut told);
    told.lines
}

fn labels(first: &str) -> impl Iterator<Item = &str> {
    std::iter::once(first).chain(std::iter::repeat(""))
}

fn word(value: &Option<String>) -> String {
    value.clone().unwrap_or_else(|| "(none)".into())
}

fn filter_lines(one: &WhyRule, told: &mut Told) {
    let Some(filter) = &one.rule.filter else { return };
    let RowExplanation { taken, against, .. } = &one.explanation;
    if *taken == ConditionVerdict::Yes {
        told.say("where", &format!("takes it: {filter}"), None);
        return;
    }
    told.say("where", &format!("leaves it out: {filter}"), Some(Tone::Warning));
    let whole = against.first().is_some_and(|(part, _)| *part == filter.to_string());
    if !whole || *taken == ConditionVerdict::NoValue {
        for (part, verdict) in against {
            told.say("", &format!("{part}: {}", said(*verdict)), None);
        }
    }
    for (name, comment) in &one.switches {
        let why = comment.as_ref().map(|comment| format!(" ({comment})")).unwrap_or_default();
        told.say("", &format!("a setting that is off: --set {name}=true{why}"), Some(Tone::Dim));
    }
}

fn said(verdict: ConditionVerdict) -> &'static str {
    match verdict {
        ConditionVerdict::Yes => "matched",
        ConditionVerdict::No => "no",
        ConditionVerdict::NoValue => "no value",
        ConditionVerdict::NotTried => "not tried",
    }
}

fn arm_lines(one: &WhyRule, told: &mut Told) {
    let arms = one.rule.arms();
    let winner = one.explanation.winner();
    let listed: Vec<usize> = match arms.len() {
        0..=LISTED => (0..arms.len()).collect(),
        _ => winner.into_iter().collect(),
    };
    let condition =
        |arm: &Arm| arm.condition.as_ref().map_or_else(|| "otherwise".into(), ToString::to_string);
    let room = listed.iter().map(|at| columns(&condition(&arms[*at]))).max().unwrap_or(0).min(40);
    for (label, at) in labels("tried").zip(&listed) {
        let (arm, verdict) = (&arms[*at], one.explanation.arms.get(*at).copied());
        let verdict = verdict.unwrap_or(ConditionVerdict::NotTried);
        let line =
            arm.line.map_or_else(|| format!("arm {}", at + 1), |line| format!("line {line}"));
        let gives = if Some(*at) == winner {
            format!(", gives {}", word(&one.explanation.given))
        } else {
            String::new()
        };
        let verdict_told =
            if verdict == ConditionVerdict::No { "did not match" } else { said(verdict) };
        let text = format!("{line}  {}  {verdict_told}{gives}", padded(&condition(arm), room));
        told.say(label, &text, (Some(*at) == winner).then_some(Tone::Good));
    }
    let rest = arms.len() - listed.len();
    if rest > 0 {
        let label = if listed.is_empty() { "tried" } else { "" };
        told.say(label, &format!("{} did not win", format_count(rest as u64, "other arm")), None);
    }
    if winner.is_none() {
        told.say("", "no arm matched, so the rule leaves the row alone", None);
    }
}

/// What the row has after the rule.
fn after(one: &WhyRule) -> String {
    let (value, given) = (one.explanation.after(), &one.explanation.given);
    let place = one.explanation.winner().and_then(|at| one.rule.arms()[at].line);
    let by = match (&one.rule.location, place) {
        (Some(RuleLocation { file, .. }), Some(line)) => format!(", by {file}:{line}"),
        _ => String::new(),
    };
    if one.explanation.taken != ConditionVerdict::Yes {
        let would = match value == given {
            true => ", which its arms give too".into(),
            false => format!("; its arms would give {}", word(given)),
        };
        return format!("stays {}{would}{by}", word(value));
    }
    match *value == one.now {
        true => format!("{}, as now{by}", word(value)),
        false => format!("{}{by}", word(value)),
    }
}

fn turn_lines(one: &WhyRule, told: &mut Told) {
    let mut labels = labels("flips");
    let mut say = |text: &str| told.say(labels.next().unwrap_or_default(), text, None);
    let if_taken =
        if one.explanation.taken == ConditionVerdict::Yes { "" } else { ", if `where` took it" };
    if let Some(day) = &one.next_change {
        let given = word(&day.gives);
        say(&format!(
            "{} until {given}, on {}{if_taken}",
            format_count(day.days.unsigned_abs(), "day"),
            day.on
        ));
    }
    if let Some(reason) = &one.no_next_change {
        say(reason);
    }
    for NearestValue { column, value, distance, gives } in &one.nearest {
        let distance = distance.as_ref().map(|far| format!(" ({far})")).unwrap_or_default();
        let supposed = match value {
            None => format!("{column} had no value"),
            Some(value) => format!("{column} were {value}{distance}"),
        };
        say(&format!("{} if {supposed}", word(gives)));
    }
    if one.next_change.is_none() && one.no_next_change.is_none() && one.nearest.is_empty() {
        say("no other value of a single column that it reads was found to change that");
    }
}

/// The value that an arm gives, as text; a calculation as it is written.
fn given(arm: &Arm) -> Option<String> {
    match arm.value.node() {
        Node::Literal(value) => value.to_sql_text(),
        _ => Some(arm.value.to_string()),
    }
}

/// Adds why a row gets its values to a document.
pub(crate) fn add_to(document: &mut Value, report: &Report) {
    let Some(why) = &report.why else { return };
    let object = |pairs: &[(String, String)]| -> Value {
        pairs
            .iter()
            .map(|(name, value)| (name.clone(), json!(value)))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    document["row"] =
        json!({ "table": why.table, "key": object(&why.key), "called": object(&why.labels) });
    document["rules"] = why.rules.iter().map(rule).collect();
    document["notes"] = json!(why.notes);
}

fn rule(one: &WhyRule) -> Value {
    let WhyRule {
        rule,
        step,
        added_by: awaits,
        now,
        explanation: reasons,
        next_change: day,
        no_next_change: no_day,
        nearest,
        ..
    } = one;
    let arms = rule.arms();
    let winner = reasons.winner();
    let condition =
        |arm: &Arm| arm.condition.as_ref().map_or_else(|| "otherwise".into(), ToString::to_string);
    let reads: serde_json::Map<String, Value> =
        reasons.reads.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    let judged: Vec<Value> = arms
        .iter()
        .zip(&reasons.arms)
        .map(|(arm, verdict)| {
            json!({
                "condition": condition(arm), "gives": given(arm), "line": arm.line,
                "verdict": if *verdict == ConditionVerdict::No { "did not match" } else { said(*verdict) },
            })
        })
        .collect();
    let against: Vec<Value> = reasons
        .against
        .iter()
        .map(|(part, verdict)| json!({ "part": part, "verdict": said(*verdict) }))
        .collect();
    let turns: Vec<Value> = nearest.iter().map(|one| json!({
        "column": one.column, "value": one.value, "distance": one.distance, "gives": one.gives,
    })).collect();
    json!({
        "table": rule.table, "column": rule.column, "step": step,
        "file": rule.location.as_ref().map(|at| &at.file), "rule_line": rule.location.as_ref().map(|at| at.line),
        "exists": awaits.is_empty(), "awaits": awaits,
        "reads": reads,
        "where": rule.filter.as_ref().map(ToString::to_string), "taken": reasons.taken == ConditionVerdict::Yes, "against": against,
        "arms": judged, "arm": winner.map(|at| condition(&arms[at])), "line": winner.and_then(|at| arms[at].line),
        "now": now, "gives": reasons.given, "value": reasons.after(),
        "turns": { "day": day.as_ref().map(|day| json!({ "on": day.on.to_string(), "days": day.days, "gives": day.gives })),
                   "no_day": no_day, "nearest": turns },
    })
}
