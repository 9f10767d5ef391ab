use leora_folder::{Limits, SourceFile, sha256_hex};

use super::format_script;

fn source(text: &str) -> SourceFile {
    SourceFile { path: "a.rhai".into(), text: text.into(), sha256: sha256_hex(text.as_bytes()) }
}

#[track_caller]
fn formatted(text: &str) -> String {
    let once = format_script(&source(text), &Limits::default()).expect(text);
    let twice = format_script(&source(&once), &Limits::default()).expect("it compiles");
    assert_eq!(once, twice, "formatting it again changes it");
    once
}

#[test]
fn arms_stand_in_columns() {
    let text = "\
update(\"T\")
  .where(true)
  .set(\"c\", [
      // first
      [col(\"a\") < 1,\"A\"],   // small
    [ col(\"größe\").is_one_of([1, 2]) , \"LONG\" ] , // large
      [otherwise, \"B\"]
  ]);  \n\n\n";
    assert_eq!(
        formatted(text),
        "\
update(\"T\")
    .where(true)
    .set(\"c\", [
        // first
        [ col(\"a\") < 1,                   \"A\"    ],   // small
        [ col(\"größe\").is_one_of([1, 2]), \"LONG\" ],   // large
        [ otherwise,                      \"B\"    ]
    ]);
"
    );
}

#[test]
fn arms_in_a_variable_or_in_a_map_stand_in_columns_too() {
    let text = "let arms = [\n[true, 1],\n[otherwise, 22],\n];\nupdate(\"T\").set(\"c\", arms);\n";
    assert!(
        formatted(text)
            .starts_with("let arms = [\n    [ true,      1  ],\n    [ otherwise, 22 ],\n];\n")
    );
    let text = "update(\"T\").set(#{\na: [\n[true, 1],\n[otherwise, 22],\n],\n});\n";
    assert!(
        formatted(text).contains(
            "\n    a: [\n        [ true,      1  ],\n        [ otherwise, 22 ],\n    ],\n"
        )
    );
}

#[test]
fn what_is_no_list_of_arms_keeps_its_columns() {
    for text in [
        "let rows = [\n    [\"a\", 1],\n    [\"bcd\",   2],\n];\nshow(rows);\n",
        "update(\"T\").set(\"c\", [ [true, 1], [otherwise, 22] ]);\n",
        "update(\"T\").set(\"c\", [\n    [true, 1, 2],\n    [otherwise, 22],\n]);\n",
        "update(\"T\").set(\"c\", [\n    [true, 1], [false, 2],\n    [otherwise,\n        22],\n]);\n",
        "update(\"T\").set(\"c\", [\n    [true, /* a */ 1],\n    [otherwise, 22,],\n]);\n",
    ] {
        assert_eq!(formatted(text), text);
    }
}

#[test]
fn lines_are_indented_by_what_they_stand_in() {
    let text = "\
fn f(a) {
// said
  if a {
\t1
   } else {
        2
  }
  // the end
}
let m = #{
a: [1,
    2],
 b: f(
true)
};
f(
m
).to_string()
.len();
";
    assert_eq!(
        formatted(text),
        "\
fn f(a) {
    // said
    if a {
        1
    } else {
        2
    }
    // the end
}
let m = #{
    a: [1,
        2],
    b: f(
        true)
};
f(
    m
).to_string()
    .len();
"
    );
}

#[test]
fn a_comment_below_the_comment_of_a_line_stays_below_it() {
    let text = "if true {\n  let a = 1;   // one\n               // two\n  // three\n  a\n}\n";
    let expected =
        "if true {\n    let a = 1;   // one\n                 // two\n    // three\n    a\n}\n";
    assert_eq!(formatted(text), expected);
}

#[test]
fn texts_keep_their_blanks_and_lines() {
    let text = "let a = `x  \n  y ${[\n1 ]} `  ;\nnote(a + \"  b\\\n   c \");   \n/* d  \n  e */\n";
    let expected =
        "let a = `x  \n  y ${[\n1 ]} `  ;\nnote(a + \"  b\\\n   c \");\n/* d  \n  e */\n";
    assert_eq!(formatted(text), expected);
}

#[test]
fn line_breaks_stay_as_they_are() {
    assert_eq!(
        formatted("let a = 1;  \r\nnote(`${a}`);\r\n\r\n"),
        "let a = 1;\r\nnote(`${a}`);\r\n"
    );
    assert_eq!(formatted(""), "");
    assert_eq!(formatted(" \n"), "");
}

#[test]
fn a_script_that_does_not_compile_is_left_alone() {
    let error = format_script(&source("let a = ;\n"), &Limits::default()).expect_err("no value");
    assert!(error.place.is_some());
}
