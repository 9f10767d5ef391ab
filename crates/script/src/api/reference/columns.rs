//! Columns and conditions.

use crate::api::reference::{Function, Group};

pub(crate) const GROUP: Group = Group {
    title: "Columns and conditions",
    about: "A rule or a count is said in columns: the database looks at every row, the script at none.",
    functions: &[
        Function {
            name: "col",
            forms: &["col(name: text) -> column"],
            about: "A column of the row, by the name that it has in the table.",
            usage: "col(\"lastOrderDate\")",
            example: "let last_order = col(\"lastOrderDate\");\nnote(`${table(\"Customer\").count(last_order.is_null())} have never ordered`);",
            errors: &[
                "Customer has no column lastOrderDat",
                "`col` can't be used with a whole number",
            ],
        },
        Function {
            name: "col_or",
            forms: &["col_or(name: text, stand_in: value) -> column"],
            about: "A column, or the value where the table has no such column.",
            usage: "col_or(\"accountPriorityManuallySet\", false)",
            example: "let by_hand = col_or(\"accountPriorityManuallySet\", false);\nshow(`${table(\"Customer\").count(by_hand)} priorities were set by hand`);",
            errors: &[],
        },
        Function {
            name: "==",
            forms: &[
                "column == value -> condition",
                "column != value -> condition",
                "column < value -> condition",
                "column <= value -> condition",
                "column > value -> condition",
                "column >= value -> condition",
            ],
            about: "Compares a column with a value or another column, on either side. Enums compare in their own order. A missing value equals nothing: ask `.is_null()`.",
            usage: "",
            example: "let near = table(\"Customer\").where(col(\"city\") == \"Napa\");\nnote(`${near.count()} customers in Napa`);",
            errors: &[
                "a column can't be compared with (): in SQL nothing equals a missing value",
                "comparisons can't be chained: the first gives true or false, not a value",
                "orderingPaceDays is a number and name is a text: they can't be compared",
            ],
        },
        Function {
            name: "and",
            forms: &["condition and condition -> condition"],
            about: "Both hold. (`&&` is the language's own and can't look at a column.)",
            usage: "col(\"city\") == \"Napa\" and col(\"accountType\").is_null()",
            example: "let new_in_napa = col(\"city\") == \"Napa\" and col(\"accountType\").is_null();\nnote(`${table(\"Customer\").count(new_in_napa)}`);",
            errors: &["`&&`, `||`, `!`, `if`, `while` and `switch` can't look at a column"],
        },
        Function {
            name: "or",
            forms: &["condition or condition -> condition"],
            about: "One of them holds, or both. `and` binds closer.",
            usage: "col(\"city\") == \"Napa\" or col(\"city\").is_null()",
            example: "let napa_or_unknown = col(\"city\") == \"Napa\" or col(\"city\").is_null();\nnote(`${table(\"Customer\").count(napa_or_unknown)}`);",
            errors: &["`&&`, `||`, `!`, `if`, `while` and `switch` can't look at a column"],
        },
        Function {
            name: "not",
            forms: &["not(it: condition) -> condition"],
            about: "It does not hold. Where a value is missing neither it nor its opposite holds.",
            usage: "not(col(\"isPermanentlyClosed\"))",
            example: "let open = not(coalesce([col(\"isPermanentlyClosed\"), false]));\nnote(`${table(\"Customer\").count(open)} are open`);",
            errors: &["`not` can't be used with a text"],
        },
        Function {
            name: "is_null",
            forms: &["column.is_null() -> condition"],
            about: "It has no value.",
            usage: "col(\"accountType\").is_null()",
            example: "let left_out = table(\"Customer\").count(col(\"accountType\").is_null());\nnote(`${left_out} have no class yet`);",
            errors: &["there is no function `isnull`"],
        },
        Function {
            name: "is_one_of",
            forms: &["column.is_one_of(values: list) -> condition"],
            about: "It is one of the values.",
            usage: "col(\"accountType\").is_one_of([\"ACTIVE\", \"TARGET\"])",
            example: "let worth_a_visit = col(\"accountType\").is_one_of([\"ACTIVE\", \"TARGET\"]);\nnote(`${table(\"Customer\").count(worth_a_visit)}`);",
            errors: &[
                "is_one_of needs a list of plain values",
                "AccountType has no value ACTIV; its values are ACTIVE, TARGET, PROSPECT",
            ],
        },
        Function {
            name: "within",
            forms: &["column.within(how_long: period) -> condition"],
            about: "It is a date on or after that long ago; the future counts as recent.",
            usage: "col(\"lastOrderDate\").within(months(6))",
            example: "let recent = col(\"lastOrderDate\").within(months(6));\nnote(`${table(\"Customer\").count(recent)} ordered in the last half year`);",
            errors: &[
                "within(...) needs a date, and name is a text",
                "`within` can't be used with a column and a whole number",
            ],
        },
        Function {
            name: "+",
            forms: &[
                "column + value -> column",
                "column - value -> column",
                "column * value -> column",
                "column / value -> column",
            ],
            about: "Calculates with numbers, exactly, as a spreadsheet does. Dates are compared with `ago(...)` instead.",
            usage: "",
            example: "let slow = col(\"orderingPaceDays\") * 2 > 60;\nnote(`${table(\"Customer\").count(slow)} order less than monthly`);",
            errors: &[
                "`+` needs numbers, and name is a text",
                "`+` needs numbers, and lastOrderDate is a date",
            ],
        },
        Function {
            name: "coalesce",
            forms: &["coalesce(values: list) -> column"],
            about: "The first of the columns and values that is there.",
            usage: "coalesce([col(\"reactivatedDate\"), col(\"lastOrderDate\")])",
            example: "let last_seen = coalesce([col(\"reactivatedDate\"), col(\"lastOrderDate\")]);\nnote(`${table(\"Customer\").count(last_seen.within(years(1)))}`);",
            errors: &["a column can't be compared or combined with a list"],
        },
    ],
};
