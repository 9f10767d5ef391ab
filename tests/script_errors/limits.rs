//! What a script may use up, and what it may not do to the process.

use expect_test::expect;

use super::Desk;

/// However busy the machine is, the operations are used up before the time is.
const AMPLE_TIME: &str = "[limits]\ntime = 600";

#[test]
fn operations() {
    let desk = Desk::new();
    desk.fails_with(
        AMPLE_TIME,
        "",
        "let i = 0;
loop { i += 1; }",
        expect![[r#"
            error: the script reached its limit operations = 5000000
             --> scripts/try/01_step.rhai:2:8
              |
            2 | loop { i += 1; }
              |        ^
            help: look for a loop that does not end; counting and changing rows is work for
                  table(...).count(...) and update(...)
        "#]],
    );
    desk.fails_with(
        AMPLE_TIME,
        "",
        "fn spin() {
    let i = 0;
    loop { i += 1; }
}
spin();",
        expect![[r#"
            error: the script reached its limit operations = 5000000
             --> scripts/try/01_step.rhai:5:1
              |
            5 | spin();
              | ^^^^
            help: look for a loop that does not end; counting and changing rows is work for
                  table(...).count(...) and update(...)
        "#]],
    );
    desk.fails_with(
        AMPLE_TIME,
        "",
        "try { loop {} } catch (e) { note(`caught ${e}`); }",
        expect![[r#"
            error: the script reached its limit operations = 5000000
             --> scripts/try/01_step.rhai:1:12
              |
            1 | try { loop {} } catch (e) { note(`caught ${e}`); }
              |            ^
            help: look for a loop that does not end; counting and changing rows is work for
                  table(...).count(...) and update(...)
        "#]],
    );
    desk.unchanged();
}

#[test]
fn time() {
    let desk = Desk::new();
    desk.fails_with(
        "[limits]\ntime = 1\noperations = 1000000000",
        "",
        "loop {}",
        expect![[r#"
            error: the script reached its limit time = 1 s
             --> scripts/try/01_step.rhai:1:6
              |
            1 | loop {}
              |      ^
            help: look for a loop that does not end; counting and changing rows is work for
                  table(...).count(...) and update(...)
        "#]],
    );
    desk.unchanged();
}

#[test]
fn texts() {
    let desk = Desk::new();
    desk.fails(
        r#"let s = "x";
loop { s += s; }"#,
        expect![[r#"
            error: the script reached its limit text_bytes = 1048576
             --> scripts/try/01_step.rhai:2:10
              |
            2 | loop { s += s; }
              |          ^
            help: read fewer rows, or let the database count and group them
        "#]],
    );
    desk.fails(
        r#"let s = "x".to_upper();
let t = "aaaaaaaaaa";
for i in 0..7 { t.replace("a", "aaaaaaaaaa"); }"#,
        expect![[r#"
            error: the script reached its limit text_bytes = 1048576
             --> scripts/try/01_step.rhai:3:19
              |
            3 | for i in 0..7 { t.replace("a", "aaaaaaaaaa"); }
              |                   ^^^^^^^
            help: read fewer rows, or let the database count and group them
        "#]],
    );
    desk.unchanged();
}

#[test]
fn lists_and_maps() {
    let desk = Desk::new();
    desk.fails(
        "let a = [1];
loop { a.append(a); }",
        expect![[r#"
            error: the script reached its limit list_elements = 100000
             --> scripts/try/01_step.rhai:2:10
              |
            2 | loop { a.append(a); }
              |          ^^^^^^
            help: read fewer rows, or let the database count and group them
        "#]],
    );
    desk.fails(
        "let m = #{a: 1};
for i in 0..20 { m = #{a: m, b: m}; }",
        expect![[r#"
            error: the script reached its limit map_entries = 100000
             --> scripts/try/01_step.rhai:2:33
              |
            2 | for i in 0..20 { m = #{a: m, b: m}; }
              |                                 ^
            help: read fewer rows, or let the database count and group them
        "#]],
    );
    // The engine itself does not look at what is set by an index.
    desk.project
        .script(super::WRITES, "let m = #{};\nfor i in 0..2000 { m[`k${i}`] = [`${m}`, i]; }");
    let output = desk.project.run(&desk.database, "scripts/try").exits(2);
    output.says(" --> scripts/try/01_step.rhai:2:").says("the script reached its limit ");
    // Which of the line's operations the memory is looked at in depends on the machine.
    desk.project.script(
        super::WRITES,
        "let s = \"x\";\nfor i in 0..19 { s += s; }\nlet m = [];\nm.pad(5000, 0);\nfor i in 0..5000 { m[i] = col(s + i) == 1; }",
    );
    desk.project
        .run(&desk.database, "scripts/try")
        .exits(2)
        .says("error: the script reached its limit memory = 512 MB\n --> scripts/try/01_step.rhai:5:")
        .says("help: read fewer rows, or let the database count and group them\nEverything was rolled back");
    desk.unchanged();
}

#[test]
fn calls_inside_calls() {
    let desk = Desk::new();
    desk.fails(
        "fn f(n) { f(n + 1) }
f(0);",
        expect![[r#"
            error: the script reached its limit call_depth = 64
             --> scripts/try/01_step.rhai:2:1
              |
            2 | f(0);
              | ^
            help: look for a function that calls itself without an end
        "#]],
    );
    desk.unchanged();
}

#[test]
fn expressions() {
    let desk = Desk::new();
    desk.fails(
        r#"let e = col("name") == "a";
for i in 0..3000 { e = e or col("name") == "b"; }"#,
        expect![[r#"
            error: this expression is too large: at most 2000 parts, nested 200 deep
             --> scripts/try/01_step.rhai:2:26
              |
            2 | for i in 0..3000 { e = e or col("name") == "b"; }
              |                          ^^
            help: build it in smaller parts
        "#]],
    );
    desk.fails(
        r#"let e = col("name") == "a";
loop { e = e and e; }"#,
        expect![[r#"
            error: this expression is too large: at most 2000 parts, nested 200 deep
             --> scripts/try/01_step.rhai:2:14
              |
            2 | loop { e = e and e; }
              |              ^^^
            help: build it in smaller parts
        "#]],
    );
    desk.unchanged();
}

#[test]
fn lines() {
    let desk = Desk::new();
    desk.fails(
        r#"for i in 0..2000 { note("x"); }"#,
        expect![[r#"
            error: the script reached its limit printed = 1000
             --> scripts/try/01_step.rhai:1:20
              |
            1 | for i in 0..2000 { note("x"); }
              |                    ^^^^
            help: write one line instead of one for each
        "#]],
    );
    desk.unchanged();
}

#[test]
fn clocks_and_sleep() {
    let desk = Desk::new();
    desk.fails(
        "sleep(5);",
        expect![[r#"
            error: a script can't sleep
             --> scripts/try/01_step.rhai:1:1
              |
            1 | sleep(5);
              | ^^^^^
            help: take it out; the run waits for the database by itself
        "#]],
    );
    desk.fails(
        "sleep(1.5);",
        expect![[r#"
            error: a script can't sleep
             --> scripts/try/01_step.rhai:1:1
              |
            1 | sleep(1.5);
              | ^^^^^
            help: take it out; the run waits for the database by itself
        "#]],
    );
    desk.fails(
        "let t = timestamp();",
        expect![[r#"
            error: a script can't look at the clock
             --> scripts/try/01_step.rhai:1:9
              |
            1 | let t = timestamp();
              |         ^^^^^^^^^
            help: today() is the business date, which --as-of sets
        "#]],
    );
    desk.unchanged();
}

#[test]
fn a_failure_of_the_host_can_not_be_caught() {
    let desk = Desk::new();
    desk.fails(
        r#"try { table("Customer").count(col("nam") == 1); } catch (e) { note("swallowed"); }
note("went on");"#,
        expect![[r#"
            error: Customer has no column nam
             --> scripts/try/01_step.rhai:1:35
              |
            1 | try { table("Customer").count(col("nam") == 1); } catch (e) { note("swall...
              |                                   ^^^^^
            help: did you mean name?
        "#]],
    );
    desk.unchanged();
}

#[test]
fn operations_of_the_language_itself() {
    let desk = Desk::new();
    desk.fails_with(
        AMPLE_TIME,
        "",
        "let a = [];\nfor i in 0..20000 { a.push(i); }\nfor i in 0..1000 { a == a; }",
        expect![[r#"
            error: the script reached its limit operations = 5000000
             --> scripts/try/01_step.rhai:3:22
              |
            3 | for i in 0..1000 { a == a; }
              |                      ^
            help: look for a loop that does not end; counting and changing rows is work for
                  table(...).count(...) and update(...)
        "#]],
    );
    desk.unchanged();
}
