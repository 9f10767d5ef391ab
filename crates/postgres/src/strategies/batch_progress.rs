//! How far a rule is that is written in batches, kept in the run's record: a later run goes on from there.

use leora_report::DatabaseError;
use leora_rule::{Change, UnchangedRows};

use crate::Session;
use crate::connection::{Cells, TextRow};

pub(crate) struct BatchProgress {
    /// The transaction id from which on row versions are newer than the rule's beginning.
    pub(crate) began: u64,
    pub(crate) unchanged: UnchangedRows,
    pub(crate) finished: bool,
}

impl BatchProgress {
    /// `None` before the rule's first batch.
    pub(crate) fn load(
        session: &mut Session,
        run: &str,
        rule: usize,
    ) -> Result<Option<Self>, DatabaseError> {
        let text = "SELECT rule ->> 'began', rule ->> 'kept', rule ->> 'finished' \
             FROM (SELECT batched -> $2::text AS rule FROM leora_run.run WHERE id = $1::text::uuid) AS batched";
        let mut cells = Cells::of_first(fetch(session, text, run, rule, &[])?);
        let Some(began) = cells.optional_number() else { return Ok(None) };
        let [left_out, unmatched, same, with_value] =
            serde_json::from_str(&cells.text()).unwrap_or_default();
        let unchanged = UnchangedRows { left_out, unmatched, same, with_value };
        Ok(Some(Self { began, unchanged, finished: cells.flag() }))
    }

    pub(crate) fn start(
        session: &mut Session,
        run: &str,
        rule: usize,
        change: &Change,
    ) -> Result<Self, DatabaseError> {
        let unchanged = change.unchanged;
        let UnchangedRows { left_out, unmatched, same, with_value } = unchanged;
        let kept = serde_json::json!([left_out, unmatched, same, with_value]).to_string();
        let text = "SELECT leora_run.start_batches($1::text::uuid, $2::text, $3::text::jsonb, $4::text::bigint)::text";
        let further = [kept.as_str(), &change.changed().to_string()];
        let began = Cells::of_first(fetch(session, text, run, rule, &further)?).number();
        Ok(Self { began, unchanged, finished: false })
    }

    pub(crate) fn finish(
        session: &mut Session,
        run: &str,
        rule: usize,
    ) -> Result<(), DatabaseError> {
        let text = "SELECT leora_run.finish_batches($1::text::uuid, $2::text)::text";
        fetch(session, text, run, rule, &[]).map(drop)
    }
}

fn fetch(
    session: &mut Session,
    text: &str,
    run: &str,
    rule: usize,
    further: &[&str],
) -> Result<Vec<TextRow>, DatabaseError> {
    let rule = rule.to_string();
    let parameters: Vec<&str> = [run, &rule].into_iter().chain(further.iter().copied()).collect();
    session.connection.fetch_inlined(text, &parameters)
}
