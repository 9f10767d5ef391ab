//! The manifest as it is written, and how it is read.

use std::collections::BTreeMap;

use leora_rule::{Access, Strategy};
use serde::Deserialize;
use toml::Spanned;

use crate::manifest::mistakes::unreadable;
use crate::manifest::names::{
    bad_write, check_key, check_migration_name, check_sql_name, is_target, needs_of_nothing,
};
use crate::manifest::values::{at_least_one, limits, percent, strategy, transit};
use crate::manifest::{LockMode, Manifest};
use crate::{FolderError, SourceFile, SqlNeeds};

/// How many runs keep their journal, unless the manifest says so.
const KEEP_RUNS: u32 = 20;

/// The manifest as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawManifest {
    pub(crate) title: String,
    pub(crate) access: Access,
    #[serde(default)]
    pub(crate) writes: Vec<Spanned<String>>,
    #[serde(default)]
    pub(crate) sql: Vec<Spanned<String>>,
    #[serde(default)]
    pub(crate) keys: BTreeMap<String, Spanned<Vec<String>>>,
    #[serde(default)]
    pub(crate) locks: BTreeMap<String, LockMode>,
    #[serde(default)]
    pub(crate) privileges: BTreeMap<String, Spanned<SqlNeeds>>,
    pub(crate) max_changed: Option<Spanned<String>>,
    #[serde(default)]
    pub(crate) forbid: Vec<Spanned<String>>,
    #[serde(default)]
    pub(crate) prisma: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    pub(crate) limits: BTreeMap<String, Spanned<i64>>,
    pub(crate) strategy: Option<Spanned<Strategy>>,
    pub(crate) keep_runs: Option<Spanned<u32>>,
    #[serde(default)]
    pub(crate) next: Vec<String>,
    #[serde(default)]
    pub(crate) back: Vec<String>,
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// [`FolderError::Manifest`] with the line and column of the mistake.
    pub fn parse(source: &SourceFile) -> Result<Self, FolderError> {
        let written: RawManifest = toml::from_str(&source.text)
            .map_err(|error| unreadable(source, error.span(), error.message()))?;
        let read_only = written.access == Access::ReadOnly;
        for entry in &written.writes {
            if read_only || !is_target(entry.get_ref()) {
                return Err(bad_write(source, entry, read_only));
            }
        }
        let strategy = strategy(source, &written)?;
        for file in &written.sql {
            check_sql_name(source, file, read_only)?;
        }
        for (table, key) in &written.keys {
            check_key(source, table, key, &written.writes)?;
        }
        let unnamed =
            |(file, _): &(&String, _)| written.sql.iter().all(|named| named.get_ref() != *file);
        if let Some((file, needs)) = written.privileges.iter().find(unnamed) {
            return Err(needs_of_nothing(source, file, needs));
        }
        for (name, file) in &written.prisma {
            check_sql_name(source, file, read_only)?;
            check_migration_name(source, file, name)?;
        }
        let max_changed = written.max_changed.map(|given| percent(source, &given)).transpose()?;
        let limits = limits(source, &written.limits)?;
        let forbid = written.forbid.iter().map(|given| transit(source, given));
        let forbid = forbid.collect::<Result<_, _>>()?;
        let keep_runs = written.keep_runs.map(|given| at_least_one(source, &given)).transpose()?;
        Ok(Self {
            max_changed,
            limits,
            forbid,
            keep_runs: keep_runs.unwrap_or(KEEP_RUNS),
            path: source.path.clone(),
            source: source.clone(),
            title: written.title,
            access: written.access,
            writes: written.writes.into_iter().map(Spanned::into_inner).collect(),
            sql: written.sql.into_iter().map(Spanned::into_inner).collect(),
            keys: written.keys.into_iter().map(|(table, key)| (table, key.into_inner())).collect(),
            locks: written.locks,
            privileges: written
                .privileges
                .into_iter()
                .map(|(file, needs)| (file, needs.into_inner()))
                .collect(),
            prisma: written
                .prisma
                .into_iter()
                .map(|(name, file)| (name, file.into_inner()))
                .collect(),
            strategy,
            next: written.next,
            back: written.back,
        })
    }
}
