//! `enum_values`, `has_table`, `column`, `primary_key`, `index`, `foreign_keys`.

use leora_rule::{Column, ForeignKey, Index};
use rhai::{Array, Dynamic, Engine, EvalAltResult, Map, NativeCallContext};

use crate::step_context::StepContext;

pub(crate) fn register(engine: &mut Engine, stage: &StepContext) {
    let at = stage.clone();
    engine.register_fn("enum_values", move |context: NativeCallContext, name: &str| {
        let labels = at.ask(&context, |host| host.reader().enum_labels(name))?;
        Ok::<_, Box<EvalAltResult>>(labels.map_or(Dynamic::UNIT, |labels| texts(labels).into()))
    });
    let at = stage.clone();
    engine.register_fn("has_table", move |context: NativeCallContext, name: &str| {
        at.ask(&context, |host| host.reader().find_table(name)).map(|table| table.is_some())
    });
    let at = stage.clone();
    engine.register_fn("column", move |context: NativeCallContext, table: &str, name: &str| {
        let table = at.ask(&context, |host| host.reader().find_table(table))?;
        let column = table.as_ref().and_then(|table| table.column(name));
        Ok::<_, Box<EvalAltResult>>(
            column.map_or(Dynamic::UNIT, |column| column_map(column).into()),
        )
    });
    let at = stage.clone();
    engine.register_fn("primary_key", move |context: NativeCallContext, table: &str| {
        let table = at.ask(&context, |host| host.reader().find_table(table))?;
        Ok::<_, Box<EvalAltResult>>(table.map_or_else(Array::new, |table| texts(table.key)))
    });
    let at = stage.clone();
    engine.register_fn("index", move |context: NativeCallContext, name: &str| {
        let index = at.ask(&context, |host| host.reader().find_index(name))?;
        Ok::<_, Box<EvalAltResult>>(index.map_or(Dynamic::UNIT, |index| index_map(index).into()))
    });
    let at = stage.clone();
    engine.register_fn("foreign_keys", move |context: NativeCallContext, table: &str| {
        let keys = at.ask(&context, |host| host.reader().foreign_keys(table))?;
        Ok::<_, Box<EvalAltResult>>(
            keys.into_iter().map(|key| key_map(key).into()).collect::<Array>(),
        )
    });
}

fn texts(list: Vec<String>) -> Array {
    list.into_iter().map(Dynamic::from).collect()
}

fn column_map(column: &Column) -> Map {
    let default = column.default.clone().map_or(Dynamic::UNIT, Dynamic::from);
    Map::from_iter([
        ("type".into(), column.data_type.display.clone().into()),
        ("nullable".into(), column.nullable.into()),
        ("default_value".into(), default),
    ])
}

fn index_map(index: Index) -> Map {
    Map::from_iter([
        ("table".into(), index.table.into()),
        ("columns".into(), texts(index.columns).into()),
        ("unique".into(), index.unique.into()),
        ("valid".into(), index.valid.into()),
        ("plain".into(), index.plain.into()),
        ("definition".into(), index.definition.into()),
    ])
}

fn key_map(key: ForeignKey) -> Map {
    Map::from_iter([
        ("name".into(), key.name.into()),
        ("columns".into(), texts(key.columns).into()),
        ("table".into(), key.table.into()),
        ("references".into(), texts(key.references).into()),
        ("on_delete".into(), key.on_delete.into()),
        ("on_update".into(), key.on_update.into()),
        ("validated".into(), key.validated.into()),
    ])
}
