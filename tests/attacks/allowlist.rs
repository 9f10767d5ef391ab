//! Queries that would do more than read, call what is not on the list, or read what is not theirs.

use super::Target;

/// What a careless owner may have put into the database.
const OBJECTS: &str = r#"
CREATE FUNCTION evil("Customer") RETURNS text LANGUAGE plpgsql AS
  'BEGIN UPDATE "Customer" SET city = ''SEIZED''; RETURN ''evil ran''; END';
CREATE FUNCTION lock_it("Customer") RETURNS text LANGUAGE plpgsql AS
  'BEGIN PERFORM pg_advisory_lock(7); RETURN ''locked''; END';
CREATE FUNCTION lower(text) RETURNS text LANGUAGE plpgsql AS 'BEGIN RETURN ''shadow''; END';
CREATE FUNCTION sleepy() RETURNS int LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(100); RETURN 1; END';
CREATE FUNCTION writing() RETURNS int LANGUAGE plpgsql SECURITY DEFINER AS
  'BEGIN UPDATE "Customer" SET city = ''SEIZED''; RETURN 1; END';
CREATE FUNCTION upper(uuid) RETURNS text LANGUAGE plpgsql AS 'BEGIN PERFORM pg_advisory_lock(8); RETURN ''shadow''; END';
CREATE VIEW sleep_view AS SELECT sleepy();
CREATE VIEW evil_view AS SELECT writing();
CREATE VIEW config_view AS SELECT set_config('transaction_read_only', 'off', true) AS a;
CREATE FUNCTION slow(int, int) RETURNS int LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(100); RETURN 1; END';
CREATE FUNCTION "É"("Customer") RETURNS text LANGUAGE sql AS 'SELECT ''answer: ''';
CREATE FUNCTION a23456789012345678901234567890123456789012345678901234567890123("Customer") RETURNS text
  LANGUAGE sql AS 'SELECT ''answer: ''';
CREATE OPERATOR @@@ (LEFTARG = int, RIGHTARG = int, FUNCTION = slow);
CREATE FUNCTION of_any(anyelement) RETURNS text LANGUAGE sql AS 'SELECT ''answer: ''';
CREATE FUNCTION of_record(record) RETURNS text LANGUAGE plpgsql AS 'BEGIN RETURN ''answer: ''; END';
CREATE DOMAIN customer_row AS "Customer";
CREATE FUNCTION of_domain(customer_row) RETURNS text LANGUAGE sql AS 'SELECT ''answer: ''';
CREATE FUNCTION of_number(double precision) RETURNS text LANGUAGE sql AS 'SELECT ''answer: ''';
CREATE FUNCTION marks(text) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''answer: ''; END';
CREATE DOMAIN checked AS text CHECK (marks(VALUE));
CREATE DOMAIN checked_twice AS checked;
CREATE TYPE with_checked AS (a checked);
CREATE TYPE castable AS ENUM ('a');
CREATE FUNCTION cast_it(castable) RETURNS int LANGUAGE sql AS 'SELECT marks($1::text)::int';
CREATE CAST (castable AS int) WITH FUNCTION cast_it(castable) AS IMPLICIT;
CREATE FUNCTION castable_of("Customer") RETURNS castable LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''answer: ''; END';
CREATE CAST ("Customer" AS castable) WITH FUNCTION castable_of("Customer");
CREATE TYPE listed AS ENUM ('a');
CREATE FUNCTION listed_of(text) RETURNS listed[] LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''answer: ''; END';
CREATE CAST (text AS listed[]) WITH FUNCTION listed_of(text);
CREATE TYPE kind AS ENUM ('a', 'b');
"#;

const LIMITS: &str = "access = \"rolled-back\"\n[limits]\nquery_time = 1";
/// For queries that are answered, however busy the machine is.
const AMPLE: &str = "access = \"rolled-back\"\n[limits]\nquery_time = 60";

