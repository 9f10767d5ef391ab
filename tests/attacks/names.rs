//! Names made to be something else: quotes, NULs, letters that look alike, another schema's table, a view.

use leora_rule::{Sql, inline_parameters};

use super::Target;
use crate::support::{Database, Random};

const OBJECTS: &str = r#"
CREATE TABLE "od""d't; DROP" ("i""d" int PRIMARY KEY, "a""b" text, "a'b" text, "$1" text, "ä; DROP TABLE x; --" text);
INSERT INTO "od""d't; DROP" SELECT n, 'x', 'x', 'x', 'x' FROM generate_series(1, 3) n;
CREATE TYPE "ki""nd" AS ENUM ('a''b', 'c"d', '$1');
ALTER TABLE "od""d't; DROP" ADD "kind" "ki""nd" DEFAULT 'a''b';
CREATE SCHEMA other;
CREATE TABLE other."Customer" (LIKE "Customer" INCLUDING ALL);
INSERT INTO other."Customer" SELECT * FROM "Customer" LIMIT 5;
CREATE TABLE other.secret (id int PRIMARY KEY, city text);
INSERT INTO other.secret VALUES (1, 'x');
CREATE VIEW "CustomerView" AS SELECT id, city FROM "Customer";
CREATE TABLE customer (id int PRIMARY KEY, city text);
INSERT INTO customer VALUES (1, 'x');
"#;

const WRITES: &str = r#"access = "read-write"
writes = ["Customer.city", "CustomerView.city", "od\"d't; DROP.a\"b", "od\"d't; DROP.a'b", "od\"d't; DROP.$1",
          "od\"d't; DROP.ä; DROP TABLE x; --", "od\"d't; DROP.kind"]"#;

