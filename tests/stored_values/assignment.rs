//! Texts, numbers and times are assigned as an UPDATE assigns them: what does not fit is refused, and not cut.

use crate::stored_values::everywhere;
use crate::support::{Database, Project};

const DOMAINS: &str = "CREATE DOMAIN zip AS varchar(5); CREATE DOMAIN inner_zip AS zip CHECK (value <> 'x'); \
     CREATE DOMAIN code AS char(5); CREATE DOMAIN price AS numeric(6, 2); CREATE DOMAIN moment AS timestamp(0)";

/// A column of each type, with a long text beside them.
const TEXT_COLUMNS: &str =
    "\"to\" varchar(5), b char(5), c zip, d inner_zip, e code, long text, longer text";
const NAMES: [&str; 5] = ["to", "b", "c", "d", "e"];

fn for_each_column(rule: impl Fn(&str) -> String) -> String {
    NAMES.map(rule).join("\n")
}

#[test]
fn a_text_that_is_too_long_is_refused_before_anything_is_written() {
    let rows =
        "(1, 'a', 'a', 'a', 'a', 'a', 'b', 'c'), (2, 'a', 'a', 'a', 'a', 'a', 'b', '12345-6789')";
    for name in NAMES {
        let literal =
            format!("update(\"T\").where(col(\"id\") == 2).set(\"{name}\", \"12345-6789\");");
        let column = format!("update(\"T\").set(\"{name}\", col(\"longer\"));");
        let told =
            format!("T.{name} holds texts of at most 5 characters, and \"12345-6789\" has 10");
        let (plan, run) = ("plan scripts/try", "scripts/try");
        let case = everywhere(DOMAINS, TEXT_COLUMNS, rows, &literal).next().expect("a case");
        let before = case.database.fingerprint();
        for command in [plan, run] {
            case.run(command).exits(2).tells(&told);
        }
        assert_eq!(case.database.fingerprint(), before, "{name}");
        // All strategies of one of the types.
        let strategies = if name == "c" { 6 } else { 1 };
        for case in everywhere(DOMAINS, TEXT_COLUMNS, rows, &column).take(strategies) {
            let before = case.database.fingerprint();
            for command in [plan, run] {
                case.run(command).exits(3).says("value too long for type");
            }
            assert_eq!(case.database.fingerprint(), before, "{name} {}", case.name);
        }
    }
}

#[test]
fn blanks_without_room_are_cut_as_an_update_cuts_them_and_only_once() {
    let rows =
        "(1, 'a', 'a', 'a', 'a', 'a', 'hello   '), (2, NULL, NULL, NULL, NULL, NULL, 'hello   ')";
    for value in ["\"hello   \"", "col(\"long\")"] {
        let script = for_each_column(|name| format!("update(\"T\").set(\"{name}\", {value});"));
        for case in everywhere(DOMAINS, TEXT_COLUMNS, rows, &script) {
            let before = case.database.fingerprint();
            case.run("scripts/try").exits(0).says("2 of 2 rows changed");
            let stored = case.database.rows("SELECT DISTINCT \"to\", b, c, d, e FROM \"T\"");
            assert_eq!(stored, [["hello"; 5]], "{value} {}", case.name);
            case.run("scripts/try").exits(0).says("nothing to change");
            case.run("undo").exits(0);
            assert_eq!(case.database.fingerprint(), before, "{value} {}", case.name);
        }
    }
}

#[test]
fn a_number_or_moment_of_a_domain_is_rounded_once() {
    let columns = "\"to\" price, b numeric(6, 2), c moment, d timestamp(0)";
    let moment = "\"2025-01-01T10:00:00.6\"";
    let script = [("to", "10.005"), ("b", "10.005"), ("c", moment), ("d", moment)]
        .map(|(name, value)| format!("update(\"T\").set(\"{name}\", {value});"));
    for case in everywhere(
        DOMAINS,
        columns,
        "(1, 0, 0, '2020-01-01', '2020-01-01'), (2, NULL, NULL, NULL, NULL)",
        &script.join("\n"),
    ) {
        case.run("scripts/try").exits(0).says("2 of 2 rows changed");
        let stored = case
            .database
            .rows("SELECT DISTINCT \"to\"::text, b::text, c::text, d::text FROM \"T\"");
        let at = "2025-01-01 10:00:01";
        assert_eq!(stored, [["10.01", "10.01", at, at]], "{}", case.name);
        case.run("scripts/try").exits(0).says("nothing to change");
    }
}

