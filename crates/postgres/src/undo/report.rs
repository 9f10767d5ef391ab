//! What an undo of a rule puts back and what it leaves, or why it can't tell.

use leora_report::{DatabaseError, PastRule, PutBack};
use leora_rule::{Sql, Transition, format_count};

use crate::connection::Cells;
use crate::undo::put_back::{RuleUndo, is_state};
use crate::undo::value_now::HELP;
use crate::{Session, journal};

const MAX_LISTED: u32 = 1_000;

/// How many rows an undo can't tell about, since a type has changed.
#[derive(Default)]
struct Unclear {
    /// They differ from what the run wrote, and their type has changed.
    recast: u64,
    /// Their time zone was added or dropped.
    zone: u64,
    /// Their old values do not fit.
    lost: u64,
}

impl RuleUndo<'_> {
    /// What is put back where nothing is left: by the journal of this undo.
    pub(crate) fn report_all(
        &self,
        session: &mut Session,
        rule: &PastRule,
        run: &str,
        place: usize,
    ) -> Result<PutBack, DatabaseError> {
        let transitions = journal::transitions(session, self.data_type, run, place)?;
        Ok(PutBack { transitions, ..nothing_put_back(rule) })
    }

    /// What is put back and what is left, row by row.
    ///
    /// # Errors
    /// [`DatabaseError::Inconsistent`] where a type has changed so that this can't be told, and [`DatabaseError`] of the
    /// server.
    pub(crate) fn report_by_row(
        &self,
        session: &mut Session,
        rule: &PastRule,
    ) -> Result<PutBack, DatabaseError> {
        let text = format!(
            "SELECT \"#state\", \"#old\"::pg_catalog.text, \"#new\"::pg_catalog.text, pg_catalog.count(*)::pg_catalog.text FROM (\
               SELECT \"#state\", CASE WHEN {is_changed} THEN \"#old\" END AS \"#old\", \
                      CASE WHEN {is_changed} THEN {new} END AS \"#new\" FROM ({}) AS rows) AS counted \
             GROUP BY \"#state\", counted.\"#old\", counted.\"#new\" \
             ORDER BY \"#state\", counted.\"#old\" NULLS FIRST, counted.\"#new\" NULLS FIRST",
            self.rows(),
            new = self.data_type.group_key("\"#new\""),
            is_changed = is_state("changed"),
        );
        let (mut result, mut unclear) = (nothing_put_back(rule), Unclear::default());
        for row in session.connection.fetch(&Sql { text, parameters: self.about.clone() })? {
            let mut cells = Cells::new(row);
            let (state, old, new) = (cells.text(), cells.optional(), cells.optional());
            let rows = cells.number();
            match state.as_str() {
                "edited" => result.edited += rows,
                "recast" => {
                    result.edited += rows;
                    unclear.recast += rows;
                }
                "zone" => unclear.zone += rows,
                "lost" => unclear.lost += rows,
                "deleted" => result.deleted += rows,
                "reported" => {}
                _ => result.transitions.push(Transition { old, new, rows }),
            }
        }
        self.refuse_unclear(rule, &result, &unclear)?;
        if result.edited + result.deleted > 0 {
            result.left = self.list_left(session)?;
        }
        Ok(result)
    }

    /// Refuses what would be reported as edited or deleted, and is only written otherwise since a type has changed.
    fn refuse_unclear(
        &self,
        rule: &PastRule,
        result: &PutBack,
        unclear: &Unclear,
    ) -> Result<(), DatabaseError> {
        let (column, now) = (format!("{}.{}", rule.table, rule.column), &self.data_type.display);
        let values = |count| format_count(count, "value");
        let message = if unclear.lost > 0 {
            format!(
                "{column} is {now} now, and can't hold {} of before the run",
                values(unclear.lost)
            )
        } else if unclear.zone > 0 {
            format!(
                "{column} is {now} now, and {} differ: whether by the time zone of the session that changed the type, or by \
                 an edit, can't be told",
                values(unclear.zone)
            )
        } else if unclear.recast > 0 && result.transitions.is_empty() {
            format!(
                "{column} is {now} now, and none of the {} that the run wrote is there in that type",
                values(unclear.recast)
            )
        } else if !self.key.is_same_type && result.deleted > 0 {
            format!(
                "the key of {} has another type than when the run wrote it, and {} are not found by it",
                rule.table,
                format_count(result.deleted, "row")
            )
        } else {
            return Ok(());
        };
        Err(DatabaseError::Inconsistent { message, help: HELP.into() })
    }

    fn list_left(&self, session: &mut Session) -> Result<Vec<(String, String)>, DatabaseError> {
        let text = format!(
            "SELECT \"#journal key\"::pg_catalog.text, CASE WHEN {is_deleted} THEN 'deleted' ELSE 'edited' END \
             FROM ({}) AS rows WHERE {} OR {} OR {is_deleted} ORDER BY 1 LIMIT {MAX_LISTED}",
            self.rows(),
            is_state("edited"),
            is_state("recast"),
            is_deleted = is_state("deleted"),
        );
        let rows = session.connection.fetch(&Sql { text, parameters: self.about.clone() })?;
        let left = |row| {
            let mut cells = Cells::new(row);
            (cells.text(), cells.text())
        };
        Ok(rows.into_iter().map(left).collect())
    }
}

fn nothing_put_back(rule: &PastRule) -> PutBack {
    let (table, column) = (rule.table.clone(), rule.column.clone());
    PutBack { table, column, ..PutBack::default() }
}
