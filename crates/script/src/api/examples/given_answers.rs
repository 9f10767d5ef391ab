//! The entries of `given`, and how each answer is read.

use std::collections::BTreeMap;

use leora_host::{GivenAnswers, Row};
use leora_report::ValueCount;
use leora_rule::{ForeignKey, Index, Period, Value};
use rhai::{Array, Dynamic, Identifier, Map};

use crate::api::values::plain_value;

pub(crate) struct GivenEntry {
    pub(crate) name: &'static str,
    /// An answer, to be replaced.
    pub(crate) answer: &'static str,
    pub(crate) usage: &'static str,
    /// Notes an answer, by what it is asked of; `None` when the answer is of another shape.
    pub(crate) note: fn(&mut GivenAnswers, String, &Dynamic) -> Option<()>,
}

/// In the order in which messages list them.
pub(crate) static ENTRIES: [GivenEntry; 11] = [
    GivenEntry {
        name: "count",
        answer: "12",
        usage: "given(#{ count: #{ Customer: 12 } })",
        note: |given, of, answer| insert(&mut given.counts, of, count(answer)),
    },
    GivenEntry {
        name: "distribution",
        answer: "#{ ACTIVE: 3, \"(none)\": 1 }",
        usage: "given(#{ distribution: #{ \"Customer.accountType\": #{ ACTIVE: 3, \"(none)\": 1 } } })",
        note: |given, of, answer| insert(&mut given.distributions, of, value_counts(answer)),
    },
    GivenEntry {
        name: "distribution_by",
        answer: "#{ north: #{ ACTIVE: 3 } }",
        usage: "given(#{ distribution_by: #{ \"Customer.accountType\": #{ north: #{ ACTIVE: 3 } } } })",
        note: |given, of, answer| insert(&mut given.groups, of, groups(answer)),
    },
    GivenEntry {
        name: "rows",
        answer: "[#{ id: \"1\" }]",
        usage: "given(#{ rows: #{ Tenant: [#{ id: \"1\", slug: \"north\" }] } })",
        note: |given, of, answer| insert(&mut given.rows, of, rows(answer)),
    },
    GivenEntry {
        name: "table",
        answer: "#{ id: \"uuid\" }",
        usage: "given(#{ table: #{ Customer: #{ lastOrderDate: \"timestamp\" }, CallPlan: () } })",
        note: |given, of, answer| {
            insert(&mut given.tables, of, unless_absent(answer, column_types))
        },
    },
    GivenEntry {
        name: "enum_values",
        answer: "[\"ACTIVE\", \"TARGET\"]",
        usage: "given(#{ enum_values: #{ AccountType: [\"ACTIVE\", \"TARGET\"] } })",
        note: |given, of, answer| insert(&mut given.enums, of, unless_absent(answer, texts)),
    },
    GivenEntry {
        name: "index",
        answer: "()",
        usage: "given(#{ index: #{ Customer_territory_idx: #{ table: \"Customer\", columns: [\"territory\"] } } })",
        note: |given, of, answer| {
            let index = unless_absent(answer, |answer| index(&of, answer));
            insert(&mut given.indexes, of, index)
        },
    },
    GivenEntry {
        name: "foreign_keys",
        answer: "[]",
        usage: "given(#{ foreign_keys: #{ CallPlan: [] } })",
        note: |given, of, answer| insert(&mut given.foreign_keys, of, foreign_keys(answer)),
    },
    GivenEntry {
        name: "query",
        answer: "[#{ id: \"1\" }]",
        usage: "given(#{ query: #{ \"SELECT count(*) AS n FROM \\\"Customer\\\"\": [#{ n: 12 }] } })",
        note: |given, of, answer| insert(&mut given.queries, of, rows(answer)),
    },
    GivenEntry {
        name: "last_run",
        answer: "()",
        usage: "given(#{ last_run: #{ phase2: \"2025-10-25 08:00:00.000000\" } })",
        note: |given, of, answer| insert(&mut given.runs, of, unless_absent(answer, text)),
    },
    GivenEntry {
        name: "setting",
        answer: "()",
        usage: "given(#{ setting: #{ reclassify: true } })",
        note: |given, of, answer| insert(&mut given.settings, of, setting_text(answer)),
    },
];