#[test]
fn a_literal_that_the_column_would_cut_or_round_matches_nothing() {
    let cases = [
        ("varchar(5)", "'12345'", "\"12345-6789\"", "\"12345\""),
        ("zip", "'12345'", "\"12345-6789\"", "\"12345\""),
        ("inner_zip", "'12345'", "\"12345-6789\"", "\"12345\""),
        ("inner_zip", "'12345'", "\"x\"", "\"12345\""),
        ("code", "'12345'", "\"12345-6789\"", "\"12345\""),
        ("code", "'12'", "\"12345-6789\"", "\"12\""),
        ("price", "10.01", "10.005", "10.01"),
        ("numeric(6, 2)", "10.01", "10.005", "10.01"),
        ("moment", "'2025-01-01 10:00:01'", "\"2025-01-01T10:00:00.6\"", "\"2025-01-01T10:00:01\""),
        (
            "timestamp(0)",
            "'2025-01-01 10:00:01'",
            "\"2025-01-01T10:00:00.6\"",
            "\"2025-01-01T10:00:01\"",
        ),
    ];
    for (data_type, stored, other, same) in cases {
        let (project, database) = (Project::new(), Database::empty());
        database.run(&format!(
            "{DOMAINS}; CREATE TABLE \"T\" (id int PRIMARY KEY, it {data_type}, \"to\" text); INSERT INTO \"T\" VALUES (1, {stored}, 'none')"
        ));
        let script = format!(
            "expect(\"compared\", table(\"T\").count(col(\"it\") == {other}) == 0);\n\
             expect(\"in a list\", table(\"T\").count(col(\"it\").is_one_of([{other}, {other}])) == 0);\n\
             expect(\"the same\", table(\"T\").count(col(\"it\") == {same}) == 1);\n\
             expect(\"the same in a list\", table(\"T\").count(col(\"it\").is_one_of([{same}, {other}])) == 1);\n\
             update(\"T\").set(\"to\", [[col(\"it\") == {other}, \"wrong\"], [col(\"it\") == {same}, \"right\"]]);"
        );
        project.script("writes = [\"T.to\"]", &script);
        project.run(&database, "scripts/try").exits(0);
        assert_eq!(database.value("SELECT \"to\" FROM \"T\""), "right", "{data_type} {other}");
    }
}

#[test]
fn a_rule_reads_the_spelling_that_an_earlier_one_leaves() {
    let cases = [
        ("numeric", "1.5", "1.50", "2"),
        ("interval", "24:00:00", "1 day", "00:00:01"),
        ("double precision", "0", "-0", "1"),
        ("jsonb", "{\"a\": 1}", "{\"a\": 1.0}", "2"),
    ];
    for strategy in ["update", "rewrite", "batches"] {
        for (name, own, other, old) in cases {
            let (project, database) = (Project::new(), Database::empty());
            database.run(&format!(
                "CREATE TABLE \"T\" (id int PRIMARY KEY, a {name}, b {name}, c {name}); \
                 INSERT INTO \"T\" SELECT n, '{own}', '{other}', '{old}' FROM generate_series(1, 3) n"
            ));
            project.script(
                &format!("writes = [\"T.a\", \"T.c\"]\nstrategy = \"{strategy}\""),
                "update(\"T\").set(\"a\", col(\"b\"));\nupdate(\"T\").set(\"c\", col(\"a\"));",
            );
            let before = database.session().rows_hash("\"T\"", "");
            project.run(&database, "scripts/try").exits(0).says("3");
            let stored = format!("{own} {own}");
            assert_eq!(
                database.value("SELECT a::text || ' ' || c::text FROM \"T\""),
                stored,
                "{strategy}"
            );
            project.run(&database, "undo").exits(0).says("Put back 3 values.");
            assert_eq!(database.session().rows_hash("\"T\"", ""), before, "{strategy} {name}");
        }
    }
}

#[test]
fn what_no_row_comes_to_does_not_fail() {
    let none = "col(\"id\") > 100";
    let infinite = "coalesce([1, 2]) / coalesce([0, 0])";
    let rules = [
        format!("set(\"n\", [ [{none}, {infinite}], [otherwise, 7] ])"),
        format!("set(\"n\", [ [{none} and {infinite} > 1, 5], [otherwise, 7] ])"),
        format!("set(\"s\", [ [{none}, coalesce([40000, 1])], [otherwise, 7] ])"),
        format!("set(\"v\", [ [{none}, coalesce([\"long\", \"x\"])], [otherwise, \"a\"] ])"),
        format!("set(\"n\", [ [{none}, coalesce([1000, 1])], [otherwise, 7] ])"),
    ];
    let taken = format!("where(col(\"id\") > 1).set(\"n\", {infinite})");
    let too_large = format!("set(\"n\", [ [{none}, 99.995], [otherwise, 7] ])");
    for strategy in ["update", "rewrite", "batches"] {
        let (project, database) = (Project::new(), Database::empty());
        database.run(
            "CREATE TABLE \"T\" (id int PRIMARY KEY, n numeric(4,2), s smallint, v varchar(3)); \
             INSERT INTO \"T\" SELECT n FROM generate_series(1, 3) n",
        );
        let run = |rule: &str| {
            database.run("UPDATE \"T\" SET n = NULL, s = NULL, v = NULL");
            let manifest =
                format!("writes = [\"T.n\", \"T.s\", \"T.v\"]\nstrategy = \"{strategy}\"");
            project.script(&manifest, &format!("update(\"T\").{rule};"));
            project.run(&database, "scripts/try")
        };
        for rule in &rules {
            run(rule).exits(0).says("3");
        }
        for taken in [1, 100] {
            let rule = format!(
                "where(col(\"id\") > {taken} and (col(\"id\") > 0 or {infinite} > 1)).set(\"n\", 7)"
            );
            run(&rule).exits(0).says(if taken == 1 { "2" } else { "nothing to change" });
            run(&format!("where({none} and {infinite} > 1).set(\"n\", 7)")).exits(0);
        }
        run(&taken).exits(3).tells("division by zero");
        run(&too_large)
            .exits(2)
            .tells("T.n holds numbers with at most 2 digits before the point, and 99.995 has more");
    }
}
