//! `where` and the arms guard the value: it is never computed for a row that they leave out.

use crate::stored_values::{Case, everywhere};

const COLUMNS: &str = "\"to\" smallint, n int, d int";
/// Of the second row, `n` is too long for the column, and nothing can be divided by `d`.
const ROWS: &str = "(1, NULL, 10, 2), (2, 7, 100000, 0), (3, 5, 30, 3)";

/// Rules that leave out the second row, or give it another arm's value, and what the table then holds.
const RULES: [(&str, [&str; 3]); 6] = [
    (
        "update(\"T\").where(col(\"n\") * 1 + 0 - 0 < 1000).set(\"to\", col(\"n\"));",
        ["10", "7", "30"],
    ),
    (
        "update(\"T\").where(col(\"d\") != 0).set(\"to\", col(\"n\") / col(\"d\"));",
        ["5", "7", "10"],
    ),
    (
        "update(\"T\").where(col(\"d\") * 1 != 0).set(\"to\", [[col(\"n\") / col(\"d\") > 5, col(\"n\")], [otherwise, 1]]);",
        ["1", "7", "30"],
    ),
    (
        "update(\"T\").set(\"to\", [[col(\"d\") * 1 == 0, 1], [col(\"n\") / col(\"d\") > 5, col(\"n\")]]);",
        ["-", "1", "30"],
    ),
    (
        "update(\"T\").set(\"to\", [[col(\"n\") * 1 > 1000, 2], [otherwise, col(\"n\")]]);",
        ["10", "2", "30"],
    ),
    (
        "update(\"T\").where(col(\"d\") > 0).set(\"to\", [[col(\"n\") / col(\"d\") == 5, 4]]);",
        ["4", "7", "5"],
    ),
];

fn cases(script: &str) -> impl Iterator<Item = Case> {
    everywhere("", COLUMNS, ROWS, script)
}

#[test]
fn a_value_is_not_computed_for_a_row_that_is_left_out_or_that_another_arm_takes() {
    for (script, expected) in RULES {
        for case in cases(script) {
            let before = case.database.fingerprint();
            case.run("plan scripts/try").exits(0).says("of 3 rows");
            case.run("scripts/try").exits(0);
            assert_eq!(case.values(), expected, "{script} {}", case.name);
            case.run("scripts/try").exits(0).says("nothing to change");
            case.run("undo").exits(0);
            assert_eq!(case.database.fingerprint(), before, "{script} {}", case.name);
        }
    }
}

#[test]
fn a_row_that_is_left_out_is_explained_though_its_value_could_not_be_computed() {
    let script = RULES[1].0;
    let case = cases(script).next().expect("a case");
    let told = case.run("why scripts/try 2").exits(0);
    told.says("leaves it out: d != 0").says("stays 7").says("can't be computed on this row");
    case.run("why scripts/try 3").exits(0).says("gives 10");
}

#[test]
fn combinations_are_compared_though_an_arm_could_not_be_computed_on_a_row_that_is_left_out() {
    let script = "let most = setting(\"most\", 5);\n\
                  update(\"T\").where(col(\"to\").is_null()).set(\"to\", [[col(\"n\") / col(\"d\") > most, 1], [otherwise, 7]]);";
    let case = cases(script).next().expect("a case");
    let told = case.run("what-if scripts/try --vary most=3,5").exits(0);
    told.says("can't be computed on every row of T");
}
