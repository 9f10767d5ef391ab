//! Putting back what a rule of the past changed, where the row still holds what it wrote.

use leora_report::{DatabaseError, PastRule, PastRun, PutBack, WriteError};
use leora_rule::{Sql, Table, Transition, quote_identifier};

use crate::Session;
use crate::journal::{self, JournalEntry, Key, RulePlace};
use crate::strategies::{key, verify_written as stored};
use crate::undo::conflicts as standing;

/// The most rows that are named one by one.
const NAMED: u32 = 1_000;

/// What a key of the journal takes in the server's memory, with its value, in bytes.
const KEY_BYTES: u64 = 96;
/// The most memory that the server is given for them, in kB.
const MOST_MEMORY: u64 = 128 << 10;

/// What is undone, and what is known of it.
pub(crate) struct Undone<'p> {
    /// The run that is undone.
    pub(crate) past: &'p PastRun,
    /// Its rules, newest first.
    pub(crate) rules: &'p [PastRule],
    /// The one whose turn it is; those before it are put back already, as this undo's rules 1, 2, ...
    pub(crate) index: usize,
    /// The runs since, newest first.
    pub(crate) newer: &'p [PastRun],
    /// The id of this undo.
    pub(crate) run: &'p str,
}

/// The undo of one rule, as SQL parts over the parameters `$1` (run) and `$2` (rule).
struct RuleUndo<'t> {
    table: &'t Table,
    column: String,
    key: Key,
    cast: String,
    later: Option<String>,
    told: Option<String>,
}

/// Puts back what a rule of the past changed, journals it, and tells what was left.
pub(crate) fn put_back(
    session: &mut Session,
    table: &Table,
    undone: &Undone<'_>,
) -> Result<PutBack, DatabaseError> {
    let rule = &undone.rules[undone.index];
    key::trust(session, table, &rule.column).map_err(refused)?;
    let key = Key::of(table);
    let undo = RuleUndo {
        table,
        column: quote_identifier(&rule.column),
        cast: table.column(&rule.column).map_or_else(String::new, |it| it.data_type.cast.clone()),
        later: standing::since(rule, key.array, undone.newer),
        told: standing::told(undone, key.array),
        key,
    };
    let about = vec![Some(undone.past.id.clone()), Some(rule.rule.to_string())];
    let place = undone.index + 1;
    let own = vec![Some(undone.run.to_owned()), Some(place.to_string())];
    undo.prefer_joins_in_whole(session, rule)?;
    // The journal first: where it has every row, nothing was left, and nobody needs to look why.
    let changes = Sql { text: undo.changes(), parameters: about.clone() };
    let (run, column) = (undone.run, rule.column.as_str());
    let entry = JournalEntry { run, place: RulePlace { step: place, rule: place }, table, column };
    let journalled = journal::keep(session, entry, &changes)?;
    let was: u64 = rule.transitions.iter().map(|one| one.rows).sum();
    let result = match journalled == was {
        true => undo.whole(session, rule, &own)?,
        false => undo.parted(session, rule, &about)?,
    };
    if result.changed() == 0 {
        return Ok(result);
    }
    let written = session.connection.execute(&Sql { text: undo.update(), parameters: own })?;
    session
        .connection
        .execute_text("SET LOCAL enable_nestloop TO DEFAULT; SET LOCAL work_mem TO DEFAULT")?;
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

/// A table that can't be changed back, in the words of one that can't be changed.
fn refused(error: WriteError) -> DatabaseError {
    match error {
        WriteError::Database(error) => error,
        WriteError::Rule(error) => DatabaseError::Inconsistent {
            message: error.to_string(),
            help: error.help().unwrap_or_default(),
        },
    }
}

impl RuleUndo<'_> {
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

    /// The server takes the journal for a few rows, and would look each up by itself; where it has many of the table's,
    /// reading the table once costs less. The keys have to be in memory for that: put aside in parts, they would have
    /// the rows written in another order than they lie in, at a tenth more.
    fn prefer_joins_in_whole(
        &self,
        session: &mut Session,
        rule: &PastRule,
    ) -> Result<(), DatabaseError> {
        let text = "SELECT CASE WHEN reltuples < 20 * $2::text::bigint THEN set_config('enable_nestloop', 'off', true) END, \
             set_config('work_mem', greatest(pg_size_bytes(current_setting('work_mem')) / 1024, \
               least($2::text::bigint / 1024 * $3::text::bigint, $4::text::bigint))::text, true) \
             FROM pg_class WHERE oid = to_regclass($1::text)";
        let rows: u64 = rule.transitions.iter().map(|one| one.rows).sum();
        let numbers = [rows, KEY_BYTES, MOST_MEMORY].map(|number| Some(number.to_string()));
        let parameters = std::iter::once(Some(self.table.qualified())).chain(numbers).collect();
        session.connection.fetch(&Sql { text: text.to_owned(), parameters }).map(|_| ())
    }

    /// What was put back, where nothing was left: by the journal of this undo.
    fn whole(
        &self,
        session: &mut Session,
        rule: &PastRule,
        own: &[Option<String>],
    ) -> Result<PutBack, DatabaseError> {
        let transitions = journal::transitions(session, &self.cast, own)?;
        let (table, column) = (rule.table.clone(), rule.column.clone());
        Ok(PutBack { table, column, transitions, ..PutBack::default() })
    }

    /// What is to be put back and what is left, by looking at every row.
    fn parted(
        &self,
        session: &mut Session,
        rule: &PastRule,
        about: &[Option<String>],
    ) -> Result<PutBack, DatabaseError> {
        let mut result = self.judge(session, rule, about)?;
        if result.edited + result.deleted > 0 {
            result.left = self.left(session, about)?;
        }
        Ok(result)
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
        for row in session.connection.fetch(&Sql { text, parameters: about.to_vec() })? {
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
        let rows = session.connection.fetch(&Sql { text, parameters: about.to_vec() })?;
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

    /// Puts back what the journal of this undo holds: `$1` and `$2` are its run and rule.
    fn update(&self) -> String {
        let Self { table, column, key, cast, .. } = self;
        format!(
            "UPDATE {name} AS target SET {column} = was.new_value::{cast} \
             FROM (SELECT unnest({array}) AS key, new_value FROM leora_run.transition \
                   WHERE run = $1::text::uuid AND rule = $2::text::integer) AS was WHERE {expression} = was.key",
            name = table.qualified(),
            array = key.array,
            expression = key.expression_of("target"),
        )
    }
}
