//! Settings: values that do not fit.

use expect_test::expect;

use super::Desk;

#[test]
fn a_value_that_does_not_fit() {
    let desk = Desk::new();
    desk.fails_with(
        r#"writes = ["Customer.accountType"]"#,
        "--set active_within=soon",
        r#"let a = setting("active_within", months(6));"#,
        expect![[r#"
            error: --set active_within=soon is no period
             --> scripts/try/01_step.rhai:1:9
              |
            1 | let a = setting("active_within", months(6));
              |         ^^^^^^^
            help: write it like --set active_within=180d, or 2w, 6mo, 1y
        "#]],
    );
    desk.fails_with(
        r#"writes = ["Customer.accountType"]"#,
        "--set on=yes",
        r#"let a = setting("on", false);"#,
        expect![[r#"
            error: --set on=yes is neither true nor false
             --> scripts/try/01_step.rhai:1:9
              |
            1 | let a = setting("on", false);
              |         ^^^^^^^
            help: write it like --set on=true or --set on=false
        "#]],
    );
    desk.fails_with(
        r#"writes = ["Customer.accountType"]"#,
        "--set n=ten",
        r#"let a = setting("n", 10);"#,
        expect![[r#"
            error: --set n=ten is no whole number
             --> scripts/try/01_step.rhai:1:9
              |
            1 | let a = setting("n", 10);
              |         ^^^^^^^
            help: write it like --set n=10
        "#]],
    );
    desk.fails_with(
        r#"writes = ["Customer.accountType"]"#,
        "--set n=ten",
        r#"let a = setting("n", 1.5);"#,
        expect![[r#"
            error: --set n=ten is no number
             --> scripts/try/01_step.rhai:1:9
              |
            1 | let a = setting("n", 1.5);
              |         ^^^^^^^
            help: write it like --set n=1.5
        "#]],
    );
    desk.fails_with(
        r#"writes = ["Customer.accountType"]"#,
        "--set n=ten",
        r#"let a = setting("n", [1]);"#,
        expect![[r#"
            error: --set can't replace n: its default is of another type
             --> scripts/try/01_step.rhai:1:9
              |
            1 | let a = setting("n", [1]);
              |         ^^^^^^^
            help: a setting is a period, true or false, a number or a text
        "#]],
    );
    desk.fails_with(
        r#"writes = ["Customer.accountType"]"#,
        "--set active_within=-6mo",
        r#"let a = setting("active_within", months(6));"#,
        expect![[r#"
            error: --set active_within=-6mo is no period
             --> scripts/try/01_step.rhai:1:9
              |
            1 | let a = setting("active_within", months(6));
              |         ^^^^^^^
            help: write it like --set active_within=180d, or 2w, 6mo, 1y
        "#]],
    );
    desk.unchanged();
}

#[test]
fn a_setting_that_no_script_has() {
    let desk = Desk::new();
    desk.stops_early_with(
        "--set activ_within=6mo",
        "let a = setting(\"active_within\", months(6));",
        expect![[r#"
            error: no script of this folder has a setting named activ_within
            help: did you mean active_within?
        "#]],
    );
    desk.stops_early_with(
        "--set x=6mo",
        "let a = setting(\"active_within\", months(6));",
        expect![[r#"
            error: no script of this folder has a setting named x
            help: its settings are active_within
        "#]],
    );
    desk.stops_early_with(
        "--set x=6mo",
        "let a = 1;",
        expect![[r#"
            error: no script of this folder has a setting named x
            help: its scripts have no settings
        "#]],
    );
    desk.unchanged();
}
