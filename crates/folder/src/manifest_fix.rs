//! Changes of a manifest that an editor can offer.

use leora_report::{Fix, Place, Replacement, toml_string};
use serde::Deserialize;
use toml::Spanned;

use crate::manifest::Manifest;
use crate::source_file::SourceFile;

/// A list of texts, each with its place.
type Entries = Spanned<Vec<Spanned<String>>>;

#[derive(Deserialize)]
struct Lists {
    access: Spanned<String>,
    writes: Option<Entries>,
    sql: Option<Entries>,
    records: Option<Entries>,
}

impl Manifest {
    /// The change that adds an entry to a list: `writes`, `sql` or `records`.
    pub fn fix_with_entry(&self, list: &str, entry: &str) -> Option<Fix> {
        let lists: Lists = toml::from_str(&self.source.text).ok()?;
        let entries = match list {
            "writes" => lists.writes,
            "sql" => lists.sql,
            "records" => lists.records,
            _ => return None,
        };
        let quoted = toml_string(entry);
        let (offset, text) = match &entries {
            Some(entries) => match entries.get_ref().last() {
                Some(last) => (last.span().end, format!(", {quoted}")),
                None => (entries.span().start + 1, quoted.clone()),
            },
            None => {
                let end = lists.access.span().end;
                let rest = &self.source.text[end..];
                let line_end = end + rest.find('\n').unwrap_or(rest.len());
                (line_end, format!("\n{list} = [{quoted}]"))
            }
        };
        let title = format!("add {quoted} to {list}");
        Some(Fix { title, replacements: vec![replacement(&self.source, offset, "", text)] })
    }
}

/// Writes another name for one at a place, which may be in quotes.
pub(crate) fn fix_name(source: &SourceFile, offset: usize, found: &str, name: &str) -> Option<Fix> {
    let rest = source.text.get(offset..)?;
    let quote = usize::from(rest.starts_with('"'));
    let is_there = rest[quote..].starts_with(found);
    let replacements = vec![replacement(source, offset + quote, found, name.to_owned())];
    is_there.then(|| Fix { title: format!("write {name}"), replacements })
}

fn replacement(source: &SourceFile, offset: usize, replaced: &str, text: String) -> Replacement {
    let place = Place::from_byte_offset(&source.path, &source.text, offset);
    Replacement { place, replaced: replaced.to_owned(), text }
}

#[cfg(test)]
mod tests {
    use crate::manifest::Manifest;
    use crate::source_file::SourceFile;

    fn with_entry(rest: &str) -> String {
        let text = format!("title = \"T\"\naccess = \"read-write\" # kept\n{rest}");
        let source = SourceFile { path: "leora.toml".into(), text, sha256: String::new() };
        let manifest = Manifest::parse(&source).expect("a manifest");
        let fix = manifest.fix_with_entry("writes", "T.c").expect("a fix");
        let change = &fix.replacements[0];
        let mut text = manifest.source.text.clone();
        text.insert_str(change.place.byte_offset(&text), &change.text);
        let again = SourceFile { text: text.clone(), ..source };
        assert!(Manifest::parse(&again).expect("a manifest").may_set("T", "c"), "{text}");
        text.lines().skip(2).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn an_entry_is_added_to_its_list_or_with_it() {
        assert_eq!(with_entry("writes = [\"T.a\"] # a\n"), "writes = [\"T.a\", \"T.c\"] # a");
        assert_eq!(with_entry("writes = [\n  \"T.a\",\n]\n"), "writes = [|  \"T.a\", \"T.c\",|]");
        assert_eq!(with_entry("writes = []\n"), "writes = [\"T.c\"]");
        assert_eq!(with_entry("[limits]\ntime = 3\n"), "writes = [\"T.c\"]|[limits]|time = 3");
    }
}
