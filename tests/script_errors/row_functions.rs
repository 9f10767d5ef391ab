//! Functions of texts, dates and numbers, on what they are not for.

use expect_test::expect;

use super::Desk;

#[test]
fn functions_of_texts() {
    let desk = Desk::new();
    desk.fails(
        r#"table("Customer").count(col("orderingPaceDays").lower() == "a");"#,
        expect![[r#"
            error: lower(...) needs a text, and orderingPaceDays is a number
             --> scripts/try/01_step.rhai:1:19
              |
            1 | table("Customer").count(col("orderingPaceDays").lower() == "a");
              |                   ^^^^^
            help: ask it of a column of texts, as in col("name").lower()
        "#]],
    );
    desk.fails(
        r#"table("Customer").count(col("name").contains(5));"#,
        expect![[r#"
            error: contains(...) needs a text, and 5 is a whole number
             --> scripts/try/01_step.rhai:1:19
              |
            1 | table("Customer").count(col("name").contains(5));
              |                   ^^^^^
            help: write the text in quotes, or give a column of texts
        "#]],
    );
    desk.fails(
        r#"table("Customer").count(col("accountType").contains("ACT"));"#,
        expect![[r#"
        error: contains(...) needs a text, and accountType is a value of AccountType
         --> scripts/try/01_step.rhai:1:19
          |
        1 | table("Customer").count(col("accountType").contains("ACT"));
          |                   ^^^^^
        help: ask it of a column of texts, as in col("name").lower()
    "#]],
    );
    desk.fails(
        r#"table("Customer").count(col("name").like("50\\"));"#,
        expect![[r#"
        error: like(...) needs a pattern that does not end in a single backslash, and
               "50\" does
         --> scripts/try/01_step.rhai:1:19
          |
        1 | table("Customer").count(col("name").like("50\\"));
          |                   ^^^^^
        help: a backslash takes the sign after it as it is: write two for a backslash,
              which are four in quotes, or use .ends_with(...)
    "#]],
    );
    desk.fails(
        r#"table("Customer").count(col("name").like(col("city")));"#,
        expect![[r#"
        error: like(...) needs a pattern in quotes, and city is a text
         --> scripts/try/01_step.rhai:1:19
          |
        1 | table("Customer").count(col("name").like(col("city")));
          |                   ^^^^^
        help: write it like col("name").like("%Grill%"); .contains(...) also takes a
              column
    "#]],
    );
    desk.fails(
        r#"table("Customer").count(col("name").len() > 40);"#,
        expect![[r#"
        error: `len` can't be used with a column
         --> scripts/try/01_step.rhai:1:37
          |
        1 | table("Customer").count(col("name").len() > 40);
          |                                     ^^^
        help: write .length(), as in col("name").length() > 40
    "#]],
    );
    desk.stops_early(
        r#"table("Customer").count(col("name").includes("Grill"));"#,
        expect![[r#"
        error: there is no function `includes`
         --> scripts/try/01_step.rhai:1:37
          |
        1 | table("Customer").count(col("name").includes("Grill"));
          |                                     ^^^^^^^^
        help: write .contains("Grill")
    "#]],
    );
    desk.stops_early(
        r#"table("Customer").count(col("name").startsWith("The "));"#,
        expect![[r#"
        error: there is no function `startsWith`
         --> scripts/try/01_step.rhai:1:37
          |
        1 | table("Customer").count(col("name").startsWith("The "));
          |                                     ^^^^^^^^^^
        help: write .starts_with("The ")
    "#]],
    );
    desk.stops_early(
        r#"if col("name").lower().contains("grill") { note("a grill"); }"#,
        expect![[r#"
            error: `&&`, `||`, `!`, `if`, `while` and `switch` can't look at a column: its
                   value differs from row to row
             --> scripts/try/01_step.rhai:1:4
              |
            1 | if col("name").lower().contains("grill") { note("a grill"); }
              |    ^^^
            help: write `and`, `or`, `not(...)`, or arms in .set("column", [[condition,
                  value], ...])
        "#]],
    );
    desk.unchanged();
}

#[test]
fn functions_of_dates() {
    let desk = Desk::new();
    desk.fails(
        r#"table("Customer").count(days_since(col("name")) > 30);"#,
        expect![[r#"
            error: days_since(...) needs a date, and name is a text
             --> scripts/try/01_step.rhai:1:19
              |
            1 | table("Customer").count(days_since(col("name")) > 30);
              |                   ^^^^^
            help: give it a column of dates, or a date such as "2025-10-25"
        "#]],
    );
    desk.fails(
        r#"table("Customer").count(days_between("soon", col("createdAt")) > 30);"#,
        expect![[r#"
            error: days_between(...) needs a date, and "soon" is a text
             --> scripts/try/01_step.rhai:1:19
              |
            1 | table("Customer").count(days_between("soon", col("createdAt")) > 30);
              |                   ^^^^^
            help: give it a column of dates, or a date such as "2025-10-25"
        "#]],
    );
    desk.fails(
        r#"table("Customer").count(col("name").year() == 2025);"#,
        expect![[r#"
        error: year(...) needs a date, and name is a text
         --> scripts/try/01_step.rhai:1:19
          |
        1 | table("Customer").count(col("name").year() == 2025);
          |                   ^^^^^
        help: give it a column of dates, or a date such as "2025-10-25"
    "#]],
    );
    desk.fails(
        r#"table("Customer").count(col("lastOrderDate").within(days(col("name"))));"#,
        expect![[r#"
            error: days(...) needs a number, and name is a text
             --> scripts/try/01_step.rhai:1:19
              |
            1 | table("Customer").count(col("lastOrderDate").within(days(col("name"))));
              |                   ^^^^^
            help: give it a column of numbers, or a calculation
        "#]],
    );
    desk.fails(
        r#"note(`${months(col("orderingPaceDays"))}`);"#,
        expect![[r#"
        error: a period of a column can't stand in a text: it differs from row to row
         --> scripts/try/01_step.rhai:1:8
          |
        1 | note(`${months(col("orderingPaceDays"))}`);
          |        ^
        help: use it in col("name").within(...) or ago(...)
    "#]],
    );
    desk.unchanged();
}

#[test]
fn functions_of_numbers() {
    let desk = Desk::new();
    desk.fails(
        r#"table("Customer").count(round(col("name"), 2) > 1);"#,
        expect![[r#"
        error: round(...) needs a number, and name is a text
         --> scripts/try/01_step.rhai:1:19
          |
        1 | table("Customer").count(round(col("name"), 2) > 1);
          |                   ^^^^^
        help: give it a column of numbers, or a calculation
    "#]],
    );
    desk.fails(
        r#"table("Customer").count(round(col("orderingPaceDays")) > 1);"#,
        expect![[r#"
        error: `round` can't be used with a column
         --> scripts/try/01_step.rhai:1:25
          |
        1 | table("Customer").count(round(col("orderingPaceDays")) > 1);
          |                         ^^^^^
        help: write it like round(col("orderingPaceDays") / 7, 1)
    "#]],
    );
    desk.fails(
        r#"table("Customer").count(abs(col("lastOrderDate")) > 1);"#,
        expect![[r#"
        error: abs(...) needs a number, and lastOrderDate is a date
         --> scripts/try/01_step.rhai:1:19
          |
        1 | table("Customer").count(abs(col("lastOrderDate")) > 1);
          |                   ^^^^^
        help: give it a column of numbers, or a calculation
    "#]],
    );
    desk.fails(
        r#"table("Customer").count(least(col("name"), col("orderingPaceDays")) == 1);"#,
        expect![[r#"
            error: name is a text and orderingPaceDays is a number: they can't be combined
             --> scripts/try/01_step.rhai:1:19
              |
            1 | table("Customer").count(least(col("name"), col("orderingPaceDays")) == 1);
              |                   ^^^^^
            help: both sides must have the same type
        "#]],
    );
    desk.fails(
        r#"table("Customer").count(max(col("orderingPaceDays"), col("orderingPaceDays")) > 1);"#,
        expect![[r#"
            error: `max` can't be used with a column and a column
             --> scripts/try/01_step.rhai:1:25
              |
            1 | table("Customer").count(max(col("orderingPaceDays"), col("orderingPaceDay...
              |                         ^^^
            help: write greatest([col("a"), col("b")])
        "#]],
    );
    desk.fails(
        r#"table("Customer").count(col("orderingPaceDays").between(30, 7));"#,
        expect![[r#"
            error: between(30, 7) takes no value: the first is above the second
             --> scripts/try/01_step.rhai:1:49
              |
            1 | table("Customer").count(col("orderingPaceDays").between(30, 7));
              |                                                 ^^^^^^^
            help: write between(7, 30)
        "#]],
    );
    desk.unchanged();
}
