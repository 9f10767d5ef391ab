//! The manifest as TOML has it, with the place of what is checked later.

use std::collections::BTreeMap;

use leora_rule::{Access, Strategy};
use serde::Deserialize;
use toml::Spanned;

use crate::manifest::{LockMode, TriggerRights};
use crate::sql_privileges::SqlPrivileges;

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
    pub(crate) records: Vec<Spanned<String>>,
    #[serde(default)]
    pub(crate) keys: BTreeMap<String, Spanned<Vec<String>>>,
    #[serde(default)]
    pub(crate) labels: BTreeMap<String, Vec<Spanned<String>>>,
    #[serde(default)]
    pub(crate) locks: BTreeMap<String, LockMode>,
    #[serde(default)]
    pub(crate) privileges: BTreeMap<String, Spanned<SqlPrivileges>>,
    pub(crate) max_changed: Option<Spanned<String>>,
    #[serde(default)]
    pub(crate) forbid: Vec<Spanned<String>>,
    #[serde(default)]
    pub(crate) prisma: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    pub(crate) limits: BTreeMap<String, Spanned<i64>>,
    pub(crate) strategy: Option<Spanned<Strategy>>,
    #[serde(default)]
    pub(crate) trigger_rights: TriggerRights,
    pub(crate) keep_runs: Option<Spanned<u32>>,
    #[serde(default)]
    pub(crate) next: Vec<String>,
    #[serde(default)]
    pub(crate) back: Vec<String>,
}