#[test]
fn quotes_in_names_are_names() {
    let target = Target::with_objects(OBJECTS);
    let script = r#"
        let odd = "od\"d't; DROP";
        for name in ["a\"b", "a'b", "$1", "ä; DROP TABLE x; --"] {
            update(odd).where(col("i\"d") > 1).set(name, "'; DROP TABLE \"Customer\"; --");
            show(table(odd).distribution(name));
            note(`${table(odd).rows(["i\"d", name])}`);
        }
        update(odd).set("kind", [[col("i\"d") == 1, "c\"d"], [otherwise, "$1"]]);
    "#;
    target.attack_with(WRITES, "quotes in names", script).exits(0);
    let rows = target.database.rows(r#"SELECT "a""b", "a'b", "$1", "ä; DROP TABLE x; --", kind FROM "od""d't; DROP" ORDER BY 1"#);
    let evil = "'; DROP TABLE \"Customer\"; --";
    assert_eq!(rows[0], [evil, evil, evil, evil, "$1"]);
    assert_eq!(rows[2], ["x", "x", "x", "x", "c\"d"]);
    target.database.run(r#"UPDATE "od""d't; DROP" SET "a""b" = 'x', "a'b" = 'x', "$1" = 'x', "ä; DROP TABLE x; --" = 'x', kind = 'a''b'"#);
    target.unchanged();
}

#[test]
fn quotes_in_values_are_values_where_a_table_is_written_anew() {
    let target = Target::new();
    let name = &target.database.name;
    target.database.run(&format!("ALTER DATABASE {name} SET standard_conforming_strings = off"));
    let manifest = "access = \"read-write\"\nwrites = [\"Customer.city\"]\nstrategy = \"rewrite\"";
    for value in ["'; DROP TABLE \"Tenant\"; --", "\\'; SELECT 1; --", "$1 $$ ${1} \"", "a\\"] {
        let text = value.replace('\\', "\\\\").replace('"', "\\\"");
        let script = format!("update(\"Customer\").set(\"city\", \"{text}\");");
        let file = "SELECT relfilenode FROM pg_class WHERE oid = '\"Customer\"'::regclass";
        let before = target.database.value(file);
        target.attack_with(manifest, &format!("rewriting {value}"), &script).exits(0);
        assert_ne!(target.database.value(file), before, "the table was not written anew");
        let cities = target.database.rows("SELECT DISTINCT city FROM \"Customer\"");
        assert_eq!(cities, [[value]]);
    }
}

#[test]
fn names_that_look_like_another_are_none() {
    let target = Target::with_objects(OBJECTS);
    let names = [
        "Сustomer",
        "CUSTOMER",
        "customer",
        "Customer ",
        " Customer",
        "Customer\\x00",
        "\\x00Customer",
        "public.Customer",
        "public\\\".\\\"Customer",
        "Customer\\\"; --",
        "\\\"Customer\\\"",
        "other.Customer",
        "secret",
        "pg_authid",
        "pg_catalog.pg_class",
        "CustomerView",
        "Cu\\u200bstomer",
        "Customer\\u0301",
        "run",
        "leora_run.run",
        "",
    ];
    for name in names {
        for script in [
            format!("update(\"{name}\").set(\"city\", \"SEIZED\");"),
            format!("table(\"{name}\").insert(#{{ city: \"SEIZED\" }});"),
            format!("table(\"{name}\").delete(true);"),
        ] {
            target.attack_with(WRITES, &format!("the table {name}"), &script).exits(2);
        }
    }
    let columns = [
        "сity",
        "CITY",
        "city ",
        "city\\x00",
        "city\\\" = 'x', \\\"name",
        "name",
        "id",
        "ctid",
        "xmin",
        "tableoid",
        "",
    ];
    for name in columns {
        let script = format!("update(\"Customer\").set(\"{name}\", \"SEIZED\");");
        target.attack_with(WRITES, &format!("the column {name}"), &script).exits(2);
    }
    target.unchanged();
}

#[test]
fn another_schema_is_never_written() {
    let target = Target::with_objects(
        "CREATE SCHEMA first; CREATE TABLE first.\"Customer\" (LIKE public.\"Customer\" INCLUDING ALL); \
         INSERT INTO first.\"Customer\" SELECT * FROM public.\"Customer\" LIMIT 5;",
    );
    let name = &target.database.name;
    target.database.run(&format!("ALTER DATABASE {name} SET search_path = first, public"));
    target.project.write("sql/try.sql", "SET search_path = first; SET LOCAL search_path = first, pg_temp; CREATE TEMP TABLE \"Customer\" (city text);");
    let manifest = "writes = [\"Customer.city\"]\nsql = [\"try.sql\"]";
    let script = "run_sql(\"try.sql\"); update(\"Customer\").where(col(\"city\") == \"Napa\").set(\"city\", \"Sonoma\");";
    let output = target.attack_with(manifest, "a search_path in an SQL file", script);
    assert_eq!(output.code, 0, "{}", output.stdout);
    let count = |schema: &str| {
        target
            .database
            .value(&format!("SELECT count(*) FROM {schema}.\"Customer\" WHERE city = 'Sonoma'"))
    };
    assert_eq!(count("first"), "0");
    assert_ne!(count("public"), "0");
}

#[test]
fn values_with_nul_are_told() {
    let target = Target::new();
    for script in [
        "update(\"Customer\").set(\"city\", \"a\\x00b\");",
        "table(\"Customer\").count(col(\"city\") == \"a\\x00b\");",
        "query(\"SELECT $1::text AS a\", [\"a\\x00b\"]);",
        "record_migration(\"a\\x00b\");",
        "note(\"a\\x00b\");",
        "setting(\"a\\x00b\", \"c\\x00d\");",
        "last_run(\"a\\x00b\");",
        "enum_values(\"a\\x00b\"); index(\"a\\x00b\"); column(\"Customer\", \"a\\x00b\"); foreign_keys(\"a\\x00b\");",
        "expect(\"a\\x00b\", false);",
        "throw \"a\\x00b\";",
    ] {
        target.attack_with(WRITES, script, script);
    }
    target.unchanged();
}

/// Whatever the server takes for the end of a text, also where the database does not conform to the standard.
#[test]
fn a_text_written_out_is_that_text() {
    let database = Database::empty();
    let mut session = database.session();
    let mut random = Random::of(20_251_025);
    for conforming in ["on", "off"] {
        session.run(&format!(
            "SET standard_conforming_strings = {conforming}; SET backslash_quote = on"
        ));
        for _ in 0..500 {
            let pieces = [
                "'", "\\", "\"", "$1", "$2", "$$", "--", "/*", ";", "E", "\n", "ä", " ", "''",
                "\\'", "a",
            ];
            let text: String = (0..random.below(9)).map(|_| random.pick(&pieces)).collect();
            let parameters = vec![Some(text.clone()), None, Some("2".to_owned())];
            let asked = "SELECT $1::text AS \"$1\", $3::text, ($2::text IS NULL)::text, $1::text";
            let rows = session.rows(&inline_parameters(&Sql { text: asked.into(), parameters }));
            assert_eq!(rows, [[text.as_str(), "2", "true", &text]], "{conforming}");
        }
    }
}
