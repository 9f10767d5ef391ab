//! `table(..)` with `where` and `count`.

use leora_host::Selection;
use rhai::{Dynamic, Engine, NativeCallContext};

use crate::api::reference::{Function, Primitive};
use crate::api::rules::condition::narrow;
use crate::api::values::{refuse_comparisons, refuse_in_texts};
use crate::api_call::{Answer, ApiCall};

pub(crate) const PRIMITIVE: Primitive = Primitive {
    functions: &[
        Function {
            name: "table",
            forms: &["table(name: text) -> table"],
            about: "The rows of a table.",
            usage: "table(\"Customer\")",
            example: "note(`${table(\"Customer\").count()} customers`);",
            errors: &[
                "there is no table Orders in schema public",
                "a table can't stand in a text: it has many rows",
            ],
        },
        Function {
            name: "where",
            forms: &["table.where(it: condition) -> table"],
            about: "Those of them for which the condition holds.",
            usage: "",
            example: "let napa = table(\"Customer\").where(col(\"city\") == \"Napa\");\nshow(napa.rows([\"name\", \"lastOrderDate\"], 5));",
            errors: &[],
        },
        Function {
            name: "count",
            forms: &["table.count() -> integer", "table.count(it: condition) -> integer"],
            about: "How many rows there are.",
            usage: "table(\"Customer\").count(col(\"accountType\").is_null())",
            example: "let left_out = table(\"Customer\").count(col(\"accountType\").is_null());\nnote(`${left_out} have no class`);",
            errors: &[],
        },
    ],
    register,
};

fn register(engine: &mut Engine) {
    engine.register_type_with_name::<Selection>("table");
    engine.register_fn("table", |name: &str| Selection { table: name.to_owned(), filter: None });
    engine.register_fn("where", |context: NativeCallContext, rows: &mut Selection, it: Dynamic| {
        narrow_rows(&ApiCall::new(context), rows, &it)
    });
    engine.register_fn("count", |context: NativeCallContext, rows: &mut Selection| {
        count(&ApiCall::new(context), rows)
    });
    engine.register_fn("count", |context: NativeCallContext, rows: &mut Selection, it: Dynamic| {
        let call = ApiCall::new(context);
        count(&call, &narrow_rows(&call, rows, &it)?)
    });
    refuse_comparisons::<Selection>(
        engine,
        "a table",
        "count its rows, as in table(\"Customer\").count() > 4",
    );
    refuse_in_texts::<Selection>(
        engine,
        "a table",
        "it has many rows",
        "count its rows, as in table(\"Customer\").count()",
    );
}

pub(crate) fn narrow_rows(
    call: &ApiCall<'_>,
    rows: &Selection,
    condition: &Dynamic,
) -> Answer<Selection> {
    let filter = narrow(call, rows.filter.clone(), condition)?;
    Ok(Selection { table: rows.table.clone(), filter })
}

fn count(call: &ApiCall<'_>, rows: &Selection) -> Answer<i64> {
    call.step.on_start(&format!("counting {}", rows.table));
    call.ask(|host| host.reader().count_rows(rows)).map(|count| count as i64)
}

#[cfg(test)]
mod tests {
    use leora_host::GivenAnswers;

    use crate::Settings;
    use crate::testing::{failure, run_with};

    #[test]
    fn the_database_counts() {
        let given =
            GivenAnswers { counts: [("T".to_owned(), 12)].into(), ..GivenAnswers::default() };
        let script =
            "let t = table(\"T\"); note(`${t.count()} ${t.where(true).count(col(\"a\"))}`);";
        assert_eq!(run_with(script, given, Settings::default()).notes(), ["12 12"]);
    }

    #[test]
    fn a_condition_is_needed() {
        let message = "a condition is needed here, and this is a text";
        assert!(failure("table(\"T\").count(\"x\");").contains(message));
    }
}
