use super::{Cursor, CursorKind, Role, cursor_at, declared_variables};

/// The cursor at the `|` of a script.
fn at(script: &str) -> Cursor {
    let offset = script.find('|').expect("a |");
    cursor_at(&script.replacen('|', "", 1), offset)
}

fn role(script: &str) -> Role {
    match at(script).kind {
        CursorKind::Text(role) | CursorKind::Key(role) => role,
        other => panic!("{script}: {other:?}"),
    }
}

fn column(table: &str) -> Role {
    Role::Column(vec![table.into()])
}

fn value(table: &str, column: &str) -> Role {
    Role::Value(vec![table.into()], column.into())
}

#[test]
fn texts_mean_what_the_functions_around_them_take() {
    for (script, expected) in [
        ("update(\"|", Role::Table),
        ("update(\"Customer\").where(col(\"acc|", column("Customer")),
        ("update(\"Customer\").where(col(\"acc|\").is_null()).set(\"b\", 1);", column("Customer")),
        ("update(\"Customer\").set(\"|\", 1);", column("Customer")),
        ("let t = table(\"Customer\"); t.count(col(\"|\") == 1);", column("Customer")),
        ("let n = col(\"|\"); update(\"Customer\").set(\"a\", n);", column("Customer")),
        ("show(table(\"Customer\").distribution(\"|\"));", column("Customer")),
        ("table(\"Customer\").rows([\"id\", \"|\"]);", column("Customer")),
        ("update(\"C\").where(related(\"Plan\", \"|\").exists())", column("Plan")),
        ("update(\"C\").where(related(\"Plan\", \"x\").where(col(\"|\")))", column("Plan")),
        ("update(\"C\").where(related(\"P\", \"x\").where(outer(\"|\")))", column("C")),
        ("update(\"C\").where(parent(\"x\").col(\"|\"))", Role::Column(vec![])),
        ("run_sql(\"|\");", Role::SqlFile),
        ("import \"lib/|\" as s;", Role::Module),
        ("note(\"|\");", Role::Other),
        ("update(\"C\").set(\"a\", \"|\");", value("C", "a")),
        ("update(\"C\").set(\"a\", [[col(\"b\"), \"x\"], [otherwise, \"|", value("C", "a")),
        ("update(\"C\").set(\"a\", lookup(\"b\", #{ X: \"|\" }));", value("C", "a")),
        ("update(\"C\").set(\"a\", lookup(\"b\", #{ | }));", value("C", "b")),
        ("update(\"C\").where(col(\"a\") == \"|\")", value("C", "a")),
        ("let c = col(\"a\"); update(\"C\").where(c != \"|\")", value("C", "a")),
        ("let c = col(\"a\"); update(\"C\").where(c.is_one_of([\"x\", \"|\"]))", value("C", "a")),
        ("table(\"C\").insert(#{ a: 1, b| });", column("C")),
        ("given(#{ setting: #{ | } });", Role::Setting),
        ("example(\"x\", #{ a: 1 }, \"|\", 1);", Role::Column(vec![])),
        ("example(\"x\", #{ a: 1 }, \"C.a\", \"|\");", Role::Value(vec![], "a".into())),
        ("let x = \"|\";", Role::Other),
    ] {
        assert_eq!(role(script), expected, "{script}");
    }
}

#[test]
fn a_name_behind_a_dot_is_of_the_type_before_it() {
    for (script, expected) in [
        ("col(\"a\").|", Some("column")),
        ("update(\"T\").where(true).wh|", Some("update")),
        ("let t = table(\"T\").where(col(\"a\")); t.|", Some("table")),
        ("let c = col(\"a\");\nupdate(\"T\").where(c.is|", Some("column")),
        ("x.|", None),
    ] {
        assert_eq!(at(script).kind, CursorKind::Member(expected.map(str::to_owned)), "{script}");
    }
}

#[test]
fn names_texts_and_comments_have_their_range() {
    let found = at("update(\"C\").where(col(\"acc|ount\").is_null())");
    assert_eq!(found.range, 23..30);
    assert_eq!(at("up|date(\"C\")"), Cursor { kind: CursorKind::Name, range: 0..6 });
    assert_eq!(at("let a = |;"), Cursor { kind: CursorKind::Name, range: 8..8 });
    assert_eq!(at("// up|date").kind, CursorKind::Nothing);
    assert_eq!(at("s::dou|ble(1)").kind, CursorKind::OfModule("s".into()));
}

#[test]
fn a_text_that_is_being_written_ends_with_its_line() {
    let found = at("update(\"C\").where(col(\"acc|)\n    .set(\"b\", 1);\n");
    assert_eq!((found.kind, found.range), (CursorKind::Text(column("C")), 23..26));
}

#[test]
fn variables_are_found_where_they_are_declared() {
    let names = declared_variables("let a = 1; const B = 2; for c in 0..2 { }");
    let names: Vec<&str> = names.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["a", "B", "c"]);
}
