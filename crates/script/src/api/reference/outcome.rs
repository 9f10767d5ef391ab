//! Saying and expecting.

use crate::api::reference::{Function, Group};

pub(crate) const GROUP: Group = Group {
    title: "Saying and expecting",
    about: "What a step expects adds up: all of it is judged, and a step that did not find what it expects fails the run.",
    functions: &[
        Function {
            name: "expect",
            forms: &[
                "expect(label: text, held: truth) -> truth",
                "expect(label: text, held: list) -> truth",
                "expect(label: text, held: truth, found: text) -> truth",
            ],
            about: "What must hold: true or false, or a list of findings, which holds when it is empty. Returns whether it held.",
            usage: "expect(\"every customer has a class\", left_out == 0)",
            example: "let nameless = table(\"Customer\").count(col(\"name\") == \"\");\nexpect(\"every customer has a name\", nameless == 0, `${nameless} have none`);",
            errors: &[
                "an expectation needs true or false, or a list of findings, and this is a",
                "`expect` is called with 1 argument",
            ],
        },
        Function {
            name: "warn_unless",
            forms: &[
                "warn_unless(label: text, held: truth) -> truth",
                "warn_unless(label: text, held: list) -> truth",
                "warn_unless(label: text, held: truth, found: text) -> truth",
            ],
            about: "The same, but it only warns, unless `--strict`.",
            usage: "warn_unless(\"the shares are as expected\", findings)",
            example: "warn_unless(\"there are customers\", table(\"Customer\").count() > 0);",
            errors: &[],
        },
        Function {
            name: "show",
            forms: &[
                "show(it: distribution) -> nothing",
                "show(title: text, it: distribution) -> nothing",
                "show(rows: list) -> nothing",
                "show(columns: list, rows: list) -> nothing",
                "show(it: value) -> nothing",
            ],
            about: "Shows a distribution as a chart, rows as a table, or a text.",
            usage: "show(table(\"Customer\").distribution(\"accountType\"))",
            example: "show(\"Customers by state\", table(\"Customer\").distribution(\"state\"));\nshow([\"slug\", \"name\"], table(\"Tenant\").rows([\"slug\", \"name\"]));",
            errors: &["`show` can't show a list of single values", "`show` can't say a column"],
        },
        Function {
            name: "note",
            forms: &["note(said: value) -> nothing"],
            about: "Says a text in the report. `print` and `debug` do the same.",
            usage: "note(\"what there is to say\")",
            example: "note(`looking at ${table(\"Customer\").count()} customers`);",
            errors: &["the script reached its limit printed = 1000"],
        },
        Function {
            name: "counted",
            forms: &[
                "counted(number: integer) -> text",
                "counted(number: integer, noun: text) -> text",
            ],
            about: "A number as people read it, `5,394`, and with its noun, `5,394 customers`.",
            usage: "counted(5394, \"customer\")",
            example: "note(`there are ${counted(table(\"Customer\").count(), \"customer\")}`);",
            errors: &[],
        },
        Function {
            name: "refuse",
            forms: &["refuse(why: text, remedy: text) -> nothing"],
            about: "Ends the run with exit code 4, to keep data safe. Nothing is changed.",
            usage: "refuse(\"what is wrong\", \"what to do about it\")",
            example: "if !has_table(\"Customer\") {\n    refuse(\"there are no customers here\", \"check that the address is the CRM's\");\n}",
            errors: &["`refuse` is called with 1 argument"],
        },
    ],
};
