//! A rule that is written in batches: begun, gone on with, and ended.

use leora_report::DatabaseError;
use leora_rule::{Change, Rule, Sql, Table, UnchangedRows};

use crate::Transaction;
use crate::journal::{self, RulePlace};
use crate::strategies::batches::{self, Batched};
use crate::strategies::{WriteError, Writer};

/// What is known of a rule since its first batch.
struct Begun {
    began: u64,
    unchanged: UnchangedRows,
    finished: bool,
}

impl Writer<'_> {
    /// Writes a rule in batches, or what is left of it. What the run has written so far is committed before, and the
    /// session is in a new transaction afterwards.
    pub(crate) fn in_batches(
        &mut self,
        rule: &Rule,
        table: &Table,
        change: Change,
        place: RulePlace,
    ) -> Result<Change, WriteError> {
        let begun = match self.begun(place.rule)? {
            Some(begun) => begun,
            None if change.changed() == 0 => return Ok(change),
            None => self.begin(place.rule, change.unchanged)?,
        };
        if !begun.finished {
            self.session.commit_part()?;
            let (run, as_of, began) = (self.run.as_str(), self.as_of, begun.began);
            let batched = Batched { rule, table, run, place, began, as_of };
            batches::write(self.session, &batched)?;
            self.session.begin(Transaction::ReadWrite)?;
            self.ask(
                "UPDATE leora_run.run SET batched = jsonb_set(batched, ARRAY[$2::text, 'finished'], 'true') \
                 WHERE id = $1::text::uuid RETURNING id::text",
                place.rule,
                None,
            )?;
        }
        let cast = table.column(&rule.column).map_or("text", |column| &column.data_type.cast);
        let own = [Some(self.run.clone()), Some(place.rule.to_string())];
        let transitions = journal::transitions(self.session, cast, &own)?;
        Ok(Change { transitions, unchanged: begun.unchanged, ..change })
    }

    fn ask(
        &mut self,
        text: &str,
        place: usize,
        further: Option<String>,
    ) -> Result<Vec<Vec<Option<String>>>, DatabaseError> {
        let mut parameters = vec![Some(self.run.clone()), Some(place.to_string())];
        parameters.extend(further.map(Some));
        self.session.connection.fetch(&Sql { text: text.to_owned(), parameters })
    }

    fn begin(&mut self, place: usize, unchanged: UnchangedRows) -> Result<Begun, DatabaseError> {
        let UnchangedRows { left_out, unmatched, same, with_value } = unchanged;
        let told = serde_json::json!([left_out, unmatched, same, with_value]).to_string();
        let rows = self.ask(
            "UPDATE leora_run.run SET batched = jsonb_set(batched, ARRAY[$2::text], jsonb_build_object('finished', false, \
               'began', pg_snapshot_xmax(pg_current_snapshot())::text::bigint, 'kept', $3::text::jsonb)) \
             WHERE id = $1::text::uuid RETURNING batched -> $2::text ->> 'began'",
            place,
            Some(told),
        )?;
        let began = rows[0][0].as_deref().and_then(|began| began.parse().ok()).unwrap_or(0);
        Ok(Begun { began, unchanged, finished: false })
    }

    fn begun(&mut self, place: usize) -> Result<Option<Begun>, DatabaseError> {
        let rows = self.ask(
            "SELECT rule ->> 'began', rule ->> 'kept', rule ->> 'finished' \
             FROM (SELECT batched -> $2::text AS rule FROM leora_run.run WHERE id = $1::text::uuid) AS batched",
            place,
            None,
        )?;
        let Some([Some(began), Some(kept), Some(finished)]) = rows.first().map(Vec::as_slice)
        else {
            return Ok(None);
        };
        let [left_out, unmatched, same, with_value] =
            serde_json::from_str(kept).unwrap_or_default();
        Ok(Some(Begun {
            began: began.parse().unwrap_or(0),
            unchanged: UnchangedRows { left_out, unmatched, same, with_value },
            finished: finished == "true",
        }))
    }
}
