//! `expect`, `warn_unless`, `show`, `note`, `refuse`.

use leora_report::{Distribution, Entry, Expectation, ShownTable};
use leora_rule::Period;
use rhai::{Array, Dynamic, Engine, Map, NativeCallContext};

use crate::api::convert::{plain, type_name};
use crate::step_context::{Answer, StepContext};
use crate::{ScriptError, ScriptErrorKind};

pub(crate) fn register(engine: &mut Engine, stage: &StepContext) {
    for (name, warning) in [("expect", false), ("warn_unless", true)] {
        expectations(engine, stage, name, warning);
    }
    shown(engine, stage);
    let at = stage.clone();
    engine.register_fn("note", move |context: NativeCallContext, said: Dynamic| {
        note(&at, &context, "note", &said)
    });
    for name in ["print", "debug"] {
        let at = stage.clone();
        engine.register_fn(name, move |context: NativeCallContext, said: Dynamic| {
            note(&at, &context, name, &said)
        });
    }
    // What the language itself turned into text, such as print(5).
    let at = stage.clone();
    engine.on_print(move |text| at.note(text));
    let at = stage.clone();
    engine.on_debug(move |text, _, _| at.note(text));
    let at = stage.clone();
    engine.register_fn(
        "refuse",
        move |context: NativeCallContext, message: &str, remedy: &str| -> Answer<()> {
            Err(at.fail(ScriptError {
                kind: ScriptErrorKind::Refused,
                message: message.to_owned(),
                help: Some(remedy.to_owned()),
                place: at.place(&context),
            }))
        },
    );
}

/// Says a text, or a number or period as text.
fn note(
    stage: &StepContext,
    context: &NativeCallContext<'_>,
    function: &str,
    said: &Dynamic,
) -> Answer<()> {
    let period = said.clone().try_cast::<Period>().map(|period| period.to_string());
    let plain = plain(said).filter(|_| !said.is_unit()).map(|value| value.to_string());
    match period.or(plain) {
        Some(text) => stage.report(context, Entry::Note(text)),
        None => Err(stage.mistake(
            context,
            format!("`{function}` can't say {}", type_name(context, said)),
            "give it a text; show(...) also takes a distribution or rows",
        )),
    }
}

fn expectations(engine: &mut Engine, stage: &StepContext, name: &str, warning: bool) {
    let at = stage.clone();
    engine.register_fn(name, move |context: NativeCallContext, label: &str, held: Dynamic| {
        judge(&at, &context, warning, label, &held, None)
    });
    let at = stage.clone();
    engine.register_fn(
        name,
        move |context: NativeCallContext, label: &str, held: Dynamic, found: &str| {
            judge(&at, &context, warning, label, &held, Some(found))
        },
    );
}

/// Reports an expectation: `held` is true or false, or a list of what was found instead, empty when it held.
fn judge(
    stage: &StepContext,
    context: &NativeCallContext<'_>,
    warning: bool,
    label: &str,
    held: &Dynamic,
    found: Option<&str>,
) -> Answer<bool> {
    let (held, findings) = if let Ok(held) = held.as_bool() {
        (held, if held { vec![] } else { found.map(str::to_owned).into_iter().collect() })
    } else if let Some(list) = held.clone().try_cast::<Array>() {
        stage.bearable(context, &list)?;
        (list.is_empty(), list.iter().map(Dynamic::to_string).collect())
    } else {
        return Err(stage.mistake(
            context,
            format!("an expectation needs true or false, or a list of findings, and this is {}", type_name(context, held)),
            "count rows first, as in table(\"Customer\").count(col(\"accountType\").is_null()) == 0",
        ));
    };
    let place = stage.place(context);
    let label = label.to_owned();
    stage.report(
        context,
        Entry::Expectation(Expectation { label, held, warning, findings, place }),
    )?;
    Ok(held)
}

fn shown(engine: &mut Engine, stage: &StepContext) {
    let at = stage.clone();
    engine.register_fn("show", move |context: NativeCallContext, distribution: Distribution| {
        at.report(&context, Entry::Distribution { title: None, distribution })
    });
    let at = stage.clone();
    engine.register_fn(
        "show",
        move |context: NativeCallContext, title: &str, distribution: Distribution| {
            let title = Some(title.to_owned());
            at.report(&context, Entry::Distribution { title, distribution })
        },
    );
    let at = stage.clone();
    engine.register_fn("show", move |context: NativeCallContext, said: Dynamic| {
        note(&at, &context, "show", &said)
    });
    let at = stage.clone();
    engine.register_fn("show", move |context: NativeCallContext, columns: Array, rows: Array| {
        at.bearable(&context, &columns)?;
        let columns = columns.iter().map(Dynamic::to_string).collect();
        show_rows(&at, &context, rows, Some(columns))
    });
    let at = stage.clone();
    engine.register_fn("show", move |context: NativeCallContext, rows: Array| {
        show_rows(&at, &context, rows, None)
    });
}

/// Shows rows as a table: the named columns, else those of the first row.
fn show_rows(
    stage: &StepContext,
    context: &NativeCallContext<'_>,
    rows: Array,
    columns: Option<Vec<String>>,
) -> Answer<()> {
    stage.bearable(context, &rows)?;
    let maps: Option<Vec<Map>> = rows.into_iter().map(Dynamic::try_cast).collect();
    let Some(maps) = maps else {
        return Err(stage.mistake(
            context,
            "`show` can't show a list of single values",
            "give it the rows of table(...).rows([...]), or a text, as in show(`${list}`)",
        ));
    };
    stage.report(context, Entry::Table(table(&maps, columns)))
}

fn table(maps: &[Map], columns: Option<Vec<String>>) -> ShownTable {
    let of_first = || maps.first().map(|row| row.keys().map(ToString::to_string).collect());
    let columns: Vec<String> = columns.or_else(of_first).unwrap_or_default();
    let cell = |row: &Map, name: &String| {
        row.get(name.as_str()).map_or_else(String::new, Dynamic::to_string)
    };
    let rows =
        maps.iter().map(|row| columns.iter().map(|name| cell(row, name)).collect()).collect();
    ShownTable { columns, rows }
}
