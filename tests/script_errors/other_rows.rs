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
    desk.fails(
        r#"table("Customer").count(related("SalesOrder", "customer").count() > 1);"#,
        expect![[r#"
            error: SalesOrder.customer has no foreign key to Customer
             --> scripts/try/01_step.rhai:1:19
              |
            1 | table("Customer").count(related("SalesOrder", "customer").count() > 1);
              |                   ^^^^^
            help: related("SalesOrder", "customerId") has one
        "#]],
    );
    desk.fails(
        r#"table("Customer").count(related("SalesOrder", "status").count() > 1);"#,
        expect![[r#"
            error: SalesOrder.status has no foreign key to Customer
             --> scripts/try/01_step.rhai:1:19
              |
            1 | table("Customer").count(related("SalesOrder", "status").count() > 1);
              |                   ^^^^^
            help: related("SalesOrder", "customerId") has one
        "#]],
    );
    desk.fails(
        r#"table("Customer").count(related("SalesOrdr", "customerId").count() > 1);"#,
        expect![[r#"
            error: there is no table SalesOrdr in schema public
             --> scripts/try/01_step.rhai:1:33
              |
            1 | table("Customer").count(related("SalesOrdr", "customerId").count() > 1);
              |                                 ^^^^^^^^^^^
            help: did you mean SalesOrder?
        "#]],
    );
    desk.fails(
        r#"table("Customer").count(related("SalesOrder", "custmerId").count() > 1);"#,
        expect![[r#"
            error: SalesOrder has no column custmerId
             --> scripts/try/01_step.rhai:1:47
              |
            1 | table("Customer").count(related("SalesOrder", "custmerId").count() > 1);
              |                                               ^^^^^^^^^^^
            help: did you mean customerId?
        "#]],
    );
    desk.fails(
        r#"table("Customer").count(parent("city").col("name") == "x");"#,
        expect![[r#"
        error: Customer.city has no foreign key, so it refers to no row
         --> scripts/try/01_step.rhai:1:19
          |
        1 | table("Customer").count(parent("city").col("name") == "x");
          |                   ^^^^^
        help: name the other table and the columns that are equal: parent("Table", #{
              id: "city" })
    "#]],
    );
    desk.fails(r#"table("Customer").count(parent("HealthThreshold", #{ tenantId: "tenantId" }).col("id") == 1);"#, expect![[r#"
        error: several rows of HealthThreshold may have the same tenantId, so none is
               the parent
         --> scripts/try/01_step.rhai:1:19
          |
        1 | table("Customer").count(parent("HealthThreshold", #{ tenantId: "tenantId"...
          |                   ^^^^^
        help: give HealthThreshold a unique index on (tenantId), or ask for all of them
              with related("HealthThreshold", #{ ... })
    "#]]);
    desk.fails(
        r#"table("Customer").count(related("SalesOrder", #{}).count() > 1);"#,
        expect![[r#"
            error: which columns of SalesOrder equal which of the row is not said
             --> scripts/try/01_step.rhai:1:25
              |
            1 | table("Customer").count(related("SalesOrder", #{}).count() > 1);
              |                         ^^^^^^^
            help: write its column, and the row's own as a text: ("SalesOrder", #{
                  customerId: "id" })
        "#]],
    );
    desk.unchanged();
}

#[test]
fn a_column_of_the_other_side() {
    let desk = desk();
    desk.fails(
        r#"table("Customer").count(parent("tenantId").col("nam") == "x");"#,
        expect![[r#"
        error: Tenant has no column nam
         --> scripts/try/01_step.rhai:1:48
          |
        1 | table("Customer").count(parent("tenantId").col("nam") == "x");
          |                                                ^^^^^
        help: did you mean name?
    "#]],
    );
    desk.fails(r#"table("Customer").count(related("SalesOrder", "customerId").where(col("city") == "x").exists());"#, expect![[r#"
        error: SalesOrder has no column city; Customer has one
         --> scripts/try/01_step.rhai:1:71
          |
        1 | ...Order", "customerId").where(col("city") == "x").exists());
          |                                    ^^^^^^
        help: inside related(...) the row's own column is outer("city")
    "#]]);
    desk.fails(
        r#"table("Customer").count(col("total") > related("SalesOrder", "customerId").count());"#,
        expect![[r#"
            error: Customer has no column total; SalesOrder has one
             --> scripts/try/01_step.rhai:1:29
              |
            1 | table("Customer").count(col("total") > related("SalesOrder", "customerId"...
              |                             ^^^^^^^
            help: write what is made of it, such as related(...).max("total") or
                  parent(...).col("total")
        "#]],
    );
    desk.fails(
        r#"table("Customer").count(col("city") == outer("city"));"#,
        expect![[r#"
        error: outer("city") stands in no related(...).where(...)
         --> scripts/try/01_step.rhai:1:19
          |
        1 | table("Customer").count(col("city") == outer("city"));
          |                   ^^^^^
        help: write col("city")
    "#]],
    );
    desk.unchanged();
}

#[test]
fn a_figure_or_rank_of_nothing() {
    let desk = desk();
    desk.fails(
        r#"update("Customer").where(related("SalesOrder", "customerId") >= 4).set("accountType", "ACTIVE");"#,
        expect![[r#"
            error: related(...) can't be compared with a whole number
             --> scripts/try/01_step.rhai:1:62
              |
            1 | update("Customer").where(related("SalesOrder", "customerId") >= 4).set("a...
              |                                                              ^
            help: it is rows: write .count() >= 4 after it, .exists(), or .sum("total") >
                  100
        "#]],
    );
    desk.fails(
        r#"update("Customer").where(parent("tenantId") == "redwood").set("accountType", "ACTIVE");"#,
        expect![[r#"
            error: parent(...) can't be compared with a text
             --> scripts/try/01_step.rhai:1:45
              |
            1 | update("Customer").where(parent("tenantId") == "redwood").set("accountTyp...
              |                                             ^
            help: it is a row: name a column of it, as in parent("tenantId").col("slug") ==
                  "north"
        "#]],
    );
    desk.fails(
        r#"table("Customer").count(related("SalesOrder", "customerId").sum("status") > 1);"#,
        expect![[r#"
            error: sum(...) needs numbers, and status is a text
             --> scripts/try/01_step.rhai:1:19
              |
            1 | table("Customer").count(related("SalesOrder", "customerId").sum("status")...
              |                   ^^^^^
            help: name a column of numbers; count() counts rows
        "#]],
    );
    desk.fails(
        r#"table("Customer").count(related("SalesOrder", "customerId").max("isPaid") == true);"#,
        expect![[r#"
            error: max(...) needs a number, a date, a text or a value of an enum, and isPaid
                   is true or false
             --> scripts/try/01_step.rhai:1:19
              |
            1 | table("Customer").count(related("SalesOrder", "customerId").max("isPaid")...
              |                   ^^^^^
            help: name a column that has an order
        "#]],
    );
    desk.fails(r#"table("Customer").count(parent("a").parent("b").parent("c").parent("d").col("e") == 1);"#, expect![[r#"
        error: other rows lie at most 3 levels deep, as the tenant of the customer of an
               order does
         --> scripts/try/01_step.rhai:1:73
          |
        1 | ...ent("b").parent("c").parent("d").col("e") == 1);
          |                                     ^^^
        help: read fewer tables one behind the other
    "#]]);
    desk.fails(
        r#"table("Customer").count(ntile(0, "name") == 1);"#,
        expect![[r#"
        error: ntile(0, ...) has no buckets
         --> scripts/try/01_step.rhai:1:25
          |
        1 | table("Customer").count(ntile(0, "name") == 1);
          |                         ^^^^^
        help: write how many, as in ntile(5, "total")
    "#]],
    );
    desk.fails(
        r#"table("Customer").count(top_percent(120, "name"));"#,
        expect![[r#"
        error: top_percent(120, ...) is no share
         --> scripts/try/01_step.rhai:1:25
          |
        1 | table("Customer").count(top_percent(120, "name"));
          |                         ^^^^^^^^^^^
        help: write a number of percent from 0 to 100, as in top_percent(20, "total")
    "#]],
    );
    desk.fails(
        r#"table("Customer").count(col("name").among(col("city") == "Napa") == 1);"#,
        expect![[r#"
            error: among(...) belongs to a rank
             --> scripts/try/01_step.rhai:1:37
              |
            1 | table("Customer").count(col("name").among(col("city") == "Napa") == 1);
              |                                     ^^^^^
            help: write it like top_percent(20, "total").among(col("city") == "Napa")
        "#]],
    );
    desk.fails(
        r#"table("Customer").count(related("SalesOrder", "customerId").sum(3) > 1);"#,
        expect![[r#"
            error: sum needs the name of a column, not a whole number
             --> scripts/try/01_step.rhai:1:61
              |
            1 | table("Customer").count(related("SalesOrder", "customerId").sum(3) > 1);
              |                                                             ^^^
            help: write it like sum("total") or sum(col("total") * 2)
        "#]],
    );
    desk.fails(
        r#"table("Customer").count(rank("isPermanentlyClosed") == 1);"#,
        expect![[r#"
        error: rank(...) needs a number, a date, a text or a value of an enum, and
               isPermanentlyClosed is true or false
         --> scripts/try/01_step.rhai:1:19
          |
        1 | table("Customer").count(rank("isPermanentlyClosed") == 1);
          |                   ^^^^^
        help: name a column that has an order
    "#]],
    );
    desk.fails(
        r#"table("Customer").count(related("SalesOrder", "customerId").sum("total") == "x");"#,
        expect![[r#"
            error: SalesOrder.sum(total) holds numbers, and "x" is a text
             --> scripts/try/01_step.rhai:1:77
              |
            1 | ...", "customerId").sum("total") == "x");
              |                                     ^^^
            help: write a number, such as 7 or 2.5
        "#]],
    );
    desk.unchanged();
}

#[test]
fn functions_of_other_languages_for_related_rows() {
    let desk = Desk::new();
    desk.stops_early(
        r#"let orders = related("SalesOrder", "customerId");
let year = orders.where(col("orderedAt").within(months(12)));
table("Customer").where(year.size() >= 4);"#,
        expect![[r#"
            error: there is no function `size`
             --> scripts/try/01_step.rhai:3:30
              |
            3 | table("Customer").where(year.size() >= 4);
              |                              ^^^^
            help: write .count(), as in related("SalesOrder", "customerId").count() >= 4
        "#]],
    );
    desk.stops_early(
        r#"table("Customer").where(related("SalesOrder", "customerId").avg("total") > 100);"#,
        expect![[r#"
            error: there is no function `avg`
             --> scripts/try/01_step.rhai:1:61
              |
            1 | table("Customer").where(related("SalesOrder", "customerId").avg("total") ...
              |                                                             ^^^
            help: write .average("total")
        "#]],
    );
    desk.fails(
        r#"table("Customer").where(related("SalesOrder", "customerId").len() >= 4);"#,
        expect![[r#"
            error: `len` can't be used with related(...)
             --> scripts/try/01_step.rhai:1:61
              |
            1 | table("Customer").where(related("SalesOrder", "customerId").len() >= 4);
              |                                                             ^^^
            help: write .count(), as in related("SalesOrder", "customerId").count() >= 4
        "#]],
    );
    desk.unchanged();
}
