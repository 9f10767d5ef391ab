//! Finding the row that somebody asks about.

use std::collections::BTreeMap;

use leora_postgres::{Catalog, Reader};
use leora_report::{DatabaseError, Failure, FailureKind};
use leora_rule::{MAX_ROWS_FOUND, MatchKind, Relation, RowSearch};

use crate::commands::shared::collect_rules::Gatherer;

/// The most rows that are listed.
const LISTED: usize = 10;

/// A row that was found.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) table: String,
    pub(crate) key: Vec<String>,
    pub(crate) called: Vec<(String, String)>,
    rank: usize,
}

impl Found {
    /// The key, then what it is called.
    fn told(&self) -> String {
        let names: Vec<&str> =
            self.called.iter().take(2).map(|(_, value)| value.as_str()).collect();
        format!("{} {}", self.key.join(","), names.join(", "))
    }
}

/// Finds the one row that a text calls, in the tables that rules set.
pub(crate) fn find(
    gatherer: &Gatherer<'_>,
    tables: &BTreeMap<String, Relation>,
    text: &str,
    folder: &str,
) -> Result<Found, Failure> {
    let names: Vec<&str> = tables.keys().map(String::as_str).collect();
    for kind in [MatchKind::Key, MatchKind::Name] {
        let mut best = best(look(gatherer, tables, text, kind)?);
        match best.len() {
            0 => {}
            1 => return Ok(best.remove(0)),
            _ => return Err(ambiguous(&best, text, folder)),
        }
    }
    let mut near = look(gatherer, tables, text, MatchKind::Part)?;
    if near.len() == 1 {
        return Ok(near.remove(0));
    }
    let fact = format!("no row of {} has the key, number or name \"{text}\"", names.join(" or "));
    let help = match near.as_slice() {
        [] => "give its id, or its number or name as it is written in the database".into(),
        _ => "did you mean one of these? Ask by the id, which stands first".to_owned(),
    };
    let details = listed(&near);
    Err(Failure { details, ..Failure::new(FailureKind::Usage, fact, Some(help)) })
}

fn look(
    gatherer: &Gatherer<'_>,
    tables: &BTreeMap<String, Relation>,
    text: &str,
    kind: MatchKind,
) -> Result<Vec<Found>, Failure> {
    let mut all = Vec::new();
    for (table, source) in tables {
        let found = gatherer.session(|session| -> Result<Vec<Found>, DatabaseError> {
            let unique = Catalog::new(session).unique_columns(table)?;
            let Some(search) = RowSearch::compile(source, &unique, text, kind) else {
                return Ok(vec![]);
            };
            let rows = Reader::new(session).texts(&search.sql)?;
            Ok(rows.into_iter().map(|row| found(row, source, &search.label_columns)).collect())
        })?;
        all.extend(found);
    }
    Ok(all)
}

fn found(row: Vec<Option<String>>, source: &Relation, called: &[String]) -> Found {
    let mut cells = row.into_iter();
    let rank = cells.next().flatten().and_then(|rank| rank.parse().ok()).unwrap_or(usize::MAX);
    let key: Vec<String> =
        cells.by_ref().take(source.table.key.len()).map(Option::unwrap_or_default).collect();
    let told = called.iter().cloned().zip(cells).filter_map(|(name, value)| Some((name, value?)));
    Found { table: source.table.name.clone(), key, called: told.collect(), rank }
}

/// Those that fit best: an account number before a name, the same letters before others' case.
fn best(found: Vec<Found>) -> Vec<Found> {
    let least = found.iter().map(|one| one.rank).min();
    found.into_iter().filter(|one| Some(one.rank) == least).collect()
}

/// Some of the rows, a line each, and that there are more.
fn listed(rows: &[Found]) -> Vec<String> {
    let mut lines: Vec<String> = rows.iter().take(LISTED).map(Found::told).collect();
    if rows.len() > LISTED {
        lines.push("... and others".into());
    }
    lines
}

fn ambiguous(several: &[Found], text: &str, folder: &str) -> Failure {
    let more = several.len() >= MAX_ROWS_FOUND;
    let count =
        if more { format!("more than {}", MAX_ROWS_FOUND - 1) } else { several.len().to_string() };
    let fact = format!("{count} rows of {} are called \"{text}\"", several[0].table);
    let details = listed(several);
    let help = format!(
        "ask by the id, which stands first: leora-run why {folder} {}",
        several[0].key.join(",")
    );
    Failure { details, ..Failure::new(FailureKind::Usage, fact, Some(help)) }
}
