//! The nearest values of single columns with which a rule would give a row something else.

use jiff::civil::DateTime;
use leora_execution::CollectedRule;
use leora_postgres::Reader;
use leora_report::{Failure, NearestValue};
use leora_rule::{Counterfactual, RowExplanation, Value, format_count, midnight, parse_moment};
use rust_decimal::Decimal;

use crate::commands::why::{Row, meaningless, read};

/// How far a value is from another: days, an amount, or unknown.
enum Distance {
    Days(i64),
    Amount(Decimal),
    Unknown,
}

/// For each other value that the rule may give, the nearest change of a single column that makes it.
pub(crate) fn turns(
    row: &Row<'_>,
    one: &CollectedRule,
    reasons: &RowExplanation,
) -> Result<Vec<NearestValue>, Failure> {
    let tried = one.rule.counterfactuals(&one.relation, row.as_of);
    if tried.is_empty() {
        return Ok(vec![]);
    }
    let sql = one
        .rule
        .compile_counterfactuals(&tried, &one.relation, &row.found.key, row.as_of)
        .map_err(meaningless)?;
    let answers = row.gatherer.session(|session| Reader::new(session).try_texts(&sql))?;
    let mut best: Vec<(NearestValue, Distance)> = Vec::new();
    for answer in answers.into_iter().flatten() {
        let mut cells = answer.into_iter();
        let number = cells.next().flatten().and_then(|number| number.parse::<usize>().ok());
        let Some(supposed) = number.and_then(|number| tried.get(number)) else { continue };
        let given = cells.next().flatten();
        if given == reasons.given {
            continue;
        }
        let now = read(reasons, &supposed.column);
        let distance = distance(now.as_deref(), &supposed.value);
        let turn = turn(supposed, given, &distance);
        match best.iter_mut().find(|(known, _)| known.gives == turn.gives) {
            Some((known, before)) if nearer(&distance, before) => {
                (*known, *before) = (turn, distance)
            }
            Some(_) => {}
            None => best.push((turn, distance)),
        }
    }
    Ok(best.into_iter().map(|(turn, _)| turn).collect())
}

fn nearer(one: &Distance, other: &Distance) -> bool {
    match (one, other) {
        (Distance::Days(a), Distance::Days(b)) => a.abs() < b.abs(),
        (Distance::Amount(a), Distance::Amount(b)) => a.abs() < b.abs(),
        (Distance::Days(_) | Distance::Amount(_), Distance::Unknown) => true,
        _ => false,
    }
}

fn turn(supposed: &Counterfactual, given: Option<String>, distance: &Distance) -> NearestValue {
    let value = match &supposed.value {
        Value::Null => None,
        Value::Timestamp(at) if *at == midnight(at.date()) => Some(at.date().to_string()),
        other => Some(other.to_string()),
    };
    let distance = match distance {
        Distance::Days(0) | Distance::Unknown => None,
        Distance::Days(days) => {
            let way = if *days > 0 { "later" } else { "earlier" };
            Some(format!("{} {way}", format_count(days.unsigned_abs(), "day")))
        }
        Distance::Amount(amount) => {
            let way = if amount.is_sign_positive() { "more" } else { "less" };
            Some(format!("{} {way}", amount.abs().normalize()))
        }
    };
    NearestValue { column: supposed.column.clone(), value, distance, gives: given }
}

fn distance(now: Option<&str>, value: &Value) -> Distance {
    let Some(now) = now else { return Distance::Unknown };
    match value {
        Value::Timestamp(at) => parse_moment(now).map_or(Distance::Unknown, |now| days(now, *at)),
        Value::Integer(number) => amount(now, Decimal::from(*number)),
        Value::Decimal(number) => amount(now, *number),
        _ => Distance::Unknown,
    }
}

fn days(now: DateTime, then: DateTime) -> Distance {
    let days = now.date().until(then.date()).map(|span| i64::from(span.get_days()));
    days.map_or(Distance::Unknown, Distance::Days)
}

fn amount(now: &str, then: Decimal) -> Distance {
    now.parse::<Decimal>().map_or(Distance::Unknown, |now| Distance::Amount(then - now))
}
