//! Dates and periods: `today`, `ago`, `days`, `months`, `years`.

use leora_rule::{Expr, InvalidPeriod, Node, Period};
use rhai::{Engine, NativeCallContext};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use crate::api::reference::{Function, Group, Primitive};
use crate::api::row_periods;
use crate::api::values::{expression, refuse_comparisons};
use crate::api_call::{Answer, ApiCall};

pub(crate) const GROUP: Group = Group {
    title: "Dates and periods",
    about: "The business date, which `--as-of` sets, is the only clock. A period is counted by the calendar.",
    primitives: &[Primitive {
        functions: &[
            Function {
                name: "today",
                forms: &["today() -> column"],
                about: "The business date; also in a text, and as a parameter of a `query`.",
                usage: "today()",
                example: "let ahead = table(\"Customer\").count(col(\"lastOrderDate\") > today());\nnote(`${ahead} orders lie in the future`);",
                errors: &["a script can't look at the clock"],
            },
            Function {
                name: "ago",
                forms: &["ago(how_long: period) -> column"],
                about: "Midnight (UTC) of the business date, less a period; also in a text, and as a parameter of a `query`.",
                usage: "ago(months(6))",
                example: "let before = col(\"createdAt\") < ago(years(1));\nnote(`${table(\"Customer\").count(before)} are older than a year`);",
                errors: &["`months` can't be used with a text"],
            },
            Function {
                name: "days",
                forms: &["days(count: integer) -> period", "days(count: column) -> period"],
                about: "A period of whole days. Of a column or calculation, each row has its own, for `.within(...)` and `ago(...)`: parts of a day are left out, and a count that is missing, negative, or reaches back before the year 1 gives no date.",
                usage: "days(90)",
                example: "let pace = days(coalesce([col(\"orderingPaceDays\"), 90]));\nnote(`${table(\"Customer\").count(col(\"lastOrderDate\").within(pace))} have ordered within their own pace`);",
                errors: &["days(...) needs a number, and name is a text"],
            },
            Function {
                name: "months",
                forms: &["months(count: integer) -> period", "months(count: column) -> period"],
                about: "A period of calendar months: six months before 31 August is 28 or 29 February. Of a column, as `days`.",
                usage: "months(6)",
                example: "note(`${table(\"Customer\").count(col(\"lastOrderDate\").within(months(6)))}`);",
                errors: &[
                    "months(-6) is no period",
                    "`months` is called with no arguments",
                    "`month` can't be used with a whole number",
                ],
            },
            Function {
                name: "years",
                forms: &["years(count: integer) -> period", "years(count: column) -> period"],
                about: "A period of twelve months each. Of a column, as `days`.",
                usage: "years(1)",
                example: "note(`${table(\"Customer\").count(col(\"lastOrderDate\").within(years(1)))}`);",
                errors: &["years(99999999) is no period"],
            },
        ],
        register,
    }],
};

/// The period of a count.
type Unit = fn(i64) -> Result<Period, InvalidPeriod>;

fn register(engine: &mut Engine) {
    engine.register_type_with_name::<Period>("period");
    refuse_comparisons::<Period>(
        engine,
        "a period",
        "compare dates, as in col(\"lastOrderDate\").within(months(6))",
    );
    engine.register_fn("to_string", |period: &mut Period| period.to_string());
    engine.register_fn("to_debug", |period: &mut Period| period.to_string());
    let units: [(&str, Unit); 3] = [
        ("days", |count| Period::new(0, count)),
        ("months", |count| Period::new(count, 0)),
        ("years", |count| Period::new(count.saturating_mul(12), 0)),
    ];
    for (name, unit) in units {
        engine.register_fn(name, move |context: NativeCallContext, count: i64| {
            period(context, name, count, unit(count))
        });
        engine.register_fn(name, move |context: NativeCallContext, count: Decimal| {
            match count.to_i64().filter(|_| count.is_integer()) {
                Some(whole) => period(context, name, whole, unit(whole)),
                None => Err(ApiCall::new(context).mistake(
                    format!("{name}({count}) is no period"),
                    "a period has a whole number: count a part of a month or year in days, as in days(198)",
                )),
            }
        });
    }
    row_periods::register(engine);
    engine.register_fn("ago", |context: NativeCallContext, how_long: Period| -> Answer<Expr> {
        expression(&ApiCall::new(context), Node::Ago(how_long))
    });
    engine.register_fn("today", |context: NativeCallContext| -> Answer<Expr> {
        expression(&ApiCall::new(context), Node::Today)
    });
}

fn period(
    context: NativeCallContext,
    name: &str,
    count: i64,
    period: Result<Period, InvalidPeriod>,
) -> Answer<Period> {
    period.map_err(|_| {
        ApiCall::new(context).mistake(
            format!("{name}({count}) is no period"),
            "a period is not negative, and at most 9,000 years",
        )
    })
}

#[cfg(test)]
mod tests {
    use leora_rule::{Node, Period};

    use crate::testing::{failure, notes, rules};

    #[test]
    fn a_period_counts_months_and_days() {
        let script = "note(`${months(6)}, ${days(90)}, ${years(1)}`);";
        assert_eq!(notes(script), ["6mo, 90d, 1y"]);
    }

    #[test]
    fn dates_are_left_to_the_rule() {
        let script = "update(\"T\").where(col(\"at\") < ago(months(6))).set(\"c\", today());";
        let rule = rules(script).remove(0);
        assert_eq!(*rule.arms()[0].value.node(), Node::Today);
        let filter = rule.filter.expect("a condition");
        let Node::Compare(_, _, ago) = filter.node() else { panic!("{filter:?}") };
        assert_eq!(*ago.node(), Node::Ago(Period::new(6, 0).expect("a period")));
    }

    #[test]
    fn a_period_is_not_negative_and_has_an_end() {
        let help = "is no period; a period is not negative, and at most 9,000 years";
        assert_eq!(failure("months(-6);"), format!("1:1: months(-6) {help}"));
        assert_eq!(
            failure("months(6.5);"),
            "1:1: months(6.5) is no period; a period has a whole number: count a part of a month or year in days, as in days(198)"
        );
        assert_eq!(notes("note(`${months(6.0)}`);"), ["6mo"]);
        assert_eq!(failure("years(99999999);"), format!("1:1: years(99999999) {help}"));
    }
}
