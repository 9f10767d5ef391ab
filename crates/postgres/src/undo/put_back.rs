//! Putting back what a rule of the past changed, where the row still holds what it wrote.

use leora_report::{DatabaseError, PastRule, PastRun, PutBack, WriteError};
use leora_rule::{Sql, Table, Transition, differ, operation, quote_identifier};

use crate::connection::Cells;
use crate::journal::verify_written::verify_written;
use crate::journal::{self, JournalEntry, JournalKey, OF_RULE, RulePlace};
use crate::undo::conflicts::{changed_since, reported_before};
use crate::{Session, declared_key};

const MAX_LISTED: u32 = 1_000;

/// What a key of the journal takes in the server's memory, with its value, in bytes.
const KEY_BYTES: u64 = 96;
/// The most memory that the server is given for them, in kB.
const MAX_WORK_MEM: u64 = 128 << 10;

pub(crate) struct RuleToUndo<'p> {
    pub(crate) past: &'p PastRun,
    /// Its rules, newest first.
    pub(crate) rules: &'p [PastRule],
    /// The one that is undone now; those before it are put back already, as this undo's rules 1, 2, ...
    pub(crate) index: usize,
    pub(crate) newer: &'p [PastRun],
    pub(crate) run: &'p str,
}

/// The undo of one rule, as SQL parts over the parameters `$1` (run) and `$2` (rule).
struct RuleUndo<'t> {
    table: &'t Table,
    column: String,
    key: JournalKey,
    cast: String,
    /// The keys that a later run has changed, as a SELECT.
    changed_since: Option<String>,
    /// The keys that are reported already, as a SELECT.
    reported: Option<String>,
}

