//! `rank`, `ntile`, `percent_rank`, `top_percent`: the place of a row among the rows of its table.

use leora_rule::{Expr, FigureSource, Node, Rank};
use rhai::{Array, Dynamic, Engine, NativeCallContext};
use rust_decimal::Decimal;

use crate::api::other_rows::link::{called, figure};
use crate::api::other_rows::related::column_or_expression;
use crate::api::reference::{Function, Primitive};
use crate::api::rules::condition::narrow;
use crate::api_call::{Answer, ApiCall};

pub(crate) const PRIMITIVE: Primitive = Primitive {
    functions: &[
        Function {
            name: "rank",
            forms: &["rank(value: column) -> column", "rank(value: column, by: list) -> column"],
            about: "1 and the number of rows with a smaller value; value and `by` may also be names of columns. Rows of equal value have the same rank. With `by`, among the rows that have the same values in these columns. A row without the value has no rank and does not count.",
            usage: "rank(\"lastOrderDate\", \"tenantId\")",
            example: "note(`${table(\"Customer\").count(rank(\"createdAt\", \"tenantId\") <= 10)} oldest customers`);",
            errors: &[
                "rank(...) needs a number, a date, a text or a value of an enum, and isPermanentlyClosed is true or false",
            ],
        },
        Function {
            name: "percent_rank",
            forms: &[
                "percent_rank(value: column) -> column",
                "percent_rank(value: column, by: list) -> column",
            ],
            about: "The share of the other rows with a smaller value, from 0 to 1.",
            usage: "percent_rank(\"lastOrderDate\", \"tenantId\") >= 0.5",
            example: "note(`${table(\"Customer\").count(percent_rank(\"createdAt\") >= 0.5)}`);",
            errors: &[],
        },
        Function {
            name: "ntile",
            forms: &[
                "ntile(buckets: integer, value: column) -> column",
                "ntile(buckets: integer, value: column, by: list) -> column",
            ],
            about: "The bucket of the row, when the rows are divided into so many of equal size: 1 has the smallest values. Rows of equal value are divided in the order of their key.",
            usage: "ntile(5, \"lastOrderDate\", \"tenantId\")",
            example: "note(`${table(\"Customer\").count(ntile(5, \"lastOrderDate\", \"tenantId\") == 5)} in the last fifth`);",
            errors: &["ntile(0, ...) has no buckets"],
        },
        Function {
            name: "top_percent",
            forms: &[
                "top_percent(percent: number, value: column) -> condition",
                "top_percent(percent: number, value: column, by: list) -> condition",
            ],
            about: "Whether less than this share of the rows has a larger value. Of rows with equal value all are in, or none.",
            usage: "top_percent(20, related(\"SalesOrder\", \"customerId\").sum(\"total\"), \"tenantId\")",
            example: "note(`${table(\"Customer\").count(top_percent(20, \"lastOrderDate\", \"tenantId\"))}`);",
            errors: &["top_percent(120, ...) is no share"],
        },
        Function {
            name: "among",
            forms: &["column.among(it: condition) -> column"],
            about: "Of a rank: only the rows for which the condition holds have one, and count. Without it these are all rows of the table, not only those that `where` takes.",
            usage: "",
            example: "let best = top_percent(20, \"lastOrderDate\").among(col(\"city\") == \"Napa\");\nnote(`${table(\"Customer\").count(best)}`);",
            errors: &["among(...) belongs to a rank"],
        },
    ],
    register,
};

fn register(engine: &mut Engine) {
    for (name, rank) in [("rank", Rank::Rank), ("percent_rank", Rank::PercentRank)] {
        engine.register_fn(name, move |context: NativeCallContext, value: Dynamic| {
            ranked(&ApiCall::new(context), rank, &value, None)
        });
        engine.register_fn(name, move |context: NativeCallContext, value: Dynamic, by: Dynamic| {
            ranked(&ApiCall::new(context), rank, &value, Some(&by))
        });
    }
    engine.register_fn("ntile", |context: NativeCallContext, buckets: i64, value: Dynamic| {
        let call = ApiCall::new(context);
        ranked(&call, tiles(&call, buckets)?, &value, None)
    });
    engine.register_fn(
        "ntile",
        |context: NativeCallContext, buckets: i64, value: Dynamic, by: Dynamic| {
            let call = ApiCall::new(context);
            ranked(&call, tiles(&call, buckets)?, &value, Some(&by))
        },
    );
    engine.register_fn("top_percent", |context: NativeCallContext, top: Dynamic, of: Dynamic| {
        let call = ApiCall::new(context);
        ranked(&call, share(&call, &top)?, &of, None)
    });
    engine.register_fn(
        "top_percent",
        |context: NativeCallContext, top: Dynamic, of: Dynamic, by: Dynamic| {
            let call = ApiCall::new(context);
            ranked(&call, share(&call, &top)?, &of, Some(&by))
        },
    );
    engine.register_fn("among", among);
}