fn script(sql: &str) -> String {
    let quoted = sql
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
        .replace('\r', "\\r")
        .replace('\0', "\\x00");
    let parameters = if sql.contains("$1.") { ", [1]" } else { "" };
    format!("for row in query(\"{quoted}\"{parameters}) {{ note(`${{\"ans\"}}wer: ${{row}}`); }}")
}

#[test]
fn a_query_does_only_what_is_on_the_list() {
    let target = Target::with_objects(OBJECTS);
    let mut wrong = vec![];
    for (name, sql) in REFUSED {
        let output = target.attack_with(LIMITS, name, &script(sql));
        if ![2, 3].contains(&output.code) || output.stdout.contains("answer: ") {
            wrong.push(format!("{name}: {}", output.stdout));
        }
    }
    for (name, sql) in ANSWERED {
        let output = target.attack_with(AMPLE, name, &script(sql));
        if output.code != 0 || output.stdout.contains("shadow") {
            wrong.push(format!("{name}: {}", output.stdout));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    target.unchanged();
}

#[test]
fn an_operator_of_the_database_is_not_called() {
    let target = Target::with_objects(
        "CREATE FUNCTION same(\"AccountType\", \"AccountType\") RETURNS boolean LANGUAGE plpgsql AS \
         'BEGIN RAISE EXCEPTION ''answer: ''; END'; \
         CREATE OPERATOR = (LEFTARG = \"AccountType\", RIGHTARG = \"AccountType\", FUNCTION = same)",
    );
    for (name, condition) in [
        ("an operator", r#""accountType" = 'ACTIVE'"#),
        ("a list", r#""accountType" IN ('ACTIVE')"#),
        ("a case", r#"CASE "accountType" WHEN 'ACTIVE' THEN true END"#),
        ("a difference", r#""accountType" IS DISTINCT FROM 'ACTIVE'"#),
        ("a join", r#"EXISTS (SELECT FROM "Customer" b NATURAL JOIN "Customer" c)"#),
        ("nullif", r#"nullif("accountType", 'ACTIVE') IS NULL"#),
    ] {
        let sql = format!(r#"SELECT count(*) AS a FROM "Customer" WHERE {condition}"#);
        let output = target.attack_with(AMPLE, name, &script(&sql)).exits(2);
        assert!(output.stdout.contains("a query can't use the operator ="), "{}", output.stdout);
    }
    let other = r#"SELECT count(*) AS a FROM "Customer" WHERE "accountType" <> 'ACTIVE'"#;
    target.attack_with(AMPLE, "another operator", &script(other)).exits(0);
    target.unchanged();
}

#[test]
fn a_cast_of_the_database_is_not_called() {
    let target = Target::with_objects(
        "CREATE FUNCTION marks(\"AccountType\") RETURNS integer LANGUAGE plpgsql AS \
         'BEGIN RAISE EXCEPTION ''answer: ''; END'; \
         CREATE CAST (\"AccountType\" AS integer) WITH FUNCTION marks(\"AccountType\") AS IMPLICIT; \
         CREATE DOMAIN kind AS \"AccountType\"; CREATE TABLE parts (kinds kind[]); INSERT INTO parts VALUES ('{ACTIVE}')",
    );
    for (name, sql) in [
        ("by name", r#"SELECT "accountType"::integer AS a FROM "Customer""#),
        ("implied", r#"SELECT sqrt("accountType") AS a FROM "Customer""#),
        ("in parts", "SELECT kinds[1]::integer AS a FROM parts"),
    ] {
        let output = target.attack_with(AMPLE, name, &script(sql)).exits(2);
        let told = "a query can't use the type AccountType\n";
        assert!(output.stdout.contains(told), "{name}: {}", output.stdout);
    }
    let other = r#"SELECT count(*) AS a FROM "Tenant""#;
    target.attack_with(AMPLE, "another table", &script(other)).exits(0);
    target.unchanged();
}

#[test]
fn a_row_or_an_array_is_turned_into_nothing_that_calls_a_function() {
    let target = Target::with_objects(
        "CREATE TABLE item (id int, kind \"AccountType\"); INSERT INTO item VALUES (1, 'ACTIVE'); \
         CREATE FUNCTION marks(item) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''answer: ''; END'; \
         CREATE DOMAIN checked AS item CHECK (marks(VALUE)); \
         CREATE TABLE other (id int); INSERT INTO other VALUES (1); \
         CREATE FUNCTION reads(text) RETURNS text LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''answer: ''; END'; \
         CREATE CAST (other AS text) WITH INOUT AS IMPLICIT; \
         CREATE FUNCTION marks(\"AccountType\"[]) RETURNS text LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''answer: ''; END'; \
         CREATE CAST (\"AccountType\"[] AS text) WITH FUNCTION marks(\"AccountType\"[])",
    );
    for (told, sql) in [
        ("the function checked", "SELECT i.checked AS a FROM item AS i"),
        ("the type other", "SELECT o.reads AS a FROM other AS o"),
        ("the type _AccountType", "SELECT array_agg(kind)::text AS a FROM item"),
        ("the function array_agg", "SELECT cardinality(i.array_agg) AS a FROM item AS i"),
    ] {
        let output = target.attack_with(AMPLE, told, &script(sql)).exits(2);
        let told = format!("a query can't use {told}\n");
        assert!(output.stdout.contains(&told), "{sql}: {}", output.stdout);
    }
    target.unchanged();
}

#[test]
fn an_operator_that_a_word_or_a_sign_stands_for_is_not_called() {
    let marks = "LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''answer: ''; END'";
    let mut objects = format!(
        "CREATE FUNCTION marks(text, int) RETURNS boolean {marks}; \
         CREATE FUNCTION marks(text) RETURNS int {marks}; \
         CREATE OPERATOR - (RIGHTARG = text, FUNCTION = marks);"
    );
    for operator in ["<>", "<", ">"] {
        objects += &format!(
            "CREATE OPERATOR {operator} (LEFTARG = text, RIGHTARG = int, FUNCTION = marks);"
        );
    }
    let target = Target::with_objects(&objects);
    for (sql, operator) in [
        ("SELECT 'x'::text NOT IN (1, 2) AS a", "<>"),
        ("SELECT 'x'::text NOT BETWEEN 1 AND 2 AS a", "<"),
        ("SELECT 'x'::text NOT BETWEEN SYMMETRIC 2 AND 1 AS a", "<"),
        ("SELECT 1+-('x'::text) AS a", "-"),
        ("SELECT 1*+-('x'::text) AS a", "-"),
    ] {
        let output = target.attack_with(AMPLE, sql, &script(sql)).exits(2);
        let told = format!("a query can't use the operator {operator}\n");
        assert!(output.stdout.contains(&told), "{sql}: {}", output.stdout);
    }
    target.unchanged();
}

#[test]
fn a_query_that_takes_long_to_read_is_read_in_time() {
    let target = Target::new();
    for (name, sql) in [
        ("a name of many parts", format!("SELECT a{}", ".a".repeat(32_000))),
        ("many casts", format!("SELECT 1{}", "::int".repeat(12_000))),
    ] {
        let start = std::time::Instant::now();
        target.attack_with(AMPLE, name, &script(&sql));
        assert!(start.elapsed().as_secs() < 5, "{name}: {:?}", start.elapsed());
    }
    target.unchanged();
}

#[test]
fn a_query_does_not_see_what_this_tool_keeps() {
    let target = Target::new();
    target
        .project
        .script("writes = [\"Customer.city\"]", "update(\"Customer\").set(\"city\", \"x\");");
    target.project.run(&target.database, "scripts/try").exits(0);
    for sql in
        ["SELECT * FROM leora_run.run", "TABLE \"leora_run\".run", "SELECT 1 FROM LEORA_run.step"]
    {
        let output = target.attack_with(LIMITS, sql, &script(sql)).exits(2);
        assert!(output.stdout.contains("a query can't read leora_run."), "{}", output.stdout);
    }
}

#[test]
fn settings_of_the_database_hide_no_code_in_a_text() {
    let target = Target::with_objects(OBJECTS);
    let name = &target.database.name;
    for setting in ["standard_conforming_strings = off", "transform_null_equals = on"] {
        target.database.run(&format!("ALTER DATABASE {name} SET {setting}"));
    }
    // With the first, a backslash would end the text for the lexer and not for the server.
    let hidden = r#"SELECT '\'', pg_advisory_lock(9) --' AS a"#;
    let output = target.attack_with(LIMITS, "code in a text", &script(hidden)).exits(0);
    assert!(output.stdout.contains("\"a\": \"\\\\', pg_"), "{}", output.stdout);
    // Nor where a trigger switches them in the middle of the run.
    target.database.run(
        "CREATE FUNCTION switching() RETURNS trigger LANGUAGE plpgsql AS \
         'BEGIN PERFORM set_config(''standard_conforming_strings'', ''off'', true); RETURN NEW; END'; \
         CREATE TRIGGER switching BEFORE UPDATE ON \"Customer\" FOR EACH ROW EXECUTE FUNCTION switching()",
    );
    let switched = format!("update(\"Customer\").set(\"city\", \"x\");\n{}", script(hidden));
    let manifest = format!("writes = [\"Customer.city\"]\n{AMPLE}");
    let output = target.attack_with(&manifest, "code in a text later", &switched).exits(0);
    assert!(output.stdout.contains("\"a\": \"\\\\', pg_"), "{}", output.stdout);
    let told = "answer: #{\"n\": 0}";
    let null = r#"SELECT count(*) AS n FROM "Customer" WHERE "lastOrderDate" = NULL"#;
    target.attack_with(LIMITS, "a comparison with NULL", &script(null)).exits(0).tells(told);
}

const REFUSED: &[(&str, &str)] = &[
    ("a cast to an array", "SELECT 'a'::text::listed[] AS a"),
    ("a cast to an array by its name", "SELECT 'a'::text::_listed AS a"),
    ("the clock in FROM", "SELECT d FROM current_date d"),
    ("the clock in a join", "SELECT t FROM (SELECT 1) q CROSS JOIN LATERAL localtime t"),
    ("the user in FROM", "SELECT * FROM Session_User"),
    ("the clock in a longer text", "SELECT 'today at'::date"),
    ("the clock with a time zone", "SELECT 'today 10:00 PST'::timestamptz"),
    ("the clock in a range", "SELECT '[today,infinity]'::daterange"),
    ("the clock in an array", r#"SELECT '{"to\day"}'::date[]"#),
    ("after a carriage return", "SELECT 1 AS a -- x\r, pg_advisory_lock(9)"),
    ("after a string that goes on", "SELECT E'a'\n'\\'', pg_advisory_lock(9) --' AS a"),
    ("after a name with dollars", "SELECT 1 AS a$$, pg_advisory_lock(9) AS b$$"),
    ("after a no-break space", "SELECT 1 AS a\u{a0}$$, pg_advisory_lock(9) AS b$$"),
    ("after a symbol in a name", "SELECT 1 AS \u{1f600}$$, pg_advisory_lock(9) AS \u{1f600}$$"),
    ("after a number of 16", "SELECT 0x1F$$, pg_advisory_lock(9) AS b$$"),
    ("after a grouped number", "SELECT 1_000$$, pg_advisory_lock(9) AS b$$"),
    ("after an exponent", "SELECT 1e'\\', pg_advisory_lock(9) --' AS a"),
    ("a byte order mark", "\u{feff}SELECT pg_advisory_lock(9) AS a"),
    ("a name beyond ASCII", r#"SELECT c.É AS a FROM "Customer" c LIMIT 1"#),
    (
        "a name that the server cuts",
        r#"SELECT c.a23456789012345678901234567890123456789012345678901234567890123_more AS a FROM "Customer" c LIMIT 1"#,
    ),
    ("shadow fn uuid", r#"SELECT upper(id::uuid) AS a FROM "Tenant" LIMIT 1"#),
    ("shadow fn in a value", r#"SELECT UPPER('00000000-0000-0000-0000-000000000000'::uuid) AS a"#),
    ("unicode ident call", r#"SELECT U&"pg\005fsleep"(1)"#),
    ("unicode ident call2", r#"SELECT U&"pg!005fsleep" UESCAPE '!' (1)"#),
    ("quoted", r#"SELECT "pg_sleep"(1)"#),
    ("quoted space", r#"SELECT "pg_sleep" (1)"#),
    ("comment between", r#"SELECT pg_sleep/* x */(1)"#),
    (
        "line comment between",
        r#"SELECT pg_sleep -- x
(1)"#,
    ),
    ("qualified", r#"SELECT pg_catalog.abs(1)"#),
    ("operator call", r#"SELECT 1 OPERATOR(pg_catalog.+) 2"#),
    ("into", r#"SELECT 1 AS a INTO TEMP x"#),
    ("into2", r#"SELECT * INTO hacked FROM "Customer""#),
    ("for update", r#"SELECT id FROM "Customer" FOR UPDATE"#),
    ("for share", r#"SELECT id FROM "Customer" FOR KEY SHARE"#),
    ("authid", r#"SELECT rolname, rolpassword FROM pg_authid"#),
    ("shadow", r#"SELECT * FROM pg_shadow"#),
    ("pg_settings", r#"SELECT name, setting FROM pg_settings"#),
    ("pg_file_settings", r#"SELECT * FROM pg_file_settings"#),
    ("pg_hba", r#"SELECT * FROM pg_hba_file_rules"#),
    ("activity", r#"SELECT query FROM pg_stat_activity"#),
    ("largeobject", r#"SELECT * FROM pg_largeobject"#),
    ("user mapping", r#"SELECT * FROM pg_user_mappings"#),
    ("pg_statistic", r#"SELECT attname, most_common_vals::text FROM pg_stats LIMIT 3"#),
    ("cursors", r#"SELECT * FROM pg_cursors"#),
    ("prepared", r#"SELECT * FROM pg_prepared_xacts"#),
    ("leora history", r#"SELECT id FROM leora_run.run LIMIT 1"#),
    ("table authid", r#"TABLE pg_authid"#),
    ("srf", r#"SELECT g FROM generate_series(1,10) g"#),
    ("rows from", r#"SELECT * FROM ROWS FROM (generate_series(1,10)) g"#),
    ("tablesample", r#"SELECT * FROM "Tenant" TABLESAMPLE SYSTEM (100)"#),
    ("xmltable", r#"SELECT * FROM XMLTABLE('/a' PASSING '<a/>' COLUMNS x int PATH '.')"#),
    ("json_table", r#"SELECT * FROM JSON_TABLE('[1]', '$[*]' COLUMNS (a int PATH '$'))"#),
    ("lo", r#"SELECT lo_import('/etc/passwd')"#),
    ("cte dml", r#"WITH x AS (DELETE FROM "CallPlan" RETURNING 1) SELECT * FROM x"#),
    (
        "cte dml materialized",
        r#"WITH x AS MATERIALIZED (DELETE FROM "CallPlan" RETURNING 1) SELECT * FROM x"#,
    ),
    ("cte dml comment", r#"WITH x AS (/**/ DELETE FROM "CallPlan" RETURNING 1) SELECT * FROM x"#),
    (
        "cte dml with in with",
        r#"WITH x AS (WITH y AS (SELECT 1) INSERT INTO "Tenant" SELECT * FROM "Tenant" RETURNING 1) SELECT * FROM x"#,
    ),
    ("close paren", r#"SELECT 1) AS a, (SELECT 2"#),
    (
        "close paren dml",
        r#"SELECT 1 AS a) AS answer) AS lines UNION ALL (SELECT 'x' AS line FROM (SELECT 1 AS b"#,
    ),
    ("comment swallow", r#"SELECT 1 AS a) AS x --"#),
    ("comment swallow2", r#"SELECT 1 AS a /*"#),
    ("std string 2", r#"SELECT 'a\', pg_sleep(1), 'b' AS a"#),
    ("e ident", r#"SELECT fe'x' AS a FROM (SELECT 1 AS fe) q"#),
    ("U string", r#"SELECT U&'\0041' AS a"#),
    ("unterminated", r#"SELECT 'x"#),
    ("nul", "SELECT 1\0 AS a"),
    ("typed fn", r#"SELECT numeric(1) AS a"#),
    ("varchar fn", r#"SELECT "varchar"(1) AS a"#),
    ("at tz", r#"SELECT now() AT TIME ZONE 'UTC' AS a"#),
    ("method attr", r#"SELECT (t).pg_sleep AS a FROM (SELECT 1.0::float8 AS t) AS t"#),
    ("attr notation fn", r#"SELECT q.pg_advisory_lock AS a FROM (SELECT 5::bigint) q"#),
    ("attr notation user fn", r#"SELECT c.evil AS a FROM "Customer" c LIMIT 1"#),
    ("attr notation user fn2", r#"SELECT c."evil" AS a FROM "Customer" c LIMIT 1"#),
    ("huge exp", r#"SELECT exp(10000::numeric)::text AS a"#),
    ("agg flood", r#"SELECT string_agg(a.id::text, '') AS x FROM "Customer" a, "Customer" b"#),
    ("array_agg flood", r#"SELECT array_agg(a.id) AS x FROM "Customer" a, "Customer" b"#),
    (
        "recursive",
        r#"WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM t) SELECT count(*) AS n FROM t"#,
    ),
    ("view evil", r#"SELECT * FROM evil_view"#),
    ("sleep view", r#"SELECT * FROM sleep_view"#),
    ("row_to_json shadow", r#"SELECT 1 AS answer, 2 AS line"#),
    ("set_config view", r#"SELECT * FROM config_view"#),
    ("type cast user", r#"SELECT 'x'::evil_domain AS a"#),
    ("user operator", r#"SELECT 1 @@@ 2 AS a"#),
    ("implicit cast", r#"SELECT (ROW(1)::evil_type)::text AS a"#),
    ("shadow fn int", r#"SELECT abs(id) AS a FROM "Tenant" LIMIT 1"#),
    ("trigger by select", r#"SELECT 1 AS a FROM "Customer" WHERE evil"#),
    ("role cast", r#"SELECT 'postgres'::regrole AS a"#),
    ("merge", r#"MERGE INTO "Tenant" USING "Tenant" t ON true WHEN MATCHED THEN DELETE"#),
    ("explain", r#"EXPLAIN SELECT 1"#),
    ("copy", r#"COPY "Tenant" TO PROGRAM 'id' "#),
    ("select into paren", r#"(SELECT 1 AS a INTO x)"#),
    ("cursor", r#"DECLARE c CURSOR FOR SELECT 1"#),
    ("set", r#"SET transaction_read_only = off"#),
    ("param method", r#"SELECT $1.pg_sleep AS a"#),
    ("subscript method", r#"SELECT q.a[1].pg_sleep AS b FROM (SELECT ARRAY[1.0::float8] AS a) q"#),
    (
        "paren method spaced",
        r#"SELECT (q.t) /**/ . /**/ pg_sleep AS b FROM (SELECT 1.0::float8 AS t) q"#,
    ),
    ("paren method quoted", r#"SELECT (q.t)."pg_sleep" AS b FROM (SELECT 1.0::float8 AS t) q"#),
    ("unicode table", r#"SELECT * FROM U&"pg!005fauthid" UESCAPE '!' "#),
    ("quoted authid", r#"SELECT * FROM "pg_authid""#),
    ("schema authid", r#"SELECT * FROM pg_catalog.pg_shadow"#),
    ("repeat", r#"SELECT repeat('x', 1000000000) AS x"#),
    ("lpad", r#"SELECT lpad('x', 1000000000) AS x"#),
    ("escape to top", r#"SELECT 1 AS a) AS answer LIMIT 1) AS lines, (SELECT (SELECT 'x' AS line"#),
    ("user mapping options", r#"SELECT * FROM information_schema.user_mapping_options"#),
    ("advisory via row", r#"SELECT c.lock_it AS a FROM "Customer" c LIMIT 1"#),
    ("a function of any value", r#"SELECT c.of_any AS a FROM "Customer" c LIMIT 1"#),
    ("a function of any row", r#"SELECT c.of_record AS a FROM "Customer" c LIMIT 1"#),
    ("a function of a domain over a row", r#"SELECT c.of_domain AS a FROM "Customer" c LIMIT 1"#),
    (
        "a function of a value that is a row",
        r#"SELECT q.of_number AS a FROM unnest(ARRAY[1.0::float8]) q"#,
    ),
    (
        "a function of a value with a column",
        r#"SELECT q.of_number AS a FROM unnest(ARRAY[1.0::float8]) AS q(b)"#,
    ),
    ("a cast of a row", r#"SELECT c.castable AS a FROM "Customer" c LIMIT 1"#),
    ("a domain with a check", r#"SELECT 'x'::checked AS a"#),
    ("a domain over one", r#"SELECT CAST('x' AS checked_twice) AS a"#),
    ("a list of a domain", r#"SELECT '{x}'::checked[] AS a"#),
    ("a list of a domain by its name", r#"SELECT '{x}'::_checked AS a"#),
    ("a composite with a domain", r#"SELECT '(x)'::public.with_checked AS a"#),
    ("a type with a cast", r#"SELECT 'a'::castable + 1 AS a"#),
    ("the passwords of user mappings", r#"SELECT * FROM information_schema._pg_user_mappings"#),
    ("the options of servers", r#"SELECT * FROM information_schema.foreign_server_options"#),
    ("a helper of information_schema", r#"SELECT * FROM information_schema._pg_foreign_tables"#),
    ("the journal", r#"SELECT * FROM leora_run.transition"#),
    ("the journal in quotes", r#"SELECT * FROM "leora_run"."run""#),
    ("the journal in capitals", r#"TABLE LEORA_RUN.run"#),
    ("the journal in a join", r#"SELECT 1 AS a FROM ("Tenant" JOIN leora_run.run ON true)"#),
    (
        "a CTE that hides a relation",
        r#"SELECT * FROM pg_authid, (WITH pg_authid AS (SELECT 1) SELECT 2) AS q"#,
    ),
    ("the clock", r#"SELECT CURRENT_DATE AS a"#),
    ("the clock to the second", r#"SELECT 1 AS a WHERE CURRENT_TIMESTAMP > '2000-01-01'"#),
    ("the local clock", r#"SELECT LOCALTIME AS a"#),
    ("the local clock with digits", r#"SELECT LOCALTIMESTAMP(3) AS a"#),
    ("an age from now", r#"SELECT age("lastOrderDate") AS a FROM "Customer" LIMIT 1"#),
    ("now in a text", r#"SELECT 'now'::timestamp AS a"#),
    ("today in a text", r#"SELECT date ' Today ' AS a"#),
    ("tomorrow in escapes", r#"SELECT E'\x74omorrow'::date AS a"#),
    (
        "yesterday in dollars",
        r#"SELECT count(*) AS a FROM "Customer" WHERE "lastOrderDate" > $$yesterday$$"#,
    ),
    ("timezone op", r#"SELECT current_timestamp AT TIME ZONE 'UTC' AS a"#),
    ("a list of rows", r#"SELECT ARRAY(SELECT id FROM "Tenant") AS a"#),
];

const ANSWERED: &[(&str, &str)] = &[
    ("a bit operator after u", r#"SELECT u & 1 AS a FROM (SELECT 1 AS u) q"#),
    ("a comment up to a carriage return", "SELECT 1 -- pg_sleep(1)\r AS a"),
    ("a string that goes on", "SELECT E'a' -- x\n'\\'; DELETE' AS a"),
    ("a name with dollars", "SELECT 1 AS a$$, 2 AS b$$"),
    ("cast reg", r#"SELECT 'pg_authid'::regclass::text AS a"#),
    ("cast xml", r#"SELECT '<a/>'::xml::text AS a"#),
    ("cast function style", r#"SELECT text 'x' AS a"#),
    ("info schema", r#"SELECT table_name FROM information_schema.tables LIMIT 1"#),
    ("table", r#"TABLE "Tenant""#),
    ("values", r#"VALUES (1),(2)"#),
    ("current_user", r#"SELECT current_user AS u, session_user AS s, current_catalog AS c"#),
    ("filter", r#"SELECT count(*) FILTER (WHERE true) AS n FROM "Tenant""#),
    ("over window", r#"SELECT count(*) OVER w AS n FROM "Tenant" WINDOW w AS (PARTITION BY id)"#),
    ("dollar", r#"SELECT $$a;b$$ AS a"#),
    ("dollar tag", r#"SELECT $x$ $$; DELETE $x$ AS a"#),
    ("E string", r#"SELECT E'\'; DELETE' AS a"#),
    ("std string", r#"SELECT 'a\' AS a"#),
    ("B string", r#"SELECT B'1' AS a, X'1F' AS b, N'x' AS c"#),
    ("nested comment", r#"SELECT /* /* */ pg_sleep(1) */ 1 AS a"#),
    ("semicolon in string", r#"SELECT ';' AS a"#),
    ("array subscript", r#"SELECT (ARRAY[1,2])[1] AS a"#),
    ("row ctor", r#"SELECT ROW(1,2)::text AS a"#),
    ("like escape", r#"SELECT 'a' LIKE 'b' ESCAPE '!' AS a"#),
    ("collate", r#"SELECT 'a' COLLATE "C" AS a"#),
    ("timezone op", r#"SELECT '2025-01-01'::timestamptz AT TIME ZONE 'UTC' AS a"#),
    ("order by using", r#"SELECT id FROM "Tenant" ORDER BY id USING <"#),
    ("power big", r#"SELECT power(9.99::numeric, 100000)::text AS a"#),
    ("power op", r#"SELECT (2::numeric ^ 100000)::text AS a"#),
    (
        "recursive2",
        r#"WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n+1 FROM t) SELECT n FROM t LIMIT 5"#,
    ),
    (
        "regex bomb",
        r#"SELECT regexp_replace('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab', '^((a+)+)+$', 'x') AS a"#,
    ),
    (
        "regex op",
        r#"SELECT 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab' ~ '(a*)*(a*)*(a*)*(a*)*(a*)*c' AS a"#,
    ),
    ("to_char long", r#"SELECT to_char(1, 'FM9') AS a"#),
    ("names", r#"SELECT 1 AS "a""b", 2 AS "a'b", 3 AS "$1""#),
    ("dup names", r#"SELECT 1 AS a, 2 AS a"#),
    ("user agg", r#"SELECT count(x) FROM (SELECT 1 x) q"#),
    ("json path", r#"SELECT ('{"a":1}'::jsonb)->'a' AS a"#),
    ("to_regclass", r#"SELECT 'abs(int)'::regprocedure AS a"#),
    (
        "interval",
        r#"SELECT INTERVAL '1 day' AS a, DATE '2020-01-01' AS b, TIMESTAMP(3) '2020-01-01' AS c"#,
    ),
    ("paren select", r#"(SELECT 1 AS a)"#),
    ("a function that the database has too", r#"SELECT lower(city) AS a FROM "Customer" LIMIT 1"#),
    ("an enum", r#"SELECT 'a'::kind < 'b' AS a, '{a}'::kind[] AS b"#),
    (
        "names of the server that are columns",
        r#"SELECT 1 AS pg_authid, q.pg_sleep FROM (SELECT 2 AS pg_sleep) q"#,
    ),
    ("grouping sets", r#"SELECT count(*) AS n FROM "Tenant" GROUP BY GROUPING SETS ((id),())"#),
];
