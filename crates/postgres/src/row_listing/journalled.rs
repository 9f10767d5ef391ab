//! Rows that a run has changed, by its journal: also months later, with the names that the rows have then.

use std::collections::BTreeMap;

use leora_report::{DatabaseError, ListedRule, PastRule};
use leora_rule::{Sql, compile_labelled_rows, listed_column_name};

use crate::connection::Cells;
use crate::journal::OF_RULE;
use crate::row_listing::RowListing;
use crate::row_listing::labels::RowLabels;
use crate::undo::journalled_key::{ANY_KEYS, JournalledKey, key_parts};
use crate::undo::{find_past_table, past_key};
use crate::{History, Session};

/// A rule of a run, by its journal.
#[derive(Clone, Copy, Debug)]
pub struct JournalledRule<'r> {
    /// The run.
    pub run: &'r str,
    /// The rule's place in it, from 1.
    pub rule: usize,
}

/// Lists the rows that a rule has changed; `listed` says how they are shown, with the names of `labels`.
///
/// # Errors
/// [`DatabaseError`] of the server.
pub fn list_journalled(
    session: &mut Session,
    listing: &mut RowListing,
    journalled: JournalledRule<'_>,
    listed: ListedRule,
    labels: Option<&RowLabels>,
) -> Result<(), DatabaseError> {
    let about = vec![Some(journalled.run.to_owned()), Some(journalled.rule.to_string())];
    let key: Vec<String> = key_parts(listed.key.len(), "was.key")
        .into_iter()
        .map(|part| format!("({part})::pg_catalog.text"))
        .collect();
    let (array, joined) = match labels {
        None => (ANY_KEYS, None),
        Some(RowLabels { relation, columns }) => {
            let key = JournalledKey::read(session, &relation.table, &about)?;
            let Sql { text, parameters } = compile_labelled_rows(relation, columns);
            let named: Vec<String> = (1..=columns.len())
                .map(|at| format!("now.{}::pg_catalog.text", listed_column_name(at)))
                .collect();
            let is_key = key.is_key(&relation.table);
            (
                key.array,
                Some((format!(" LEFT JOIN ({text}) AS now ON {is_key}"), parameters, named)),
            )
        }
    };
    let (join, more, named) = joined.unwrap_or_default();
    // What rows of other tables name them has parameters of its own, which come first.
    let [run, rule] = [1, 2].map(|at| format!("${}", more.len() + at));
    let of_rule = OF_RULE.replace("$1", &run).replace("$2", &rule);
    let shown: Vec<String> = key.into_iter().chain(named).collect();
    let text = format!(
        "SELECT was.old_value AS \"#old\", was.new_value AS \"#new\", NULL::pg_catalog.text AS \"#arm\", {} \
         FROM (SELECT pg_catalog.unnest({array}) AS key, old_value, new_value FROM leora_run.transition WHERE {of_rule}) AS was{join}",
        named_cells(&shown),
    );
    let parameters = more.into_iter().chain(about).collect();
    let rows = Sql { text, parameters };
    match labels.is_some_and(|labels| labels.relation.table.may_call()) {
        true => session.read_only(|session| listing.add(session, listed, rows)),
        false => listing.add(session, listed, rows),
    }
}

/// The cells that follow, each under a name of its own.
pub(crate) fn named_cells(cells: &[String]) -> String {
    let named = |(at, cell): (usize, &String)| format!("{cell} AS \"#cell {}\"", at + 1);
    cells.iter().enumerate().map(named).collect::<Vec<_>>().join(", ")
}

impl History<'_> {
    /// Lists what a run has changed. `chosen` are the columns that name a row, by table, where somebody has said.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server.
    pub fn list_rows(
        &mut self,
        run: &str,
        chosen: &BTreeMap<String, Vec<String>>,
        listing: &mut RowListing,
    ) -> Result<(), DatabaseError> {
        let steps = self.steps_of_rules(run)?;
        for rule in self.rules(run)?.iter().rev() {
            let labels = self.labels_of(rule, chosen)?;
            let listed = ListedRule {
                step: steps.get(&rule.rule).cloned().unwrap_or_default(),
                table: rule.table.clone(),
                column: rule.column.clone(),
                key: past_key(rule),
                labels: labels.as_ref().map(|labels| labels.columns.clone()).unwrap_or_default(),
                ..ListedRule::default()
            };
            let journalled = JournalledRule { run, rule: rule.rule as usize };
            list_journalled(self.session, listing, journalled, listed, labels.as_ref())?;
        }
        Ok(())
    }

    /// Nothing where the table is gone or has another key: the journal still has its rows.
    fn labels_of(
        &mut self,
        rule: &PastRule,
        chosen: &BTreeMap<String, Vec<String>>,
    ) -> Result<Option<RowLabels>, DatabaseError> {
        match find_past_table(self.session, rule)? {
            Ok(table) => {
                let chosen = chosen.get(&table.name).map(Vec::as_slice);
                RowLabels::find(self.session, &table, chosen)
            }
            Err(_) => Ok(None),
        }
    }

    /// The names of the steps of a run's rules.
    fn steps_of_rules(&mut self, run: &str) -> Result<BTreeMap<u32, String>, DatabaseError> {
        let text = "SELECT t.rule::text, coalesce(s.name, t.step::text) \
             FROM (SELECT DISTINCT rule, step FROM leora_run.transition WHERE run = $1::text::uuid) AS t \
             LEFT JOIN leora_run.step AS s ON s.run = $1::text::uuid AND s.number = t.step";
        let rows = self.session.connection.fetch_inlined(text, &[run])?;
        let step = |row| {
            let mut cells = Cells::new(row);
            (cells.number() as u32, cells.text())
        };
        Ok(rows.into_iter().map(step).collect())
    }
}
