//! `--format json`: one document for each command. It is an interface: keys are added, never renamed or removed.

mod check;
mod doctor;
mod report;
mod status;
mod step;
mod what_if;
mod why;

use std::collections::BTreeMap;

use serde::Serialize;

pub(crate) use check::{render_check, render_settings};
pub(crate) use doctor::{render_doctor, render_grants};
pub use report::render_json;
pub(crate) use status::render_status;

use crate::render::text::escape_json;

/// A document as text, laid out in lines.
pub(crate) fn render(document: &impl Serialize) -> String {
    // Every document consists of texts, numbers, lists and objects with texts as keys, which can always be written.
    escape_json(&serde_json::to_string_pretty(document).unwrap_or_default())
}

/// Named values as an object.
fn object<V>(pairs: &[(String, V)]) -> BTreeMap<&str, &V> {
    pairs.iter().map(|(name, value)| (name.as_str(), value)).collect()
}

/// Whole milliseconds.
fn milliseconds(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
