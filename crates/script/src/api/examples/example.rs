//! `example`: a row, and what a column of it must be when the steps are done.

use leora_host::GivenAnswers;
use leora_rule::Expr;
use rhai::{Dynamic, Engine, Map, NativeCallContext};

use crate::api::examples::given::refuse_in_steps;
use crate::api::reference::{Function, Primitive};
use crate::api::values::plain_value;
use crate::api_call::{Answer, ApiCall};
use crate::example::Example;

pub(crate) const PRIMITIVE: Primitive = Primitive {
    functions: &[Function {
        name: "example",
        forms: &["example(label: text, row: map, column: text, expected: value) -> nothing"],
        about: "What a column of a row must be when the steps are done. A column that the row lacks is empty; the column is `\"Table.column\"` where rules of several tables set one of that name.",
        usage: "example(\"never\", #{ lastOrderDate: () }, \"accountType\", \"PROSPECT\")",
        example: "example(\"a week ago\",       #{ lastOrderDate: ago(days(7)) },   \"accountType\", \"ACTIVE\");\nexample(\"exactly 6 months\", #{ lastOrderDate: ago(months(6)) }, \"accountType\", \"ACTIVE\");\nexample(\"never\",            #{ lastOrderDate: () },             \"accountType\", \"PROSPECT\");",
        errors: &["`example` means nothing in a step"],
    }],
    register,
};

fn register(engine: &mut Engine) {
    engine.register_fn("example", example);
}

fn example(
    context: NativeCallContext,
    label: &str,
    row: Map,
    column: &str,
    expected: Dynamic,
) -> Answer<()> {
    let call = ApiCall::new(context);
    refuse_in_steps(&call, "example")?;
    let cells: Answer<Vec<(String, Expr)>> = row
        .iter()
        .map(|(name, given)| Ok((name.to_string(), value(&call, name, given)?)))
        .collect();
    call.step.note_example(Example {
        label: label.to_owned(),
        row: cells?,
        column: column.to_owned(),
        expected: value(&call, column, &expected)?,
        given: GivenAnswers::default(),
        place: call.place(),
    });
    Ok(())
}

/// A value of the row, or the expected one: a constant, or a date such as `ago(days(7))`.
fn value(call: &ApiCall<'_>, name: &str, given: &Dynamic) -> Answer<Expr> {
    if let Some(expr) = given.clone().try_cast::<Expr>()
        && expr.columns().is_empty()
    {
        return Ok(expr);
    }
    plain_value(given).map(Expr::literal).ok_or_else(|| {
        call.mistake(
            format!("an example needs plain values, and {name} is {}", call.describe(given)),
            "write it like example(\"never\", #{ lastOrderDate: () }, \"accountType\", \"PROSPECT\"); a date is ago(days(7)) or \"2025-10-25\"",
        )
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::{example_file, failure};

    #[test]
    fn an_example_has_its_row_and_its_place() {
        let (examples, findings) =
            example_file("\nexample(\"a\", #{ at: ago(days(7)) }, \"T.c\", \"A\");");
        assert_eq!(findings, [] as [&str; 0]);
        let place = examples[0].place.as_ref().map(|place| place.line);
        assert_eq!(
            (examples[0].column.as_str(), examples[0].row.len(), place),
            ("T.c", 1, Some(2))
        );
    }

    #[test]
    fn its_values_do_not_depend_on_the_row() {
        let (_, findings) = example_file("example(\"a\", #{ a: col(\"b\") }, \"c\", 1);");
        assert_eq!(findings, ["1:1: script: an example needs plain values, and a is a column"]);
    }

    #[test]
    fn a_step_has_no_examples() {
        let message = "1:1: `example` means nothing in a step; move it to a file in the folder's examples/, which leora-run check tries";
        assert_eq!(failure("example(\"a\", #{}, \"c\", 1);"), message);
    }
}
