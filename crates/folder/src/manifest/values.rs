//! The values of a manifest's keys.

use std::collections::BTreeMap;

use leora_rule::{Access, Strategy};
use toml::Spanned;

use crate::manifest::Transit;
use crate::manifest::mistakes::{mistake, suggestion};
use crate::manifest::raw::RawManifest;
use crate::{FolderError, LIMITS, Limits, SourceFile};

/// How rules are written. Batches are committed one by one, so nothing else can be part of the same transaction.
pub(crate) fn strategy(
    source: &SourceFile,
    written: &RawManifest,
) -> Result<Strategy, FolderError> {
    let Some(given) = &written.strategy else { return Ok(Strategy::default()) };
    let strategy = *given.get_ref();
    if strategy != Strategy::Batches {
        return Ok(strategy);
    }
    let inserts = written.writes.iter().any(|entry| !entry.get_ref().contains('.'));
    let (message, help) = if written.access != Access::ReadWrite {
        ("batches are committed, and this folder keeps nothing", "take it out")
    } else if !written.sql.is_empty() {
        (
            "batches are committed one by one, and an SQL file is all or nothing",
            "put the SQL file into a folder of its own, and run that first",
        )
    } else if inserts {
        (
            "batches can go on after a pause, and would insert the same rows again",
            "put what inserts rows into a folder of its own",
        )
    } else {
        return Ok(strategy);
    };
    Err(mistake(source, Some(given.span()), message.into(), Some(help.into())))
}

/// The limits, with those that the manifest sets.
pub(crate) fn limits(
    source: &SourceFile,
    written: &BTreeMap<String, Spanned<i64>>,
) -> Result<Limits, FolderError> {
    let mut limits = Limits::default();
    for (name, given) in written {
        let Some(limit) = LIMITS.iter().find(|limit| limit.name == name) else {
            let known: Vec<&str> = LIMITS.iter().map(|limit| limit.name).collect();
            let help = suggestion(name, &known, "the limits are");
            let message = format!("there is no limit {name}");
            return Err(mistake(source, Some(given.span()), message, Some(help)));
        };
        let value = u64::try_from(*given.get_ref()).ok();
        let Some(value) = value.filter(|value| (limit.least..=limit.most).contains(value)) else {
            let message = format!("{name} can't be {}", given.get_ref());
            let help = format!("give it {} to {} {}", limit.least, limit.most, limit.unit);
            return Err(mistake(source, Some(given.span()), message, Some(help)));
        };
        limits.set(name, value);
    }
    Ok(limits)
}

pub(crate) fn percent(source: &SourceFile, given: &Spanned<String>) -> Result<f64, FolderError> {
    let number =
        given.get_ref().strip_suffix('%').and_then(|number| number.trim().parse::<f64>().ok());
    number.filter(|number| (0.0..=100.0).contains(number)).ok_or_else(|| {
        let help = "write it like max_changed = \"20%\"".to_owned();
        mistake(source, Some(given.span()), "this is no share of the rows".into(), Some(help))
    })
}

pub(crate) fn at_least_one(source: &SourceFile, given: &Spanned<u32>) -> Result<u32, FolderError> {
    let help =
        || Some("write how many runs can be undone, from 1, as in keep_runs = 20".to_owned());
    let none = || {
        mistake(source, Some(given.span()), "without a journal no run can be undone".into(), help())
    };
    Some(*given.get_ref()).filter(|runs| *runs > 0).ok_or_else(none)
}

/// Reads `Table.column: OLD -> NEW`, where `(none)` is no value.
pub(crate) fn transit(
    source: &SourceFile,
    given: &Spanned<String>,
) -> Result<Transit, FolderError> {
    let value = |text: &str| Some(text.trim().to_owned()).filter(|text| text != "(none)");
    let read = |text: &str| {
        let (place, arrow) = text.split_once(':')?;
        let (table, column) = place.trim().split_once('.')?;
        let (old, new) = arrow.split_once("->")?;
        let (table, column) = (table.to_owned(), column.to_owned());
        Some(Transit { table, column, old: value(old), new: value(new) })
    };
    read(given.get_ref()).ok_or_else(|| {
        let help =
            "write it like \"Customer.accountType: ACTIVE -> PROSPECT\", and no value as (none)"
                .to_owned();
        mistake(source, Some(given.span()), "this is no transition".into(), Some(help))
    })
}
