//! Putting back what a rule of the past changed, where the row still holds what it wrote.

use super::journal::{self, Key};
use super::{standing, stored};
use crate::database::{DatabaseError, PastRule, PastRun, Session};
use crate::rule::{Sql, Table, Transition, quote_identifier};

/// The most rows that are named one by one.
const NAMED: u32 = 1_000;

/// What became of the values that a rule of the past had changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PutBack {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// The values put back, by the value that was there and the one that is there again.
    pub transitions: Vec<Transition>,
    /// Rows that were edited since, and are left.
    pub edited: u64,
    /// Rows that were deleted since.
    pub deleted: u64,
    /// The keys of the rows that are left, and why: `edited` or `deleted`.
    pub left: Vec<(String, String)>,
    /// Why there was nothing to put back to, if so.
    pub gone: Option<String>,
}

impl PutBack {
    /// How many values were put back.
    pub fn changed(&self) -> u64 {
        self.transitions.iter().map(|one| one.rows).sum()
    }
}

/// What is undone, and what is known of it.
pub(in crate::database) struct Undone<'p> {
    /// The run that is undone.
    pub(in crate::database) past: &'p PastRun,
    /// Its rules, newest first.
    pub(in crate::database) rules: &'p [PastRule],
    /// The one whose turn it is; those before it are put back already, as this undo's rules 1, 2, ...
    pub(in crate::database) index: usize,
    /// The runs since, newest first.
    pub(in crate::database) newer: &'p [PastRun],
    /// The id of this undo.
    pub(in crate::database) run: &'p str,
}

/// The undo of one rule, as SQL parts over the parameters `$1` (run) and `$2` (rule).
struct Undo<'t> {
    table: &'t Table,
    column: String,
    key: Key,
    cast: String,
    later: Option<String>,
    told: Option<String>,
}

/// Puts back what a rule of the past changed, journals it, and tells what was left.
pub(in crate::database) fn put_back(
    session: &mut Session,
    table: &Table,
    undone: &Undone<'_>,
) -> Result<PutBack, DatabaseError> {
    let rule = &undone.rules[undone.index];
    let key = Key::of(table);
    let undo = Undo {
        table,
        column: quote_identifier(&rule.column),
        cast: table.column(&rule.column).map_or_else(String::new, |it| it.data_type.cast.clone()),
        later: standing::since(rule, key.array, undone.newer),
        told: standing::told(undone, key.array),
        key,
    };
    let about = vec![Some(undone.past.id.clone()), Some(rule.rule.to_string())];
    let mut result = undo.judge(session, rule, &about)?;
    if result.edited + result.deleted > 0 {
        result.left = undo.left(session, &about)?;
    }
    if result.changed() == 0 {
        return Ok(result);
    }
    let place = undone.index + 1;
    let changes = Sql { text: undo.changes(), parameters: about };
    let journalled =
        journal::keep(session, &rule.column, table, &changes, undone.run, (place, place))?;
    let written =
        session.link.execute(&Sql { text: undo.update(), parameters: changes.parameters })?;
    if journalled == written && written == result.changed() {
        stored::check(session, table, &rule.column, (undone.run, place))?;
        return Ok(result);
    }
    Err(DatabaseError::Inconsistent {
        message: format!(
            "{}.{}: {} rows should be put back, {journalled} were journalled and {written} written",
            rule.table,
            rule.column,
            result.changed()
        ),
        help: format!(
            "a BEFORE trigger or a rule on {} interferes; disable it for the undo",
            rule.table
        ),
    })
}