fn insert<T>(answers: &mut BTreeMap<String, T>, of: String, answer: Option<T>) -> Option<()> {
    answers.insert(of, answer?);
    Some(())
}

/// An answer of which `()` says that there is no such thing.
fn unless_absent<T>(
    answer: &Dynamic,
    read: impl FnOnce(&Dynamic) -> Option<T>,
) -> Option<Option<T>> {
    if answer.is_unit() { Some(None) } else { read(answer).map(Some) }
}

fn count(answer: &Dynamic) -> Option<u64> {
    u64::try_from(answer.as_int().ok()?).ok()
}

fn text(answer: &Dynamic) -> Option<String> {
    answer.clone().into_string().ok()
}

fn map(answer: &Dynamic) -> Option<Map> {
    answer.clone().try_cast::<Map>()
}

fn list<T>(answer: &Dynamic, read: impl Fn(&Dynamic) -> Option<T>) -> Option<Vec<T>> {
    answer.clone().try_cast::<Array>()?.iter().map(read).collect()
}

fn texts(answer: &Dynamic) -> Option<Vec<String>> {
    list(answer, text)
}

/// `(none)` stands for no value, as in what is shown.
fn value_or_none(name: Identifier) -> Option<String> {
    Some(name.to_string()).filter(|name| name != "(none)")
}

/// A setting's value, as `--set` would take it.
fn setting_text(answer: &Dynamic) -> Option<String> {
    if let Some(period) = answer.clone().try_cast::<Period>() {
        return Some(period.to_string());
    }
    plain_value(answer).filter(|value| *value != Value::Null).map(|value| value.to_string())
}

fn value_counts(answer: &Dynamic) -> Option<Vec<ValueCount>> {
    let count_of = |(name, rows): (Identifier, Dynamic)| {
        Some(ValueCount { value: value_or_none(name), rows: count(&rows)? })
    };
    map(answer)?.into_iter().map(count_of).collect()
}

fn groups(answer: &Dynamic) -> Option<Vec<(Option<String>, Vec<ValueCount>)>> {
    let group =
        |(name, all): (Identifier, Dynamic)| Some((value_or_none(name), value_counts(&all)?));
    map(answer)?.into_iter().map(group).collect()
}

fn rows(answer: &Dynamic) -> Option<Vec<Row>> {
    let cell =
        |(name, value): (Identifier, Dynamic)| Some((name.to_string(), plain_value(&value)?));
    list(answer, |row| map(row)?.into_iter().map(cell).collect())
}

fn column_types(answer: &Dynamic) -> Option<Vec<(String, String)>> {
    let column =
        |(name, type_name): (Identifier, Dynamic)| Some((name.to_string(), text(&type_name)?));
    map(answer)?.into_iter().map(column).collect()
}

fn text_of(map: &Map, name: &str) -> Option<String> {
    text(map.get(name)?)
}

fn truth_of(map: &Map, name: &str, default: bool) -> bool {
    map.get(name).and_then(|value| value.as_bool().ok()).unwrap_or(default)
}

fn index(name: &str, answer: &Dynamic) -> Option<Index> {
    let map = map(answer)?;
    Some(Index {
        name: name.to_owned(),
        table: text_of(&map, "table")?,
        columns: texts(map.get("columns")?)?,
        unique: truth_of(&map, "unique", false),
        valid: truth_of(&map, "valid", true),
        plain: truth_of(&map, "plain", true),
        definition: text_of(&map, "definition").unwrap_or_default(),
    })
}

fn foreign_keys(answer: &Dynamic) -> Option<Vec<ForeignKey>> {
    list(answer, |key| {
        let map = map(key)?;
        let action = |name| text_of(&map, name).unwrap_or_else(|| "NO ACTION".into());
        Some(ForeignKey {
            name: text_of(&map, "name").unwrap_or_default(),
            columns: texts(map.get("columns")?)?,
            table: text_of(&map, "table")?,
            references: texts(map.get("references")?)?,
            on_delete: action("on_delete"),
            on_update: action("on_update"),
            validated: truth_of(&map, "validated", true),
        })
    })
}
