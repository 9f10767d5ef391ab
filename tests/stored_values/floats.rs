//! Arithmetic gives what the same arithmetic of an UPDATE gives.

use crate::stored_values::everywhere;

const COLUMNS: &str = "\"to\" numeric(12, 2), b bigint, exact numeric, r real, s real, d double precision, n bigint, i int";
const ROW: &str = "(2, 0, 0, 0.5, 12345.67, 0.1, 9007199254740991, 9007199254740993, 7)";

/// What is set, by rules that an UPDATE can be written for too: the column, the script and the SQL.
const SUMS: [(&str, &str, &str); 10] = [
    ("to", "col(\"r\") * 2", "r * 2"),
    ("to", "col(\"r\") + col(\"s\")", "r + s"),
    ("to", "col(\"r\") / col(\"i\")", "r / i"),
    ("to", "col(\"r\") * col(\"exact\")", "r * exact"),
    ("to", "col(\"r\") * 0.1", "r * 0.1"),
    ("to", "coalesce([col(\"r\"), 0]) * 2 - 1", "coalesce(r, 0) * 2 - 1"),
    ("b", "col(\"d\") + 0", "d + 0"),
    ("b", "col(\"d\") + col(\"i\") * 0.5 - 0.5", "d + i * 0.5 - 0.5"),
    ("b", "col(\"n\") + 0", "n + 0"),
    ("b", "col(\"n\") * 1 - 0", "n * 1 - 0"),
];

#[test]
fn floats_and_long_whole_numbers_are_computed_as_an_update_computes_them() {
    for (column, script, sql) in SUMS {
        let script = format!("update(\"T\").set(\"{column}\", {script});");
        for case in everywhere("", COLUMNS, ROW, &script).take(3) {
            case.run("scripts/try").exits(0);
            let found = case.database.value(&format!("SELECT \"{column}\"::text FROM \"T\""));
            case.run("scripts/try").exits(0).says("nothing to change");
            case.database.run(&format!("UPDATE \"T\" SET \"{column}\" = {sql}"));
            let own = case.database.value(&format!("SELECT \"{column}\"::text FROM \"T\""));
            assert_eq!(found, own, "{script} {}", case.name);
        }
    }
}

#[test]
fn a_real_number_keeps_its_digits_and_a_double_its_last_one() {
    let script = "update(\"T\").set(\"to\", col(\"r\") * 2);\n\
                  expect(\"double\", table(\"T\").count(col(\"d\") + 0 == 9007199254740991) == 1);\n\
                  expect(\"whole\", table(\"T\").count(col(\"n\") + 0 == 9007199254740993) == 1);\n\
                  expect(\"divided\", table(\"T\").count(col(\"i\") / 2 == 3.5) == 1);";
    for case in everywhere("", COLUMNS, ROW, script) {
        case.run("scripts/try").exits(0);
        assert_eq!(case.values(), ["24691.34"], "{}", case.name);
    }
}
