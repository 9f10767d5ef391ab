//! The locks on tables that a run takes first, before anything is written.

use std::collections::BTreeMap;

use leora_folder::{LockMode, Manifest};
use leora_postgres::{Catalog, Session, rewrite_obstacle};
use leora_report::{DatabaseError, Lock, Observer};
use leora_rule::{Access, Strategy};

use crate::commands::context::Context;

/// The same for a run or a preview that begins: the session is prepared for the SQL files that follow.
pub(crate) fn first_locks(
    session: &mut Session,
    manifest: &Manifest,
) -> Result<Vec<Lock>, DatabaseError> {
    if !manifest.sql.is_empty() {
        session.prepare_for_files()?;
    }
    needed_locks(session, manifest)
}

/// The strongest lock that any step needs on each table that exists, in name order.
pub(crate) fn needed_locks(
    session: &mut Session,
    manifest: &Manifest,
) -> Result<Vec<Lock>, DatabaseError> {
    if manifest.access == Access::ReadOnly {
        return Ok(vec![]);
    }
    let mut modes: BTreeMap<&str, LockMode> =
        manifest.locks.iter().map(|(table, mode)| (table.as_str(), *mode)).collect();
    let columns = manifest.settable_columns().filter(|_| manifest.strategy != Strategy::Batches);
    for (table, column) in columns {
        let strongest = modes.entry(table).or_insert(LockMode::NoWrites);
        // Readers need not wait for a rewrite that is not possible.
        if manifest.strategy == Strategy::Rewrite
            && *strongest < LockMode::Exclusive
            && rewrite_obstacle(session, table, column)?.is_none()
        {
            *strongest = LockMode::Exclusive;
        }
    }
    locks_on_existing_tables(session, modes)
}

pub(crate) fn locks_on_existing_tables(
    session: &mut Session,
    modes: BTreeMap<&str, LockMode>,
) -> Result<Vec<Lock>, DatabaseError> {
    let names: Vec<&str> = modes.keys().copied().collect();
    let existing = Catalog::new(session).lockable_tables(&names)?;
    let schema = session.target().schema.clone();
    let lock = |(table, mode): (&str, LockMode)| Lock {
        schema: schema.clone(),
        table: table.to_owned(),
        mode: mode.sql().to_owned(),
    };
    let exists = |(table, _): &(&str, LockMode)| existing.iter().any(|name| name == table);
    Ok(modes.into_iter().filter(exists).map(lock).collect())
}

/// While it waits for them, nothing has been written.
pub(crate) fn take_locks(
    session: &mut Session,
    locks: &[Lock],
    context: &Context,
) -> Result<(), DatabaseError> {
    context.screen().on_start("waiting for locks");
    session.take_locks(locks)
}
