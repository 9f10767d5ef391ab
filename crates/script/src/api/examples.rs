//! `example`, `given`: only in files of `examples/`.

use leora_host::{GivenAnswers, Row};
use leora_report::ValueCount;
use leora_rule::{Expr, ForeignKey, Index, Period, Value};
use rhai::{Array, Dynamic, Engine, Map, NativeCallContext};

use crate::api::convert::{plain, type_name};
use crate::example::Example;
use crate::step_context::{Answer, ScriptRole, StepContext};

/// The entries of `given`, in the order in which messages list them.
const ENTRIES: [&str; 11] = [
    "count",
    "distribution",
    "distribution_by",
    "rows",
    "table",
    "enum_values",
    "index",
    "foreign_keys",
    "query",
    "last_run",
    "setting",
];

pub(crate) fn register(engine: &mut Engine, stage: &StepContext) {
    let at = stage.clone();
    engine.register_fn(
        "example",
        move |context: NativeCallContext,
              label: &str,
              row: Map,
              column: &str,
              expected: Dynamic| {
            only_in_examples(&at, &context, "example")?;
            let value = |name: &str, given: &Dynamic| value(&at, &context, name, given);
            let cells: Answer<Vec<(String, Expr)>> = row
                .iter()
                .map(|(name, given)| Ok((name.to_string(), value(name, given)?)))
                .collect();
            at.example(Example {
                label: label.to_owned(),
                row: cells?,
                column: column.to_owned(),
                expected: value(column, &expected)?,
                given: GivenAnswers::default(),
                place: at.place(&context),
            });
            Ok::<_, Box<rhai::EvalAltResult>>(())
        },
    );
    let at = stage.clone();
    engine.register_fn("given", move |context: NativeCallContext, answers: Map| {
        only_in_examples(&at, &context, "given")?;
        for (entry, of) in &answers {
            give(&at, &context, entry, of)?;
        }
        Ok::<_, Box<rhai::EvalAltResult>>(())
    });
}

fn only_in_examples(
    stage: &StepContext,
    context: &NativeCallContext<'_>,
    name: &str,
) -> Answer<()> {
    match stage.role() {
        ScriptRole::Examples => Ok(()),
        ScriptRole::Step => Err(stage.mistake(
            context,
            format!("`{name}` means nothing in a step"),
            "move it to a file in the folder's examples/, which leora-run check tries",
        )),
    }
}

/// A value of the row, or the one that is expected.
fn value(
    stage: &StepContext,
    context: &NativeCallContext<'_>,
    name: &str,
    given: &Dynamic,
) -> Answer<Expr> {
    if let Some(expr) = given.clone().try_cast::<Expr>()
        && expr.columns().is_empty()
    {
        return Ok(expr);
    }
    plain(given).map(Expr::literal).ok_or_else(|| {
        stage.mistake(
            context,
            format!("an example needs plain values, and {name} is {}", type_name(context, given)),
            "write it like example(\"never\", #{ lastOrderDate: () }, \"accountType\", \"PROSPECT\"); a date is ago(days(7)) or \"2025-10-25\"",
        )
    })
}

/// One entry of `given`: what is asked, and the answers by what it is asked of.
fn give(
    stage: &StepContext,
    context: &NativeCallContext<'_>,
    entry: &str,
    of: &Dynamic,
) -> Answer<()> {
    let unclear = |help: String| {
        stage.mistake(context, format!("given has no meaning for {entry} here"), &help)
    };
    if !ENTRIES.contains(&entry) {
        let near = leora_rule::nearest(entry, ENTRIES);
        return Err(unclear(near.map_or_else(
            || format!("its entries are {}", ENTRIES.join(", ")),
            |near| format!("did you mean {near}?"),
        )));
    }
    let answers = of.clone().try_cast::<Map>();
    let answers = answers.ok_or_else(|| unclear(format!("write it like {}", shape(entry))))?;
    for (name, answer) in answers {
        if entry == "setting" {
            stage
                .asked_for(&name)
                .map_err(|unknown| stage.mistake(context, unknown.to_string(), &unknown.help))?;
        }
        let mut known = Ok(());
        stage.give(|given| known = note(given, entry, &name, &answer).ok_or(()));
        known.map_err(|()| unclear(format!("write it like {}", shape(entry))))?;
    }
    Ok(())
}

/// The `given(...)` that would answer a question, with an answer to be replaced.
pub(crate) fn given_shape(entry: &str, of: &str) -> String {
    let answer = match entry {
        "count" => "12",
        "distribution" => "#{ ACTIVE: 3, \"(none)\": 1 }",
        "distribution_by" => "#{ north: #{ ACTIVE: 3 } }",
        "rows" | "query" => "[#{ id: \"1\" }]",
        "table" => "#{ id: \"uuid\" }",
        "enum_values" => "[\"ACTIVE\", \"TARGET\"]",
        "foreign_keys" => "[]",
        _ => "()",
    };
    format!("given(#{{ {entry}: #{{ {of:?}: {answer} }} }});")
}

