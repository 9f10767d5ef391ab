//! The types of columns as they are tried in memory: how their names are read, and within which limits.

use crate::{DataType, Kind};

/// A column's type in memory, with the collation of its texts.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnType {
    pub(crate) data_type: DataType,
    pub(crate) storage: Storage,
}

/// How a type keeps and compares its values.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Storage {
    Bool,
    Integer {
        min: i64,
        max: i64,
    },
    /// With its precision and scale, where it has them.
    Numeric(Option<(i32, i32)>),
    Real,
    Double,
    Text {
        length: Option<usize>,
        blanks: Blanks,
        collation: Collation,
    },
    Uuid,
    Date,
    /// With the digits of seconds that it keeps, where they are limited, and its zone.
    Timestamp {
        digits: Option<u32>,
        zoned: bool,
    },
    Enum {
        name: String,
        labels: Vec<String>,
    },
    /// Its values are only passed on.
    Untried,
}

/// Whether blanks at the end of a text count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blanks {
    Kept,
    /// As in `char(n)`.
    Padding,
}

/// How texts are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Collation {
    /// The database's, which is not known; equal are only texts that are the same.
    Default,
    /// By the codes of their characters.
    Codes,
    /// One of which nothing is known.
    Other(String),
    /// Those of several columns, of which none goes before the others: PostgreSQL refuses to compare them.
    Several,
}

impl Collation {
    /// That of two texts together: a column's own goes before the database's.
    pub(crate) fn beside(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (None, other) | (other, None) => other,
            (Some(Self::Default), other) | (other, Some(Self::Default)) => other,
            (one, other) if one == other => one,
            _ => Some(Self::Several),
        }
    }
}

/// A type that is tried in memory.
#[derive(Debug)]
pub struct TriedType {
    /// Its names, that of PostgreSQL's catalog first.
    pub names: &'static [&'static str],
    /// What is to be known of it, in words.
    pub limits: &'static str,
    storage: fn(&[i32]) -> Storage,
}

/// Every built-in type that is tried in memory. The table in docs/folders.md is made from it.
pub const TRIED_TYPES: &[TriedType] = &[
    TriedType { names: &["boolean", "bool"], limits: "", storage: |_| Storage::Bool },
    TriedType {
        names: &["smallint", "int2"],
        limits: "Calculated as exact numbers; rounded and checked against the range when set.",
        storage: |_| Storage::Integer { min: i16::MIN.into(), max: i16::MAX.into() },
    },
    TriedType {
        names: &["integer", "int", "int4"],
        limits: "As smallint.",
        storage: |_| Storage::Integer { min: i32::MIN.into(), max: i32::MAX.into() },
    },
    TriedType {
        names: &["bigint", "int8"],
        limits: "As smallint.",
        storage: |_| Storage::Integer { min: i64::MIN, max: i64::MAX },
    },
    TriedType {
        names: &["numeric", "decimal", "dec"],
        limits: "With precision and scale. At most 28 digits, also of what is calculated on the way. No `NaN` or `Infinity`.",
        storage: |modifiers| {
            let scale = modifiers.get(1).copied().unwrap_or(0);
            Storage::Numeric(modifiers.first().map(|precision| (*precision, scale)))
        },
    },
    TriedType {
        names: &["real", "float4"],
        limits: "Calculated in its own precision. At most 28 digits, written without an exponent. No `NaN` or `Infinity`.",
        storage: |_| Storage::Real,
    },
    TriedType {
        names: &["double precision", "float8", "float"],
        limits: "As real.",
        storage: |modifiers| match modifiers {
            [(..=24)] => Storage::Real,
            _ => Storage::Double,
        },
    },
    TriedType {
        names: &["text"],
        limits: "Texts are equal when they are the same. Their order can only be tried with `collate C`; so can the cases of letters beyond ASCII.",
        storage: |_| text(None, Blanks::Kept),
    },
    TriedType {
        names: &["character varying", "varchar", "char varying"],
        limits: "As text. With its length.",
        storage: |modifiers| text(modifiers.first(), Blanks::Kept),
    },
    TriedType {
        names: &["character", "char", "nchar"],
        limits: "As text. With its length; blanks at the end do not count.",
        storage: |modifiers| text(Some(modifiers.first().unwrap_or(&1)), Blanks::Padding),
    },
    TriedType {
        names: &["bpchar"],
        limits: "As character.",
        storage: |modifiers| text(modifiers.first(), Blanks::Padding),
    },
    TriedType { names: &["uuid"], limits: "In each of its spellings.", storage: |_| Storage::Uuid },
    TriedType {
        names: &["date"],
        limits: "The years 1 to 9999, and `\"infinity\"` and `\"-infinity\"` in rows.",
        storage: |_| Storage::Date,
    },
    TriedType {
        names: &["timestamp without time zone", "timestamp"],
        limits: "As date. With its digits of seconds.",
        storage: |modifiers| timestamp(modifiers, false),
    },
    TriedType {
        names: &["timestamp with time zone", "timestamptz"],
        limits: "As date. With its digits of seconds; in UTC.",
        storage: |modifiers| timestamp(modifiers, true),
    },
];

fn text(length: Option<&i32>, blanks: Blanks) -> Storage {
    let length = length.and_then(|length| usize::try_from(*length).ok());
    Storage::Text { length, blanks, collation: Collation::Default }
}

fn timestamp(modifiers: &[i32], zoned: bool) -> Storage {
    let digits = modifiers.first().and_then(|digits| u32::try_from(*digits).ok());
    Storage::Timestamp { digits: digits.filter(|digits| *digits < 6), zoned }
}

