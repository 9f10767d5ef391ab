//! Mistakes with plain values of the language.

use expect_test::expect;

use super::Desk;

#[test]
fn lists_maps_and_texts() {
    let desk = Desk::new();
    desk.fails(
        "let a = [1, 2];
let b = a[5];",
        expect![[r#"
            error: there is no element [5]: the list has 2
             --> scripts/try/01_step.rhai:2:11
              |
            2 | let b = a[5];
              |           ^
            help: elements are counted from 0; ask .len() first
        "#]],
    );
    desk.fails(
        "let m = #{a: 1};
let b = m.b;",
        expect![[r#"
            error: this map has no entry b
             --> scripts/try/01_step.rhai:2:11
              |
            2 | let b = m.b;
              |           ^
            help: ask for its entries with .keys(), or whether it has one with
                  .contains("name")
        "#]],
    );
    desk.fails(
        r#"let s = "abc"[10];"#,
        expect![[r#"
            error: there is no character [10]: the text has 3
             --> scripts/try/01_step.rhai:1:15
              |
            1 | let s = "abc"[10];
              |               ^^
            help: elements are counted from 0; ask .len() first
        "#]],
    );
    desk.fails(
        "let x = 5; x.foo = 3;",
        expect![[r#"
            error: a whole number has no `foo`
             --> scripts/try/01_step.rhai:1:14
              |
            1 | let x = 5; x.foo = 3;
              |              ^^^
            help: docs/script-api.md lists what each thing has
        "#]],
    );
    desk.fails(
        r#"let c = column("Customer", "nope");
if c.type == "text" { note("x"); }"#,
        expect![[r#"
            error: () has no `type`: the value before the dot is missing
             --> scripts/try/01_step.rhai:2:6
              |
            2 | if c.type == "text" { note("x"); }
              |      ^^^^
            help: test for it first, as in if found != () { ... }
        "#]],
    );
    desk.unchanged();
}

#[test]
fn numbers() {
    let desk = Desk::new();
    desk.fails(
        "let x = 1 / 0;",
        expect![[r#"
            error: division by zero: 1 / 0
             --> scripts/try/01_step.rhai:1:11
              |
            1 | let x = 1 / 0;
              |           ^
        "#]],
    );
    desk.fails(
        "let x = 9223372036854775807 + 1;",
        expect![[r#"
            error: addition overflow: 9223372036854775807 + 1
             --> scripts/try/01_step.rhai:1:29
              |
            1 | let x = 9223372036854775807 + 1;
              |                             ^
        "#]],
    );
    desk.unchanged();
}

#[test]
fn what_a_script_throws() {
    let desk = Desk::new();
    desk.fails(
        r#"throw "something";"#,
        expect![[r#"
            error: something
             --> scripts/try/01_step.rhai:1:1
              |
            1 | throw "something";
              | ^^^^^
        "#]],
    );
    desk.unchanged();
}

#[test]
fn what_can_be_said_and_expected() {
    let desk = Desk::new();
    desk.fails(
        "show([1, 2]);",
        expect![[r#"
            error: `show` can't show a list of single values
             --> scripts/try/01_step.rhai:1:1
              |
            1 | show([1, 2]);
              | ^^^^
            help: give it the rows of table(...).rows([...]), or a text, as in
                  show(`${list}`)
        "#]],
    );
    desk.fails(
        r#"show([#{ all: table("Customer").distribution("state") }]);"#,
        expect![[r#"
            error: `show` can't show a distribution in a table, as all has it
             --> scripts/try/01_step.rhai:1:1
              |
            1 | show([#{ all: table("Customer").distribution("state") }]);
              | ^^^^
            help: show it by itself, or name the columns to show, as in show(["name"], rows)
        "#]],
    );
    desk.fails(
        r#"expect("x", col("name") == "y");"#,
        expect![[r#"
            error: an expectation needs true or false, or a list of findings, and this is a
                   column
             --> scripts/try/01_step.rhai:1:1
              |
            1 | expect("x", col("name") == "y");
              | ^^^^^^
            help: count rows first, as in
                  table("Customer").count(col("accountType").is_null()) == 0
        "#]],
    );
    desk.fails(
        r#"expect("x", 5);"#,
        expect![[r#"
            error: an expectation needs true or false, or a list of findings, and this is a
                   whole number
             --> scripts/try/01_step.rhai:1:1
              |
            1 | expect("x", 5);
              | ^^^^^^
            help: count rows first, as in
                  table("Customer").count(col("accountType").is_null()) == 0
        "#]],
    );
    desk.stops_early(
        "expect(true);",
        expect![[r#"
            error: `expect` is called with 1 argument
             --> scripts/try/01_step.rhai:1:1
              |
            1 | expect(true);
              | ^^^^^^
            help: write it like expect("every customer has a class", left_out == 0)
        "#]],
    );
    desk.unchanged();
}

#[test]
fn examples_in_a_step() {
    let desk = Desk::new();
    desk.fails(
        r#"example("never", #{ lastOrderDate: () }, "accountType", "PROSPECT");"#,
        expect![[r#"
            error: `example` means nothing in a step
             --> scripts/try/01_step.rhai:1:1
              |
            1 | example("never", #{ lastOrderDate: () }, "accountType", "PROSPECT");
              | ^^^^^^^
            help: move it to a file in the folder's examples/, which leora-run check tries
        "#]],
    );
    desk.fails(
        r#"given(#{ count: #{ Customer: 12 } });"#,
        expect![[r#"
            error: `given` means nothing in a step
             --> scripts/try/01_step.rhai:1:1
              |
            1 | given(#{ count: #{ Customer: 12 } });
              | ^^^^^
            help: move it to a file in the folder's examples/, which leora-run check tries
        "#]],
    );
    desk.unchanged();
}
