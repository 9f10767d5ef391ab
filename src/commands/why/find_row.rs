//! Finding the row that somebody asks about, by key, number or name.

use std::collections::BTreeMap;

use leora_postgres::{Catalog, Reader};
use leora_report::{DatabaseError, Failure, FailureKind, shell_argument, shell_path};
use leora_rule::{MAX_ROWS_FOUND, MatchKind, Relation, RowSearch};

use crate::commands::shared::FolderRuleCollector;

const MAX_LISTED: usize = 10;

#[derive(Clone, Debug)]
pub(crate) struct FoundRow {
    pub(crate) table: String,
    pub(crate) key: Vec<String>,
    /// What people call it, by column.
    pub(crate) labels: Vec<(String, String)>,
    /// How well it matches; less is better.
    rank: usize,
}

impl FoundRow {
    /// The key, then its labels.
    fn describe(&self) -> String {
        let names: Vec<&str> =
            self.labels.iter().take(2).map(|(_, value)| value.as_str()).collect();
        format!("{} {}", self.key.join(","), names.join(", "))
    }
}

/// Finds the one row that a text names, in the tables that rules set.
pub(crate) fn find_row(
    collector: &FolderRuleCollector<'_>,
    tables: &BTreeMap<String, Relation>,
    text: &str,
    folder: &str,
) -> Result<FoundRow, Failure> {
    let names: Vec<&str> = tables.keys().map(String::as_str).collect();
    for kind in [MatchKind::Key, MatchKind::Name] {
        let mut best = best_matches(search(collector, tables, text, kind)?);
        match best.len() {
            0 => {}
            1 => return Ok(best.remove(0)),
            _ => return Err(ambiguous(&best, text, folder)),
        }
    }
    let mut near = search(collector, tables, text, MatchKind::Part)?;
    if near.len() == 1 {
        return Ok(near.remove(0));
    }
    let fact = format!("no row of {} has the key, number or name \"{text}\"", names.join(" or "));
    let help = match near.as_slice() {
        [] => "give its id, or its number or name as it is written in the database".into(),
        _ => "did you mean one of these? Ask by the id, which comes first".to_owned(),
    };
    let details = list_rows(&near);
    Err(Failure { details, ..Failure::new(FailureKind::Usage, fact, Some(help)) })
}

fn search(
    collector: &FolderRuleCollector<'_>,
    tables: &BTreeMap<String, Relation>,
    text: &str,
    kind: MatchKind,
) -> Result<Vec<FoundRow>, Failure> {
    let mut all = Vec::new();
    for (table, relation) in tables {
        let rows = collector.with_session(|session| -> Result<Vec<FoundRow>, DatabaseError> {
            let unique = Catalog::new(session).unique_columns(table)?;
            let Some(query) = RowSearch::compile(relation, &unique, text, kind) else {
                return Ok(vec![]);
            };
            let rows = Reader::new(session).texts(&query.sql)?;
            Ok(rows.into_iter().map(|row| found_row(row, relation, &query.label_columns)).collect())
        })?;
        all.extend(rows);
    }
    Ok(all)
}

fn found_row(row: Vec<Option<String>>, relation: &Relation, label_columns: &[String]) -> FoundRow {
    let mut cells = row.into_iter();
    let rank = cells.next().flatten().and_then(|rank| rank.parse().ok()).unwrap_or(usize::MAX);
    let key: Vec<String> =
        cells.by_ref().take(relation.table.key.len()).map(Option::unwrap_or_default).collect();
    let labels =
        label_columns.iter().cloned().zip(cells).filter_map(|(name, value)| Some((name, value?)));
    FoundRow { table: relation.table.name.clone(), key, labels: labels.collect(), rank }
}

/// The best matches: an account number before a name, the same case before another.
fn best_matches(found: Vec<FoundRow>) -> Vec<FoundRow> {
    let least = found.iter().map(|one| one.rank).min();
    found.into_iter().filter(|one| Some(one.rank) == least).collect()
}

/// A line for each of the first rows, and whether there are more.
fn list_rows(rows: &[FoundRow]) -> Vec<String> {
    let mut lines: Vec<String> = rows.iter().take(MAX_LISTED).map(FoundRow::describe).collect();
    if rows.len() > MAX_LISTED {
        lines.push("... and others".into());
    }
    lines
}

fn ambiguous(several: &[FoundRow], text: &str, folder: &str) -> Failure {
    let more = several.len() >= MAX_ROWS_FOUND;
    let count =
        if more { format!("more than {}", MAX_ROWS_FOUND - 1) } else { several.len().to_string() };
    let fact = format!("{count} rows of {} are called \"{text}\"", several[0].table);
    let details = list_rows(several);
    let help = format!(
        "ask by the id, which comes first: leora-run why {} {}",
        shell_path(folder),
        shell_argument(&several[0].key.join(","))
    );
    Failure { details, ..Failure::new(FailureKind::Usage, fact, Some(help)) }
}
