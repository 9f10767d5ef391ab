//! Lists what an undo does about each row that the run changed.

use std::collections::BTreeMap;

use leora_report::{DatabaseError, ListedRule, PastRule};
use leora_rule::{Sql, operation, quote_identifier};

use crate::Session;
use crate::row_listing::{RowLabels, RowListing, named_cells};
use crate::undo::journalled_key::key_parts;
use crate::undo::past_key;
use crate::undo::put_back::{RuleUndo, is_state};

/// What is known of each row: what the undo does, and what the run had changed.
const FACTS: [&str; 3] = ["outcome", "run_old", "run_new"];

/// The list of an undo.
#[derive(Debug)]
pub struct UndoListing<'l> {
    /// Where the rows go.
    pub listing: &'l mut RowListing,
    /// The columns that name a row, by table, where somebody has said.
    pub chosen: &'l BTreeMap<String, Vec<String>>,
}

impl UndoListing<'_> {
    /// Adds the rows of a rule, before they are put back. Old and new value are those of before and after the undo: the same
    /// where it leaves a row.
    pub(crate) fn add(
        &mut self,
        session: &mut Session,
        rule: &PastRule,
        undo: &RuleUndo<'_>,
    ) -> Result<(), DatabaseError> {
        let chosen = self.chosen.get(&rule.table).map(Vec::as_slice);
        let labels = RowLabels::find(session, undo.table, chosen)?;
        let labels = labels.map(|labels| labels.columns).unwrap_or_default();
        let key = past_key(rule);
        let parts = key_parts(key.len(), "was.key").into_iter();
        let names = labels.iter().map(|name| format!("now.{}", quote_identifier(name)));
        let was = ["was.old_value", "was.new_value"].map(str::to_owned);
        let cells: Vec<String> = parts.chain(names).chain(was).collect();
        let place = |at: usize| format!("\"#cell {}\"::pg_catalog.text AS \"#{at}\"", at + 1);
        let of_row = key.len() + labels.len();
        let text = format!(
            "SELECT \"#old\"::pg_catalog.text AS \"#old\", CASE WHEN {is_changed} THEN \"#new\"::pg_catalog.text \
                    ELSE \"#old\"::pg_catalog.text END AS \"#new\", NULL::pg_catalog.text AS \"#arm\", {shown}, \
                    CASE WHEN {is_changed} THEN 'put back' WHEN {is_deleted} THEN 'deleted' ELSE 'edited' END AS \"#outcome\", {was} \
             FROM ({rows}) AS rows WHERE {is_shown}",
            is_changed = is_state("changed"),
            is_deleted = is_state("deleted"),
            shown = (0..of_row).map(place).collect::<Vec<_>>().join(", "),
            was = (of_row..of_row + 2).map(place).collect::<Vec<_>>().join(", "),
            rows = undo.rows_with(&format!("{}, ", named_cells(&cells))),
            is_shown = operation("\"#state\"", "<>", "'reported'"),
        );
        let listed = ListedRule {
            step: format!("{}.{}", rule.table, rule.column),
            table: rule.table.clone(),
            column: rule.column.clone(),
            key,
            labels,
            facts: FACTS.map(str::to_owned).to_vec(),
            ..ListedRule::default()
        };
        self.listing.add(session, listed, Sql { text, parameters: undo.about.clone() })
    }
}
