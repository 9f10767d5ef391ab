//! `example`: a row, and what a column of it must be when the steps are done.

use leora_host::GivenAnswers;
use leora_rule::Expr;
use rhai::{Array, Dynamic, Engine, EvalAltResult, Map, NativeCallContext};

use crate::api::examples::given::refuse_in_steps;
use crate::api::reference::{Function, Primitive};
use crate::api::values::plain_value;
use crate::api_call::{Answer, ApiCall};
use crate::example::{Example, ExampleRow};

pub(crate) const PRIMITIVE: Primitive = Primitive {
    functions: &[Function {
        name: "example",
        forms: &["example(label: text, row: map, column: text, expected: value) -> nothing"],
        about: "What a column of a row must be when the steps are done. A column that the row lacks is empty. `related` gives the rows of other tables that refer to it, `parent` the rows that it refers to, and `others` further rows of its table, to be ranked among. The column is `\"Table.column\"` where rules of several tables set one of that name.",
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
    call.step.note_example(Example {
        label: label.to_owned(),
        row: example_row(&call, &row)?,
        column: column.to_owned(),
        expected: value(&call, column, &expected)?,
        given: GivenAnswers::default(),
        place: call.place(),
    });
    Ok(())
}

/// The row, with the rows that belong to it: `related`, `parent` and `others` are no columns when they have rows.
fn example_row(call: &ApiCall<'_>, row: &Map) -> Answer<ExampleRow> {
    let rows = |given: &Dynamic| -> Answer<Option<Vec<ExampleRow>>> {
        let Some(list) = given.clone().try_cast::<Array>() else { return Ok(None) };
        let maps: Option<Vec<Map>> = list.into_iter().map(Dynamic::try_cast).collect();
        maps.map(|maps| maps.iter().map(|map| example_row(call, map)).collect()).transpose()
    };
    let mut made = ExampleRow::default();
    for (name, given) in row {
        let map = given.clone().try_cast::<Map>();
        match (name.as_str(), map) {
            ("related", Some(tables)) => {
                for (table, given) in tables {
                    let rows = rows(&given)?.ok_or_else(|| not_rows(call, &table, &given))?;
                    made.related.push((table.to_string(), rows));
                }
            }
            ("parent", Some(parents)) => {
                for (column, given) in parents {
                    let Some(parent) = given.clone().try_cast::<Map>() else {
                        return Err(not_rows(call, &column, &given));
                    };
                    made.parents.push((column.to_string(), example_row(call, &parent)?));
                }
            }
            ("others", None) if given.is_array() => {
                made.others = rows(given)?.ok_or_else(|| not_rows(call, "others", given))?;
            }
            _ => made.cells.push((name.to_string(), value(call, name, given)?)),
        }
    }
    Ok(made)
}

fn not_rows(call: &ApiCall<'_>, name: &str, given: &Dynamic) -> Box<EvalAltResult> {
    call.mistake(
        format!("rows are needed here, and {name} is {}", call.describe(given)),
        "write them like related: #{ SalesOrder: [ #{ total: 100 } ] }, parent: #{ tenantId: #{ name: \"Leora\" } }, others: [ #{ total: 5 } ]",
    )
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
    use crate::testing::{example_file, example_outcomes, failure};

    #[test]
    fn an_example_has_its_row_and_its_place() {
        let (examples, findings) =
            example_file("\nexample(\"a\", #{ at: ago(days(7)) }, \"T.c\", \"A\");");
        assert_eq!(findings, [] as [&str; 0]);
        let place = examples[0].place.as_ref().map(|place| place.line);
        assert_eq!(
            (examples[0].column.as_str(), examples[0].row.cells.len(), place),
            ("T.c", 1, Some(2))
        );
    }

    #[test]
    fn its_values_do_not_depend_on_the_row() {
        let (_, findings) = example_file("example(\"a\", #{ a: col(\"b\") }, \"c\", 1);");
        assert_eq!(findings, ["1:1: script: an example needs plain values, and a is a column"]);
    }

    #[test]
    fn a_row_has_the_rows_that_belong_to_it() {
        let step = "let orders = related(\"SalesOrder\", \"customerId\");\n\
            update(\"T\").set(\"c\", [\n\
              [ orders.where(col(\"at\") > outer(\"seen\")).sum(\"total\") > parent(\"tenantId\").col(\"least\"), \"A\" ],\n\
              [ top_percent(50, \"size\"), \"B\" ],\n\
              [ otherwise, \"C\" ],\n]);";
        let outcomes = |examples: &str| example_outcomes(step, examples);
        let row = "seen: \"2025-01-01\", parent: #{ tenantId: #{ least: 10 } }";
        let order = |at: &str| format!("#{{ at: \"{at}\", total: 20 }}");
        let rows =
            |orders: String| format!("#{{ {row}, related: #{{ SalesOrder: [ {orders} ] }} }}");
        for (row, expected) in [
            (rows(order("2025-02-02")), "A"),
            (rows(order("2024-02-02")), "C"),
            ("#{ size: 3, others: [ #{ size: 1 }, #{ size: 2 } ] }".to_owned(), "B"),
            ("#{ size: 1, others: [ #{ size: 3 }, #{ size: 2 } ] }".to_owned(), "C"),
        ] {
            assert_eq!(
                outcomes(&format!("example(\"x\", {row}, \"c\", \"{expected}\");")),
                ["held"],
                "{row}"
            );
        }
    }

    #[test]
    fn a_row_that_nothing_reads_is_told() {
        let step =
            "update(\"T\").set(\"c\", related(\"SalesOrder\", \"customerId\").sum(\"total\"));";
        for (row, message) in [
            (
                "#{ related: #{ SalesOrdr: [] } }",
                "no rule on T reads SalesOrdr, so it changes nothing in this example; did you mean SalesOrder?",
            ),
            (
                "#{ related: #{ SalesOrder: [ #{ totl: 1 } ] } }",
                "no rule on SalesOrder reads or sets totl, so it changes nothing in this example; did you mean total?",
            ),
            (
                "#{ parent: #{ tenantId: #{ a: 1 } } }",
                "no rule on T reads tenantId, so it changes nothing in this example; take it out",
            ),
            (
                "#{ related: #{ SalesOrder: 3 } }",
                "rows are needed here, and SalesOrder is a whole number; write them like related: #{ SalesOrder: [ #{ total: 100 } ] }, parent: #{ tenantId: #{ name: \"Leora\" } }, others: [ #{ total: 5 } ]",
            ),
        ] {
            let told = example_outcomes(step, &format!("example(\"x\", {row}, \"c\", 0);"));
            assert!(told.iter().any(|one| one.ends_with(message)), "{row}: {told:?}");
        }
    }

    #[test]
    fn a_step_has_no_examples() {
        let message = "1:1: `example` means nothing in a step; move it to a file in the folder's examples/, which leora-run check tries";
        assert_eq!(failure("example(\"a\", #{}, \"c\", 1);"), message);
    }
}
