//! Where a mistake is: in functions, closures and modules; and imports that find nothing.

use expect_test::expect;

use super::Desk;

#[test]
fn inside_a_function() {
    let desk = Desk::new();
    desk.stops_early(
        "fn f(t) {
    t.frob()
}
let x = 1;
    f(x);",
        expect![[r#"
            error: there is no function `frob`
             --> scripts/try/01_step.rhai:2:7
              |
            2 |     t.frob()
              |       ^^^^
            help: docs/script-api.md lists what there is
        "#]],
    );
    desk.fails(
        r#"fn f(t) {
    table(t).count()
}
f("Custmer");"#,
        expect![[r#"
            error: there is no table Custmer in schema public
             --> scripts/try/01_step.rhai:4:3
              |
            4 | f("Custmer");
              |   ^^^^^^^^^
            help: did you mean Customer?
        "#]],
    );
    desk.unchanged();
}

#[test]
fn inside_a_closure() {
    let desk = Desk::new();
    desk.fails(
        r#"let f = |t| table(t).count(col("nam").is_null());
f.call("Customer");"#,
        expect![[r#"
            error: Customer has no column nam
             --> scripts/try/01_step.rhai:1:32
              |
            1 | let f = |t| table(t).count(col("nam").is_null());
              |                                ^^^^^
            help: did you mean name?
        "#]],
    );
    desk.unchanged();
}

#[test]
fn inside_a_module() {
    let desk = Desk::new().file(
        "lib/m.rhai",
        r#"fn f(t) {
    let n = 1;
    table(t).count(col("nam").is_null())
}
"#,
    );
    desk.fails(
        r#"import "lib/m" as m;
m::f("Customer");"#,
        expect![[r#"
            error: Customer has no column nam
             --> scripts/try/lib/m.rhai:3:24
              |
            3 |     table(t).count(col("nam").is_null())
              |                        ^^^^^
            help: did you mean name?
        "#]],
    );
    desk.unchanged();
}

#[test]
fn inside_a_function_of_a_module() {
    let desk = Desk::new().file(
        "lib/m.rhai",
        "fn f(t) {
    let n = 1;
    t.frob()
}
",
    );
    desk.stops_early(
        r#"import "lib/m" as m;
m::f("Customer");"#,
        expect![[r#"
            error: there is no function `frob`
             --> scripts/try/lib/m.rhai:3:7
              |
            3 |     t.frob()
              |       ^^^^
            help: docs/script-api.md lists what there is
        "#]],
    );
    desk.unchanged();
}

#[test]
fn inside_a_closure_of_a_module() {
    let desk = Desk::new().file(
        "lib/m.rhai",
        r#"fn f(t) {
    let names = ["a", "b"];
    names.filter(|name| table(t).count(col(name).is_null()) > 0)
}
"#,
    );
    desk.fails(
        r#"import "m" as m;
m::f("Customer");"#,
        expect![[r#"
            error: Customer has no column a
             --> scripts/try/lib/m.rhai:2:18
              |
            2 |     let names = ["a", "b"];
              |                  ^^^
            help: names are case-sensitive; col_or("name", value) stands in for a column
                  that may be missing
        "#]],
    );
    desk.unchanged();
}

#[test]
fn a_module_that_does_not_parse() {
    let desk = Desk::new().file(
        "lib/m.rhai",
        r#"fn f(t) {
    let names = ["a", "b";
}
"#,
    );
    desk.stops_early(
        r#"import "m" as m;
m::f("Customer");"#,
        expect![[r#"
            error: this `[` is not closed
             --> scripts/try/lib/m.rhai:2:17
              |
            2 |     let names = ["a", "b";
              |                 ^
            help: write `]` before the `;` in line 2, column 26
        "#]],
    );
    desk.unchanged();
}

#[test]
fn a_function_that_the_module_lacks() {
    let desk = Desk::new().file(
        "lib/m.rhai",
        "fn f(t) {
    1
}
",
    );
    desk.stops_early(
        r#"import "m" as m;
m::g("Customer");"#,
        expect![[r#"
            error: module m has no function `g`
             --> scripts/try/01_step.rhai:2:4
              |
            2 | m::g("Customer");
              |    ^
            help: did you mean `m::f`?
        "#]],
    );
    desk.unchanged();
}

#[test]
fn an_import_that_finds_nothing() {
    let desk = Desk::new();
    desk.stops_early(
        r#"import "n" as m;"#,
        expect![[r#"
            error: there is no module "n"
             --> scripts/try/01_step.rhai:1:8
              |
            1 | import "n" as m;
              |        ^^^
            help: modules are files in the folder's own lib/, and it has none
        "#]],
    );
    desk.stops_early(
        r#"import "/etc/passwd" as m;"#,
        expect![[r#"
            error: there is no module "/etc/passwd"
             --> scripts/try/01_step.rhai:1:8
              |
            1 | import "/etc/passwd" as m;
              |        ^^^^^^^^^^^^^
            help: modules are files in the folder's own lib/, and it has none
        "#]],
    );
    desk.stops_early(
        "schema::f();",
        expect![[r#"
            error: no module is named schema here
             --> scripts/try/01_step.rhai:1:1
              |
            1 | schema::f();
              | ^^^^^^
            help: import it first: import "lib/name" as name;
        "#]],
    );
    desk.unchanged();
}

#[test]
fn an_import_that_is_misspelt() {
    let desk = Desk::new().file(
        "lib/m.rhai",
        "fn f(t) { 1 }
",
    );
    desk.stops_early(
        r#"import "n" as m;"#,
        expect![[r#"
            error: there is no module "n"
             --> scripts/try/01_step.rhai:1:8
              |
            1 | import "n" as m;
              |        ^^^
            help: did you mean "lib/m"?
        "#]],
    );
    desk.unchanged();
}

#[test]
fn modules_that_import_each_other() {
    let desk = Desk::new()
        .file(
            "lib/a.rhai",
            r#"import "b" as b;
fn f() { 1 }
"#,
        )
        .file(
            "lib/b.rhai",
            r#"import "a" as a;
fn f() { 1 }
"#,
        );
    desk.stops_early(
        r#"import "a" as a;
a::f();"#,
        expect![[r#"
            error: modules import each other in a circle: a -> b -> a
             --> scripts/try/lib/b.rhai:1:8
              |
            1 | import "a" as a;
              |        ^^^
            help: move what both need into a module of its own
        "#]],
    );
    desk.unchanged();
}

#[test]
fn a_later_step_is_checked_before_the_first_runs() {
    let desk = Desk::new().file(
        "02_next.rhai",
        "let x = [1;
",
    );
    desk.stops_early(
        r#"note("a");"#,
        expect![[r#"
            error: this `[` is not closed
             --> scripts/try/02_next.rhai:1:9
              |
            1 | let x = [1;
              |         ^
            help: write `]` before the `;` in line 1, column 11
        "#]],
    );
    desk.unchanged();
}
