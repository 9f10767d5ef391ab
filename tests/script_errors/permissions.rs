//! What the manifest does not allow.

use expect_test::expect;

use super::Desk;

#[test]
fn setting() {
    let desk = Desk::new();
    desk.fails(
        r#"update("Customer").set("city", "X");"#,
        expect![[r#"
            error: the manifest does not allow setting Customer.city
             --> scripts/try/01_step.rhai:1:20
              |
            1 | update("Customer").set("city", "X");
              |                    ^^^
            help: add "Customer.city" to writes = [...] in scripts/try/leora.toml
        "#]],
    );
    desk.fails_with(
        r#"access = "read-only""#,
        "",
        r#"update("Customer").set("accountType", "ACTIVE");"#,
        expect![[r#"
            error: the manifest does not allow setting Customer.accountType
             --> scripts/try/01_step.rhai:1:20
              |
            1 | update("Customer").set("accountType", "ACTIVE");
              |                    ^^^
            help: the folder is read-only: set access = "read-write" in
                  scripts/try/leora.toml
        "#]],
    );
    desk.unchanged();
}

#[test]
fn inserting_and_deleting() {
    let desk = Desk::new();
    desk.fails(
        r#"table("CallPlan").insert(#{ name: "x" });"#,
        expect![[r#"
            error: the manifest does not allow inserting into CallPlan
             --> scripts/try/01_step.rhai:1:19
              |
            1 | table("CallPlan").insert(#{ name: "x" });
              |                   ^^^^^^
            help: add "CallPlan" to writes = [...] in scripts/try/leora.toml, or set access
                  = "rolled-back"
        "#]],
    );
    desk.fails_with(
        r#"access = "read-only""#,
        "",
        r#"table("CallPlan").insert(#{ name: "x" });"#,
        expect![[r#"
            error: the manifest does not allow inserting into CallPlan
             --> scripts/try/01_step.rhai:1:19
              |
            1 | table("CallPlan").insert(#{ name: "x" });
              |                   ^^^^^^
            help: add "CallPlan" to writes = [...] in scripts/try/leora.toml, or set access
                  = "rolled-back"
        "#]],
    );
    desk.fails(
        r#"table("CallPlan").delete(col("name") == "x");"#,
        expect![[r#"
            error: rows can only be deleted in a folder whose access is "rolled-back"
             --> scripts/try/01_step.rhai:1:19
              |
            1 | table("CallPlan").delete(col("name") == "x");
              |                   ^^^^^^
            help: a migration does not delete rows; change them with update(...), or use an
                  SQL file
        "#]],
    );
    desk.fails_with(
        r#"access = "read-only""#,
        "",
        r#"table("CallPlan").delete(col("name") == "x");"#,
        expect![[r#"
            error: rows can only be deleted in a folder whose access is "rolled-back"
             --> scripts/try/01_step.rhai:1:19
              |
            1 | table("CallPlan").delete(col("name") == "x");
              |                   ^^^^^^
            help: a migration does not delete rows; change them with update(...), or use an
                  SQL file
        "#]],
    );
    desk.fails_with(
        r#"access = "rolled-back""#,
        "",
        r#"table("CallPlan").insert(#{ nam: "x" });"#,
        expect![[r#"
            error: CallPlan has no column nam
             --> scripts/try/01_step.rhai:1:29
              |
            1 | table("CallPlan").insert(#{ nam: "x" });
              |                             ^^^
            help: did you mean name?
        "#]],
    );
    desk.fails_with(
        r#"access = "rolled-back""#,
        "",
        r#"table("CallPlan").insert(#{ name: col("x") });"#,
        expect![[r#"
            error: name needs a plain value, not a column
             --> scripts/try/01_step.rhai:1:19
              |
            1 | table("CallPlan").insert(#{ name: col("x") });
              |                   ^^^^^^
            help: give a text, a number, true/false, or () for none
        "#]],
    );
    desk.unchanged();
}

#[test]
fn sql_files_and_the_history() {
    let desk = Desk::new();
    desk.fails(
        r#"run_sql("drop-all.sql");"#,
        expect![[r#"
            error: the manifest does not name the SQL file drop-all.sql
             --> scripts/try/01_step.rhai:1:1
              |
            1 | run_sql("drop-all.sql");
              | ^^^^^^^
            help: add "drop-all.sql" to sql = [...] in scripts/try/leora.toml
        "#]],
    );
    desk.fails_with(
        r#"access = "read-only""#,
        "",
        r#"run_sql("drop-all.sql");"#,
        expect![[r#"
            error: the manifest does not name the SQL file drop-all.sql
             --> scripts/try/01_step.rhai:1:1
              |
            1 | run_sql("drop-all.sql");
              | ^^^^^^^
            help: add "drop-all.sql" to sql = [...] in scripts/try/leora.toml
        "#]],
    );
    desk.fails_with(
        r#"access = "read-only""#,
        "",
        r#"record_migration("x");"#,
        expect![[r#"
            error: a migration can only be recorded by a folder whose access is "read-write"
             --> scripts/try/01_step.rhai:1:1
              |
            1 | record_migration("x");
              | ^^^^^^^^^^^^^^^^
            help: set access = "read-write" in scripts/try/leora.toml
        "#]],
    );
    desk.unchanged();
}

#[test]
fn recording_a_migration_that_is_not_listed() {
    let desk = Desk::new();
    desk.fails_with(
        r#"records = ["y"]"#,
        "",
        r#"record_migration("x");"#,
        expect![[r#"
            error: the manifest does not allow recording the migration x
             --> scripts/try/01_step.rhai:1:1
              |
            1 | record_migration("x");
              | ^^^^^^^^^^^^^^^^
            help: add "x" to records = [...] in scripts/try/leora.toml
        "#]],
    );
    desk.fails_with(
        r#"records = ["y"]"#,
        "",
        r#"let name = "x"; record_rollback(name);"#,
        expect![[r#"
            error: the manifest does not allow recording the migration x
             --> scripts/try/01_step.rhai:1:17
              |
            1 | let name = "x"; record_rollback(name);
              |                 ^^^^^^^^^^^^^^^
            help: add "x" to records = [...] in scripts/try/leora.toml
        "#]],
    );
    desk.unchanged();
}
