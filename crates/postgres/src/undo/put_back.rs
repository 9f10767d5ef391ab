//! Putting back what rules of the past changed, where the row still holds what they wrote.

use leora_report::{DatabaseError, PastRule, PastRun, PutBack, WriteError};
use leora_rule::{
    DataType, Sql, Table, differ, key_columns, key_name, operation, quote_identifier,
};

use crate::journal::touched_rows::TouchedRows;
use crate::journal::verify_written::verify_written;
use crate::journal::{self, JournalEntry, OF_RULE, RulePlace};
use crate::undo::by_rewrite::put_back_by_rewrite;
use crate::undo::conflicts::{changed_since, reported_before};
use crate::undo::journalled_key::JournalledKey;
use crate::undo::journalled_values::{gather_rows, update, update_on_citus};
use crate::undo::listing::UndoListing;
use crate::undo::value_now::{
    as_text, explain_refused, explain_unreadable, is_lost, is_of_another_zone, text_now, value_now,
};
use crate::unique_moves::UniqueMoves;
use crate::{Session, declared_key};

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
pub(crate) struct RuleUndo<'t> {
    pub(crate) table: &'t Table,
    /// What the rows of now are read from: the table, or those of its rows that are gathered from shards.
    source: String,
    pub(crate) data_type: &'t DataType,
    pub(crate) column: String,
    pub(crate) key: JournalledKey,
    /// The keys that a later run has changed, as a SELECT.
    changed_since: Option<String>,
    /// The keys that are reported already, as a SELECT.
    reported: Option<String>,
    /// The run and the rule that are undone.
    pub(crate) about: Vec<Option<String>>,
}

/// A rule whose values are journalled by the undo, and not yet put back.
struct Journalled<'t> {
    undo: RuleUndo<'t>,
    index: usize,
    result: PutBack,
    rows: u64,
}

/// Puts back what these rules of one table changed, each another column: in one UPDATE, since a constraint may be about
/// several of them.
pub(crate) fn put_back(
    session: &mut Session,
    table: &Table,
    rules: &[RuleToUndo<'_>],
    mut listing: Option<&mut UndoListing<'_>>,
) -> Result<Vec<PutBack>, DatabaseError> {
    let gathered = match table.placement.is_citus() {
        true => {
            let columns: Vec<&str> = match listing {
                // What names a row may be any column.
                Some(_) => table.column_names().collect(),
                None => rules.iter().map(|one| one.rules[one.index].column.as_str()).collect(),
            };
            Some(gather_rows(session, table, &columns)?)
        }
        false => None,
    };
    let source = gathered.as_ref().map_or_else(|| table.qualified(), |now| now.name.clone());
    let mut journalled = Vec::new();
    for undone in rules {
        let rule = &undone.rules[undone.index];
        let column = table.require_column(&rule.column);
        let data_type = &column.map_err(|error| as_database_error(error.into()))?.data_type;
        let explain = |error| explain_unreadable(error, &table.name, &rule.column, data_type);
        let one = journal_values(session, table, &source, data_type, undone).map_err(explain)?;
        if let Some(listing) = listing.as_deref_mut() {
            listing.add(session, rule, &one.undo).map_err(explain)?;
        }
        journalled.push(one);
    }
    if let Some(gathered) = gathered {
        gathered.drop(session)?;
    }
    write_back(session, table, rules, &journalled).map_err(explain_refused)?;
    Ok(journalled.into_iter().map(|one| one.result).collect())
}

fn journal_values<'t>(
    session: &mut Session,
    table: &'t Table,
    source: &str,
    data_type: &'t DataType,
    undone: &RuleToUndo<'_>,
) -> Result<Journalled<'t>, DatabaseError> {
    let RuleToUndo { past, rules, index, newer, run } = *undone;
    let rule = &rules[index];
    declared_key::check(session, table, &rule.column).map_err(as_database_error)?;
    let about = vec![Some(past.id.clone()), Some(rule.rule.to_string())];
    let key = JournalledKey::read(session, table, &about)?;
    let undo = RuleUndo {
        table,
        source: source.to_owned(),
        data_type,
        column: quote_identifier(&rule.column),
        changed_since: changed_since(rule, &key, newer),
        reported: reported_before(past, rules, index, run, &key),
        key,
        about,
    };
    undo.prefer_whole_joins(session, rule)?;
    // The journal first: where it has every row, nothing was left, and no row needs to be looked at for a reason.
    let place = RulePlace { step: index + 1, rule: index + 1 };
    let entry = JournalEntry { run, place, table, column: &rule.column };
    let rows = journal::write(session, entry, &undo.changes())?;
    let changed_then: u64 = rule.transitions.iter().map(|one| one.rows).sum();
    let result = match rows == changed_then {
        true => undo.report_all(session, rule, run, place.rule)?,
        false => undo.report_by_row(session, rule)?,
    };
    Ok(Journalled { undo, index, result, rows })
}

