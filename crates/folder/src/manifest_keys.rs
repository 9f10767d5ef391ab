//! The keys of a manifest, in a line each, for whoever writes one.

/// A key of `leora.toml`.
#[derive(Clone, Copy, Debug)]
pub struct ManifestKey {
    /// Its name.
    pub name: &'static str,
    /// What it says.
    pub about: &'static str,
    /// Its values, where there are only these.
    pub values: &'static [&'static str],
}

const fn key(name: &'static str, about: &'static str) -> ManifestKey {
    ManifestKey { name, about, values: &[] }
}

/// Every key, in the order of [docs/folders.md](../../../docs/folders.md).
pub const MANIFEST_KEYS: &[ManifestKey] = &[
    key("title", "What the folder does, in one line."),
    ManifestKey {
        values: &["read-only", "rolled-back", "read-write"],
        ..key(
            "access",
            "`\"read-only\"`: the folder can't write. `\"rolled-back\"`: it writes, and everything is rolled back at the end. `\"read-write\"`: it writes and commits.",
        )
    },
    key(
        "writes",
        "The columns that rules may set, as `\"Table.column\"`; `\"Table\"` allows inserts.",
    ),
    key(
        "sql",
        "The SQL files that the folder may run, in its own `sql/` or in `sql/` beside `scripts/`.",
    ),
    key("records", "The migrations that scripts may record, and take back."),
    ManifestKey {
        values: &["exclusive", "no-writes"],
        ..key(
            "locks",
            "The locks that its SQL files need, by table: `\"exclusive\"` (others can't read or write) or `\"no-writes\"` (others can read).",
        )
    },
    key(
        "privileges",
        "The privileges that a role needs to run an SQL file, for `leora-run doctor`.",
    ),
    ManifestKey {
        values: &["update", "rewrite", "batches"],
        ..key(
            "strategy",
            "How rules are written: `\"update\"` (the default), `\"rewrite\"` or `\"batches\"`.",
        )
    },
    ManifestKey {
        values: &["warn", "refuse"],
        ..key(
            "trigger_rights",
            "What a run does about a trigger whose function would run with rights that its owner lacks: `\"warn\"` (the default) or `\"refuse\"`.",
        )
    },
    key(
        "keys",
        "The columns that identify a row, for a table without a primary key: `Customer = [\"id\"]`.",
    ),
    key(
        "labels",
        "What names a row in the lists of `--rows`, by table: `Customer = [\"accountNumber\", \"name\"]`.",
    ),
    key(
        "max_changed",
        "A guard: the most rows that a rule may reclassify, as a share of those that had a value, such as `\"20%\"`.",
    ),
    key(
        "forbid",
        "A guard: transitions that no rule may make, such as `\"Customer.accountType: ACTIVE -> PROSPECT\"`; a missing value is `(none)`.",
    ),
    key(
        "prisma",
        "The SQL file that becomes Prisma's `migration.sql`, by the name of the migration that the scripts record.",
    ),
    key("limits", "The limits of a script, such as `time` in seconds."),
    key("keep_runs", "How many runs keep their journal, and can be undone; 20 by default."),
    key("next", "The commands to run next, shown at the end."),
    key("back", "The commands to go back, shown at the end."),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::MANIFEST_KEYS;
    use crate::manifest::Manifest;
    use crate::source_file::SourceFile;

    #[test]
    fn every_key_is_described_and_its_values_are_those_that_are_read() {
        let parse = |text: String| {
            Manifest::parse(&SourceFile { path: "leora.toml".into(), text, sha256: String::new() })
        };
        let help = |text: String| parse(text).expect_err("a mistake").help().expect("a remedy");
        let known = help("zzzzzzzzzz = 1".into());
        let known = known.strip_prefix("its keys are ").expect("the keys").split(", ");
        let described = MANIFEST_KEYS.iter().map(|key| key.name);
        assert_eq!(described.collect::<BTreeSet<_>>(), known.collect::<BTreeSet<_>>());
        for key in MANIFEST_KEYS.iter().filter(|key| !key.values.is_empty() && key.name != "locks")
        {
            let access = if key.name == "access" { "" } else { "access = \"read-write\"\n" };
            let values = help(format!("title = \"T\"\n{access}{} = \"zzzzzzzzzzz\"", key.name));
            assert_eq!(values, format!("write one of {}", key.values.join(", ")));
        }
    }
}