impl ColumnType {
    /// The type of this name, as PostgreSQL or people write it: `varchar(5)`, `timestamp(3) with time zone`,
    /// `text collate C`. A name that is none of [`TRIED_TYPES`] is one that is not tried.
    pub fn named(written: &str) -> Self {
        let (name, collation) = split_collation(written);
        let storage = storage(name, collation);
        let kind = kind(&storage);
        Self { data_type: DataType::new(name, name, kind), storage }
    }

    /// An enum with these labels, in their order.
    pub fn of_enum(name: &str, labels: Vec<String>) -> Self {
        Self::from(DataType::new(name, name, Kind::Enum { name: name.to_owned(), labels }))
    }

    /// The type, as rules are checked against it.
    pub fn data_type(&self) -> &DataType {
        &self.data_type
    }
}

impl From<DataType> for ColumnType {
    fn from(data_type: DataType) -> Self {
        let storage = match &data_type.kind {
            Kind::Enum { name, labels } => {
                Storage::Enum { name: name.clone(), labels: labels.clone() }
            }
            Kind::Other => Storage::Untried,
            _ => storage(&data_type.base.display, None),
        };
        Self { data_type, storage }
    }
}

/// `text collate C`: the type, and the collation.
fn split_collation(written: &str) -> (&str, Option<&str>) {
    let lower = written.to_ascii_lowercase();
    match lower.find(" collate ") {
        Some(at) => (written[..at].trim(), Some(written[at + 9..].trim())),
        None => (written.trim(), None),
    }
}

fn storage(name: &str, collation: Option<&str>) -> Storage {
    let (words, modifiers) = words_and_modifiers(name);
    let tried = TRIED_TYPES.iter().find(|one| one.names.contains(&words.as_str()));
    let mut storage = tried.map_or(Storage::Untried, |one| (one.storage)(&modifiers));
    if let (Storage::Text { collation, .. }, Some(name)) = (&mut storage, collation) {
        *collation = match name.trim_matches('"') {
            "C" | "POSIX" | "ucs_basic" => Collation::Codes,
            "default" => Collation::Default,
            other => Collation::Other(other.to_owned()),
        };
    }
    storage
}

/// `timestamp(3) with time zone`: its words in small letters, and the numbers in its brackets. A quoted name is not one of
/// the grammar's.
fn words_and_modifiers(name: &str) -> (String, Vec<i32>) {
    let name = name.trim();
    let name = name.strip_prefix("pg_catalog.").unwrap_or(name).to_ascii_lowercase();
    let Some((before, inside, after)) = name.split_once('(').and_then(|(before, rest)| {
        rest.split_once(')').map(|(inside, after)| (before, inside, after))
    }) else {
        return (name, vec![]);
    };
    let words = format!("{} {}", before.trim(), after.trim());
    let modifiers = inside.split(',').filter_map(|number| number.trim().parse().ok()).collect();
    (words.trim().to_owned(), modifiers)
}

fn kind(storage: &Storage) -> Kind {
    match storage {
        Storage::Bool => Kind::Bool,
        Storage::Integer { min, max } => Kind::Integer { min: *min, max: *max },
        Storage::Numeric(_) => Kind::Decimal,
        Storage::Real | Storage::Double => Kind::Float,
        Storage::Text { .. } => Kind::Text,
        Storage::Uuid => Kind::Uuid,
        Storage::Date => Kind::Date,
        Storage::Timestamp { zoned: false, .. } => Kind::Timestamp,
        Storage::Timestamp { zoned: true, .. } => Kind::TimestampTz,
        Storage::Enum { name, labels } => Kind::Enum { name: name.clone(), labels: labels.clone() },
        Storage::Untried => Kind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_known_by_each_of_its_names() {
        let padded = |length| text(length, Blanks::Padding);
        for (name, storage) in [
            ("INT4", Storage::Integer { min: i32::MIN.into(), max: i32::MAX.into() }),
            ("numeric(9, 2)", Storage::Numeric(Some((9, 2)))),
            ("numeric(5,-2)", Storage::Numeric(Some((5, -2)))),
            ("decimal(5)", Storage::Numeric(Some((5, 0)))),
            ("numeric", Storage::Numeric(None)),
            ("float(24)", Storage::Real),
            ("float(25)", Storage::Double),
            ("float", Storage::Double),
            ("pg_catalog.varchar(5)", text(Some(&5), Blanks::Kept)),
            ("char", padded(Some(&1))),
            ("character(3)", padded(Some(&3))),
            ("bpchar", padded(None)),
            ("\"char\"", Storage::Untried),
            ("timestamp(3)", Storage::Timestamp { digits: Some(3), zoned: false }),
            ("timestamp (0) with time zone", Storage::Timestamp { digits: Some(0), zoned: true }),
            ("timestamptz(6)", Storage::Timestamp { digits: None, zoned: true }),
            ("integer[]", Storage::Untried),
            ("citext", Storage::Untried),
        ] {
            assert_eq!(ColumnType::named(name).storage, storage, "{name}");
        }
    }

    #[test]
    fn a_collation_is_no_part_of_the_type() {
        let collated = |written: &str| {
            let named = ColumnType::named(written);
            assert_eq!(named.data_type.display, "varchar(5)");
            let Storage::Text { collation, .. } = named.storage else { panic!("no text") };
            collation
        };
        assert_eq!(collated("varchar(5)"), Collation::Default);
        assert_eq!(collated("varchar(5) COLLATE \"C\""), Collation::Codes);
        assert_eq!(collated("varchar(5) collate ci"), Collation::Other("ci".into()));
    }
}
