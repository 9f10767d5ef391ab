//! What is said of other rows that there are not.

use expect_test::expect;

use super::Desk;

fn desk() -> Desk {
    Desk::with_objects(
        r#"CREATE TABLE "SalesOrder" (id int PRIMARY KEY, "customerId" uuid REFERENCES "Customer", customer uuid, total numeric,
             status text, "isPaid" boolean);
           CREATE TABLE "HealthThreshold" (id int PRIMARY KEY, "tenantId" uuid);"#,
    )
}

#[test]
fn a_link_that_there_is_not() {
    let desk = desk();
    let count = |it: &str| format!("table(\"Customer\").count({it});");
    for (script, told) in [
        (
            r#"related("SalesOrder", "customer").count() > 1"#,
            expect![[r#"
            error: SalesOrder.customer has no foreign key to Customer
             --> scripts/try/01_step.rhai:1:19
              |
            1 | table("Customer").count(related("SalesOrder", "customer").count() > 1);
              |                   ^^^^^
            help: related("SalesOrder", "customerId") has one
        "#]],
        ),
        (
            r#"related("SalesOrder", "status").count() > 1"#,
            expect![[r#"
            error: SalesOrder.status has no foreign key to Customer
             --> scripts/try/01_step.rhai:1:19
              |
            1 | table("Customer").count(related("SalesOrder", "status").count() > 1);
              |                   ^^^^^
            help: related("SalesOrder", "customerId") has one
        "#]],
        ),
        (
            r#"related("SalesOrdr", "customerId").count() > 1"#,
            expect![[r#"
            error: there is no table SalesOrdr in schema public
             --> scripts/try/01_step.rhai:1:33
              |
            1 | table("Customer").count(related("SalesOrdr", "customerId").count() > 1);
              |                                 ^^^^^^^^^^^
            help: did you mean SalesOrder?
        "#]],
        ),
        (
            r#"related("SalesOrder", "custmerId").count() > 1"#,
            expect![[r#"
            error: SalesOrder has no column custmerId
             --> scripts/try/01_step.rhai:1:47
              |
            1 | table("Customer").count(related("SalesOrder", "custmerId").count() > 1);
              |                                               ^^^^^^^^^^^
            help: did you mean customerId?
        "#]],
        ),
        (
            r#"parent("city").col("name") == "x""#,
            expect![[r#"
            error: Customer.city has no foreign key, so it refers to no row
             --> scripts/try/01_step.rhai:1:19
              |
            1 | table("Customer").count(parent("city").col("name") == "x");
              |                   ^^^^^
            help: name the other table and the columns that are equal: parent("Table", #{
                  id: "city" })
        "#]],
        ),
        (
            r#"parent("HealthThreshold", #{ tenantId: "tenantId" }).col("id") == 1"#,
            expect![[r#"
            error: several rows of HealthThreshold may have the same tenantId, so none is
                   the parent
             --> scripts/try/01_step.rhai:1:19
              |
            1 | table("Customer").count(parent("HealthThreshold", #{ tenantId: "tenantId"...
              |                   ^^^^^
            help: give HealthThreshold a unique index on (tenantId), or ask for all of them
                  with related("HealthThreshold", #{ ... })
        "#]],
        ),
        (
            r#"parent("tenantId").col("nam") == "x""#,
            expect![[r#"
            error: Tenant has no column nam
             --> scripts/try/01_step.rhai:1:48
              |
            1 | table("Customer").count(parent("tenantId").col("nam") == "x");
              |                                                ^^^^^
            help: did you mean name?
        "#]],
        ),
        (
            r#"related("SalesOrder", "customerId").where(col("city") == "x").exists()"#,
            expect![[r#"
                error: SalesOrder has no column city; Customer has one
                 --> scripts/try/01_step.rhai:1:71
                  |
                1 | ...Order", "customerId").where(col("city") == "x").exists());
                  |                                    ^^^^^^
                help: inside related(...) the row's own column is outer("city")
            "#]],
        ),
        (
            r#"col("total") > related("SalesOrder", "customerId").count()"#,
            expect![[r#"
            error: Customer has no column total; SalesOrder has one
             --> scripts/try/01_step.rhai:1:29
              |
            1 | table("Customer").count(col("total") > related("SalesOrder", "customerId"...
              |                             ^^^^^^^
            help: write what is made of it, such as related(...).max("total") or
                  parent(...).col("total")
        "#]],
        ),
        (
            r#"col("city") == outer("city")"#,
            expect![[r#"
            error: outer("city") stands in no related(...).where(...)
             --> scripts/try/01_step.rhai:1:19
              |
            1 | table("Customer").count(col("city") == outer("city"));
              |                   ^^^^^
            help: write col("city")
        "#]],
        ),
        (
            r#"related("SalesOrder", "customerId").sum("status") > 1"#,
            expect![[r#"
            error: sum(...) needs numbers, and status is a text
             --> scripts/try/01_step.rhai:1:19
              |
            1 | table("Customer").count(related("SalesOrder", "customerId").sum("status")...
              |                   ^^^^^
            help: name a column of numbers; count() counts rows
        "#]],
        ),
        (
            r#"related("SalesOrder", "customerId").max("isPaid") == true"#,
            expect![[r#"
            error: max(...) needs a number, a date, a text or a value of an enum, and isPaid
                   is true or false
             --> scripts/try/01_step.rhai:1:19
              |
            1 | table("Customer").count(related("SalesOrder", "customerId").max("isPaid")...
              |                   ^^^^^
            help: name a column that has an order
        "#]],
        ),
        (
            r#"rank("isPermanentlyClosed") == 1"#,
            expect![[r#"
            error: rank(...) needs a number, a date, a text or a value of an enum, and
                   isPermanentlyClosed is true or false
             --> scripts/try/01_step.rhai:1:19
              |
            1 | table("Customer").count(rank("isPermanentlyClosed") == 1);
              |                   ^^^^^
            help: name a column that has an order
        "#]],
        ),
        (
            r#"related("SalesOrder", "customerId").sum("total") == "x""#,
            expect![[r#"
                error: SalesOrder.sum(total) holds numbers, and "x" is a text
                 --> scripts/try/01_step.rhai:1:77
                  |
                1 | ...", "customerId").sum("total") == "x");
                  |                                     ^^^
                help: write a number, such as 7 or 2.5
            "#]],
        ),
    ] {
        desk.fails(&count(script), told);
    }
    desk.unchanged();
}
