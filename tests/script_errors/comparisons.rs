//! Values of another sort than the column they are given to or compared with.

use expect_test::expect;

use super::Desk;

#[test]
fn a_value_that_the_column_can_not_hold() {
    let desk = Desk::new();
    desk.fails(
        r#"update("Customer").set("accountType", 5);"#,
        expect![[r#"
            error: Customer.accountType holds AccountType, one of ACTIVE, TARGET, PROSPECT,
                   and 5 is a whole number
             --> scripts/try/01_step.rhai:1:39
              |
            1 | update("Customer").set("accountType", 5);
              |                                       ^
            help: write one of its values in quotes
        "#]],
    );
    desk.fails_with(
        r#"writes = ["Customer.orderingPaceDays"]"#,
        "",
        r#"update("Customer").set("orderingPaceDays", "five");"#,
        expect![[r#"
            error: Customer.orderingPaceDays holds whole numbers from -2147483648 to
                   2147483647, and "five" is a text
             --> scripts/try/01_step.rhai:1:44
              |
            1 | update("Customer").set("orderingPaceDays", "five");
              |                                            ^^^^^^
            help: write a whole number, such as 7
        "#]],
    );
    desk.fails_with(
        r#"writes = ["Customer.orderingPaceDays"]"#,
        "",
        r#"update("Customer").set("orderingPaceDays", 99999999999);"#,
        expect![[r#"
            error: Customer.orderingPaceDays holds whole numbers from -2147483648 to
                   2147483647, and 99999999999 is a whole number
             --> scripts/try/01_step.rhai:1:44
              |
            1 | update("Customer").set("orderingPaceDays", 99999999999);
              |                                            ^^^^^^^^^^^
            help: write a whole number, such as 7
        "#]],
    );
    desk.fails_with(
        r#"writes = ["Customer.requiresPO"]"#,
        "",
        r#"update("Customer").set("requiresPO", "yes");"#,
        expect![[r#"
            error: Customer.requiresPO holds true or false, and "yes" is a text
             --> scripts/try/01_step.rhai:1:38
              |
            1 | update("Customer").set("requiresPO", "yes");
              |                                      ^^^^^
            help: write true or false
        "#]],
    );
    desk.fails_with(
        r#"writes = ["Customer.lastOrderDate"]"#,
        "",
        r#"update("Customer").set("lastOrderDate", "yesterday");"#,
        expect![[r#"
            error: Customer.lastOrderDate holds dates and times, and "yesterday" is a text
             --> scripts/try/01_step.rhai:1:41
              |
            1 | update("Customer").set("lastOrderDate", "yesterday");
              |                                         ^^^^^^^^^^^
            help: write it like "2025-10-25" or "2025-10-25T08:00:00", or as ago(months(6))
        "#]],
    );
    desk.fails_with(
        r#"writes = ["Customer.salesRepId"]"#,
        "",
        r#"update("Customer").set("salesRepId", "carla");"#,
        expect![[r#"
            error: Customer.salesRepId holds uuids, and "carla" is a text
             --> scripts/try/01_step.rhai:1:38
              |
            1 | update("Customer").set("salesRepId", "carla");
              |                                      ^^^^^^^
            help: write it like "6ba7b810-9dad-41d1-80b4-00c04fd430c8"
        "#]],
    );
    desk.fails_with(
        r#"writes = ["Customer.deliveryWindows"]"#,
        "",
        r#"update("Customer").set("deliveryWindows", "carla");"#,
        expect![[r#"
            error: Customer.deliveryWindows holds jsonb, which rules can only count and test
                   for a value, and "carla" is a text
             --> scripts/try/01_step.rhai:1:43
              |
            1 | update("Customer").set("deliveryWindows", "carla");
              |                                           ^^^^^^^
            help: such a column is for an SQL file: run_sql("file.sql")
        "#]],
    );
    desk.fails_with(
        r#"writes = ["Customer.territory","Customer.city"]"#,
        "",
        r#"update("Customer").set("city", 5);"#,
        expect![[r#"
            error: Customer.city holds texts, and 5 is a whole number
             --> scripts/try/01_step.rhai:1:32
              |
            1 | update("Customer").set("city", 5);
              |                                ^
            help: write it in quotes: "5"
        "#]],
    );
    desk.fails_with(
        r#"writes = ["Customer.city"]"#,
        "",
        r#"update("Customer").set("city", col("orderingPaceDays"));"#,
        expect![[r#"
            error: Customer.city holds a text, and orderingPaceDays is a number
             --> scripts/try/01_step.rhai:1:32
              |
            1 | update("Customer").set("city", col("orderingPaceDays"));
              |                                ^^^
            help: set it to a value of its own type
        "#]],
    );
    desk.fails_with(
        r#"writes = ["Customer.city"]"#,
        "",
        r#"update("Customer").set("city", months(5));"#,
        expect![[r#"
            error: a value is needed here, and this is a period
             --> scripts/try/01_step.rhai:1:32
              |
            1 | update("Customer").set("city", months(5));
              |                                ^^^^^^
            help: give a text, a number, true/false, a column, or () for none
        "#]],
    );
    desk.fails_with(
        r#"writes = ["Customer.city"]"#,
        "",
        r#"update("Customer").set("city", col("name") == "x");"#,
        expect![[r#"
            error: Customer.city holds a text, and the condition is true or false
             --> scripts/try/01_step.rhai:1:32
              |
            1 | update("Customer").set("city", col("name") == "x");
              |                                ^^^
            help: set it to a value of its own type
        "#]],
    );
    desk.unchanged();
}

#[test]
fn a_comparison_with_another_sort() {
    let desk = Desk::new();
    desk.fails(
        r#"table("Customer").count(col("lastOrderDate") > 5);"#,
        expect![[r#"
            error: Customer.lastOrderDate holds dates and times, and 5 is a whole number
             --> scripts/try/01_step.rhai:1:19
              |
            1 | table("Customer").count(col("lastOrderDate") > 5);
              |                   ^^^^^
            help: write it like "2025-10-25" or "2025-10-25T08:00:00", or as ago(months(6))
        "#]],
    );
    desk.fails(
        r#"table("Customer").count(col("lastOrderDate") == "soon");"#,
        expect![[r#"
            error: Customer.lastOrderDate holds dates and times, and "soon" is a text
             --> scripts/try/01_step.rhai:1:49
              |
            1 | table("Customer").count(col("lastOrderDate") == "soon");
              |                                                 ^^^^^^
            help: write it like "2025-10-25" or "2025-10-25T08:00:00", or as ago(months(6))
        "#]],
    );
    desk.fails(
        r#"table("Customer").count(col("orderingPaceDays") == "7");"#,
        expect![[r#"
            error: Customer.orderingPaceDays holds whole numbers, and "7" is a text
             --> scripts/try/01_step.rhai:1:52
              |
            1 | table("Customer").count(col("orderingPaceDays") == "7");
              |                                                    ^^^
            help: write 7 without quotes
        "#]],
    );
    desk.fails(
        r#"table("Customer").count(col("orderingPaceDays") > col("name"));"#,
        expect![[r#"
            error: orderingPaceDays is a number and name is a text: they can't be compared
             --> scripts/try/01_step.rhai:1:19
              |
            1 | table("Customer").count(col("orderingPaceDays") > col("name"));
              |                   ^^^^^
            help: both sides must have the same type
        "#]],
    );
    desk.fails(
        r#"table("Customer").count(col("requiresPO") == "true");"#,
        expect![[r#"
            error: Customer.requiresPO holds true or false, and "true" is a text
             --> scripts/try/01_step.rhai:1:46
              |
            1 | table("Customer").count(col("requiresPO") == "true");
              |                                              ^^^^^^
            help: write true without quotes
        "#]],
    );
    desk.fails(
        r#"table("Customer").count(col("salesRepId") == "carla");"#,
        expect![[r#"
            error: Customer.salesRepId holds uuids, and "carla" is a text
             --> scripts/try/01_step.rhai:1:46
              |
            1 | table("Customer").count(col("salesRepId") == "carla");
              |                                              ^^^^^^^
            help: write it like "6ba7b810-9dad-41d1-80b4-00c04fd430c8"
        "#]],
    );
    desk.fails(
        r#"table("Customer").count(col("lastOrderDate") > months(6));"#,
        expect![[r#"
            error: a column can't be compared or combined with a period
             --> scripts/try/01_step.rhai:1:46
              |
            1 | table("Customer").count(col("lastOrderDate") > months(6));
              |                                              ^
            help: ask col("name").within(months(6)), or compare with ago(months(6))
        "#]],
    );
    desk.fails(
        r#"table("Customer").count(col("name") == ["a"]);"#,
        expect![[r#"
            error: a column can't be compared or combined with a list
             --> scripts/try/01_step.rhai:1:37
              |
            1 | table("Customer").count(col("name") == ["a"]);
              |                                     ^
            help: use a column, a text, a number, a date or true/false
        "#]],
    );
    desk.unchanged();
}

#[test]
fn a_calculation_with_what_is_no_number() {
    let desk = Desk::new();
    desk.fails(
        r#"table("Customer").count(col("name") + 1 == 2);"#,
        expect![[r#"
            error: `+` needs numbers, and name is a text
             --> scripts/try/01_step.rhai:1:19
              |
            1 | table("Customer").count(col("name") + 1 == 2);
              |                   ^^^^^
            help: calculate with columns of numbers only
        "#]],
    );
    desk.fails(
        r#"table("Customer").count(col("lastOrderDate") + 5 == today());"#,
        expect![[r#"
            error: `+` needs numbers, and lastOrderDate is a date
             --> scripts/try/01_step.rhai:1:19
              |
            1 | table("Customer").count(col("lastOrderDate") + 5 == today());
              |                   ^^^^^
            help: compare dates with ago(days(5)), or with within(days(5))
        "#]],
    );
    desk.fails(
        r#"table("Customer").count(col("name").within(months(6)));"#,
        expect![[r#"
            error: within(...) needs a date, and name is a text
             --> scripts/try/01_step.rhai:1:19
              |
            1 | table("Customer").count(col("name").within(months(6)));
              |                   ^^^^^
            help: ask it of a date, as in col("lastOrderDate").within(months(6))
        "#]],
    );
    desk.fails(
        r#"table("Customer").count(coalesce([col("name"), 5]) == 5);"#,
        expect![[r#"
            error: Customer.name holds texts, and 5 is a whole number
             --> scripts/try/01_step.rhai:1:19
              |
            1 | table("Customer").count(coalesce([col("name"), 5]) == 5);
              |                   ^^^^^
            help: write it in quotes: "5"
        "#]],
    );
    desk.unchanged();
}

/// Whatever asks the database shows a mistake at the part of the rule that has it.
#[test]
fn the_mistaken_part_of_a_rule_is_shown_by_every_command() {
    let desk = Desk::new();
    let manifest =
        "title = \"Try\"\naccess = \"read-write\"\nwrites = [\"Customer.accountType\"]\n";
    desk.project.write("scripts/try/leora.toml", manifest);
    let before = "let recent = setting(\"recent\", months(6));\nupdate(\"Customer\")\n";
    for (rule, line, column) in [
        (".where(col(\"name\") == 5)\n.set(\"accountType\", \"ACTIVE\");", 3, 8),
        (
            ".where(col(\"name\").is_null())\n.set(\"accountType\", [\n  [ col(\"lastOrderDate\").within(recent), \"ACTIVE\" ],\n  \
             [ col(\"name\") == 5, \"TARGET\" ],\n]);",
            6,
            5,
        ),
        (".set(\"accountType\", [\n  [ col(\"lastOrderDate\").within(recent), 5 ],\n]);", 4, 42),
        (".set(\"accountType\", lookup(\"type\", #{\n  RETAILER: \"ACTIVE\",\n  X: 5,\n}));", 5, 6),
    ] {
        desk.project.write("scripts/try/01_step.rhai", &format!("{before}{rule}\n"));
        for command in ["plan scripts/try", "scripts/try", "check scripts/try", "why scripts/try 1"]
        {
            let output = desk.project.run(&desk.database, command);
            let place = format!("--> scripts/try/01_step.rhai:{line}:{column}\n");
            assert!(output.stdout.contains(&place), "{command}: {place}{}", output.stdout);
        }
        let vary = "what-if scripts/try --vary recent=3mo,6mo";
        desk.project.run(&desk.database, vary).says(&format!("01_step.rhai:{line}:{column}\n"));
    }
}
