//! What all documents have in common.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use crate::text::escape_json;

pub(crate) fn render_document(document: &impl Serialize) -> String {
    // Every document consists of texts, numbers, lists and objects with texts as keys, which can always be written.
    escape_json(&serde_json::to_string_pretty(document).unwrap_or_default())
}

pub(crate) fn object<V>(pairs: &[(String, V)]) -> BTreeMap<&str, &V> {
    pairs.iter().map(|(name, value)| (name.as_str(), value)).collect()
}

pub(crate) fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
