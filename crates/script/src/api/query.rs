//! `run_sql`, `query`, `last_run`, `record_migration`, `record_rollback`.

use leora_report::Entry;
use leora_rule::{Value, judge_query};
use rhai::{Array, Dynamic, Engine, EvalAltResult, NativeCallContext};

use crate::api::convert::{plain, row};
use crate::api::ownership as belonging;
use crate::step_context::{Answer, StepContext};

pub(crate) fn register(engine: &mut Engine, stage: &StepContext) {
    let at = stage.clone();
    engine.register_fn("run_sql", move |context: NativeCallContext, file: &str| {
        at.working(file);
        let ran = at.ask(&context, |host| host.writer().run_sql_file(file))?;
        let changed = ran.objects.len() as i64;
        let warnings = belonging::warnings(file, &ran);
        at.report(&context, Entry::Sql { file: file.to_owned(), ran })?;
        for warning in warnings {
            at.report(&context, Entry::Expectation(warning))?;
        }
        Ok::<_, Box<EvalAltResult>>(changed)
    });
    let at = stage.clone();
    engine.register_fn("query", move |context: NativeCallContext, sql: &str| {
        query(&at, &context, sql, &Array::new())
    });
    let at = stage.clone();
    engine.register_fn("query", move |context: NativeCallContext, sql: &str, parameters: Array| {
        query(&at, &context, sql, &parameters)
    });
    let at = stage.clone();
    engine.register_fn("last_run", move |context: NativeCallContext, folder: &str| {
        let when = at.ask(&context, |host| host.reader().last_run(folder))?;
        Ok::<_, Box<EvalAltResult>>(when.map_or(Dynamic::UNIT, Dynamic::from))
    });
    for (function, rollback) in [("record_migration", false), ("record_rollback", true)] {
        let at = stage.clone();
        engine.register_fn(function, move |context: NativeCallContext, name: &str| {
            let recording = at.ask(&context, |host| match rollback {
                false => host.writer().record_migration(name),
                true => host.writer().record_rollback(name),
            })?;
            at.report(&context, Entry::Migration { name: name.to_owned(), recording, rollback })
        });
    }
}

fn query(
    stage: &StepContext,
    context: &NativeCallContext<'_>,
    sql: &str,
    parameters: &Array,
) -> Answer<Array> {
    stage.bearable(context, parameters)?;
    let places = judge_query(sql).map_err(|refusal| {
        stage.mistake(
            context,
            refusal,
            "a query only reads: one SELECT, with the common functions; the rest is for the script, or for an SQL file",
        )
    })?;
    if places != parameters.len() {
        return Err(stage.mistake(
            context,
            format!(
                "the query has {places} of $1, $2, ..., and is given {} parameters",
                parameters.len()
            ),
            "give a value for each: query(\"SELECT ... WHERE name = $1\", [\"x\"])",
        ));
    }
    let values: Option<Vec<Value>> = parameters.iter().map(plain).collect();
    let Some(values) = values else {
        return Err(stage.mistake(
            context,
            "the parameters of a query are plain values",
            "write it like query(\"SELECT ... WHERE name = $1\", [\"x\"])",
        ));
    };
    stage.working("query");
    let rows = stage.ask(context, |host| host.reader().query(sql, &values))?;
    Ok(rows.into_iter().map(|found| Dynamic::from(row(found))).collect())
}
