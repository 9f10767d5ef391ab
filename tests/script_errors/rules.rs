//! Rules that would do nothing, could not be repeated, or can not be written.

use expect_test::expect;

use super::Desk;

const ODD: &str = r#"
    CREATE VIEW "Open" AS SELECT * FROM "Customer";
    CREATE TABLE "Odd" (id int PRIMARY KEY, n int, twice int GENERATED ALWAYS AS (n * 2) STORED);
    CREATE TABLE "Keyless" (name text)"#;

#[test]
fn an_update_that_never_sets() {
    let desk = Desk::new();
    desk.stops_early(
        r#"update("Customer").where(col("accountType").is_null());"#,
        expect![[r#"
            error: update("Customer") never reaches .set(...), so it does nothing
             --> scripts/try/01_step.rhai:1:1
              |
            1 | update("Customer").where(col("accountType").is_null());
              | ^^^^^^
            help: end it with .set("column", value)
        "#]],
    );
    desk.stops_early(
        r#"let u = update("Customer");
u.where(col("accountType").is_null());"#,
        expect![[r#"
            error: update("Customer") never reaches .set(...), so it does nothing
             --> scripts/try/01_step.rhai:1:9
              |
            1 | let u = update("Customer");
              |         ^^^^^^
            help: end it with .set("column", value)
        "#]],
    );
    desk.unchanged();
}

#[test]
fn arms() {
    let desk = Desk::new();
    desk.stops_early(
        r#"update("Customer").set("accountType", [
    [ otherwise, "ACTIVE" ],
    [ col("lastOrderDate").is_null(), "PROSPECT" ],
]);"#,
        expect![[r#"
            error: arm 2 stands after `otherwise`, so it can never match
             --> scripts/try/01_step.rhai:3:5
              |
            3 |     [ col("lastOrderDate").is_null(), "PROSPECT" ],
              |     ^
            help: put `otherwise` last
        "#]],
    );
    desk.fails(
        r#"update("Customer").set("accountType", [
    [ col("lastOrderDate").is_null(), "PROSPECT" ],
    [ "ACTIVE" ],
]);"#,
        expect![[r#"
            error: arm 2 is not a condition and a value
             --> scripts/try/01_step.rhai:3:5
              |
            3 |     [ "ACTIVE" ],
              |     ^
            help: write each arm like [ condition, value ]
        "#]],
    );
    desk.fails(
        r#"update("Customer").set("accountType", ["ACTIVE", "TARGET"]);"#,
        expect![[r#"
            error: arm 1 is not a condition and a value
             --> scripts/try/01_step.rhai:1:40
              |
            1 | update("Customer").set("accountType", ["ACTIVE", "TARGET"]);
              |                                        ^^^^^^^^
            help: write each arm like [ condition, value ]
        "#]],
    );
    desk.fails(
        r#"update("Customer").set("accountType", [ [ "lastOrderDate", "ACTIVE" ] ]);"#,
        expect![[r#"
            error: a condition is needed here, and this is a text
             --> scripts/try/01_step.rhai:1:43
              |
            1 | update("Customer").set("accountType", [ [ "lastOrderDate", "ACTIVE" ] ]);
              |                                           ^^^^^^^^^^^^^^^
            help: write it with col(...), as in col("lastOrderDate").within(months(6))
        "#]],
    );
    desk.fails(
        r#"update("Customer").set("accountType", [ [ otherwise, months(6) ] ]);"#,
        expect![[r#"
            error: a value is needed here, and this is a period
             --> scripts/try/01_step.rhai:1:54
              |
            1 | update("Customer").set("accountType", [ [ otherwise, months(6) ] ]);
              |                                                      ^^^^^^
            help: give a text, a number, true/false, a column, or () for none
        "#]],
    );
    desk.fails(
        r#"update("Customer").set("accountType", []);"#,
        expect![[r#"
            error: there are no arms, so nothing would be set
             --> scripts/try/01_step.rhai:1:20
              |
            1 | update("Customer").set("accountType", []);
              |                    ^^^
            help: write each arm like [ condition, value ]
        "#]],
    );
    desk.fails(
        r#"update("Customer").set("accountType", otherwise);"#,
        expect![[r#"
            error: a value is needed here, and this is `otherwise`
             --> scripts/try/01_step.rhai:1:39
              |
            1 | update("Customer").set("accountType", otherwise);
              |                                       ^^^^^^^^^
            help: give a text, a number, true/false, a column, or () for none
        "#]],
    );
    desk.fails(
        r#"update("Customer").where(otherwise).set("accountType", "ACTIVE");"#,
        expect![[r#"
            error: a condition is needed here, and this is `otherwise`
             --> scripts/try/01_step.rhai:1:26
              |
            1 | update("Customer").where(otherwise).set("accountType", "ACTIVE");
              |                          ^^^^^^^^^
            help: `otherwise` stands before the value of the last arm: [ otherwise,
                  "PROSPECT" ]
        "#]],
    );
    desk.unchanged();
}

#[test]
fn a_rule_that_reads_what_it_sets() {
    let desk = Desk::new();
    desk.fails_with(
        r#"writes = ["Customer.orderingPaceDays"]"#,
        "",
        r#"update("Customer").set("orderingPaceDays", col("orderingPaceDays") + 1);"#,
        expect![[r#"
            error: the value set for orderingPaceDays reads orderingPaceDays itself, so a
                   second run would change it again
             --> scripts/try/01_step.rhai:1:20
              |
            1 | update("Customer").set("orderingPaceDays", col("orderingPaceDays") + 1);
              |                    ^^^
            help: compute it from other columns
        "#]],
    );
    desk.fails_with(
        r#"writes = ["Customer.city", "Customer.paymentTerms"]"#,
        "",
        r#"update("Customer").set(#{ city: col("paymentTerms"), paymentTerms: col("city") });"#,
        expect![[r#"
            error: the values set for city and paymentTerms read each other, so a second run
                   would change them again
             --> scripts/try/01_step.rhai:1:20
              |
            1 | update("Customer").set(#{ city: col("paymentTerms"), paymentTerms: col("c...
              |                    ^^^
            help: compute it from other columns
        "#]],
    );
    desk.fails(
        r#"update("Customer").set(#{});"#,
        expect![[r#"
        error: there are no columns, so nothing would be set
         --> scripts/try/01_step.rhai:1:20
          |
        1 | update("Customer").set(#{});
          |                    ^^^
        help: write it like .set(#{ accountType: "ACTIVE", accountPriority: "HIGH" })
    "#]],
    );
    desk.unchanged();
}

#[test]
fn what_can_not_be_changed() {
    let desk = Desk::with_objects(ODD);
    desk.fails_with(
        r#"writes = ["Customer.id"]"#,
        "",
        r#"update("Customer").set("id", "00000000-0000-4000-8000-00000000dead");"#,
        expect![[r#"
            error: Customer can't be changed by a rule: id is part of its key
             --> scripts/try/01_step.rhai:1:20
              |
            1 | update("Customer").set("id", "00000000-0000-4000-8000-00000000dead");
              |                    ^^^
            help: change keys in an SQL file, which nothing can undo
        "#]],
    );
    desk.fails_with(
        r#"writes = ["Open.name"]"#,
        "",
        r#"update("Open").set("name", "x");"#,
        expect![[r#"
            error: Open can't be changed by a rule: it is a view
             --> scripts/try/01_step.rhai:1:16
              |
            1 | update("Open").set("name", "x");
              |                ^^^
            help: change the table that its rows come from
        "#]],
    );
    desk.fails_with(
        r#"writes = ["Odd.twice"]"#,
        "",
        r#"update("Odd").set("twice", 5);"#,
        expect![[r#"
            error: Odd can't be changed by a rule: twice is a generated column
             --> scripts/try/01_step.rhai:1:15
              |
            1 | update("Odd").set("twice", 5);
              |               ^^^
            help: change the columns that it is computed from
        "#]],
    );
    desk.fails_with(
        r#"writes = ["Keyless.name"]"#,
        "",
        r#"update("Keyless").set("name", "x");"#,
        expect![[r#"
            error: Keyless can't be changed by a rule: it has no primary key, so its old
                   values could not be journalled
             --> scripts/try/01_step.rhai:1:19
              |
            1 | update("Keyless").set("name", "x");
              |                   ^^^
            help: give it a primary key, or name its key under [keys] in leora.toml
        "#]],
    );
    desk.unchanged();
}

#[test]
fn arms_of_several_columns() {
    let desk = Desk::new();
    desk.fails(
        r#"update("Customer").set(#{
    accountType: [ [ otherwise, "ACTIVE" ] ],
    accountPriority: [ [ col("city") == "Napa", "HIGH" ], "LOW" ],
});"#,
        expect![[r#"
            error: arm 2 of accountPriority is not a condition and a value
             --> scripts/try/01_step.rhai:3:59
              |
            3 |     accountPriority: [ [ col("city") == "Napa", "HIGH" ], "LOW" ],
              |                                                           ^^^^^
            help: write each arm like [ condition, value ]
        "#]],
    );
    desk.fails(
        r#"update("Customer").set(#{
    accountType: "ACTIVE",
    accountPriority: [],
});"#,
        expect![[r#"
            error: there are no arms for accountPriority, so nothing would be set
             --> scripts/try/01_step.rhai:3:5
              |
            3 |     accountPriority: [],
              |     ^^^^^^^^^^^^^^^
            help: write each arm like [ condition, value ]
        "#]],
    );
    desk.unchanged();
}
