//! `insert`, `rejects`, `delete`: single rows of a table.

use leora_host::Selection;
use leora_rule::Value;
use rhai::{Dynamic, Engine, Map, NativeCallContext};

use crate::api::reading::narrow_rows;
use crate::api::reference::{Function, Primitive};
use crate::api::values::{plain_value, row_map};
use crate::api_call::{Answer, ApiCall};

pub(crate) const PRIMITIVE: Primitive = Primitive {
    functions: &[
        Function {
            name: "insert",
            forms: &["table.insert(values: map) -> map"],
            about: "Inserts a row and returns it as it was stored.",
            usage: "table(\"CallPlan\").insert(#{ name: \"Week 43\" })",
            example: "let user = table(\"User\").rows([\"id\", \"tenantId\"], 1)[0];\nlet plan = table(\"CallPlan\").insert(#{\n    id: \"00000000-0000-4000-8000-00000000a001\", tenantId: user.tenantId, userId: user.id,\n    name: \"Week 43\", updatedAt: \"2025-10-20\",\n});\nexpect(\"it is there\", plan.name == \"Week 43\");",
            errors: &[
                "the manifest does not allow inserting into CallPlan",
                "name needs a plain value, not a column",
            ],
        },
        Function {
            name: "rejects",
            forms: &["table.rejects(values: map) -> text"],
            about: "Tries to insert a row and keeps nothing: the name of the constraint that refuses it, or `()`.",
            usage: "table(\"CallPlan\").rejects(#{ name: () })",
            example: "let refused = table(\"CallPlan\").rejects(#{ name: () });\nexpect(\"a call plan without a name is refused\", refused != ());",
            errors: &[],
        },
        Function {
            name: "delete",
            forms: &["table.delete(it: condition) -> integer"],
            about: "Deletes rows, in rolled-back folders only; returns how many.",
            usage: "table(\"CallPlan\").delete(col(\"name\") == \"Week 43\")",
            example: "let gone = table(\"CallPlan\").delete(col(\"name\") == \"Week 43\");\nnote(`${gone} deleted`);",
            errors: &["rows can only be deleted in a folder whose access is \"rolled-back\""],
        },
    ],
    register,
};

fn register(engine: &mut Engine) {
    engine.register_fn(
        "insert",
        |context: NativeCallContext, rows: &mut Selection, values: Map| {
            let call = ApiCall::new(context);
            let values = column_values(&call, values)?;
            call.ask(|host| host.writer().insert_row(&rows.table, &values)).map(row_map)
        },
    );
    engine.register_fn(
        "rejects",
        |context: NativeCallContext, rows: &mut Selection, values: Map| {
            let call = ApiCall::new(context);
            let values = column_values(&call, values)?;
            let constraint = call.ask(|host| host.writer().try_insert(&rows.table, &values))?;
            Answer::Ok(constraint.map_or(Dynamic::UNIT, Dynamic::from))
        },
    );
    engine.register_fn(
        "delete",
        |context: NativeCallContext, rows: &mut Selection, it: Dynamic| {
            let call = ApiCall::new(context);
            let rows = narrow_rows(&call, rows, &it)?;
            call.step.on_start(&format!("deleting from {}", rows.table));
            call.ask(|host| host.writer().delete_rows(&rows)).map(|count| count as i64)
        },
    );
}

fn column_values(call: &ApiCall<'_>, map: Map) -> Answer<Vec<(String, Value)>> {
    call.check_size(&[Dynamic::from(map.clone())])?;
    let value = |(name, given): (rhai::Identifier, Dynamic)| match plain_value(&given) {
        Some(value) => Ok((name.to_string(), value)),
        None => Err(call.mistake(
            format!("{name} needs a plain value, not {}", call.describe(&given)),
            "give a text, a number, true/false, or () for none",
        )),
    };
    map.into_iter().map(value).collect()
}

#[cfg(test)]
mod tests {
    use crate::testing::{failure, notes};

    #[test]
    fn an_inserted_row_is_returned() {
        let script = "let row = table(\"T\").insert(#{ a: \"x\", b: () }); note(row.a); note(`${table(\"T\").rejects(#{ a: 1 }) == ()}`);";
        assert_eq!(notes(script), ["x", "true"]);
    }

    #[test]
    fn its_values_are_plain() {
        let message = "a needs a plain value, not a column; give a text, a number, true/false, or () for none";
        assert!(failure("table(\"T\").insert(#{ a: col(\"b\") });").ends_with(message));
    }
}
