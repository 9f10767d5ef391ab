//! `days_since`, `days_between`, `year` and the other parts of a column of dates.

use leora_rule::{Expr, Function as Call, Node, Parameter};
use rhai::{Engine, NativeCallContext};

use crate::api::columns::method::register_methods;
use crate::api::reference::{Function, Primitive};
use crate::api::values::{expression, register_binary};
use crate::api_call::{Answer, ApiCall};

pub(crate) const PRIMITIVE: Primitive = Primitive {
    functions: &[
        Function {
            name: "days_since",
            forms: &["days_since(date: column) -> column"],
            about: "How many days the date is before the business date, whatever its time of day (UTC); less than 0 for a date to come. An infinite date has no distance.",
            usage: "days_since(col(\"lastOrderDate\"))",
            example: "let late = days_since(col(\"lastOrderDate\")) > col(\"orderingPaceDays\") * 2;\nnote(`${table(\"Customer\").count(late)} are late by their own pace`);",
            errors: &[
                "days_since(...) needs a date, and name is a text",
                "there is no function `datediff`",
            ],
        },
        Function {
            name: "days_between",
            forms: &["days_between(from: value, to: value) -> column"],
            about: "How many days the second date is after the first, whatever their times of day (UTC).",
            usage: "days_between(col(\"createdAt\"), col(\"lastOrderDate\"))",
            example: "let quick = days_between(col(\"createdAt\"), col(\"lastOrderDate\")) <= 30;\nnote(`${table(\"Customer\").count(quick)}`);",
            errors: &["days_between(...) needs a date, and \"soon\" is a text"],
        },
        Function {
            name: "year",
            forms: &["column.year() -> column"],
            about: "The year of the date (UTC), as a number. An infinite date has none.",
            usage: "col(\"lastOrderDate\").year()",
            example: "note(`${table(\"Customer\").count(col(\"createdAt\").year() == 2024)}`);",
            errors: &["year(...) needs a date, and name is a text"],
        },
        Function {
            name: "quarter",
            forms: &["column.quarter() -> column"],
            about: "The quarter of the year, 1 to 4.",
            usage: "col(\"lastOrderDate\").quarter()",
            example: "note(`${table(\"Customer\").count(col(\"lastOrderDate\").quarter() == 4)}`);",
            errors: &[],
        },
        Function {
            name: "month",
            forms: &["column.month() -> column"],
            about: "The month, 1 to 12.",
            usage: "col(\"lastOrderDate\").month()",
            example: "note(`${table(\"Customer\").count(col(\"lastOrderDate\").month() == 12)} ordered last in a December`);",
            errors: &["`month` can't be used with a whole number"],
        },
        Function {
            name: "weekday",
            forms: &["column.weekday() -> column"],
            about: "The day of the week: Monday is 1, Sunday is 7.",
            usage: "col(\"lastOrderDate\").weekday()",
            example: "note(`${table(\"Customer\").count(col(\"lastOrderDate\").weekday() >= 6)} ordered last on a weekend`);",
            errors: &[],
        },
    ],
    register,
};

fn register(engine: &mut Engine) {
    register_methods(engine, |call: Call| call.parameters()[0] == Parameter::Moment);
    engine.register_fn("days_since", |context: NativeCallContext, date: Expr| -> Answer<Expr> {
        let call = ApiCall::new(context);
        let today = expression(&call, Node::Today)?;
        expression(&call, Node::Call(Call::DaysBetween, vec![date, today]))
    });
    register_binary(engine, "days_between", |call, from, to| {
        expression(call, Node::Call(Call::DaysBetween, vec![from, to]))
    });
}

#[cfg(test)]
mod tests {
    use leora_rule::{Expr, Function, Node, Value};

    use crate::testing::{failure, rules};

    fn value(written: &str) -> Expr {
        let script = format!("update(\"T\").set(\"c\", {written});");
        rules(&script)[0].arms()[0].value.clone()
    }

    #[test]
    fn days_are_counted_to_the_business_date_or_between_two_dates() {
        for (written, shown) in [
            ("days_since(col(\"a\"))", "days_since(a)"),
            ("days_between(col(\"a\"), col(\"b\"))", "days_between(a, b)"),
            ("days_between(\"2025-01-01\", col(\"b\"))", "days_between(\"2025-01-01\", b)"),
            ("col(\"a\").weekday() + 1", "a.weekday() + 1"),
        ] {
            assert_eq!(value(written).to_string(), shown);
        }
        let first = Expr::literal(Value::Text("2025-01-01".into()));
        let between = value("days_between(\"2025-01-01\", today())");
        let Node::Call(Function::DaysBetween, dates) = between.node() else { panic!("{between}") };
        assert_eq!(dates[0], first);
    }

    #[test]
    fn a_part_of_a_date_is_no_period() {
        let message = "1:1: `month` can't be used with a whole number; a period is written months(6); the month of a column is col(\"lastOrderDate\").month()";
        assert_eq!(failure("month(6);"), message);
    }
}
