//! Running an SQL file inside the run's transaction, and seeing what it did.

pub(crate) mod later_indexes;
pub(crate) mod objects;
pub(crate) mod ownership;

use leora_report::{DatabaseError, DeferredIndex, Lock, ObjectChange, SqlRun};

use crate::Session;
use crate::session::CHECK_CONSTRAINTS;
use crate::sql_file::later_indexes::{LEFT, telling};
use crate::sql_file::objects::{difference, listed, listing};
use crate::sql_file::ownership::{RelatedTablesOwner, created};

/// The table locks of this transaction, without this tool's own tables.
const LOCKS: &str = "\
SELECT n.nspname::text, c.relname::text, l.mode, c.oid::text
  FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE l.pid = pg_backend_pid() AND l.granted AND c.relkind IN ('r', 'p')
   AND n.nspname NOT IN ('pg_catalog', 'leora_run')
   AND l.mode IN ('ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
 ORDER BY 1, 2, 3";

const ROLE: &str = "SELECT current_user::text";

/// The tables there are.
const TABLES: &str = "SELECT oid::text FROM pg_class WHERE relkind IN ('r', 'p')";

impl Session {
    /// Runs a file of SQL statements in this transaction, then sets the settings again. What it made is given to the
    /// owner of the tables that it belongs with, `around`. It is told which columns, as `Table.column`, this
    /// transaction is going to write.
    ///
    /// # Errors
    /// [`DatabaseError`] of the server, with the position in the file where it tells one.
    pub fn run_sql(
        &mut self,
        text: &str,
        around: &[String],
        writes: &[String],
    ) -> Result<SqlRun, DatabaseError> {
        let listing = listing(&self.target().schema);
        // A DDL refuses a table with trigger events that are still to come.
        let all = [CHECK_CONSTRAINTS, ROLE, &listing, LOCKS, TABLES, &telling(writes)];
        let told = self.connection.fetch_each(&all)?;
        let [_, role, before, held, tables, _] = told.try_into().expect("an answer to each");
        let role = role.into_iter().flatten().flatten().next().unwrap_or_default();
        let kin = self.related_tables_owner(&role, around)?;
        self.connection.execute_text(text)?;
        let told = self.restore_settings(&[LEFT, &listing, LOCKS])?;
        let [left, after, now] = told.try_into().expect("an answer to each");
        let deferred_indexes = self.note_later(left, writes)?;
        let (before, mut after) = (listed(before), listed(after));
        let index = |one: &DeferredIndex| (("index".to_owned(), one.index.clone()), String::new());
        after.extend(deferred_indexes.iter().map(index));
        let strongest = |rows: &[Vec<Option<String>>], oid: &Option<String>| {
            rows.iter().filter(|row| row[3] == *oid).map(|row| strength(&row[2])).max().unwrap_or(0)
        };
        let undeclared_locks = now
            .iter()
            .filter(|row| strength(&row[2]) > strongest(&held, &row[3]))
            .filter(|row| tables.iter().any(|table| table[0] == row[3]))
            .map(|row| lock(row))
            .collect();
        let objects = difference(&before, &after);
        let ownership = self.reassign_ownership(&objects, &role, &kin)?;
        let grants_for_others = self.opening_of(&objects, around, &role, &kin)?;
        Ok(SqlRun { objects, undeclared_locks, deferred_indexes, ownership, grants_for_others })
    }

    fn opening_of(
        &mut self,
        objects: &[ObjectChange],
        around: &[String],
        role: &str,
        kin: &RelatedTablesOwner,
    ) -> Result<Vec<String>, DatabaseError> {
        let owner = match kin {
            RelatedTablesOwner::OtherRole(heir) => heir.owner.role.clone(),
            _ => role.to_owned(),
        };
        let tables = created(objects).filter(|one| one.kind == "table");
        let new: Vec<String> = tables.map(|one| one.name.clone()).collect();
        self.grants_for_others(&new, around, role, &owner)
    }
}

/// How much a lock keeps out, from weak to strong.
fn strength(mode: &Option<String>) -> usize {
    let order = [
        "ShareUpdateExclusiveLock",
        "ShareLock",
        "ShareRowExclusiveLock",
        "ExclusiveLock",
        "AccessExclusiveLock",
    ];
    order.iter().position(|known| Some(*known) == mode.as_deref()).map_or(0, |at| at + 1)
}

fn lock(row: &[Option<String>]) -> Lock {
    let text = |at: usize| row[at].clone().unwrap_or_default();
    Lock { schema: text(0), table: text(1), mode: spelled(&text(2)) }
}

/// `ShareRowExclusiveLock` as SQL writes it: `SHARE ROW EXCLUSIVE`.
fn spelled(mode: &str) -> String {
    let mut words = String::new();
    for letter in mode.trim_end_matches("Lock").chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.push(letter.to_ascii_uppercase());
    }
    words
}
