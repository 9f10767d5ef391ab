//! What people write who know SQL, a spreadsheet or another language.

use expect_test::expect;

use super::Desk;

#[test]
fn a_number_as_people_write_it() {
    let desk = Desk::new();
    desk.stops_early(
        r#"update("Customer").where(col("x") > 10,000).set("accountType", "ACTIVE");"#,
        expect![[r#"
            error: `10,000` is read as two values: a number has no comma
             --> scripts/try/01_step.rhai:1:37
              |
            1 | update("Customer").where(col("x") > 10,000).set("accountType", "ACTIVE");
              |                                     ^^
            help: write 10000
        "#]],
    );
    desk.stops_early(
        r#"update("Customer").set("accountType", [
    [ col("x") > 0,25, "ACTIVE" ],
    [ otherwise, "TARGET" ],
]);"#,
        expect![[r#"
            error: `0,25` is read as two values: a number has no comma
             --> scripts/try/01_step.rhai:2:18
              |
            2 |     [ col("x") > 0,25, "ACTIVE" ],
              |                  ^
            help: write 0.25
        "#]],
    );
    desk.stops_early(
        "let share = 20%; note(`${share}`);",
        expect![[r#"
            error: a number has no `%`
             --> scripts/try/01_step.rhai:1:13
              |
            1 | let share = 20%; note(`${share}`);
              |             ^^
            help: write 0.2 as a share, or 20 in top_percent(20, ...); a text such as "20%"
                  is for the manifest
        "#]],
    );
    desk.fails(
        "let half = months(6.5); half;",
        expect![[r#"
        error: months(6.5) is no period
         --> scripts/try/01_step.rhai:1:12
          |
        1 | let half = months(6.5); half;
          |            ^^^^^^
        help: a period has a whole number: count a part of a month or year in days, as
              in days(198)
    "#]],
    );
    desk.unchanged();
}

#[test]
fn a_text_in_other_quotes() {
    let desk = Desk::new();
    desk.stops_early(
        r#"update("Customer").set("accountType”, "ACTIVE");"#,
        expect![[r#"
        error: a `”` does not end this text
         --> scripts/try/01_step.rhai:1:36
          |
        1 | update("Customer").set("accountType”, "ACTIVE");
          |                                    ^
        help: write a text in straight quotes: "accountType"
    "#]],
    );
    desk.stops_early(
        "let city =\u{a0}\"Basel\"; city;",
        expect![[r#"
        error: the invisible character U+00A0 means nothing here
         --> scripts/try/01_step.rhai:1:11
          |
        1 | let city = "Basel"; city;
          |           ^
        help: write a plain space in its place, or nothing
    "#]],
    );
    desk.unchanged();
}

#[test]
fn a_comment_or_an_else() {
    let desk = Desk::new();
    desk.stops_early(
        "# who is active",
        expect![[r#"
            error: `#` means nothing here
             --> scripts/try/01_step.rhai:1:1
              |
            1 | # who is active
              | ^
            help: a comment begins with //
        "#]],
    );
    desk.stops_early(
        "-- who is active",
        expect![[r#"
            error: `--` means nothing here
             --> scripts/try/01_step.rhai:1:1
              |
            1 | -- who is active
              | ^
            help: a comment begins with //
        "#]],
    );
    desk.stops_early(
        r#"update("Customer").set("accountType", [ [ else, "ACTIVE" ] ]);"#,
        expect![[r#"
            error: `else` means nothing here
             --> scripts/try/01_step.rhai:1:43
              |
            1 | update("Customer").set("accountType", [ [ else, "ACTIVE" ] ]);
              |                                           ^^^^
            help: the arm for all other rows is [ otherwise, value ]
        "#]],
    );
    desk.unchanged();
}

#[test]
fn a_function_of_sql() {
    let desk = Desk::new();
    desk.stops_early(
        r#"table("Customer").where(col("city").isnotnull());"#,
        expect![[r#"
            error: there is no function `isnotnull`
             --> scripts/try/01_step.rhai:1:37
              |
            1 | table("Customer").where(col("city").isnotnull());
              |                                     ^^^^^^^^^
            help: write .is_not_null(), as in col("city").is_not_null()
        "#]],
    );
    desk.stops_early(
        r#"table("Customer").where(datediff(today(), col("createdAt")) > 30);"#,
        expect![[r#"
            error: there is no function `datediff`
             --> scripts/try/01_step.rhai:1:25
              |
            1 | table("Customer").where(datediff(today(), col("createdAt")) > 30);
              |                         ^^^^^^^^
            help: write days_since(col("lastOrderDate")), or days_between(a, b)
        "#]],
    );
    desk.stops_early(
        r#"table("Customer").where(ifnull(col("city"), "") == "");"#,
        expect![[r#"
        error: there is no function `ifnull`
         --> scripts/try/01_step.rhai:1:25
          |
        1 | table("Customer").where(ifnull(col("city"), "") == "");
          |                         ^^^^^^
        help: write coalesce, as in coalesce([col("city"), ""])
    "#]],
    );
    desk.unchanged();
}

#[test]
fn a_second_set() {
    let desk = Desk::new();
    desk.fails(
        r#"update("Customer").set("accountType", "ACTIVE").set("accountPriority", "HIGH");"#,
        expect![[r#"
            error: `set` can't be used with a change, a text and a text
             --> scripts/try/01_step.rhai:1:49
              |
            1 | update("Customer").set("accountType", "ACTIVE").set("accountPriority", "H...
              |                                                 ^^^
            help: set several columns by one map: .set(#{ accountType: "ACTIVE",
                  accountPriority: "HIGH" })
        "#]],
    );
    desk.unchanged();
}

#[test]
fn arguments_with_names_and_maps_with_equals_signs() {
    let desk = Desk::new();
    desk.stops_early(
        r#"table("Customer").where(round(col("orderingPaceDays"), digits: 2) > 1);"#,
        expect![[r#"
            error: arguments have no names, and this one is called `digits`
             --> scripts/try/01_step.rhai:1:56
              |
            1 | table("Customer").where(round(col("orderingPaceDays"), digits: 2) > 1);
              |                                                        ^^^^^^
            help: write the value alone, in its place, as in round(col("orderingPaceDays") /
                  7, 1)
        "#]],
    );
    desk.stops_early(
        r#"table("Customer").where(round(col("orderingPaceDays"), digits = 2) > 1);"#,
        expect![[r#"
            error: arguments have no names, and this one is called `digits`
             --> scripts/try/01_step.rhai:1:56
              |
            1 | table("Customer").where(round(col("orderingPaceDays"), digits = 2) > 1);
              |                                                        ^^^^^^
            help: write the value alone, in its place, as in round(col("orderingPaceDays") /
                  7, 1)
        "#]],
    );
    desk.stops_early(
        r#"let n = 2;
table("Customer").where(round(col("orderingPaceDays"), n: 2) > n);"#,
        expect![[r#"
            error: arguments have no names, and this one is called `n`
             --> scripts/try/01_step.rhai:2:56
              |
            2 | table("Customer").where(round(col("orderingPaceDays"), n: 2) > n);
              |                                                        ^
            help: write the value alone, in its place, as in round(col("orderingPaceDays") /
                  7, 1)
        "#]],
    );
    desk.stops_early(
        r#"update("Customer").set(#{ accountType = "ACTIVE" });"#,
        expect![[r#"
            error: `=` can't stand here
             --> scripts/try/01_step.rhai:1:39
              |
            1 | update("Customer").set(#{ accountType = "ACTIVE" });
              |                                       ^
            help: in a map a `:` stands behind the name: #{ accountType: "..." }
        "#]],
    );
    desk.unchanged();
}

#[test]
fn missing_values_and_signs_of_sql() {
    let desk = Desk::new();
    desk.stops_early(
        r#"update("Customer").where(col("city") == null).set("accountType", "ACTIVE");"#,
        expect![[r#"
            error: nothing is compared with `null`: a missing value equals no other
             --> scripts/try/01_step.rhai:1:41
              |
            1 | update("Customer").where(col("city") == null).set("accountType", "ACTIVE");
              |                                         ^^^^
            help: write col("city").is_null()
        "#]],
    );
    desk.stops_early(
        r#"update("Customer").where(col("city") != NULL).set("accountType", "ACTIVE");"#,
        expect![[r#"
            error: nothing is compared with `NULL`: a missing value equals no other
             --> scripts/try/01_step.rhai:1:41
              |
            1 | update("Customer").where(col("city") != NULL).set("accountType", "ACTIVE");
              |                                         ^^^^
            help: write col("city").is_not_null()
        "#]],
    );
    desk.stops_early(
        r#"update("Customer").where(col("city") is not null).set("accountType", "ACTIVE");"#,
        expect![[r#"
            error: `is` can't stand here
             --> scripts/try/01_step.rhai:1:38
              |
            1 | update("Customer").where(col("city") is not null).set("accountType", "ACT...
              |                                      ^^
            help: a missing value is asked for with .is_not_null()
        "#]],
    );
    desk.stops_early(
        r#"update("Customer").where(col("city") <> "Napa").set("accountType", "ACTIVE");"#,
        expect![[r#"
            error: `<>` means nothing here
             --> scripts/try/01_step.rhai:1:38
              |
            1 | update("Customer").where(col("city") <> "Napa").set("accountType", "ACTIV...
              |                                      ^
            help: unequal is written `!=`
        "#]],
    );
    desk.stops_early(
        r#"update("Customer").where(top_percent(20%, "createdAt")).set("accountType", "ACTIVE");"#,
        expect![[r#"
            error: a number has no `%`
             --> scripts/try/01_step.rhai:1:38
              |
            1 | update("Customer").where(top_percent(20%, "createdAt")).set("accountType"...
              |                                      ^^
            help: write 0.2 as a share, or 20 in top_percent(20, ...); a text such as "20%"
                  is for the manifest
        "#]],
    );
    desk.stops_early(
        r#"update("Customer").where(col(‘city’) == "Napa").set("accountType", "ACTIVE");"#,
        expect![[r#"
            error: `‘` means nothing here
             --> scripts/try/01_step.rhai:1:30
              |
            1 | update("Customer").where(col(‘city’) == "Napa").set("accountType", "ACTIV...
              |                              ^
            help: write a text in straight quotes: "city"
        "#]],
    );
    desk.unchanged();
}
