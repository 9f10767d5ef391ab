//! Writes that a host without effects can't answer: the manifest is asked first, as in a run. `why`
//! says why the host writes nothing.

use leora_folder::Manifest;
use leora_host::{HostError, Selection, permit};

pub(crate) fn insert<T>(manifest: &Manifest, table: &str, why: &str) -> Result<T, HostError> {
    permit::check_insert(manifest, table)?;
    refuse(&format!("it inserts into {table}"), why)
}

/// The refusal of `rejects`, which tries to insert.
pub(crate) fn try_insert<T>(manifest: &Manifest, table: &str, why: &str) -> Result<T, HostError> {
    permit::check_insert(manifest, table)?;
    refuse(&format!("it tries to insert into {table}"), why)
}

pub(crate) fn delete<T>(manifest: &Manifest, rows: &Selection, why: &str) -> Result<T, HostError> {
    permit::check_delete(manifest)?;
    refuse(&format!("it deletes from {}", rows.table), why)
}

fn refuse<T>(what: &str, why: &str) -> Result<T, HostError> {
    Err(HostError::Unpredictable { reason: format!("{what}, and {why}") })
}
