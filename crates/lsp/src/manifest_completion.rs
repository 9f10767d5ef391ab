//! Completion in `leora.toml`: its keys, and the names that stand in its texts.

use std::ops::Range;

use gen_lsp_types::CompletionItemKind as Kind;
use leora_folder::{LIMITS, Limit, MANIFEST_KEYS, ManifestKey};

use crate::completion::{Proposal, sql_files, tables};
use crate::spot::Spot;

/// What stands at a place of a manifest.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ManifestPlace<'t> {
    /// A key of this section; empty for the first.
    Key { section: &'t str },
    /// A text that belongs to this key of the first section, or to this section.
    Text { key: &'t str },
    /// Anything else.
    Other,
}

/// What could be written, and the bytes that it replaces.
pub(crate) fn propose(spot: &Spot<'_>) -> (Vec<Proposal>, Range<usize>) {
    let (place, bytes) = place_at(spot.text, spot.offset);
    let proposals = match place {
        ManifestPlace::Key { section: "" } => MANIFEST_KEYS.iter().map(of_key).collect(),
        ManifestPlace::Key { section: "limits" } => LIMITS.iter().map(of_limit).collect(),
        ManifestPlace::Key { section: "locks" | "keys" | "labels" } => tables(spot),
        ManifestPlace::Text { key: "writes" | "forbid" } => {
            tables(spot).into_iter().chain(columns(spot)).collect()
        }
        ManifestPlace::Text { key: "sql" | "prisma" } => sql_files(spot),
        ManifestPlace::Text { key } => values(key),
        ManifestPlace::Key { .. } | ManifestPlace::Other => vec![],
    };
    (proposals, bytes)
}

fn of_key(key: &ManifestKey) -> Proposal {
    Proposal { about: Some(key.about.into()), ..Proposal::new(key.name, Kind::Property) }
}

fn of_limit(limit: &Limit) -> Proposal {
    let detail = format!("{} to {} {}", limit.least, limit.most, limit.unit);
    let proposal = Proposal::new(limit.name, Kind::Property).detail(detail);
    Proposal { about: Some(limit.meaning.into()), ..proposal }
}

fn values(key: &str) -> Vec<Proposal> {
    let known = MANIFEST_KEYS.iter().find(|one| one.name == key);
    let values = known.map_or(&[][..], |key| key.values);
    values.iter().map(|value| Proposal::new(*value, Kind::Value)).collect()
}

/// As `Table.column`.
fn columns(spot: &Spot<'_>) -> Vec<Proposal> {
    let tables = spot.tables.tables.iter();
    let columns = tables.flat_map(|table| table.columns.iter().map(move |column| (table, column)));
    columns
        .map(|(table, column)| {
            let name = format!("{}.{}", table.name, column.name);
            Proposal::new(name, Kind::Field).detail(&column.data_type)
        })
        .collect()
}

/// What stands at a byte of a manifest, and the bytes of the text or key there.
pub(crate) fn place_at(text: &str, offset: usize) -> (ManifestPlace<'_>, Range<usize>) {
    let line_start = text[..offset].rfind('\n').map_or(0, |newline| newline + 1);
    let before = &text[line_start..offset];
    let line_end = text[offset..].find('\n').map_or(text.len(), |length| offset + length);
    if before.matches('"').count() % 2 == 1 {
        let start = text[..offset].rfind('"').map_or(offset, |quote| quote + 1);
        let end = text[offset..line_end].find('"').map_or(offset, |length| offset + length);
        let place = ManifestPlace::Text { key: key_above(&text[..offset]) };
        return (place, start..end);
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let word = before.len() - before.trim_end_matches(is_name).len();
    let rest = &text[offset..line_end];
    let end = offset + rest.len() - rest.trim_start_matches(is_name).len();
    let bytes = offset - word..end;
    if before.trim_start().chars().all(is_name) && !in_list(&text[..line_start]) {
        return (ManifestPlace::Key { section: section(&text[..line_start]) }, bytes);
    }
    (ManifestPlace::Other, bytes)
}

/// The section that a place is in.
fn section(before: &str) -> &str {
    let heads = before.lines().rev().map(str::trim).filter(|line| line.starts_with('['));
    let mut heads = heads.filter(|line| line.ends_with(']') && !line.contains('"'));
    heads.next().map_or("", |line| line.trim_matches(['[', ']']))
}

/// The section, or the key of the first one, whose value a text belongs to.
fn key_above(before: &str) -> &str {
    let section = section(before);
    if !section.is_empty() {
        return section;
    }
    let mut keys = before.lines().rev().filter_map(|line| line.split_once('='));
    keys.next().map_or("", |(key, _)| key.trim())
}

/// Whether a list goes on past the end of a text.
fn in_list(before: &str) -> bool {
    let code = before.lines().map(|line| line.split('#').next().unwrap_or_default());
    let signs = code.flat_map(str::chars).filter(|c| ['[', ']'].contains(c));
    signs.fold(0_i32, |depth, sign| depth + if sign == '[' { 1 } else { -1 }) > 0
}

#[cfg(test)]
mod tests {
    use super::{ManifestPlace, place_at};

    fn at(text: &str) -> (ManifestPlace<'static>, String) {
        let offset = text.find('|').expect("a |");
        let text: &'static str = text.replacen('|', "", 1).leak();
        let (place, bytes) = place_at(text, offset);
        (place, text[bytes].to_owned())
    }

    #[test]
    fn keys_and_texts_are_told_apart() {
        let key = |section| ManifestPlace::Key { section };
        let text = |key| ManifestPlace::Text { key };
        for (manifest, place, covered) in [
            ("|", key(""), ""),
            ("title = \"T\"\nacc|", key(""), "acc"),
            ("[limits]\nti|me = 3", key("limits"), "time"),
            ("writes = [\"Cust|omer.a\"]", text("writes"), "Customer.a"),
            ("writes = [\n  \"A\",\n  \"|\n]", text("writes"), ""),
            ("writes = [\n  |\n]", ManifestPlace::Other, ""),
            ("access = \"|\"", text("access"), ""),
            ("[locks]\nCustomer = \"ex|\"", text("locks"), "ex"),
            ("keep_runs = |", ManifestPlace::Other, ""),
        ] {
            assert_eq!(at(manifest), (place, covered.to_owned()), "{manifest}");
        }
    }
}
