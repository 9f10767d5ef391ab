//! Parsing the values of a manifest's keys.

use std::collections::BTreeMap;

use leora_report::Place;
use leora_rule::{Access, Strategy};
use toml::Spanned;

use crate::error::FolderError;
use crate::limits::{LIMITS, Limits};
use crate::manifest::ForbiddenTransition;
use crate::manifest_parser::errors::{manifest_error, suggest_name};
use crate::manifest_parser::raw::RawManifest;
use crate::row_label::RowLabel;
use crate::source_file::SourceFile;

/// Batches are committed one by one, so nothing else can be part of the same transaction.
pub(crate) fn parse_strategy(
    source: &SourceFile,
    raw: &RawManifest,
) -> Result<Strategy, FolderError> {
    let Some(given) = &raw.strategy else { return Ok(Strategy::default()) };
    let strategy = *given.get_ref();
    if strategy != Strategy::Batches {
        return Ok(strategy);
    }
    let inserts = raw.writes.iter().any(|entry| !entry.get_ref().contains('.'));
    let (message, help) = if raw.access != Access::ReadWrite {
        ("batches are committed, and this folder keeps nothing", "take it out")
    } else if !raw.sql.is_empty() {
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
    Err(manifest_error(source, Some(given.span()), message.into(), Some(help.into())))
}

pub(crate) fn parse_limits(
    source: &SourceFile,
    raw: &BTreeMap<String, Spanned<i64>>,
) -> Result<Limits, FolderError> {
    let mut limits = Limits::default();
    for (name, given) in raw {
        let Some(limit) = LIMITS.iter().find(|limit| limit.name == name) else {
            let known: Vec<&str> = LIMITS.iter().map(|limit| limit.name).collect();
            let help = suggest_name(name, &known, "the limits are");
            let message = format!("there is no limit {name}");
            return Err(manifest_error(source, Some(given.span()), message, Some(help)));
        };
        let value = u64::try_from(*given.get_ref()).ok();
        let Some(value) = value.filter(|value| (limit.least..=limit.most).contains(value)) else {
            let message = format!("{name} can't be {}", given.get_ref());
            let help = format!("give it {} to {} {}", limit.least, limit.most, limit.unit);
            return Err(manifest_error(source, Some(given.span()), message, Some(help)));
        };
        limits.set(name, value);
    }
    Ok(limits)
}

pub(crate) fn parse_percent(
    source: &SourceFile,
    given: &Spanned<String>,
) -> Result<f64, FolderError> {
    let number =
        given.get_ref().strip_suffix('%').and_then(|number| number.trim().parse::<f64>().ok());
    number.filter(|number| (0.0..=100.0).contains(number)).ok_or_else(|| {
        let help = "write it like max_changed = \"20%\"".to_owned();
        manifest_error(
            source,
            Some(given.span()),
            "this is no share of the rows".into(),
            Some(help),
        )
    })
}

pub(crate) fn parse_keep_runs(
    source: &SourceFile,
    given: &Spanned<u32>,
) -> Result<u32, FolderError> {
    let help =
        || Some("write how many runs can be undone, from 1, as in keep_runs = 20".to_owned());
    let none = || {
        manifest_error(
            source,
            Some(given.span()),
            "without a journal no run can be undone".into(),
            help(),
        )
    };
    Some(*given.get_ref()).filter(|runs| *runs > 0).ok_or_else(none)
}

pub(crate) fn parse_labels(
    source: &SourceFile,
    raw: &BTreeMap<String, Vec<Spanned<String>>>,
) -> Result<BTreeMap<String, Vec<RowLabel>>, FolderError> {
    let label = |given: &Spanned<String>| {
        RowLabel::parse(given.get_ref()).ok_or_else(|| {
            let help = "write a column like \"name\", or one of another row like 'parent(\"salesRepId\").col(\"name\")'";
            let message = "this names no column".to_owned();
            manifest_error(source, Some(given.span()), message, Some(help.into()))
        })
    };
    let of_table = |(table, given): (&String, &Vec<Spanned<String>>)| {
        Ok((table.clone(), given.iter().map(label).collect::<Result<_, _>>()?))
    };
    raw.iter().map(of_table).collect()
}

/// Parses `Table.column: OLD -> NEW`, where `(none)` is NULL.
pub(crate) fn parse_forbidden(
    source: &SourceFile,
    given: &Spanned<String>,
) -> Result<ForbiddenTransition, FolderError> {
    let value = |text: &str| Some(text.trim().to_owned()).filter(|text| text != "(none)");
    let parse = |text: &str| {
        let (place, arrow) = text.split_once(':')?;
        let (table, column) = place.trim().split_once('.')?;
        let (old, new) = arrow.split_once("->")?;
        let (table, column) = (table.to_owned(), column.to_owned());
        let at = Place::from_byte_offset(&source.path, &source.text, given.span().start);
        Some(ForbiddenTransition { table, column, old: value(old), new: value(new), place: at })
    };
    parse(given.get_ref()).ok_or_else(|| {
        let help =
            "write it like \"Customer.accountType: ACTIVE -> PROSPECT\", and no value as (none)"
                .to_owned();
        manifest_error(source, Some(given.span()), "this is no transition".into(), Some(help))
    })
}
