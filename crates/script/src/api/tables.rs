//! `table(..)` with `where`, `count`, `distribution`, `rows`, `insert`, `rejects`, `delete`.

use leora_host::Selection;
use leora_report::Distribution;
use leora_rule::{Node, Value};
use rhai::{Array, Dynamic, Engine, Map, NativeCallContext};

use crate::api::convert::{plain, row, type_name};
use crate::api::expressions::build;
use crate::api::rules::condition;
use crate::step_context::{Answer, StepContext};

pub(crate) fn register(engine: &mut Engine, stage: &StepContext) {
    engine.register_type_with_name::<Selection>("table");
    engine.register_fn("table", |name: &str| Selection { table: name.to_owned(), filter: None });
    let at = stage.clone();
    engine.register_fn(
        "where",
        move |context: NativeCallContext, rows: &mut Selection, taken: Dynamic| {
            narrowed(&at, &context, rows, &taken)
        },
    );
    counting(engine, stage);
    distributions(engine, stage);
    reading(engine, stage);
    writing(engine, stage);
}

fn narrowed(
    stage: &StepContext,
    context: &NativeCallContext<'_>,
    rows: &Selection,
    taken: &Dynamic,
) -> Answer<Selection> {
    let taken = condition(stage, context, taken)?;
    let filter = match rows.filter.clone() {
        None => taken,
        Some(before) => build(stage, context, Node::And(before, taken))?,
    };
    Ok(Selection { table: rows.table.clone(), filter: Some(filter) })
}

fn counting(engine: &mut Engine, stage: &StepContext) {
    let at = stage.clone();
    engine.register_fn("count", move |context: NativeCallContext, rows: &mut Selection| {
        at.ask(&context, |host| host.reader().count_rows(rows)).map(|count| count as i64)
    });
    let at = stage.clone();
    engine.register_fn(
        "count",
        move |context: NativeCallContext, rows: &mut Selection, taken: Dynamic| {
            let rows = narrowed(&at, &context, rows, &taken)?;
            at.ask(&context, |host| host.reader().count_rows(&rows)).map(|count| count as i64)
        },
    );
}

fn distributions(engine: &mut Engine, stage: &StepContext) {
    engine.register_type_with_name::<Distribution>("distribution");
    let at = stage.clone();
    engine.register_fn(
        "distribution",
        move |context: NativeCallContext, rows: &mut Selection, column: &str| {
            let found = at.ask(&context, |host| host.reader().distribution(rows, column))?;
            few(&at, &context, found.values.len())?;
            Ok::<_, Box<rhai::EvalAltResult>>(found)
        },
    );
    let at = stage.clone();
    engine.register_fn(
        "distribution_by",
        move |context: NativeCallContext, rows: &mut Selection, group: &str, column: &str| {
            let groups =
                at.ask(&context, |host| host.reader().distribution_by(rows, group, column))?;
            few(&at, &context, groups.iter().map(|(_, found)| found.values.len()).sum())?;
            Ok::<_, Box<rhai::EvalAltResult>>(groups.into_iter().map(group_map).collect::<Array>())
        },
    );
    engine.register_get("total", |all: &mut Distribution| all.total() as i64);
    engine.register_fn("count", |all: &mut Distribution, value: &str| {
        rows_of(all, Some(value)) as i64
    });
    engine.register_fn("count", |all: &mut Distribution, _: ()| rows_of(all, None) as i64);
    engine.register_fn("share", |all: &mut Distribution, value: &str| {
        percent(rows_of(all, Some(value)), all.total())
    });
    engine.register_fn("share", |all: &mut Distribution, _: ()| {
        percent(rows_of(all, None), all.total())
    });
}

/// Refuses more rows or values than a read may return to the script.
fn few(stage: &StepContext, context: &NativeCallContext<'_>, found: usize) -> Answer<()> {
    let most = stage.limits().rows;
    match found as u64 > most {
        true => Err(stage.over_limit(stage.place(context), "rows", most)),
        false => Ok(()),
    }
}