/// Writes what is journalled: column by column where unique values pass from row to row, the others together.
fn write_back(
    session: &mut Session,
    table: &Table,
    rules: &[RuleToUndo<'_>],
    journalled: &[Journalled<'_>],
) -> Result<(), DatabaseError> {
    let changed: Vec<(&RuleToUndo<'_>, &Journalled<'_>)> =
        rules.iter().zip(journalled).filter(|(_, one)| one.result.changed() > 0).collect();
    let Some((RuleToUndo { run, .. }, _)) = changed.first() else { return Ok(()) };
    let results: Vec<(&PastRule, &PutBack)> =
        changed.iter().map(|(undone, one)| (&undone.rules[one.index], &one.result)).collect();
    if put_back_by_rewrite(session, table, &results)? {
        return restore_planner(session);
    }
    let touched = TouchedRows::count(session, table)?;
    let (mut versions, mut together) = (0, Vec::new());
    for (undone, one) in &changed {
        let rule = &undone.rules[one.index];
        match one.undo.write_moves(session, rule)? {
            Some(further) => versions += one.rows + further,
            None => together.push((one.index + 1, &one.undo, one.rows)),
        }
    }
    let written = write_together(session, table, run, &together)?;
    restore_planner(session)?;
    let counts = || together.iter().map(|(.., rows)| *rows);
    let expected = counts().max().unwrap_or(0)..=counts().sum();
    for (undone, one) in &changed {
        let rule = &undone.rules[one.index];
        if one.rows != one.result.changed() || !expected.contains(&written) {
            return Err(interference(rule, one.result.changed(), one.rows, written));
        }
        verify_written(session, table, &rule.column, run, one.index + 1)?;
    }
    let columns: Vec<&str> =
        changed.iter().map(|(undone, one)| undone.rules[one.index].column.as_str()).collect();
    touched.verify(session, &columns.join(", "), versions + written)
}

/// Takes back what [`RuleUndo::prefer_whole_joins`] has set.
fn restore_planner(session: &mut Session) -> Result<(), DatabaseError> {
    let defaults = "SET LOCAL enable_nestloop TO DEFAULT; SET LOCAL work_mem TO DEFAULT";
    session.connection.execute_text(defaults)
}

/// By the journal of the undo; returns how many rows that were.
fn write_together(
    session: &mut Session,
    table: &Table,
    run: &str,
    rules: &[(usize, &RuleUndo<'_>, u64)],
) -> Result<u64, DatabaseError> {
    let Some((_, first, _)) = rules.first() else { return Ok(0) };
    let written = match table.placement.is_citus() {
        true => update_on_citus(session, table, run, rules),
        false => session.connection.execute(&update(table, run, rules)),
    };
    written.map_err(|error| explain_unreadable(error, &table.name, &first.column, first.data_type))
}

fn interference(rule: &PastRule, expected: u64, journalled: u64, written: u64) -> DatabaseError {
    DatabaseError::Inconsistent {
        message: format!(
            "{}.{}: {expected} rows should be put back, {journalled} were journalled and {written} written",
            rule.table, rule.column,
        ),
        help: format!(
            "a BEFORE trigger or a rule on {} interferes; disable it for the undo",
            rule.table
        ),
    }
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
    /// `edited`, `recast` where it differs and is also written otherwise in the type of now, `zone` where the value was
    /// converted by a time zone that nobody knows, `lost` where the old value does not fit the type of now, or `changed`
    /// where it is put back.
    pub(crate) fn rows(&self) -> String {
        self.rows_with("")
    }

    /// The same with further columns, each with a comma behind it: of the journal's rows `was`, and of the table's `now`.
    pub(crate) fn rows_with(&self, more: &str) -> String {
        let Self { table, data_type, column, key, changed_since, reported, .. } = self;
        let within = |keys: &Option<String>| {
            keys.as_ref().map_or_else(
                || "false".into(),
                |keys| operation("was.written", "=", &format!("ANY ({keys})")),
            )
        };
        let now = as_text(&format!("now.{column}"));
        let written = text_now(data_type, "was.new_value");
        format!(
            "SELECT {more}{shown}was.key AS \"#journal key\", now.{column} AS \"#old\", {old} AS \"#new\", \
               CASE WHEN {reported} THEN 'reported' WHEN now.{first} IS NULL THEN 'deleted' WHEN {changed_since} THEN 'edited' \
                    WHEN CASE WHEN {differs} THEN {differs_now} ELSE false END \
                    THEN CASE WHEN {zone} THEN 'zone' WHEN {recast} THEN 'recast' ELSE 'edited' END \
                    WHEN {lost} THEN 'lost' ELSE 'changed' END AS \"#state\" \
             FROM (SELECT key, {written_now} AS written, old_value, new_value FROM (\
                     SELECT pg_catalog.unnest({array}) AS key, old_value, new_value FROM leora_run.transition \
                      WHERE {OF_RULE}) AS journalled) AS was LEFT JOIN {name} AS now ON {is_key}",
            shown = key_columns("now.", &table.key, ", "),
            old = value_now(data_type, "was.old_value"),
            first = quote_identifier(&table.key[0]),
            reported = within(reported),
            changed_since = within(changed_since),
            // Where the texts are the same, nothing has to be converted.
            differs = differ(&now, "was.new_value"),
            differs_now = differ(&now, &written),
            zone = is_of_another_zone(data_type, "was.new_value"),
            recast = differ(&written, "was.new_value"),
            lost = is_lost(data_type, "was.old_value"),
            written_now = key.written_now,
            array = key.array,
            name = self.source,
            is_key = key.is_key(table),
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

    /// Puts unique values back in an order, where they pass from row to row; returns how many row versions that took beside
    /// one for each row.
    fn write_moves(
        &self,
        session: &mut Session,
        rule: &PastRule,
    ) -> Result<Option<u64>, DatabaseError> {
        let Some(column) = self.table.column(&rule.column) else { return Ok(None) };
        let changes = self.changes();
        let Some(moves) = UniqueMoves::find(session, self.table, column, &changes)? else {
            return Ok(None);
        };
        if let Some((reason, help)) = moves.refusal(column) {
            let message = format!("{} can't be put back: {reason}", rule.table);
            return Err(DatabaseError::Inconsistent { message, help });
        }
        moves.write(session, self.table, column, &changes)
    }

    fn changes(&self) -> Sql {
        let keys: String =
            (1..=self.table.key.len()).map(|place| format!("{}, ", key_name(place))).collect();
        let text = format!(
            "SELECT {keys}\"#old\", \"#new\" FROM ({}) AS rows WHERE {}",
            self.rows(),
            is_state("changed")
        );
        Sql { text, parameters: self.about.clone() }
    }
}

pub(crate) fn is_state(state: &str) -> String {
    operation("\"#state\"", "=", &format!("'{state}'"))
}
