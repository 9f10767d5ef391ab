//! What looks like a condition on a column and is none.

use expect_test::expect;

use super::Desk;

#[test]
fn the_language_can_not_look_at_a_column() {
    let desk = Desk::new();
    desk.stops_early(
        r#"update("Customer").where(col("accountType").is_null() && col("name") == "x").set("accountType", "ACTIVE");"#,
        expect![[r#"
            error: `&&`, `||`, `!`, `if`, `while` and `switch` can't look at a column: its
                   value differs from row to row
             --> scripts/try/01_step.rhai:1:26
              |
            1 | update("Customer").where(col("accountType").is_null() && col("name") == "...
              |                          ^^^
            help: write `and`, `or`, `not(...)`, or arms in .set("column", [[condition,
                  value], ...])
        "#]],
    );
    desk.stops_early(
        r#"update("Customer").where(col("accountType").is_null() || col("name") == "x").set("accountType", "ACTIVE");"#,
        expect![[r#"
            error: `&&`, `||`, `!`, `if`, `while` and `switch` can't look at a column: its
                   value differs from row to row
             --> scripts/try/01_step.rhai:1:26
              |
            1 | update("Customer").where(col("accountType").is_null() || col("name") == "...
              |                          ^^^
            help: write `and`, `or`, `not(...)`, or arms in .set("column", [[condition,
                  value], ...])
        "#]],
    );
    desk.stops_early(
        r#"let on = true;
update("Customer").where(on && col("name") == "x").set("accountType", "ACTIVE");"#,
        expect![[r#"
            error: `&&`, `||`, `!`, `if`, `while` and `switch` can't look at a column: its
                   value differs from row to row
             --> scripts/try/01_step.rhai:2:44
              |
            2 | update("Customer").where(on && col("name") == "x").set("accountType", "AC...
              |                                            ^
            help: write `and`, `or`, `not(...)`, or arms in .set("column", [[condition,
                  value], ...])
        "#]],
    );
    desk.stops_early(
        r#"update("Customer").where(!col("requiresPO")).set("accountType", "ACTIVE");"#,
        expect![[r#"
            error: `&&`, `||`, `!`, `if`, `while` and `switch` can't look at a column: its
                   value differs from row to row
             --> scripts/try/01_step.rhai:1:26
              |
            1 | update("Customer").where(!col("requiresPO")).set("accountType", "ACTIVE");
              |                          ^
            help: write `and`, `or`, `not(...)`, or arms in .set("column", [[condition,
                  value], ...])
        "#]],
    );
    desk.stops_early(
        r#"if col("requiresPO") { note("x"); }"#,
        expect![[r#"
            error: `&&`, `||`, `!`, `if`, `while` and `switch` can't look at a column: its
                   value differs from row to row
             --> scripts/try/01_step.rhai:1:4
              |
            1 | if col("requiresPO") { note("x"); }
              |    ^^^
            help: write `and`, `or`, `not(...)`, or arms in .set("column", [[condition,
                  value], ...])
        "#]],
    );
    desk.stops_early(
        r#"let kind = if col("name") == "x" { "ACTIVE" } else { "TARGET" };"#,
        expect![[r#"
            error: `&&`, `||`, `!`, `if`, `while` and `switch` can't look at a column: its
                   value differs from row to row
             --> scripts/try/01_step.rhai:1:27
              |
            1 | let kind = if col("name") == "x" { "ACTIVE" } else { "TARGET" };
              |                           ^
            help: write `and`, `or`, `not(...)`, or arms in .set("column", [[condition,
                  value], ...])
        "#]],
    );
    desk.stops_early(
        r#"let v = switch col("accountType") { "ACTIVE" => "HIGH", _ => "LOW" };"#,
        expect![[r#"
            error: `&&`, `||`, `!`, `if`, `while` and `switch` can't look at a column: its
                   value differs from row to row
             --> scripts/try/01_step.rhai:1:16
              |
            1 | let v = switch col("accountType") { "ACTIVE" => "HIGH", _ => "LOW" };
              |                ^^^
            help: write `and`, `or`, `not(...)`, or arms in .set("column", [[condition,
                  value], ...])
        "#]],
    );
    desk.stops_early(
        r#"let class = col("accountType");
update("Customer").set("accountType", switch class { "ACTIVE" => "TARGET", _ => "PROSPECT" });"#,
        expect![[r#"
            error: `&&`, `||`, `!`, `if`, `while` and `switch` can't look at a column: its
                   value differs from row to row
             --> scripts/try/01_step.rhai:2:46
              |
            2 | update("Customer").set("accountType", switch class { "ACTIVE" => "TARGET"...
              |                                              ^^^^^
            help: write `and`, `or`, `not(...)`, or arms in .set("column", [[condition,
                  value], ...])
        "#]],
    );
    desk.fails(
        r#"fn pick(c) { if c { "TARGET" } else { "PROSPECT" } }
update("Customer").set("accountType", pick(col("requiresPO")));"#,
        expect![[r#"
            error: `&&`, `||`, `!`, `if`, `while` and `switch` can't look at a column: its
                   value differs from row to row
             --> scripts/try/01_step.rhai:1:17
              |
            1 | fn pick(c) { if c { "TARGET" } else { "PROSPECT" } }
              |                 ^
            help: write `and`, `or`, `not(...)`, or arms in .set("column", [[condition,
                  value], ...])
        "#]],
    );
    desk.unchanged();
}

#[test]
fn a_chain_of_comparisons() {
    let desk = Desk::new();
    desk.stops_early(
        r#"table("Customer").count(1 < col("orderingPaceDays") < 5);"#,
        expect![[r#"
            error: comparisons can't be chained: the first gives true or false, not a value
             --> scripts/try/01_step.rhai:1:53
              |
            1 | table("Customer").count(1 < col("orderingPaceDays") < 5);
              |                                                     ^
            help: write both: col("name") > 1 and col("name") < 5
        "#]],
    );
    desk.stops_early(
        r#"table("Customer").count(col("orderingPaceDays") > 1 > 5);"#,
        expect![[r#"
            error: comparisons can't be chained: the first gives true or false, not a value
             --> scripts/try/01_step.rhai:1:53
              |
            1 | table("Customer").count(col("orderingPaceDays") > 1 > 5);
              |                                                     ^
            help: write both: col("name") > 1 and col("name") < 5
        "#]],
    );
    desk.unchanged();
}

#[test]
fn a_missing_value() {
    let desk = Desk::new();
    desk.stops_early(
        r#"table("Customer").count(col("accountType") == ());"#,
        expect![[r#"
            error: a column can't be compared with (): in SQL nothing equals a missing value
             --> scripts/try/01_step.rhai:1:44
              |
            1 | table("Customer").count(col("accountType") == ());
              |                                            ^
            help: write col("name").is_null(), or not(col("name").is_null())
        "#]],
    );
    desk.stops_early(
        r#"table("Customer").count(() != col("accountType"));"#,
        expect![[r#"
            error: a column can't be compared with (): in SQL nothing equals a missing value
             --> scripts/try/01_step.rhai:1:28
              |
            1 | table("Customer").count(() != col("accountType"));
              |                            ^
            help: write col("name").is_null(), or not(col("name").is_null())
        "#]],
    );
    desk.fails(
        r#"table("Customer").count(col("name").is_one_of(["a", ()]));"#,
        expect![[r#"
            error: is_one_of needs a list of plain values
             --> scripts/try/01_step.rhai:1:37
              |
            1 | table("Customer").count(col("name").is_one_of(["a", ()]));
              |                                     ^^^^^^^^^
            help: write it like col("accountType").is_one_of(["ACTIVE", "TARGET"]); test for
                  a missing value with .is_null()
        "#]],
    );
    desk.unchanged();
}

#[test]
fn in_and_lists() {
    let desk = Desk::new();
    desk.fails(
        r#"table("Customer").count(col("accountType") in ["ACTIVE"]);"#,
        expect![[r#"
            error: `in` can't look at a column
             --> scripts/try/01_step.rhai:1:44
              |
            1 | table("Customer").count(col("accountType") in ["ACTIVE"]);
              |                                            ^^
            help: write col("name").is_one_of([...])
        "#]],
    );
    desk.fails(
        r#"table("Customer").count(col("accountType") in #{A: 1});"#,
        expect![[r#"
            error: `in` can't look at a column
             --> scripts/try/01_step.rhai:1:44
              |
            1 | table("Customer").count(col("accountType") in #{A: 1});
              |                                            ^^
            help: write col("name").is_one_of([...])
        "#]],
    );
    desk.fails(
        r#"table("Customer").count(col("name").is_one_of([col("city")]));"#,
        expect![[r#"
            error: is_one_of needs a list of plain values
             --> scripts/try/01_step.rhai:1:37
              |
            1 | table("Customer").count(col("name").is_one_of([col("city")]));
              |                                     ^^^^^^^^^
            help: write it like col("accountType").is_one_of(["ACTIVE", "TARGET"]); test for
                  a missing value with .is_null()
        "#]],
    );
    desk.unchanged();
}

#[test]
fn a_column_is_no_condition() {
    let desk = Desk::new();
    desk.fails(
        r#"table("Customer").count(col("name"));"#,
        expect![[r#"
            error: a condition is needed here, and name is a text
             --> scripts/try/01_step.rhai:1:19
              |
            1 | table("Customer").count(col("name"));
              |                   ^^^^^
            help: compare it, as in col("name") == "value", or ask col("name").is_null()
        "#]],
    );
    desk.fails(
        r#"table("Customer").count(not(col("name")));"#,
        expect![[r#"
            error: a condition is needed here, and name is a text
             --> scripts/try/01_step.rhai:1:19
              |
            1 | table("Customer").count(not(col("name")));
              |                   ^^^^^
            help: compare it, as in col("name") == "value", or ask col("name").is_null()
        "#]],
    );
    desk.fails(
        r#"table("Customer").count(col("requiresPO") and "x");"#,
        expect![[r#"
            error: a condition is needed here, and "x" is a text
             --> scripts/try/01_step.rhai:1:19
              |
            1 | table("Customer").count(col("requiresPO") and "x");
              |                   ^^^^^
            help: compare it, as in col("name") == "value", or ask col("name").is_null()
        "#]],
    );
    desk.fails(
        r#"update("Customer").where("name = 'x'").set("accountType", "ACTIVE");"#,
        expect![[r#"
            error: a condition is needed here, and this is a text
             --> scripts/try/01_step.rhai:1:26
              |
            1 | update("Customer").where("name = 'x'").set("accountType", "ACTIVE");
              |                          ^^^^^^^^^^^^
            help: write it with col(...), as in col("lastOrderDate").within(months(6))
        "#]],
    );
    desk.unchanged();
}

#[test]
fn a_column_can_not_stand_in_a_text() {
    let desk = Desk::new();
    desk.fails(
        r#"let c = col("name");
note(`the column ${c}`);"#,
        expect![[r#"
            error: a column can't stand in a text: its value differs from row to row
             --> scripts/try/01_step.rhai:2:19
              |
            2 | note(`the column ${c}`);
              |                   ^
            help: count or show it, as in table("Customer").distribution("city")
        "#]],
    );
    desk.fails(
        r#"note("the column " + col("name"));"#,
        expect![[r#"
            error: a column can't stand in a text: its value differs from row to row
             --> scripts/try/01_step.rhai:1:20
              |
            1 | note("the column " + col("name"));
              |                    ^
            help: count or show it, as in table("Customer").distribution("city")
        "#]],
    );
    desk.fails(
        r#"note(`the table ${table("Customer")}`);"#,
        expect![[r#"
            error: a table can't stand in a text: it has many rows
             --> scripts/try/01_step.rhai:1:18
              |
            1 | note(`the table ${table("Customer")}`);
              |                  ^
            help: count its rows, as in table("Customer").count()
        "#]],
    );
    desk.fails(
        r#"note(`${table("Customer").distribution("accountType")}`);"#,
        expect![[r#"
            error: a distribution can't stand in a text: it has many values
             --> scripts/try/01_step.rhai:1:8
              |
            1 | note(`${table("Customer").distribution("accountType")}`);
              |        ^
            help: show(...) shows all of it; .count("ACTIVE") and .total are numbers
        "#]],
    );
    desk.fails(
        r#"print(col("name"));"#,
        expect![[r#"
            error: `print` can't show a column
             --> scripts/try/01_step.rhai:1:1
              |
            1 | print(col("name"));
              | ^^^^^
            help: give it a text; show(...) also takes a distribution or rows
        "#]],
    );
    desk.fails(
        r#"show(col("name"));"#,
        expect![[r#"
            error: `show` can't show a column
             --> scripts/try/01_step.rhai:1:1
              |
            1 | show(col("name"));
              | ^^^^
            help: give it a text; show(...) also takes a distribution or rows
        "#]],
    );
    desk.unchanged();
}
