//! `days`, `months`, `years` of a column: a period of its own for each row.

use leora_rule::{Arithmetic, Comparison, Expr, Function as Call, Node};
use rhai::{Engine, NativeCallContext};

use crate::api::values::{expression, refuse_comparisons, refuse_in_texts};
use crate::api_call::{Answer, ApiCall};

/// A period that differs from row to row: the moment that long ago.
#[derive(Clone, Debug)]
pub(crate) struct RowPeriod {
    ago: Expr,
}

pub(crate) fn register(engine: &mut Engine) {
    engine.register_type_with_name::<RowPeriod>("period of a column");
    refuse_comparisons::<RowPeriod>(
        engine,
        "a period of a column",
        "compare dates, as in col(\"lastOrderDate\").within(days(col(\"pace\")))",
    );
    refuse_in_texts::<RowPeriod>(
        engine,
        "a period of a column",
        "it differs from row to row",
        "use it in col(\"name\").within(...) or ago(...)",
    );
    for (name, function, months) in
        [("days", Call::AgoDays, 1), ("months", Call::AgoMonths, 1), ("years", Call::AgoMonths, 12)]
    {
        engine.register_fn(name, move |context: NativeCallContext, count: Expr| {
            let call = ApiCall::new(context);
            let count = match months {
                1 => count,
                many => {
                    let many = Expr::literal(leora_rule::Value::Integer(many));
                    expression(&call, Node::Arithmetic(Arithmetic::Multiply, count, many))?
                }
            };
            let ago = expression(&call, Node::Call(function, vec![count]))?;
            Answer::Ok(RowPeriod { ago })
        });
    }
    engine.register_fn("ago", |how_long: RowPeriod| how_long.ago);
    engine.register_fn(
        "within",
        |context: NativeCallContext, column: Expr, how_long: RowPeriod| {
            let since = Node::Compare(Comparison::GreaterOrEqual, column, how_long.ago);
            expression(&ApiCall::new(context), since)
        },
    );
}

#[cfg(test)]
mod tests {
    use crate::testing::{failure, rules};

    #[test]
    fn a_period_of_a_column_is_a_moment_of_each_row() {
        for (condition, shown) in [
            ("col(\"at\").within(days(col(\"n\")))", "at >= ago(days(n))"),
            ("col(\"at\") < ago(months(3 * col(\"n\")))", "at < ago(months(3 * n))"),
            ("col(\"at\").within(years(col(\"n\")))", "at >= ago(months(n * 12))"),
            (
                "col(\"at\").within(days(coalesce([col(\"n\"), 90])))",
                "at >= ago(days(coalesce([n, 90])))",
            ),
        ] {
            let script = format!("update(\"T\").where({condition}).set(\"c\", 1);");
            let filter = rules(&script)[0].filter.clone().expect("a condition");
            assert_eq!(filter.to_string(), shown);
        }
    }

    #[test]
    fn it_stands_in_no_text_and_in_no_comparison() {
        let message = "a period of a column can't stand in a text: it differs from row to row";
        assert!(failure("note(`${days(col(\"n\"))}`);").contains(message));
        let message = "a column can't be compared or combined with a period";
        assert!(failure("col(\"a\") > days(col(\"n\"));").contains(message));
    }
}
