//! Dates and periods.

use crate::api::reference::{Function, Group};

pub(crate) const GROUP: Group = Group {
    title: "Dates and periods",
    about: "The business date, which `--as-of` sets, is the only clock. A period is counted by the calendar.",
    functions: &[
        Function {
            name: "today",
            forms: &["today() -> column"],
            about: "The business date.",
            usage: "today()",
            example: "let ahead = table(\"Customer\").count(col(\"lastOrderDate\") > today());\nnote(`${ahead} orders lie in the future`);",
            errors: &["a script can't look at the clock"],
        },
        Function {
            name: "ago",
            forms: &["ago(how_long: period) -> column"],
            about: "Midnight (UTC) of the business date, less a period.",
            usage: "ago(months(6))",
            example: "let before = col(\"createdAt\") < ago(years(1));\nnote(`${table(\"Customer\").count(before)} are older than a year`);",
            errors: &["`months` can't be used with a text"],
        },
        Function {
            name: "days",
            forms: &["days(count: integer) -> period"],
            about: "A period of whole days.",
            usage: "days(90)",
            example: "note(`${table(\"Customer\").count(col(\"lastOrderDate\").within(days(90)))}`);",
            errors: &[],
        },
        Function {
            name: "months",
            forms: &["months(count: integer) -> period"],
            about: "A period of calendar months: six months before 31 August is 28 or 29 February.",
            usage: "months(6)",
            example: "note(`${table(\"Customer\").count(col(\"lastOrderDate\").within(months(6)))}`);",
            errors: &[
                "months(-6) is no period",
                "`months` is called with no arguments",
                "there is no function `month`",
            ],
        },
        Function {
            name: "years",
            forms: &["years(count: integer) -> period"],
            about: "A period of twelve months each.",
            usage: "years(1)",
            example: "note(`${table(\"Customer\").count(col(\"lastOrderDate\").within(years(1)))}`);",
            errors: &["years(99999999) is no period"],
        },
    ],
};
