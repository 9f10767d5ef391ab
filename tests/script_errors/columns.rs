//! Columns, tables and enum values that there are not.

use expect_test::expect;

use super::Desk;

#[test]
fn an_unknown_column() {
    let desk = Desk::new();
    desk.fails(
        r#"update("Customer").where(col("lastOrderDat").is_null()).set("accountType", "ACTIVE");"#,
        expect![[r#"
            error: Customer has no column lastOrderDat
             --> scripts/try/01_step.rhai:1:30
              |
            1 | update("Customer").where(col("lastOrderDat").is_null()).set("accountType"...
              |                              ^^^^^^^^^^^^^^
            help: did you mean lastOrderDate?
        "#]],
    );
    desk.fails(
        r#"update("Customer").set("acountType", "ACTIVE");"#,
        expect![[r#"
            error: Customer has no column acountType
             --> scripts/try/01_step.rhai:1:24
              |
            1 | update("Customer").set("acountType", "ACTIVE");
              |                        ^^^^^^^^^^^^
            help: did you mean accountType?
        "#]],
    );
    desk.fails(
        r#"table("Customer").count(col("zzz") == 1);"#,
        expect![[r#"
            error: Customer has no column zzz
             --> scripts/try/01_step.rhai:1:29
              |
            1 | table("Customer").count(col("zzz") == 1);
              |                             ^^^^^
            help: names are case-sensitive; col_or("name", value) stands in for a column
                  that may be missing
        "#]],
    );
    desk.fails(
        r#"table("Customer").distribution("acountType");"#,
        expect![[r#"
            error: Customer has no column acountType
             --> scripts/try/01_step.rhai:1:32
              |
            1 | table("Customer").distribution("acountType");
              |                                ^^^^^^^^^^^^
            help: did you mean accountType?
        "#]],
    );
    desk.fails(
        r#"table("Customer").rows(["id", "nam"]);"#,
        expect![[r#"
            error: Customer has no column nam
             --> scripts/try/01_step.rhai:1:31
              |
            1 | table("Customer").rows(["id", "nam"]);
              |                               ^^^^^
            help: did you mean name?
        "#]],
    );
    desk.fails(
        r#"update("Customer").set("accountType", lookup("typ", #{ A: "ACTIVE" }));"#,
        expect![[r#"
            error: Customer has no column typ
             --> scripts/try/01_step.rhai:1:46
              |
            1 | update("Customer").set("accountType", lookup("typ", #{ A: "ACTIVE" }));
              |                                              ^^^^^
            help: did you mean type?
        "#]],
    );
    desk.unchanged();
}

#[test]
fn an_unknown_table() {
    let desk = Desk::new();
    desk.fails(
        r#"update("Custmer").set("accountType", "ACTIVE");"#,
        expect![[r#"
            error: there is no table Custmer in schema public
             --> scripts/try/01_step.rhai:1:8
              |
            1 | update("Custmer").set("accountType", "ACTIVE");
              |        ^^^^^^^^^
            help: did you mean Customer?
        "#]],
    );
    desk.fails(
        r#"table("Orders").count();"#,
        expect![[r#"
            error: there is no table Orders in schema public
             --> scripts/try/01_step.rhai:1:7
              |
            1 | table("Orders").count();
              |       ^^^^^^^^
            help: check that this is the CRM's database, and names are case-sensitive
        "#]],
    );
    desk.unchanged();
}

#[test]
fn a_value_that_the_enum_lacks() {
    let desk = Desk::new();
    desk.fails(
        r#"update("Customer").set("accountType", "ACTIV");"#,
        expect![[r#"
            error: AccountType has no value ACTIV; its values are ACTIVE, TARGET, PROSPECT
             --> scripts/try/01_step.rhai:1:39
              |
            1 | update("Customer").set("accountType", "ACTIV");
              |                                       ^^^^^^^
            help: did you mean ACTIVE?
        "#]],
    );
    desk.fails(
        r#"update("Customer").set("accountType", "GOLD");"#,
        expect![[r#"
            error: AccountType has no value GOLD; its values are ACTIVE, TARGET, PROSPECT
             --> scripts/try/01_step.rhai:1:39
              |
            1 | update("Customer").set("accountType", "GOLD");
              |                                       ^^^^^^
            help: write one of these, or add the value to the enum first
        "#]],
    );
    desk.fails(
        r#"update("Customer").set("accountType", "active");"#,
        expect![[r#"
            error: AccountType has no value active; its values are ACTIVE, TARGET, PROSPECT
             --> scripts/try/01_step.rhai:1:39
              |
            1 | update("Customer").set("accountType", "active");
              |                                       ^^^^^^^^
            help: did you mean ACTIVE?
        "#]],
    );
    desk.fails(
        r#"update("Customer").set("accountType", [
    [ col("lastOrderDate").is_null(), "PROSPECT" ],
    [ otherwise, "TARGT" ],
]);"#,
        expect![[r#"
            error: AccountType has no value TARGT; its values are ACTIVE, TARGET, PROSPECT
             --> scripts/try/01_step.rhai:3:18
              |
            3 |     [ otherwise, "TARGT" ],
              |                  ^^^^^^^
            help: did you mean TARGET?
        "#]],
    );
    desk.fails(
        r#"update("Customer").set("accountType", lookup("riskStatus", #{ HEALTHY: "ACTIV" }));"#,
        expect![[r#"
            error: AccountType has no value ACTIV; its values are ACTIVE, TARGET, PROSPECT
             --> scripts/try/01_step.rhai:1:72
              |
            1 | ...okup("riskStatus", #{ HEALTHY: "ACTIV" }));
              |                                   ^^^^^^^
            help: did you mean ACTIVE?
        "#]],
    );
    desk.fails(
        r#"update("Customer").set("accountType", lookup("riskStatus", #{ HEALTY: "ACTIVE" }));"#,
        expect![[r#"
            error: CustomerRiskStatus has no value HEALTY; its values are HEALTHY,
                   AT_RISK_CADENCE, AT_RISK_REVENUE, DORMANT, CLOSED
             --> scripts/try/01_step.rhai:1:63
              |
            1 | update("Customer").set("accountType", lookup("riskStatus", #{ HEALTY: "AC...
              |                                                               ^^^^^^
            help: did you mean HEALTHY?
        "#]],
    );
    desk.fails(
        r#"update("Customer").where(col("accountType").is_one_of(["ACTIVE", "TARGT"])).set("accountType", "ACTIVE");"#,
        expect![[r#"
            error: AccountType has no value TARGT; its values are ACTIVE, TARGET, PROSPECT
             --> scripts/try/01_step.rhai:1:66
              |
            1 | ...untType").is_one_of(["ACTIVE", "TARGT"])).set("accountType", "ACTIVE");
              |                                   ^^^^^^^
            help: did you mean TARGET?
        "#]],
    );
    desk.fails(
        r#"update("Customer").where(col("accountType") == "ACTVE").set("accountType", "ACTIVE");"#,
        expect![[r#"
            error: AccountType has no value ACTVE; its values are ACTIVE, TARGET, PROSPECT
             --> scripts/try/01_step.rhai:1:48
              |
            1 | update("Customer").where(col("accountType") == "ACTVE").set("accountType"...
              |                                                ^^^^^^^
            help: did you mean ACTIVE?
        "#]],
    );
    desk.unchanged();
}
