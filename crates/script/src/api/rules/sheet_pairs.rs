//! The pairs of a data file as values of the table that a rule sets, and the keys that no row of it has.

use std::path::Path;

use leora_report::{Entry, Expectation, Place};
use leora_rule::{Column, Pair, RuleError, Table, Value, format_number};
use rhai::EvalAltResult;

use crate::api::rules::lookup::LookupValue;
use crate::api_call::{Answer, ApiCall};
use crate::{ScriptError, ScriptErrorKind};

/// How many keys a warning names.
const NAMED: usize = 3;

/// Reads the texts by the types of their columns, and reports keys that no row has as a warning.
pub(super) fn with_types(
    call: &ApiCall<'_>,
    table: &str,
    target: &str,
    lookup: LookupValue,
) -> Answer<LookupValue> {
    let LookupValue { column, pairs, file, is_sheet } = lookup;
    let mut typed_pairs = Vec::new();
    let path = file.clone().unwrap_or_default();
    call.step.on_start(&format!("reading {path}"));
    let found = call.ask(|host| host.reader().typed_table(table))?;
    // The host refuses what the table lacks, at the place in the script.
    let columns = found.as_ref().and_then(|found| {
        found.column(&column).zip(found.column(target)).map(|(key, value)| (found, key, value))
    });
    if let Some((found, key, value)) = columns {
        let stays_text = [key, value].iter().all(|column| column.keeps_text());
        for pair in pairs.iter() {
            let mistake = |error| mistake(call, error, &path, pair.line);
            let (key, value) = (
                typed(&pair.key, key, found, false).map_err(mistake)?,
                typed(&pair.value, value, found, true).map_err(mistake)?,
            );
            if !stays_text {
                typed_pairs.push(Pair { key, value, line: pair.line });
            }
        }
        let all = if stays_text { &pairs[..] } else { &typed_pairs };
        let keys: Vec<&Value> = all.iter().map(|pair| &pair.key).collect();
        warn_of_unmatched(call, table, &column, &path, &keys)?;
    }
    // A million of them are not copied without need.
    let pairs = if typed_pairs.is_empty() { pairs } else { typed_pairs.into() };
    Ok(LookupValue { column, pairs, file, is_sheet })
}

/// The values of a column that no row of a table has: how many, and the first of them.
pub(super) fn unmatched(
    call: &ApiCall<'_>,
    table: &str,
    column: &str,
    path: &str,
    mut keys: Vec<Value>,
) -> Answer<(u64, Vec<String>)> {
    if let Some(found) = call.ask(|host| host.reader().typed_table(table))?
        && let Some(own) = found.column(column)
    {
        for key in &mut keys {
            *key =
                typed(key, own, &found, false).map_err(|error| mistake(call, error, path, None))?;
        }
    }
    let keys: Vec<&Value> = keys.iter().collect();
    call.ask(|host| host.reader().unmatched(table, column, &keys))
}

fn mistake(
    call: &ApiCall<'_>,
    error: RuleError,
    path: &str,
    line: Option<usize>,
) -> Box<EvalAltResult> {
    let place = line.map(|line| Place { file: path.to_owned(), line, column: 1 });
    let (kind, message, help) = (ScriptErrorKind::Mistake, error.to_string(), error.help());
    call.fail(ScriptError { kind, message, help, place, fix: None })
}

fn typed(value: &Value, column: &Column, table: &Table, stored: bool) -> Result<Value, RuleError> {
    match value {
        Value::Text(text) => column.value_of_text(text, &table.name, stored),
        other => Ok(other.clone()),
    }
}

fn warn_of_unmatched(
    call: &ApiCall<'_>,
    table: &str,
    column: &str,
    path: &str,
    keys: &[&Value],
) -> Answer<()> {
    let (count, first) = call.ask(|host| host.reader().unmatched(table, column, keys))?;
    if count == 0 {
        return Ok(());
    }
    let name = Path::new(path).file_name().unwrap_or_default().to_string_lossy();
    let more = if count > NAMED as u64 { ", ..." } else { "" };
    let named = first.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    let [count, all] = [count, keys.len() as u64].map(format_number);
    call.report(Entry::Expectation(Expectation {
        label: format!("every {column} of {name} is one of {table}"),
        held: false,
        warning: true,
        findings: vec![format!("{count} of {all} are none: {named}{more}")],
        place: call.place(),
    }))
}