fn group_map((group, distribution): (Option<String>, Distribution)) -> Dynamic {
    let mut map = Map::new();
    map.insert("group".into(), group.map_or(Dynamic::UNIT, Dynamic::from));
    map.insert("distribution".into(), Dynamic::from(distribution));
    Dynamic::from(map)
}

fn rows_of(all: &Distribution, value: Option<&str>) -> u64 {
    all.values.iter().filter(|share| share.value.as_deref() == value).map(|share| share.rows).sum()
}

/// A share in percent, to a tenth; of nothing it is 0.
fn percent(rows: u64, total: u64) -> f64 {
    if total == 0 { 0.0 } else { (rows as f64 * 1000.0 / total as f64).round() / 10.0 }
}

fn reading(engine: &mut Engine, stage: &StepContext) {
    let at = stage.clone();
    engine.register_fn(
        "rows",
        move |context: NativeCallContext, rows: &mut Selection, columns: Array| {
            let most = at.limits().rows;
            let found = read(&at, &context, rows, &columns, most + 1)?;
            few(&at, &context, found.len())?;
            Ok::<_, Box<rhai::EvalAltResult>>(found)
        },
    );
    let at = stage.clone();
    engine.register_fn(
        "rows",
        move |context: NativeCallContext, rows: &mut Selection, columns: Array, limit: i64| {
            let limit = u64::try_from(limit).unwrap_or(0).min(at.limits().rows);
            read(&at, &context, rows, &columns, limit)
        },
    );
}

fn read(
    stage: &StepContext,
    context: &NativeCallContext<'_>,
    rows: &Selection,
    columns: &Array,
    limit: u64,
) -> Answer<Array> {
    stage.bearable(context, columns)?;
    let names: Option<Vec<String>> =
        columns.iter().map(|name| name.clone().into_string().ok()).collect();
    let Some(names) = names.filter(|names| !names.is_empty()) else {
        return Err(stage.mistake(
            context,
            "rows needs the names of columns",
            "write it like rows([\"id\", \"name\"])",
        ));
    };
    let found = stage.ask(context, |host| host.reader().read_rows(rows, &names, limit))?;
    Ok(found.into_iter().map(|found| Dynamic::from(row(found))).collect())
}

fn writing(engine: &mut Engine, stage: &StepContext) {
    let at = stage.clone();
    engine.register_fn(
        "insert",
        move |context: NativeCallContext, rows: &mut Selection, values: Map| {
            let values = column_values(&at, &context, values)?;
            at.ask(&context, |host| host.writer().insert_row(&rows.table, &values)).map(row)
        },
    );
    let at = stage.clone();
    engine.register_fn(
        "rejects",
        move |context: NativeCallContext, rows: &mut Selection, values: Map| {
            let values = column_values(&at, &context, values)?;
            let refusal =
                at.ask(&context, |host| host.writer().try_insert(&rows.table, &values))?;
            Ok::<_, Box<rhai::EvalAltResult>>(refusal.map_or(Dynamic::UNIT, Dynamic::from))
        },
    );
    let at = stage.clone();
    engine.register_fn(
        "delete",
        move |context: NativeCallContext, rows: &mut Selection, taken: Dynamic| {
            let rows = narrowed(&at, &context, rows, &taken)?;
            at.ask(&context, |host| host.writer().delete_rows(&rows)).map(|count| count as i64)
        },
    );
}

fn column_values(
    stage: &StepContext,
    context: &NativeCallContext<'_>,
    map: Map,
) -> Answer<Vec<(String, Value)>> {
    stage.bearable(context, &[Dynamic::from(map.clone())])?;
    let mut values = Vec::new();
    for (name, given) in map {
        let Some(value) = plain(&given) else {
            return Err(stage.mistake(
                context,
                format!("{name} needs a plain value, not {}", type_name(context, &given)),
                "give a text, a number, true/false, or () for none",
            ));
        };
        values.push((name.to_string(), value));
    }
    Ok(values)
}
