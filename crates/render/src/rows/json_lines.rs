//! Rows as JSON, a document a line: what is NULL stays apart from empty text.

use std::io::{self, Write};

use leora_report::RowList;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::rows::line_text;
use crate::text::escape_json;

pub(super) fn write(list: &mut RowList, out: &mut dyn Write) -> io::Result<()> {
    list.for_each(|_, rule, row| {
        let line = line_text(rule, row);
        let document = Document {
            step: &rule.step,
            table: &rule.table,
            key: Cells(&rule.key, row.key(rule).collect()),
            labels: Cells(&rule.labels, row.labels(rule).collect()),
            column: &rule.column,
            old: row.old(),
            new: row.new_value(),
            line: line.as_deref(),
            reads: Cells(&rule.reads, row.reads(rule).collect()),
            facts: Cells(&rule.facts, row.facts(rule).collect()),
        };
        let text = serde_json::to_string(&document).map_err(io::Error::other)?;
        writeln!(out, "{}", escape_json(&text))
    })
}

#[derive(Serialize)]
struct Document<'r> {
    step: &'r str,
    table: &'r str,
    key: Cells<'r>,
    labels: Cells<'r>,
    column: &'r str,
    old: Option<&'r str>,
    new: Option<&'r str>,
    line: Option<&'r str>,
    reads: Cells<'r>,
    #[serde(flatten)]
    facts: Cells<'r>,
}

/// Values by the names of their columns.
struct Cells<'r>(&'r [String], Vec<Option<&'r str>>);

impl Serialize for Cells<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in self.0.iter().zip(&self.1) {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}
