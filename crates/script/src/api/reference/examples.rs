//! Examples, which `check` tries.

use crate::api::reference::{Function, Group};

pub(crate) const GROUP: Group = Group {
    title: "Examples",
    about: "Files in the folder's `examples/`, which `leora-run check` tries on one row in memory, through the rules of every step.",
    functions: &[
        Function {
            name: "example",
            forms: &["example(label: text, row: map, column: text, expected: value) -> nothing"],
            about: "What a column of a row must be when the steps are done. A column that the row lacks is empty; the column is `\"Table.column\"` where rules of several tables set one of that name.",
            usage: "example(\"never\", #{ lastOrderDate: () }, \"accountType\", \"PROSPECT\")",
            example: "example(\"a week ago\",       #{ lastOrderDate: ago(days(7)) },   \"accountType\", \"ACTIVE\");\nexample(\"exactly 6 months\", #{ lastOrderDate: ago(months(6)) }, \"accountType\", \"ACTIVE\");\nexample(\"never\",            #{ lastOrderDate: () },             \"accountType\", \"PROSPECT\");",
            errors: &["`example` means nothing in a step"],
        },
        Function {
            name: "given",
            forms: &["given(answers: map) -> nothing"],
            about: "What the database would answer to the steps, for the examples below it: each entry is what is asked (`count`, `distribution`, `distribution_by`, `rows`, `table`, `enum_values`, `index`, `foreign_keys`, `query`, `last_run`), and holds the answers by what it is asked of (a table, `\"Table.column\"`, an enum, an index, the query's text). `table` also says the types of columns, so that enums compare in their order. `setting` gives settings the values that the examples are tried with; `--set` goes before it.",
            usage: "given(#{ count: #{ Customer: 12 } })",
            example: "given(#{\n    table:       #{ Customer: #{ accountType: \"AccountType\", lastOrderDate: \"timestamp\" } },\n    enum_values: #{ AccountType: [\"ACTIVE\", \"TARGET\", \"PROSPECT\", \"HOLD\"] },\n});\nexample(\"never\", #{ lastOrderDate: () }, \"accountType\", \"PROSPECT\");",
            errors: &["`given` means nothing in a step"],
        },
    ],
};