impl Undo<'_> {
    /// The rows of the journal, each with the row of the table, if it is still there, and what is to be done.
    fn judged(&self) -> String {
        let Self { table, column, key, cast, later, told } = self;
        let keys: Vec<String> = table.key.iter().map(|name| quote_identifier(name)).collect();
        let shown: Vec<String> = keys.iter().map(|name| format!("now.{name}")).collect();
        let within = |keys: &Option<String>| {
            keys.as_ref().map_or_else(|| "false".into(), |keys| format!("was.key IN ({keys})"))
        };
        format!(
            "SELECT {shown}, was.key AS journal_key, now.{column} AS old_value, was.old_value::{cast} AS new_value, \
               CASE WHEN {told} THEN 'told' WHEN now.{first} IS NULL THEN 'deleted' \
                    WHEN now.{column}::text COLLATE \"C\" IS DISTINCT FROM was.new_value OR {later} \
                      OR (was.old_value::{cast})::text COLLATE \"C\" IS DISTINCT FROM was.old_value THEN 'edited' \
                    ELSE 'changed' END AS state \
             FROM (SELECT unnest({array}) AS key, old_value, new_value FROM leora_run.transition \
                   WHERE run = $1::text::uuid AND rule = $2::text::integer) AS was \
             LEFT JOIN {name} AS now ON {expression} = was.key",
            shown = shown.join(", "),
            first = keys[0],
            told = within(told),
            later = within(later),
            array = key.array,
            name = table.qualified(),
            expression = key.expression_of("now"),
        )
    }

    fn judge(
        &self,
        session: &mut Session,
        rule: &PastRule,
        about: &[Option<String>],
    ) -> Result<PutBack, DatabaseError> {
        let text = format!(
            "SELECT state, old_value::text, new_value::text, count(*)::text FROM (\
               SELECT state, CASE state WHEN 'changed' THEN old_value END AS old_value, \
                      CASE state WHEN 'changed' THEN new_value END AS new_value FROM ({}) AS judged) AS counted \
             GROUP BY state, counted.old_value, counted.new_value \
             ORDER BY state, counted.old_value NULLS FIRST, counted.new_value NULLS FIRST",
            self.judged()
        );
        let mut result = PutBack {
            table: rule.table.clone(),
            column: rule.column.clone(),
            ..PutBack::default()
        };
        for row in session.link.fetch(&Sql { text, parameters: about.to_vec() })? {
            let [state, old, new, rows] = <[Option<String>; 4]>::try_from(row).unwrap_or_default();
            let rows = rows.and_then(|rows| rows.parse().ok()).unwrap_or(0);
            match state.as_deref() {
                Some("edited") => result.edited += rows,
                Some("deleted") => result.deleted += rows,
                Some("told") => {}
                _ => result.transitions.push(Transition { old, new, rows }),
            }
        }
        Ok(result)
    }

    /// The keys of the rows that are left.
    fn left(
        &self,
        session: &mut Session,
        about: &[Option<String>],
    ) -> Result<Vec<(String, String)>, DatabaseError> {
        let text = format!(
            "SELECT journal_key::text, state FROM ({}) AS judged WHERE state IN ('edited', 'deleted') ORDER BY 1 LIMIT {NAMED}",
            self.judged()
        );
        let rows = session.link.fetch(&Sql { text, parameters: about.to_vec() })?;
        Ok(rows
            .into_iter()
            .map(|mut row| (row.remove(0).unwrap_or_default(), row.remove(0).unwrap_or_default()))
            .collect())
    }

    fn changes(&self) -> String {
        let keys: Vec<String> = self.table.key.iter().map(|name| quote_identifier(name)).collect();
        format!(
            "SELECT {}, old_value, new_value FROM ({}) AS judged WHERE state = 'changed'",
            keys.join(", "),
            self.judged()
        )
    }

    fn update(&self) -> String {
        let same: Vec<String> = self
            .table
            .key
            .iter()
            .map(|name| quote_identifier(name))
            .map(|name| format!("target.{name} = changes.{name}"))
            .collect();
        format!(
            "UPDATE {} AS target SET {} = changes.new_value FROM ({}) AS changes WHERE {}",
            self.table.qualified(),
            self.column,
            self.changes(),
            same.join(" AND "),
        )
    }
}
