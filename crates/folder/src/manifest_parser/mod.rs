//! Parsing `leora.toml`, with a message at the place of each mistake.

mod errors;
mod names;
mod raw;
mod values;

use std::collections::BTreeMap;

use leora_rule::Access;
use toml::Spanned;

use crate::error::FolderError;
use crate::manifest::Manifest;
use crate::source_file::SourceFile;
use errors::explain_toml_error;
use names::{
    check_key, check_migration_name, check_record, check_sql_name, is_column_or_table,
    privileges_of_unnamed_file, wrong_write,
};
use raw::RawManifest;
use values::{
    parse_forbidden, parse_keep_runs, parse_labels, parse_limits, parse_percent, parse_strategy,
};

const DEFAULT_KEEP_RUNS: u32 = 20;

impl Manifest {
    /// Parses and checks a manifest.
    ///
    /// # Errors
    /// [`FolderError::Manifest`] with the place of the mistake.
    pub fn parse(source: &SourceFile) -> Result<Self, FolderError> {
        let raw: RawManifest = toml::from_str(&source.text)
            .map_err(|error| explain_toml_error(source, error.span(), error.message()))?;
        let read_only = raw.access == Access::ReadOnly;
        for entry in &raw.writes {
            if read_only || !is_column_or_table(entry.get_ref()) {
                return Err(wrong_write(source, entry, read_only));
            }
        }
        let strategy = parse_strategy(source, &raw)?;
        for file in &raw.sql {
            check_sql_name(source, file, read_only)?;
        }
        for name in &raw.records {
            check_record(source, name, raw.access)?;
        }
        for (table, key) in &raw.keys {
            check_key(source, table, key, &raw.writes)?;
        }
        let unnamed =
            |(file, _): &(&String, _)| raw.sql.iter().all(|named| named.get_ref() != *file);
        if let Some((file, privileges)) = raw.privileges.iter().find(unnamed) {
            return Err(privileges_of_unnamed_file(source, file, privileges));
        }
        for (name, file) in &raw.prisma {
            check_sql_name(source, file, read_only)?;
            check_migration_name(source, file, name)?;
        }
        let max_changed = raw.max_changed.map(|given| parse_percent(source, &given)).transpose()?;
        let limits = parse_limits(source, &raw.limits)?;
        let forbid = raw.forbid.iter().map(|given| parse_forbidden(source, given));
        let forbid = forbid.collect::<Result<_, _>>()?;
        let labels = parse_labels(source, &raw.labels)?;
        let keep_runs = raw.keep_runs.map(|given| parse_keep_runs(source, &given)).transpose()?;
        Ok(Self {
            max_changed,
            limits,
            forbid,
            keep_runs: keep_runs.unwrap_or(DEFAULT_KEEP_RUNS),
            path: source.path.clone(),
            source: source.clone(),
            title: raw.title,
            access: raw.access,
            writes: raw.writes.into_iter().map(Spanned::into_inner).collect(),
            sql: raw.sql.into_iter().map(Spanned::into_inner).collect(),
            records: raw.records.into_iter().map(Spanned::into_inner).collect(),
            keys: without_spans(raw.keys),
            labels,
            locks: raw.locks,
            privileges: without_spans(raw.privileges),
            prisma: without_spans(raw.prisma),
            strategy,
            trigger_rights: raw.trigger_rights,
            next: raw.next,
            back: raw.back,
        })
    }
}

fn without_spans<T>(values: BTreeMap<String, Spanned<T>>) -> BTreeMap<String, T> {
    values.into_iter().map(|(name, value)| (name, value.into_inner())).collect()
}

#[cfg(test)]
mod tests {
    use leora_report::Place;
    use leora_rule::{Access, Strategy};

    use crate::checksum::sha256_hex;
    use crate::error::FolderError;
    use crate::limits::Limits;
    use crate::manifest::{ForbiddenTransition, LockMode, Manifest};
    use crate::source_file::SourceFile;

    const READ_WRITE: &str = "title = \"t\"\naccess = \"read-write\"\n";

    fn parse(text: &str) -> Result<Manifest, FolderError> {
        let sha256 = sha256_hex(text.as_bytes());
        Manifest::parse(&SourceFile { path: "s/leora.toml".into(), text: text.into(), sha256 })
    }

    /// The line, column and message of the mistake in a manifest.
    fn mistake(text: &str) -> (usize, usize, String) {
        let error = parse(text).expect_err(text);
        let (_, place) = error.place().expect("a place");
        (place.line, place.column, error.to_string())
    }

    #[test]
    fn a_short_manifest_has_defaults() {
        let manifest = parse("title = \"Verify\"\naccess = \"read-only\"\n").expect("a manifest");
        assert_eq!((manifest.title.as_str(), manifest.access), ("Verify", Access::ReadOnly));
        assert_eq!((manifest.strategy, manifest.keep_runs), (Strategy::Update, 20));
        assert_eq!(manifest.limits, Limits::default());
        assert!(manifest.writes.is_empty() && manifest.max_changed.is_none());
        assert!(!manifest.may_set("Customer", "accountType"));
    }