fn tiles(call: &ApiCall<'_>, buckets: i64) -> Answer<Rank> {
    match i32::try_from(buckets) {
        Ok(1..) => Ok(Rank::Ntile(buckets)),
        _ => Err(call.mistake(
            format!("ntile({buckets}, ...) has no buckets"),
            "write how many, as in ntile(5, \"total\")",
        )),
    }
}

fn share(call: &ApiCall<'_>, percent: &Dynamic) -> Answer<Rank> {
    let number =
        percent.as_int().ok().map(Decimal::from).or_else(|| percent.clone().try_cast::<Decimal>());
    match number {
        Some(number) if number > Decimal::ZERO && number <= Decimal::ONE_HUNDRED => {
            Ok(Rank::TopPercent(number))
        }
        Some(number) => Err(call.mistake(
            format!("top_percent({number}, ...) is no share"),
            "write a number of percent from 0 to 100, as in top_percent(20, \"total\")",
        )),
        None => Err(call.mistake(
            format!(
                "top_percent begins with a number of percent, and this is {}",
                call.describe(percent)
            ),
            "write the percent first, and without quotes: top_percent(20, \"total\")",
        )),
    }
}

fn ranked(call: &ApiCall<'_>, rank: Rank, value: &Dynamic, by: Option<&Dynamic>) -> Answer<Expr> {
    let value = column_or_expression(call, rank.name(), value)?;
    let columns = match by {
        None => vec![],
        Some(by) => match by.clone().try_cast::<Array>() {
            Some(list) => list,
            None => vec![by.clone()],
        },
    };
    let partition = columns
        .iter()
        .map(|by| column_or_expression(call, rank.name(), by))
        .collect::<Answer<Vec<Expr>>>()?;
    let ranked = figure(call, FigureSource::Rank { rank, value, partition, among: None })?;
    called(call, ranked, None)
}

fn among(context: NativeCallContext, expr: &mut Expr, condition: Dynamic) -> Answer<Expr> {
    let call = ApiCall::new(context);
    if let Node::Figure(found) = expr.node()
        && let FigureSource::Rank { rank, value, partition, among } = found.source()
    {
        let among = narrow(&call, among.clone(), &condition)?;
        let (value, partition) = (value.clone(), partition.clone());
        let rank = FigureSource::Rank { rank: *rank, value, partition, among };
        return called(&call, figure(&call, rank)?, None);
    }
    Err(call.mistake(
        "among(...) belongs to a rank",
        "write it like top_percent(20, \"total\").among(col(\"city\") == \"Napa\")",
    ))
}

#[cfg(test)]
mod tests {
    use crate::testing::{failure, rules};

    #[test]
    fn a_rank_has_a_value_and_columns_to_divide_by() {
        let script = "update(\"T\").where(ntile(5, \"a\", [\"b\", \"d\"]) == 5 and top_percent(2.5, col(\"a\") * 2).among(col(\"e\"))).set(\"c\", 1);";
        let filter = rules(script)[0].filter.as_ref().expect("a condition").to_string();
        assert_eq!(filter, "ntile(5, a, b, d) == 5 and top_percent(2.5, a * 2).among(e)");
    }

    #[test]
    fn what_is_no_rank_is_refused() {
        for (script, message) in [
            ("ntile(0, \"a\");", "ntile(0, ...) has no buckets"),
            ("top_percent(120, \"a\");", "top_percent(120, ...) is no share"),
            (
                "top_percent(\"x\", \"a\");",
                "top_percent begins with a number of percent, and this is a text",
            ),
            ("rank(3);", "rank needs the name of a column, not a whole number"),
            ("col(\"a\").among(col(\"b\"));", "among(...) belongs to a rank"),
        ] {
            assert!(failure(script).contains(message), "{script}: {}", failure(script));
        }
    }
}
