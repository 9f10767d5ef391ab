//! Putting back what a rule of the past changed, where the row still holds what it wrote.

use super::journal::{self, Key};
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

/// The undo of one rule, as SQL parts over the parameters `$1` (run) and `$2` (rule).
struct Undo<'t> {
    table: &'t Table,
    column: String,
    key: Key,
    cast: String,
    later: Option<String>,
}

/// Puts back what a rule of `past` changed, journals it, and tells what was left. `newer` are the runs since, with
/// those that undid one another.
pub(in crate::database) fn put_back(
    session: &mut Session,
    past: &PastRun,
    rule: &PastRule,
    table: &Table,
    newer: &[PastRun],
    (run, place): (&str, usize),
) -> Result<PutBack, DatabaseError> {
    let Some(target) = table.column(&rule.column) else {
        let gone = format!("{}.{} is gone", rule.table, rule.column);
        let (table, column) = (rule.table.clone(), rule.column.clone());
        return Ok(PutBack { table, column, gone: Some(gone), ..PutBack::default() });
    };
    let undo = Undo {
        table,
        column: quote_identifier(&rule.column),
        key: Key::of(table),
        cast: target.data_type.cast.clone(),
        later: later(&rule.table, &rule.column, &Key::of(table), newer),
    };
    let about = vec![Some(past.id.clone()), Some(rule.rule.to_string())];
    let mut result = undo.judge(session, rule, &about)?;
    if result.edited + result.deleted > 0 {
        result.left = undo.left(session, &about)?;
    }
    if result.changed() == 0 {
        return Ok(result);
    }
    let changes = Sql { text: undo.changes(), parameters: about };
    let journalled = journal::keep(session, &rule.column, table, &changes, run, (1, place))?;
    let written =
        session.link.execute(&Sql { text: undo.update(), parameters: changes.parameters })?;
    if journalled == written && written == result.changed() {
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
        let Self { table, column, key, cast, later } = self;
        let keys: Vec<String> = table.key.iter().map(|name| quote_identifier(name)).collect();
        let shown: Vec<String> = keys.iter().map(|name| format!("now.{name}")).collect();
        let (touched, join) = later.as_ref().map_or_else(Default::default, |later| {
            let join = format!(" LEFT JOIN ({later}) AS touched ON touched.key = was.key");
            (" OR touched.key IS NOT NULL", join)
        });
        format!(
            "SELECT {shown}, was.key AS journal_key, now.{column} AS old_value, was.old_value::{cast} AS new_value, \
               CASE WHEN now.{first} IS NULL THEN 'deleted' \
                    WHEN now.{column} IS DISTINCT FROM was.new_value::{cast}{touched} THEN 'edited' ELSE 'changed' END AS state \
             FROM (SELECT unnest({array}) AS key, old_value, new_value FROM leora_run.transition \
                   WHERE run = $1::text::uuid AND rule = $2::text::integer) AS was \
             LEFT JOIN {name} AS now ON {expression} = was.key{join}",
            shown = shown.join(", "),
            first = keys[0],
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
            "SELECT journal_key::text, state FROM ({}) AS judged WHERE state <> 'changed' ORDER BY 1 LIMIT {NAMED}",
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

/// The keys of the rows whose column a later run changed, as a SELECT; none when no later run did. A change that was
/// undone again counts for nothing. The runs of each key are gathered first: joining the touches with themselves would
/// be quadratic wherever the journal has no statistics yet.
fn later(table: &str, column: &str, key: &Key, newer: &[PastRun]) -> Option<String> {
    let done: Vec<&PastRun> =
        newer.iter().filter(|run| run.outcome == "done" && run.changed > 0).collect();
    if done.is_empty() {
        return None;
    }
    let known = |id: &str| done.iter().any(|run| run.id == id);
    let pairs: Vec<String> = done
        .iter()
        .filter_map(|undo| {
            undo.undoes.as_ref().filter(|other| known(other)).map(|other| (&undo.id, other))
        })
        .flat_map(|(undo, other)| {
            [
                format!("('{undo}'::uuid, '{other}'::uuid)"),
                format!("('{other}'::uuid, '{undo}'::uuid)"),
            ]
        })
        .collect();
    let ids: Vec<String> = done.iter().map(|run| format!("'{}'::uuid", run.id)).collect();
    let touches = format!(
        "SELECT run, unnest({}) AS key FROM leora_run.transition WHERE run IN ({}) AND table_name = {} AND column_name = {}",
        key.array,
        ids.join(", "),
        crate::rule::quote_literal(table),
        crate::rule::quote_literal(column),
    );
    if pairs.is_empty() {
        return Some(format!("SELECT DISTINCT key FROM ({touches}) AS touch"));
    }
    Some(format!(
        "SELECT key FROM (SELECT key, array_agg(run) AS runs FROM ({touches}) AS touch GROUP BY key) AS touched \
         WHERE EXISTS (SELECT FROM unnest(runs) AS run WHERE NOT EXISTS (\
           SELECT FROM (VALUES {}) AS pair (one, other) WHERE pair.one = run AND pair.other = ANY (runs)))",
        pairs.join(", "),
    ))
}
