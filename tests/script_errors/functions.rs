//! Functions and methods: unknown, with too few or too many arguments, or with others.

use expect_test::expect;

use super::Desk;

#[test]
fn an_unknown_function_or_method() {
    let desk = Desk::new();
    desk.stops_early(
        r#"upate("Customer").set("accountType", "ACTIVE");"#,
        expect![[r#"
            error: there is no function `upate`
             --> scripts/try/01_step.rhai:1:1
              |
            1 | upate("Customer").set("accountType", "ACTIVE");
              | ^^^^^
            help: did you mean `update`?
        "#]],
    );
    desk.stops_early(
        "let d = month(6);",
        expect![[r#"
        error: `month` can't be used with a whole number
         --> scripts/try/01_step.rhai:1:9
          |
        1 | let d = month(6);
          |         ^^^^^
        help: a period is written months(6); the month of a column is
              col("lastOrderDate").month()
    "#]],
    );
    desk.stops_early(
        r#"frobnicate(1, "x");"#,
        expect![[r#"
            error: there is no function `frobnicate`
             --> scripts/try/01_step.rhai:1:1
              |
            1 | frobnicate(1, "x");
              | ^^^^^^^^^^
            help: docs/script-api.md lists what there is
        "#]],
    );
    desk.stops_early(
        r#"update("Customer").wher(col("name") == "x").set("accountType", "ACTIVE");"#,
        expect![[r#"
            error: there is no function `wher`
             --> scripts/try/01_step.rhai:1:20
              |
            1 | update("Customer").wher(col("name") == "x").set("accountType", "ACTIVE");
              |                    ^^^^
            help: did you mean `where`?
        "#]],
    );
    desk.stops_early(
        r#"update("Customer").where(col("name").isnull()).set("accountType", "ACTIVE");"#,
        expect![[r#"
            error: there is no function `isnull`
             --> scripts/try/01_step.rhai:1:38
              |
            1 | update("Customer").where(col("name").isnull()).set("accountType", "ACTIVE");
              |                                      ^^^^^^
            help: write .is_null(), as in col("city").is_null()
        "#]],
    );
    desk.fails(
        r#"update("Customer").where(col("name").split("x")).set("accountType", "ACTIVE");"#,
        expect![[r#"
            error: `split` can't be used with a column and a text
             --> scripts/try/01_step.rhai:1:38
              |
            1 | update("Customer").where(col("name").split("x")).set("accountType", "ACTI...
              |                                      ^^^^^
            help: a column can be compared and calculated with; docs/script-api.md lists
                  what can be asked of it
        "#]],
    );
    desk.stops_early(
        "fn far_off(x) { x }
far_of(1);",
        expect![[r#"
            error: there is no function `far_of`
             --> scripts/try/01_step.rhai:2:1
              |
            2 | far_of(1);
              | ^^^^^^
            help: did you mean `far_off`?
        "#]],
    );
    desk.unchanged();
}

#[test]
fn another_number_of_arguments() {
    let desk = Desk::new();
    desk.stops_early(
        "let d = months();",
        expect![[r#"
            error: `months` is called with no arguments
             --> scripts/try/01_step.rhai:1:9
              |
            1 | let d = months();
              |         ^^^^^^
            help: write it like months(6)
        "#]],
    );
    desk.stops_early(
        r#"update("Customer").set("accountType");"#,
        expect![[r#"
            error: `set` is called with 1 argument
             --> scripts/try/01_step.rhai:1:20
              |
            1 | update("Customer").set("accountType");
              |                    ^^^
            help: write it like .set("accountType", "ACTIVE") or .set("accountType",
                  [[condition, value], ...])
        "#]],
    );
    desk.stops_early(
        r#"col("a", "b");"#,
        expect![[r#"
            error: `col` is called with 2 arguments
             --> scripts/try/01_step.rhai:1:1
              |
            1 | col("a", "b");
              | ^^^
            help: write it like col("lastOrderDate")
        "#]],
    );
    desk.stops_early(
        r#"table("Customer").distribution("accountType", "name", "x");"#,
        expect![[r#"
            error: `distribution` is called with 3 arguments
             --> scripts/try/01_step.rhai:1:19
              |
            1 | table("Customer").distribution("accountType", "name", "x");
              |                   ^^^^^^^^^^^^
            help: write it like table("Customer").distribution("accountType")
        "#]],
    );
    desk.stops_early(
        "fn f(a, b) { a }
f(1);",
        expect![[r#"
            error: `f` is called with 1 argument
             --> scripts/try/01_step.rhai:2:1
              |
            2 | f(1);
              | ^
            help: it is fn f(a, b)
        "#]],
    );
    desk.stops_early(
        r#"let a = setting("x");"#,
        expect![[r#"
            error: `setting` is called with 1 argument
             --> scripts/try/01_step.rhai:1:9
              |
            1 | let a = setting("x");
              |         ^^^^^^^
            help: write it like setting("active_within", months(6))
        "#]],
    );
    desk.stops_early(
        r#"refuse("no");"#,
        expect![[r#"
            error: `refuse` is called with 1 argument
             --> scripts/try/01_step.rhai:1:1
              |
            1 | refuse("no");
              | ^^^^^^
            help: write it like refuse("what is wrong", "what to do about it")
        "#]],
    );
    desk.unchanged();
}

#[test]
fn arguments_of_another_sort() {
    let desk = Desk::new();
    desk.fails(
        r#"let d = months("6");"#,
        expect![[r#"
            error: `months` can't be used with a text
             --> scripts/try/01_step.rhai:1:9
              |
            1 | let d = months("6");
              |         ^^^^^^
            help: write it like months(6)
        "#]],
    );
    desk.fails(
        r#"update("Customer").where(col("lastOrderDate").within(6)).set("accountType", "ACTIVE");"#,
        expect![[r#"
            error: `within` can't be used with a column and a whole number
             --> scripts/try/01_step.rhai:1:47
              |
            1 | update("Customer").where(col("lastOrderDate").within(6)).set("accountType...
              |                                               ^^^^^^
            help: write it like col("lastOrderDate").within(months(6))
        "#]],
    );
    desk.fails(
        "col(5);",
        expect![[r#"
            error: `col` can't be used with a whole number
             --> scripts/try/01_step.rhai:1:1
              |
            1 | col(5);
              | ^^^
            help: write it like col("lastOrderDate")
        "#]],
    );
    desk.fails(
        r#"update(col("Customer"));"#,
        expect![[r#"
            error: `update` can't be used with a column
             --> scripts/try/01_step.rhai:1:1
              |
            1 | update(col("Customer"));
              | ^^^^^^
            help: write it like update("Customer").where(condition).set("accountType",
                  value)
        "#]],
    );
    desk.fails(
        r#"col("accountType").is_one_of("ACTIVE");"#,
        expect![[r#"
            error: `is_one_of` can't be used with a column and a text
             --> scripts/try/01_step.rhai:1:20
              |
            1 | col("accountType").is_one_of("ACTIVE");
              |                    ^^^^^^^^^
            help: write it like col("accountType").is_one_of(["ACTIVE", "TARGET"])
        "#]],
    );
    desk.fails(
        r#"not("x");"#,
        expect![[r#"
            error: `not` can't be used with a text
             --> scripts/try/01_step.rhai:1:1
              |
            1 | not("x");
              | ^^^
            help: write it like not(col("isPermanentlyClosed"))
        "#]],
    );
    desk.fails(
        "months(6) + 1;",
        expect![[r#"
            error: `+` can't be used with a period and a whole number
             --> scripts/try/01_step.rhai:1:11
              |
            1 | months(6) + 1;
              |           ^
            help: write one period, such as months(7)
        "#]],
    );
    desk.fails(
        r#""a" - 1;"#,
        expect![[r#"
            error: `-` can't be used with a text and a whole number
             --> scripts/try/01_step.rhai:1:5
              |
            1 | "a" - 1;
              |     ^
            help: + joins texts; parse_int(text) and parse_float(text) make numbers of them
        "#]],
    );
    desk.fails(
        "let a = months(-6);",
        expect![[r#"
            error: months(-6) is no period
             --> scripts/try/01_step.rhai:1:9
              |
            1 | let a = months(-6);
              |         ^^^^^^
            help: a period is not negative, and at most 9,000 years
        "#]],
    );
    desk.fails(
        "let a = years(99999999);",
        expect![[r#"
            error: years(99999999) is no period
             --> scripts/try/01_step.rhai:1:9
              |
            1 | let a = years(99999999);
              |         ^^^^^
            help: a period is not negative, and at most 9,000 years
        "#]],
    );
    desk.unchanged();
}