    #[test]
    fn a_full_manifest_is_parsed() {
        let manifest = parse(&format!(
            "{READ_WRITE}writes = [\"Customer.accountType\", \"CallPlan\"]\nsql = [\"a.sql\"]\nrecords = [\"m\"]\nmax_changed = \"2.5%\"\n\
             forbid = [\"Customer.accountType: (none) -> PROSPECT\"]\nkeep_runs = 3\n\
             [locks]\nCustomer = \"exclusive\"\nTenant = \"no-writes\"\n[limits]\nrows = 5\n\
             [prisma]\n2025_phase2 = \"b.sql\"\n"
        ))
        .expect("a manifest");
        assert!(manifest.may_set("Customer", "accountType") && manifest.may_insert("CallPlan"));
        assert!(!manifest.may_insert("Customer"));
        assert_eq!(manifest.settable_columns().collect::<Vec<_>>(), [("Customer", "accountType")]);
        assert_eq!((manifest.max_changed, manifest.keep_runs), (Some(2.5), 3));
        assert_eq!(manifest.limits.rows, 5);
        assert!(manifest.may_record("m") && !manifest.may_record("n"));
        assert_eq!(manifest.locks["Customer"], LockMode::Exclusive);
        assert_eq!(manifest.prisma["2025_phase2"], "b.sql");
        let (table, column) = ("Customer".into(), "accountType".into());
        let (new, place) =
            (Some("PROSPECT".into()), Place::from_byte_offset("s/leora.toml", "", 0));
        let place = Place { line: 7, column: 11, ..place };
        assert_eq!(manifest.forbid, [ForbiddenTransition { table, column, old: None, new, place }]);
        let privileges = manifest.sql_privileges("a.sql");
        assert!(privileges.create);
        assert_eq!(
            (privileges.own, privileges.references),
            (vec!["Customer".into()], vec!["Tenant".into()])
        );
        assert_eq!(manifest.neighbor_tables("a.sql"), ["Customer"]);
    }

    #[test]
    fn a_mistake_has_its_place() {
        for (text, line, column, message) in [
            ("title = \"t\"\n", 1, 1, "access is missing"),
            ("access = \"read-only\"\n", 1, 1, "title is missing"),
            ("title = \"t\"\naccess = \"write\"\n", 2, 10, "write means nothing here"),
            ("title = \"t\"\ntitle = \"u\"\n", 2, 1, "this key stands twice"),
            (
                "title = \"t\"\naccess = \"read-only\"\nwrite = []\n",
                3,
                1,
                "a manifest has no key write",
            ),
            (
                "title = \"t\"\naccess = \"read-only\"\nwrites = \"C.a\"\n",
                3,
                10,
                "a list is needed here, and this is a text",
            ),
            (
                "title = \"t\"\naccess = \"read-only\"\nwrites = [\"C.a\"]\n",
                3,
                11,
                "a read-only folder writes nothing",
            ),
            (
                "title = \"t\"\naccess = \"rolled-back\"\nrecords = [\"m\"]\n",
                3,
                12,
                "only a read-write folder records migrations",
            ),
        ] {
            assert_eq!(mistake(text), (line, column, message.into()), "{text}");
        }
    }

    #[test]
    fn values_that_mean_nothing_are_refused() {
        for (line, column, message) in [
            ("writes = [\"C.a.b\"]", 11, "this names no column"),
            ("sql = [\"../a.sql\"]", 8, "this is no plain file name that ends in .sql"),
            ("max_changed = \"120%\"", 15, "this is no share of the rows"),
            ("forbid = [\"C.a: X\"]", 11, "this is no transition"),
            ("records = [\"\"]", 12, "this is no name of a migration"),
            ("max_changed = 20", 15, "a text is needed here, and this is a number"),
            ("keep_runs = 1.0", 13, "a whole number is needed here, and this is a number"),
            ("keep_runs = -1", 13, "a whole number is needed here, and this is a number"),
            ("strategy = true", 12, "a text is needed here"),
            ("next = [1]", 9, "a text is needed here, and this is a number"),
            ("keep_runs = 0", 13, "without a journal no run can be undone"),
            ("keys = { C = [\"id\"] }", 14, "writes = [...] names no column of C"),
            ("limits = { rowz = 1 }", 19, "there is no limit rowz"),
            ("limits = { rows = 0 }", 19, "rows can't be 0"),
            (
                "privileges = { \"a.sql\" = { create = true } }",
                26,
                "sql = [...] does not name a.sql",
            ),
            ("prisma = { \"a b\" = \"c.sql\" }", 20, "a b is no name of a migration"),
            (
                "strategy = \"batches\"\nsql = [\"a.sql\"]",
                12,
                "batches are committed one by one, and an SQL file is all or nothing",
            ),
        ] {
            assert_eq!(
                mistake(&format!("{READ_WRITE}{line}\n")),
                (3, column, message.into()),
                "{line}"
            );
        }
    }
}