pub(crate) fn put_back(
    session: &mut Session,
    table: &Table,
    undone: &RuleToUndo<'_>,
) -> Result<PutBack, DatabaseError> {
    let RuleToUndo { past, rules, index, newer, run } = *undone;
    let rule = &rules[index];
    declared_key::check(session, table, &rule.column).map_err(as_database_error)?;
    let key = JournalKey::new(table);
    let undo = RuleUndo {
        table,
        column: quote_identifier(&rule.column),
        cast: table.column(&rule.column).map_or_else(String::new, |it| it.data_type.cast.clone()),
        changed_since: changed_since(rule, key.array, newer),
        reported: reported_before(past, rules, index, run, key.array),
        key,
    };
    let about = vec![Some(past.id.clone()), Some(rule.rule.to_string())];
    let place = RulePlace { step: index + 1, rule: index + 1 };
    undo.prefer_whole_joins(session, rule)?;
    // The journal first: where it has every row, nothing was left, and no row needs to be looked at for a reason.
    let changes = Sql { text: undo.changes(), parameters: about.clone() };
    let entry = JournalEntry { run, place, table, column: &rule.column };
    let journalled = journal::write(session, entry, &changes)?;
    let changed_then: u64 = rule.transitions.iter().map(|one| one.rows).sum();
    let result = match journalled == changed_then {
        true => undo.report_all(session, rule, run, place.rule)?,
        false => undo.report_by_row(session, rule, &about)?,
    };
    if result.changed() == 0 {
        return Ok(result);
    }
    let own = vec![Some(run.to_owned()), Some(place.rule.to_string())];
    let written = session.connection.execute(&Sql { text: undo.update(), parameters: own })?;
    session
        .connection
        .execute_text("SET LOCAL enable_nestloop TO DEFAULT; SET LOCAL work_mem TO DEFAULT")?;
    if journalled == written && written == result.changed() {
        verify_written(session, table, &rule.column, run, place.rule)?;
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

/// A rule that can't be written back is an error of the database here: no script is to blame.
fn as_database_error(error: WriteError) -> DatabaseError {
    match error {
        WriteError::Database(error) => error,
        WriteError::Rule(error) => DatabaseError::Inconsistent {
            message: error.to_string(),
            help: error.help().unwrap_or_default(),
        },
    }
}

impl RuleUndo<'_> {
    /// The rows of the journal, each with the row of the table, if it still exists, and its state: `reported`, `deleted`,
    /// `edited`, or `changed` where it is put back.
    fn rows(&self) -> String {
        let Self { table, column, key, cast, changed_since, reported } = self;
        let keys: Vec<String> = table.key.iter().map(|name| quote_identifier(name)).collect();
        let shown: Vec<String> = keys.iter().map(|name| format!("now.{name}")).collect();
        let within = |keys: &Option<String>| {
            keys.as_ref().map_or_else(
                || "false".into(),
                |keys| operation("was.key", "=", &format!("ANY ({keys})")),
            )
        };
        format!(
            "SELECT {shown}, was.key AS journal_key, now.{column} AS old_value, was.old_value::{cast} AS new_value, \
               CASE WHEN {reported} THEN 'reported' WHEN now.{first} IS NULL THEN 'deleted' \
                    WHEN {edited} OR {changed_since} OR {unreadable} THEN 'edited' \
                    ELSE 'changed' END AS state \
             FROM (SELECT pg_catalog.unnest({array}) AS key, old_value, new_value FROM leora_run.transition \
                   WHERE {OF_RULE}) AS was LEFT JOIN {name} AS now ON {is_key}",
            edited = differ(
                &format!("now.{column}::pg_catalog.text COLLATE pg_catalog.\"C\""),
                "was.new_value"
            ),
            unreadable = differ(
                &format!("(was.old_value::{cast})::pg_catalog.text COLLATE pg_catalog.\"C\""),
                "was.old_value"
            ),
            shown = shown.join(", "),
            first = keys[0],
            reported = within(reported),
            changed_since = within(changed_since),
            array = key.array,
            name = table.qualified(),
            is_key = operation(&key.expression("now"), "=", "was.key"),
        )
    }

    /// The server estimates the journal as a few rows, and would look each up by itself; where it has many of the table's,
    /// reading the table once costs less. The keys have to be in memory for that: spilled to disk, they would have the
    /// rows written in another order than they lie in, which takes a tenth longer.
    fn prefer_whole_joins(
        &self,
        session: &mut Session,
        rule: &PastRule,
    ) -> Result<(), DatabaseError> {
        let text = "SELECT CASE WHEN reltuples < 20 * $2::text::bigint THEN set_config('enable_nestloop', 'off', true) END, \
             set_config('work_mem', greatest(pg_size_bytes(current_setting('work_mem')) / 1024, \
               least($2::text::bigint / 1024 * $3::text::bigint, $4::text::bigint))::text, true) \
             FROM pg_class WHERE oid = to_regclass($1::text)";
        let rows: u64 = rule.transitions.iter().map(|one| one.rows).sum();
        let [rows, key, most] = [rows, KEY_BYTES, MAX_WORK_MEM].map(|number| number.to_string());
        let parameters = [self.table.qualified(), rows, key, most];
        session.connection.fetch_inlined(text, &parameters.each_ref().map(String::as_str)).map(drop)
    }

    /// What is put back where nothing is left: by the journal of this undo.
    fn report_all(
        &self,
        session: &mut Session,
        rule: &PastRule,
        run: &str,
        place: usize,
    ) -> Result<PutBack, DatabaseError> {
        let transitions = journal::transitions(session, &self.cast, run, place)?;
        Ok(PutBack { transitions, ..nothing_put_back(rule) })
    }

    fn report_by_row(
        &self,
        session: &mut Session,
        rule: &PastRule,
        about: &[Option<String>],
    ) -> Result<PutBack, DatabaseError> {
        let text = format!(
            "SELECT state, old_value::pg_catalog.text, new_value::pg_catalog.text, pg_catalog.count(*)::pg_catalog.text FROM (\
               SELECT state, CASE WHEN {is_changed} THEN old_value END AS old_value, \
                      CASE WHEN {is_changed} THEN new_value END AS new_value FROM ({}) AS rows) AS counted \
             GROUP BY state, counted.old_value, counted.new_value \
             ORDER BY state, counted.old_value NULLS FIRST, counted.new_value NULLS FIRST",
            self.rows(),
            is_changed = is_state("changed"),
        );
        let mut result = nothing_put_back(rule);
        for row in session.connection.fetch(&Sql { text, parameters: about.to_vec() })? {
            let mut cells = Cells::new(row);
            let (state, old, new) = (cells.text(), cells.optional(), cells.optional());
            let rows = cells.number();
            match state.as_str() {
                "edited" => result.edited += rows,
                "deleted" => result.deleted += rows,
                "reported" => {}
                _ => result.transitions.push(Transition { old, new, rows }),
            }
        }
        if result.edited + result.deleted > 0 {
            result.left = self.list_left(session, about)?;
        }
        Ok(result)
    }

    fn list_left(
        &self,
        session: &mut Session,
        about: &[Option<String>],
    ) -> Result<Vec<(String, String)>, DatabaseError> {
        let text = format!(
            "SELECT journal_key::pg_catalog.text, state FROM ({}) AS rows WHERE {} OR {} ORDER BY 1 LIMIT {MAX_LISTED}",
            self.rows(),
            is_state("edited"),
            is_state("deleted")
        );
        let rows = session.connection.fetch(&Sql { text, parameters: about.to_vec() })?;
        let left = |row| {
            let mut cells = Cells::new(row);
            (cells.text(), cells.text())
        };
        Ok(rows.into_iter().map(left).collect())
    }

    fn changes(&self) -> String {
        let keys: Vec<String> = self.table.key.iter().map(|name| quote_identifier(name)).collect();
        format!(
            "SELECT {}, old_value, new_value FROM ({}) AS rows WHERE {}",
            keys.join(", "),
            self.rows(),
            is_state("changed")
        )
    }

    /// `$1` and `$2` are the run and rule of this undo, not of what it undoes.
    fn update(&self) -> String {
        let Self { table, column, key, cast, .. } = self;
        format!(
            "UPDATE {name} AS target SET {column} = was.new_value::{cast} \
             FROM (SELECT pg_catalog.unnest({array}) AS key, new_value FROM leora_run.transition \
                   WHERE {OF_RULE}) AS was WHERE {is_key}",
            name = table.qualified(),
            array = key.array,
            is_key = operation(&key.expression("target"), "=", "was.key"),
        )
    }
}

fn is_state(state: &str) -> String {
    operation("state", "=", &format!("'{state}'"))
}

fn nothing_put_back(rule: &PastRule) -> PutBack {
    let (table, column) = (rule.table.clone(), rule.column.clone());
    PutBack { table, column, ..PutBack::default() }
}
