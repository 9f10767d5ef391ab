//! Texts that are no script.

use expect_test::expect;

use super::Desk;

#[test]
fn a_bracket_or_quote_that_is_not_closed() {
    let desk = Desk::new();
    desk.stops_early(
        "let x = [1, 2;",
        expect![[r#"
            error: this `[` is not closed
             --> scripts/try/01_step.rhai:1:9
              |
            1 | let x = [1, 2;
              |         ^
            help: write `]` before the `;` in line 1, column 14
        "#]],
    );
    desk.stops_early(
        r#"update("Customer"
    .where(true)"#,
        expect![[r#"
            error: this `(` is not closed
             --> scripts/try/01_step.rhai:1:7
              |
            1 | update("Customer"
              |       ^
            help: write `)` at the end
        "#]],
    );
    desk.stops_early(
        r#"let x = "abc;
note(x);"#,
        expect![[r#"
            error: this text has no closing quote
             --> scripts/try/01_step.rhai:1:9
              |
            1 | let x = "abc;
              |         ^
            help: end it with the quote that opens it
        "#]],
    );
    desk.stops_early(
        r#"note("a"));"#,
        expect![[r#"
            error: this `)` closes nothing
             --> scripts/try/01_step.rhai:1:10
              |
            1 | note("a"));
              |          ^
            help: remove it, or open it further up
        "#]],
    );
    desk.unchanged();
}

#[test]
fn a_sign_that_is_missing_or_another() {
    let desk = Desk::new();
    desk.stops_early(
        "note(1e3);",
        expect![[r#"
        error: a number has no exponent here
         --> scripts/try/01_step.rhai:1:7
          |
        1 | note(1e3);
          |       ^^
        help: write 1000 for 1e3, and 0.001 for 1e-3
    "#]],
    );
    desk.stops_early(
        "let a = 1
let b = 2;",
        expect![[r#"
            error: a `;` is missing before this
             --> scripts/try/01_step.rhai:2:1
              |
            2 | let b = 2;
              | ^^^
            help: end the statement before it with `;`
        "#]],
    );
    desk.stops_early(
        r#"let a = 1;
if a = 1 { note("x"); }"#,
        expect![[r#"
            error: `=` can't stand here
             --> scripts/try/01_step.rhai:2:6
              |
            2 | if a = 1 { note("x"); }
              |      ^
            help: a comparison is written `==`
        "#]],
    );
    desk.stops_early(
        "let x = 'ACTIVE';",
        expect![[r#"
            error: 'ACTIVE' is in single quotes
             --> scripts/try/01_step.rhai:1:9
              |
            1 | let x = 'ACTIVE';
              |         ^
            help: write a text in double quotes: "ACTIVE"
        "#]],
    );
    desk.stops_early(
        "let x = #{ A: 1, A: 2 };",
        expect![[r#"
            error: A stands twice in this map
             --> scripts/try/01_step.rhai:1:18
              |
            1 | let x = #{ A: 1, A: 2 };
              |                  ^
            help: remove one of the two
        "#]],
    );
    desk.stops_early(
        "let x = ((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((1))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))));",
        expect![[r#"
            error: the script reached its limit expression_depth = 64
             --> scripts/try/01_step.rhai:1:40
              |
            1 | let x = (((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((...
              |                                        ^
            help: give the inner parts names with let
        "#]],
    );
    desk.unchanged();
}

#[test]
fn a_habit_of_another_language() {
    let desk = Desk::new();
    let rule = |condition: &str| format!("table(\"Item\")\n.count({condition});");
    for (condition, told) in [
        (
            "col(“name”) == 1",
            expect![[r#"
                error: `“` means nothing here
                 --> scripts/try/01_step.rhai:2:12
                  |
                2 | .count(col(“name”) == 1);
                  |            ^
                help: write a text in straight quotes: "name"
            "#]],
        ),
        (
            "col(\"name\") = \"A\"",
            expect![[r#"
                error: `=` can't stand here
                 --> scripts/try/01_step.rhai:2:20
                  |
                2 | .count(col("name") = "A");
                  |                    ^
                help: a comparison is written `==`
            "#]],
        ),
        (
            "col(\"a\") == 1 AND col(\"b\") == 2",
            expect![[r#"
                error: `AND` can't stand here
                 --> scripts/try/01_step.rhai:2:22
                  |
                2 | .count(col("a") == 1 AND col("b") == 2);
                  |                      ^^^
                help: write it small: `and`
            "#]],
        ),
        (
            "NOT col(\"a\").is_null()",
            expect![[r#"
                error: nothing is named `NOT` here
                 --> scripts/try/01_step.rhai:2:8
                  |
                2 | .count(NOT col("a").is_null());
                  |        ^^^
                help: write not(...), as in not(col("city").is_null())
            "#]],
        ),
        (
            "col(\"a\") is null",
            expect![[r#"
                error: `is` can't stand here
                 --> scripts/try/01_step.rhai:2:17
                  |
                2 | .count(col("a") is null);
                  |                 ^^
                help: a missing value is asked for with .is_null()
            "#]],
        ),
        (
            "col(\"a\") <> 1",
            expect![[r#"
                error: `<>` means nothing here
                 --> scripts/try/01_step.rhai:2:17
                  |
                2 | .count(col("a") <> 1);
                  |                 ^
                help: unequal is written `!=`
            "#]],
        ),
        (
            "col(\"a\") LIKE \"x\"",
            expect![[r#"
                error: `LIKE` can't stand here
                 --> scripts/try/01_step.rhai:2:17
                  |
                2 | .count(col("a") LIKE "x");
                  |                 ^^^^
                help: write .like("%Grill%")
            "#]],
        ),
    ] {
        desk.stops_early(&rule(condition), told);
    }
    desk.stops_early(
        "let arms = [
    [1, 2]
    [3, 4],
];",
        expect![[r#"
            error: a `,` is missing between two lists: this one is read as belonging to the
                   one before it
             --> scripts/try/01_step.rhai:3:7
              |
            3 |     [3, 4],
              |       ^
            help: separate the arms: [[condition, value], [condition, value]]
        "#]],
    );
    desk.unchanged();
}

#[test]
fn a_name_that_stands_for_nothing() {
    let desk = Desk::new();
    desk.stops_early(
        r#"let x = { ACTIVE: "HIGH" };"#,
        expect![[r#"
            error: nothing is named `ACTIVE` here
             --> scripts/try/01_step.rhai:1:11
              |
            1 | let x = { ACTIVE: "HIGH" };
              |           ^^^^^^
            help: a map begins with `#{`, as in .set(#{ ACTIVE: "..." })
        "#]],
    );
    desk.stops_early(
        "UPDATE Customer SET accountType = 'ACTIVE';",
        expect![[r#"
            error: nothing is named `UPDATE` here
             --> scripts/try/01_step.rhai:1:1
              |
            1 | UPDATE Customer SET accountType = 'ACTIVE';
              | ^^^^^^
            help: this looks like SQL: put it into a file for run_sql("file.sql"), or change
                  rows with update("Table").where(...).set(...)
        "#]],
    );
    desk.stops_early(
        "let x = lastOrderDate;",
        expect![[r#"
            error: nothing is named `lastOrderDate` here
             --> scripts/try/01_step.rhai:1:9
              |
            1 | let x = lastOrderDate;
              |         ^^^^^^^^^^^^^
            help: declare it with `let lastOrderDate = ...`, write a text in "quotes", or a
                  column as col("lastOrderDate")
        "#]],
    );
    desk.stops_early(
        r#"let last_order = col("lastOrderDate");
let y = last_ordr;"#,
        expect![[r#"
            error: nothing is named `last_ordr` here
             --> scripts/try/01_step.rhai:2:9
              |
            2 | let y = last_ordr;
              |         ^^^^^^^^^
            help: did you mean `last_order`?
        "#]],
    );
    desk.stops_early(
        "let m = months;",
        expect![[r#"
            error: nothing is named `months` here
             --> scripts/try/01_step.rhai:1:9
              |
            1 | let m = months;
              |         ^^^^^^
            help: it is a function: write it like months(6)
        "#]],
    );
    desk.unchanged();
}

#[test]
fn a_word_of_the_language() {
    let desk = Desk::new();
    desk.stops_early(
        "let default = 1;",
        expect![[r#"
            error: `default` is a word of the language and can't be used here
             --> scripts/try/01_step.rhai:1:5
              |
            1 | let default = 1;
              |     ^^^^^^^
            help: choose another name
        "#]],
    );
    desk.stops_early(
        r#"update("Customer").set("accountType", null);"#,
        expect![[r#"
            error: `null` is a word of the language and can't be used here
             --> scripts/try/01_step.rhai:1:39
              |
            1 | update("Customer").set("accountType", null);
              |                                       ^^^^
            help: a missing value is written (); whether a column has one, .is_null() asks
        "#]],
    );
    desk.stops_early(
        "const A = 1;
A = 2;",
        expect![[r#"
            error: A is a constant and can't be changed
             --> scripts/try/01_step.rhai:2:1
              |
            2 | A = 2;
              | ^
            help: declare it with let
        "#]],
    );
    desk.unchanged();
}

#[test]
fn words_that_are_switched_off() {
    let desk = Desk::new();
    desk.stops_early(
        r#"eval("1 + 1");"#,
        expect![[r#"
            error: `eval` is switched off in scripts
             --> scripts/try/01_step.rhai:1:1
              |
            1 | eval("1 + 1");
              | ^^^^
            help: write what it should do into the script itself
        "#]],
    );
    desk.stops_early(
        "let f = |x| x; 
f.curry(1);",
        expect![[r#"
            error: `curry` is switched off in scripts
             --> scripts/try/01_step.rhai:2:3
              |
            2 | f.curry(1);
              |   ^^^^^
            help: write a closure that names the value, as in |x| f(1, x)
        "#]],
    );
    desk.stops_early(
        r#"let f = curry(Fn("x"), 1);"#,
        expect![[r#"
            error: `curry` is switched off in scripts
             --> scripts/try/01_step.rhai:1:9
              |
            1 | let f = curry(Fn("x"), 1);
              |         ^^^^^
            help: write a closure that names the value, as in |x| f(1, x)
        "#]],
    );
    desk.unchanged();
}
