//! Queries of a script that would do more than read.

use expect_test::expect;

use super::Desk;

#[test]
fn a_query_that_writes() {
    let desk = Desk::new();
    desk.fails(
        r#"query("WITH gone AS (DELETE FROM \"CallPlan\" RETURNING 1) SELECT * FROM gone");"#,
        expect![[r#"
            error: a query can't use DELETE
             --> scripts/try/01_step.rhai:1:1
              |
            1 | query("WITH gone AS (DELETE FROM \"CallPlan\" RETURNING 1) SELECT * FROM ...
              | ^^^^^
            help: a query only reads: one SELECT, with the common functions; the rest is for
                  the script, or for an SQL file
        "#]],
    );
    desk.fails(
        r#"query("DELETE FROM \"CallPlan\"");"#,
        expect![[r#"
            error: a query starts with SELECT, not with DELETE
             --> scripts/try/01_step.rhai:1:1
              |
            1 | query("DELETE FROM \"CallPlan\"");
              | ^^^^^
            help: a query only reads: one SELECT, with the common functions; the rest is for
                  the script, or for an SQL file
        "#]],
    );
    desk.fails(
        r#"query("UPDATE \"Customer\" SET city = 'x' RETURNING 1");"#,
        expect![[r#"
            error: a query starts with SELECT, not with UPDATE
             --> scripts/try/01_step.rhai:1:1
              |
            1 | query("UPDATE \"Customer\" SET city = 'x' RETURNING 1");
              | ^^^^^
            help: a query only reads: one SELECT, with the common functions; the rest is for
                  the script, or for an SQL file
        "#]],
    );
    desk.unchanged();
}

#[test]
fn a_function_that_is_not_allowed() {
    let desk = Desk::new();
    desk.fails(
        r#"query("SELECT pg_sleep(100)");"#,
        expect![[r#"
            error: a query can't use the function pg_sleep
             --> scripts/try/01_step.rhai:1:1
              |
            1 | query("SELECT pg_sleep(100)");
              | ^^^^^
            help: a query only reads: one SELECT, with the common functions; the rest is for
                  the script, or for an SQL file
        "#]],
    );
    desk.fails(
        r#"query("SELECT pg_catalog.pg_read_file('/etc/passwd')");"#,
        expect![[r#"
            error: a query can't use the function pg_read_file
             --> scripts/try/01_step.rhai:1:1
              |
            1 | query("SELECT pg_catalog.pg_read_file('/etc/passwd')");
              | ^^^^^
            help: a query only reads: one SELECT, with the common functions; the rest is for
                  the script, or for an SQL file
        "#]],
    );
    desk.fails(
        r#"query("SELECT \"pg_sleep\"(1)");"#,
        expect![[r#"
            error: a query can't use the function "pg_sleep"
             --> scripts/try/01_step.rhai:1:1
              |
            1 | query("SELECT \"pg_sleep\"(1)");
              | ^^^^^
            help: a query only reads: one SELECT, with the common functions; the rest is for
                  the script, or for an SQL file
        "#]],
    );
    desk.unchanged();
}

#[test]
fn a_function_that_takes_a_row() {
    let desk = Desk::with_objects(
        "CREATE FUNCTION nickname(\"Customer\") RETURNS text LANGUAGE sql AS 'SELECT $1.name'",
    );
    desk.fails(
        r#"note("first");
query("SELECT c.nickname AS a FROM \"Customer\" c");"#,
        expect![[r#"
            error: a query can't use the function nickname
             --> scripts/try/01_step.rhai:2:1
              |
            2 | query("SELECT c.nickname AS a FROM \"Customer\" c");
              | ^^^^^
            help: nickname takes a row, so it would be called wherever a column may stand:
                  say it in another way
        "#]],
    );
    desk.unchanged();
}

#[test]
fn an_operator_in_place_of_the_servers() {
    let desk = Desk::with_objects(
        "CREATE FUNCTION same(\"AccountType\", \"AccountType\") RETURNS boolean LANGUAGE sql AS 'SELECT true'; \
         CREATE OPERATOR = (LEFTARG = \"AccountType\", RIGHTARG = \"AccountType\", FUNCTION = same)",
    );
    desk.fails(
        r#"query("SELECT 1 AS a FROM \"Customer\" WHERE \"accountType\" IN ('ACTIVE')");"#,
        expect![[r#"
            error: a query can't use the operator =
             --> scripts/try/01_step.rhai:1:1
              |
            1 | query("SELECT 1 AS a FROM \"Customer\" WHERE \"accountType\" IN ('ACTIVE'...
              | ^^^^^
            help: = is the server's, and this database has another of that name: say it in
                  another way
        "#]],
    );
    desk.unchanged();
}

#[test]
fn a_type_that_calls_functions() {
    let desk = Desk::with_objects("CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%')");
    desk.fails(
        r#"query("SELECT 'a@b'::email AS a");"#,
        expect![[r#"
        error: a query can't use the type email
         --> scripts/try/01_step.rhai:1:1
          |
        1 | query("SELECT 'a@b'::email AS a");
          | ^^^^^
        help: email has a check, a cast or parts that may call functions of the
              database: say it in another way
    "#]],
    );
    desk.unchanged();
}

#[test]
fn a_query_that_reads_the_clock() {
    let desk = Desk::new();
    desk.fails(
        r#"query("SELECT CURRENT_DATE AS a");"#,
        expect![[r#"
        error: a query can't use CURRENT_DATE, which reads the clock
         --> scripts/try/01_step.rhai:1:1
          |
        1 | query("SELECT CURRENT_DATE AS a");
          | ^^^^^
        help: a query only reads: one SELECT, with the common functions; the rest is for
              the script, or for an SQL file
    "#]],
    );
    desk.fails(
        r#"query("SELECT 'now'::timestamp AS a");"#,
        expect![[r#"
        error: a query can't use the text 'now', which may read the clock
         --> scripts/try/01_step.rhai:1:1
          |
        1 | query("SELECT 'now'::timestamp AS a");
          | ^^^^^
        help: a query only reads: one SELECT, with the common functions; the rest is for
              the script, or for an SQL file
    "#]],
    );
    desk.fails(
        r#"query("SELECT $1::date AS a", ["today"]);"#,
        expect![[r#"
            error: the query may read the clock for $1
             --> scripts/try/01_step.rhai:1:1
              |
            1 | query("SELECT $1::date AS a", ["today"]);
              | ^^^^^
            help: a run has one date: give today() or ago(days(7)), or a day such as
                  "2025-10-25"
        "#]],
    );
    desk.unchanged();
}

#[test]
fn a_relation_that_is_closed() {
    let desk = Desk::new();
    desk.fails(
        r#"query("SELECT rolpassword FROM pg_authid");"#,
        expect![[r#"
        error: a query can't read pg_authid
         --> scripts/try/01_step.rhai:1:1
          |
        1 | query("SELECT rolpassword FROM pg_authid");
          | ^^^^^
        help: a query only reads: one SELECT, with the common functions; the rest is for
              the script, or for an SQL file
    "#]],
    );
    desk.fails(
        r#"query("SELECT id FROM leora_run.run");"#,
        expect![[r#"
        error: a query can't read leora_run.run
         --> scripts/try/01_step.rhai:1:1
          |
        1 | query("SELECT id FROM leora_run.run");
          | ^^^^^
        help: a query only reads: one SELECT, with the common functions; the rest is for
              the script, or for an SQL file
    "#]],
    );
    desk.unchanged();
}

#[test]
fn a_query_that_is_no_sql() {
    let desk = Desk::new();
    desk.fails(
        r#"query("SELECT 1 FROM");"#,
        expect![[r#"
        error: the query is no SELECT that can be read: expected from item, got EOF
         --> scripts/try/01_step.rhai:1:1
          |
        1 | query("SELECT 1 FROM");
          | ^^^^^
        help: a query only reads: one SELECT, with the common functions; the rest is for
              the script, or for an SQL file
    "#]],
    );
    desk.fails(
        r#"query("SELECT 1 AS a FROM \"Tenant\" FOR UPDATE");"#,
        expect![[r#"
        error: a query can't use FOR UPDATE or FOR SHARE
         --> scripts/try/01_step.rhai:1:1
          |
        1 | query("SELECT 1 AS a FROM \"Tenant\" FOR UPDATE");
          | ^^^^^
        help: a query only reads: one SELECT, with the common functions; the rest is for
              the script, or for an SQL file
    "#]],
    );
    desk.unchanged();
}

#[test]
fn a_second_statement() {
    let desk = Desk::new();
    desk.fails(
        r#"query("SELECT 1; DELETE FROM \"CallPlan\"");"#,
        expect![[r#"
            error: a query can't use a semicolon
             --> scripts/try/01_step.rhai:1:1
              |
            1 | query("SELECT 1; DELETE FROM \"CallPlan\"");
              | ^^^^^
            help: a query only reads: one SELECT, with the common functions; the rest is for
                  the script, or for an SQL file
        "#]],
    );
    desk.fails(
        r#"query("SELECT 1) AS a; DROP TABLE x --");"#,
        expect![[r#"
            error: a query can't use a semicolon
             --> scripts/try/01_step.rhai:1:1
              |
            1 | query("SELECT 1) AS a; DROP TABLE x --");
              | ^^^^^
            help: a query only reads: one SELECT, with the common functions; the rest is for
                  the script, or for an SQL file
        "#]],
    );
    desk.unchanged();
}

#[test]
fn what_is_no_query() {
    let desk = Desk::new();
    desk.fails(
        r#"query("SELEC 1");"#,
        expect![[r#"
            error: a query starts with SELECT, not with SELEC
             --> scripts/try/01_step.rhai:1:1
              |
            1 | query("SELEC 1");
              | ^^^^^
            help: a query only reads: one SELECT, with the common functions; the rest is for
                  the script, or for an SQL file
        "#]],
    );
    desk.fails(
        r#"query("SELECT 1 WHERE $1 = 'x'");"#,
        expect![[r#"
            error: the query has 1 of $1, $2, ..., and is given 0 parameters
             --> scripts/try/01_step.rhai:1:1
              |
            1 | query("SELECT 1 WHERE $1 = 'x'");
              | ^^^^^
            help: give a value for each: query("SELECT ... WHERE name = $1", ["x"])
        "#]],
    );
    desk.fails(
        r#"query("SELECT name FROM \"Customer\" WHERE name = $1", [[1]]);"#,
        expect![[r#"
            error: the parameters of a query are plain values
             --> scripts/try/01_step.rhai:1:1
              |
            1 | query("SELECT name FROM \"Customer\" WHERE name = $1", [[1]]);
              | ^^^^^
            help: write it like query("SELECT ... WHERE name = $1", ["x"])
        "#]],
    );
    desk.unchanged();
}
