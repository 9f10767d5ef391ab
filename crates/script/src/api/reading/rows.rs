//! `rows`: the rows themselves, as maps.

use leora_host::Selection;
use rhai::{Array, Engine, NativeCallContext};

use crate::api::reference::{Function, Primitive};
use crate::api::values::row_list;
use crate::api_call::{Answer, ApiCall};

pub(crate) const PRIMITIVE: Primitive = Primitive {
    functions: &[Function {
        name: "rows",
        forms: &[
            "table.rows(columns: list) -> list",
            "table.rows(columns: list, limit: integer) -> list",
        ],
        about: "The rows themselves as a list of maps, in the order of the table's key. Dates are texts.",
        usage: "table(\"Tenant\").rows([\"id\", \"slug\"])",
        example: "for tenant in table(\"Tenant\").rows([\"id\", \"slug\"]) {\n    note(`${tenant.slug}`);\n}",
        errors: &[],
    }],
    register,
};

fn register(engine: &mut Engine) {
    engine.register_fn(
        "rows",
        |context: NativeCallContext, rows: &mut Selection, columns: Array| {
            let call = ApiCall::new(context);
            let found = read(&call, rows, &columns, call.step.limits().rows + 1)?;
            check_row_count(&call, found.len())?;
            Answer::Ok(found)
        },
    );
    engine.register_fn(
        "rows",
        |context: NativeCallContext, rows: &mut Selection, columns: Array, limit: i64| {
            let call = ApiCall::new(context);
            let limit = u64::try_from(limit).unwrap_or(0).min(call.step.limits().rows);
            read(&call, rows, &columns, limit)
        },
    );
}

pub(crate) fn check_row_count(call: &ApiCall<'_>, found: usize) -> Answer<()> {
    let most = call.step.limits().rows;
    match found as u64 > most {
        true => Err(call.limit("rows", most)),
        false => Ok(()),
    }
}

fn read(call: &ApiCall<'_>, rows: &Selection, columns: &Array, limit: u64) -> Answer<Array> {
    call.check_size(columns)?;
    let names: Option<Vec<String>> =
        columns.iter().map(|name| name.clone().into_string().ok()).collect();
    let Some(names) = names.filter(|names| !names.is_empty()) else {
        return Err(call
            .mistake("rows needs the names of columns", "write it like rows([\"id\", \"name\"])"));
    };
    call.step.on_start(&format!("reading {}", rows.table));
    call.ask(|host| host.reader().read_rows(rows, &names, limit)).map(row_list)
}

#[cfg(test)]
mod tests {
    use leora_host::GivenAnswers;
    use leora_rule::Value;

    use crate::Settings;
    use crate::testing::{failure, run_with};

    fn given(rows: usize) -> GivenAnswers {
        let row = |number: usize| vec![("id".to_owned(), Value::Integer(number as i64))];
        GivenAnswers {
            rows: [("T".to_owned(), (0..rows).map(row).collect())].into(),
            ..GivenAnswers::default()
        }
    }

    #[test]
    fn rows_are_maps() {
        let script = "for row in table(\"T\").rows([\"id\"]) { note(row.id); } note(table(\"T\").rows([\"id\"], 1).len());";
        assert_eq!(run_with(script, given(2), Settings::default()).notes(), ["0", "1", "1"]);
    }

    #[test]
    fn a_read_returns_no_more_rows_than_the_limit() {
        let ran = run_with("table(\"T\").rows([\"id\"]);", given(10_001), Settings::default());
        let failure = ran.result.failure.expect("a limit");
        assert_eq!(failure.message, "the script reached its limit rows = 10000");
    }

    #[test]
    fn the_columns_are_named() {
        for list in ["[]", "[col(\"id\")]"] {
            let message =
                "1:12: rows needs the names of columns; write it like rows([\"id\", \"name\"])";
            assert_eq!(failure(&format!("table(\"T\").rows({list});")), message);
        }
    }
}
