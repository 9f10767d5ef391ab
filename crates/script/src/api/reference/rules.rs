//! Rules and settings.

use crate::api::reference::{Function, Group};

pub(crate) const GROUP: Group = Group {
    title: "Rules",
    about: "`update(...).where(...).set(...)` is one rule. A row that no arm matches is left alone, and only values that really change are written.",
    functions: &[
        Function {
            name: "update",
            forms: &["update(table: text) -> update"],
            about: "Begins a rule for a table's rows; it does nothing until `.set(...)`.",
            usage: "update(\"Customer\").where(condition).set(\"accountType\", value)",
            example: "let done = update(\"Customer\")\n    .where(col(\"accountType\").is_null())\n    .set(\"accountType\", \"PROSPECT\");\nnote(`${done.changed} customers have a class now`);",
            errors: &[
                "update(\"Customer\") never reaches .set(...), so it does nothing",
                "there is no table Custmer in schema public",
            ],
        },
        Function {
            name: "where",
            forms: &["update.where(it: condition) -> update"],
            about: "The rows that the rule may touch. A second `.where` narrows further.",
            usage: "where(col(\"accountType\").is_null())",
            example: "update(\"Customer\")\n    .where(col(\"city\") == \"Napa\")\n    .where(col(\"accountType\").is_null())\n    .set(\"accountType\", \"TARGET\");",
            errors: &[
                "a condition is needed here, and this is a text",
                "a condition is needed here, and name is a text",
            ],
        },
        Function {
            name: "set",
            forms: &[
                "update.set(column: text, value: value) -> change",
                "update.set(column: text, arms: list) -> change",
                "update.set(column: text, values: lookup) -> change",
            ],
            about: "Writes the rule: a value, a list of arms `[ condition, value ]` of which the first that holds wins, or a `lookup`.",
            usage: ".set(\"accountType\", \"ACTIVE\") or .set(\"accountType\", [[condition, value], ...])",
            example: "update(\"Customer\").set(\"accountType\", [\n    [ col(\"lastOrderDate\").within(months(6)), \"ACTIVE\"   ],\n    [ otherwise,                             \"PROSPECT\" ],\n]);",
            errors: &[
                "the manifest does not allow setting Customer.city",
                "arm 2 stands after `otherwise`, so it can never match",
                "arm 1 is not a condition and a value",
                "the value set for orderingPaceDays reads orderingPaceDays itself",
                "AccountType has no value GOLD; its values are ACTIVE, TARGET, PROSPECT",
            ],
        },
        Function {
            name: "otherwise",
            forms: &["otherwise -> condition"],
            about: "The condition of the last arm: every row that is left.",
            usage: "",
            example: "update(\"Customer\").set(\"accountType\", [\n    [ col(\"lastOrderDate\").is_null(), \"PROSPECT\" ],\n    [ otherwise,                     \"TARGET\"   ],\n]);",
            errors: &["a condition is needed here, and this is `otherwise`"],
        },
        Function {
            name: "lookup",
            forms: &["lookup(column: text, values: map) -> lookup"],
            about: "A value for each value of a column. A row whose value the map lacks is left alone.",
            usage: "lookup(\"accountType\", #{ ACTIVE: \"HIGH\", TARGET: \"MEDIUM\" })",
            example: "update(\"Customer\")\n    .where(col(\"accountType\").is_null())\n    .set(\"accountType\", lookup(\"city\", #{ Napa: \"TARGET\", Sonoma: \"PROSPECT\" }));",
            errors: &["A stands twice in this map"],
        },
        Function {
            name: "changed",
            forms: &["change.changed -> integer"],
            about: "How many rows a rule really changed.",
            usage: "",
            example: "let done = update(\"Customer\").set(\"accountType\", \"ACTIVE\");\nnote(`${done.changed} rows changed`);",
            errors: &[],
        },
        Function {
            name: "rows",
            forms: &["change.rows -> integer"],
            about: "How many rows a rule's `where` took.",
            usage: "",
            example: "let done = update(\"Customer\").set(\"accountType\", \"TARGET\");\nnote(`${done.changed} of ${done.rows}`);",
            errors: &[],
        },
        Function {
            name: "setting",
            forms: &["setting(name: text, default: value) -> value"],
            about: "A named value: the default, or what `--set name=...` says. Periods, true or false, numbers and texts.",
            usage: "setting(\"active_within\", months(6))",
            example: "let active_within = setting(\"active_within\", months(6));   // an order this recent makes a customer ACTIVE\nnote(`${table(\"Customer\").count(col(\"lastOrderDate\").within(active_within))}`);",
            errors: &[
                "--set active_within=soon is no period",
                "no script of this folder has a setting named activ_within",
                "`setting` is called with 1 argument",
            ],
        },
    ],
};