/// How an entry of `given` is written.
fn shape(entry: &str) -> &'static str {
    match entry {
        "count" => "given(#{ count: #{ Customer: 12 } })",
        "distribution" => {
            "given(#{ distribution: #{ \"Customer.accountType\": #{ ACTIVE: 3, \"(none)\": 1 } } })"
        }
        "distribution_by" => {
            "given(#{ distribution_by: #{ \"Customer.accountType\": #{ north: #{ ACTIVE: 3 } } } })"
        }
        "rows" => "given(#{ rows: #{ Tenant: [#{ id: \"1\", slug: \"north\" }] } })",
        "table" => {
            "given(#{ table: #{ Customer: #{ lastOrderDate: \"timestamp\" }, CallPlan: () } })"
        }
        "enum_values" => "given(#{ enum_values: #{ AccountType: [\"ACTIVE\", \"TARGET\"] } })",
        "index" => {
            "given(#{ index: #{ Customer_territory_idx: #{ table: \"Customer\", columns: [\"territory\"] } } })"
        }
        "foreign_keys" => "given(#{ foreign_keys: #{ CallPlan: [] } })",
        "query" => {
            "given(#{ query: #{ \"SELECT count(*) AS n FROM \\\"Customer\\\"\": [#{ n: 12 }] } })"
        }
        "setting" => "given(#{ setting: #{ reclassify: true } })",
        _ => "given(#{ last_run: #{ phase2: \"2025-10-25 08:00:00.000000\" } })",
    }
}

/// Notes an answer; `None` when it is not of the entry's shape.
fn note(given: &mut GivenAnswers, entry: &str, name: &str, answer: &Dynamic) -> Option<()> {
    let name = name.to_owned();
    let absent = answer.is_unit();
    match entry {
        "count" => {
            given.counts.insert(name, u64::try_from(answer.as_int().ok()?).ok()?);
        }
        "distribution" => {
            given.distributions.insert(name, value_counts(answer)?);
        }
        "distribution_by" => {
            let groups = answer.clone().try_cast::<Map>()?;
            let one = |(group, all): (_, Dynamic)| Some((none(group), value_counts(&all)?));
            given.groups.insert(name, groups.into_iter().map(one).collect::<Option<_>>()?);
        }
        "rows" => {
            given.rows.insert(name, rows(answer)?);
        }
        "query" => {
            given.queries.insert(name, rows(answer)?);
        }
        "table" if absent => {
            given.tables.insert(name, None);
        }
        "table" => {
            let columns = answer.clone().try_cast::<Map>()?;
            let column = |(column, of): (rhai::Identifier, Dynamic)| {
                Some((column.to_string(), of.into_string().ok()?))
            };
            let columns = columns.into_iter().map(column).collect::<Option<_>>()?;
            given.tables.insert(name, Some(columns));
        }
        "enum_values" if absent => {
            given.enums.insert(name, None);
        }
        "enum_values" => {
            given.enums.insert(name, Some(texts(answer)?));
        }
        "index" if absent => {
            given.indexes.insert(name, None);
        }
        "index" => {
            given.indexes.insert(name.clone(), Some(index(name, answer)?));
        }
        "foreign_keys" => {
            let keys = answer.clone().try_cast::<Array>()?;
            given.foreign_keys.insert(name, keys.iter().map(key).collect::<Option<_>>()?);
        }
        "setting" => {
            given.settings.insert(name, setting(answer)?);
        }
        _ if absent => {
            given.runs.insert(name, None);
        }
        _ => {
            given.runs.insert(name, Some(answer.clone().into_string().ok()?));
        }
    }
    Some(())
}

/// `(none)` stands for no value, as in what is shown.
fn none(name: rhai::Identifier) -> Option<String> {
    Some(name.to_string()).filter(|name| name != "(none)")
}

/// A setting's value, as `--set` would take it.
fn setting(answer: &Dynamic) -> Option<String> {
    if let Some(period) = answer.clone().try_cast::<Period>() {
        return Some(period.to_string());
    }
    plain(answer).filter(|value| *value != Value::Null).map(|value| value.to_string())
}

fn value_counts(answer: &Dynamic) -> Option<Vec<ValueCount>> {
    let map = answer.clone().try_cast::<Map>()?;
    let count = |(name, rows): (rhai::Identifier, Dynamic)| {
        let rows = u64::try_from(rows.as_int().ok()?).ok()?;
        Some(ValueCount { value: none(name), rows })
    };
    map.into_iter().map(count).collect()
}

fn rows(answer: &Dynamic) -> Option<Vec<Row>> {
    let row = |one: &Dynamic| -> Option<Row> {
        let cell =
            |(name, given): (rhai::Identifier, Dynamic)| Some((name.to_string(), plain(&given)?));
        one.clone().try_cast::<Map>()?.into_iter().map(cell).collect()
    };
    answer.clone().try_cast::<Array>()?.iter().map(row).collect()
}

fn texts(answer: &Dynamic) -> Option<Vec<String>> {
    let list = answer.clone().try_cast::<Array>()?;
    list.into_iter().map(|one| one.into_string().ok()).collect()
}

fn field(map: &Map, name: &str) -> Option<String> {
    map.get(name)?.clone().into_string().ok()
}

fn truth(map: &Map, name: &str, otherwise: bool) -> bool {
    map.get(name).and_then(|one| one.as_bool().ok()).unwrap_or(otherwise)
}

fn index(name: String, answer: &Dynamic) -> Option<Index> {
    let map = answer.clone().try_cast::<Map>()?;
    Some(Index {
        name,
        table: field(&map, "table")?,
        columns: texts(map.get("columns")?)?,
        unique: truth(&map, "unique", false),
        valid: truth(&map, "valid", true),
        plain: truth(&map, "plain", true),
        definition: field(&map, "definition").unwrap_or_default(),
    })
}

fn key(answer: &Dynamic) -> Option<ForeignKey> {
    let map = answer.clone().try_cast::<Map>()?;
    Some(ForeignKey {
        name: field(&map, "name").unwrap_or_default(),
        columns: texts(map.get("columns")?)?,
        table: field(&map, "table")?,
        references: texts(map.get("references")?)?,
        on_delete: field(&map, "on_delete").unwrap_or_else(|| "NO ACTION".into()),
        on_update: field(&map, "on_update").unwrap_or_else(|| "NO ACTION".into()),
        validated: truth(&map, "validated", true),
    })
}
