//! What messages call the engine's types.

/// A type of the engine as people call it.
pub(crate) fn sort_of(name: &str) -> String {
    let bare = name.trim_start_matches("&mut ").split(" | ").next().unwrap_or(name);
    let bare = bare.rsplit("::").next().unwrap_or(bare).trim_start_matches('&');
    match bare {
        "" => String::new(),
        "str" | "ImmutableString" | "String" | "string" | "char" => "a text".into(),
        "i64" => "a whole number".into(),
        "f64" | "decimal" | "Decimal" => "a number".into(),
        "bool" => "true or false".into(),
        "array" | "Array" | "Vec<rhai::Dynamic>" => "a list".into(),
        "map" | "Map" => "a map".into(),
        "()" => "(), no value".into(),
        "otherwise" => "`otherwise`".into(),
        "lookup" => "a lookup(...)".into(),
        "update" => "an update(...)".into(),
        "Expr" => "a column".into(),
        "Selection" => "a table".into(),
        "Fn" | "FnPtr" => "a function".into(),
        other => format!("a {}", other.to_lowercase()),
    }
}

/// "a column, a text and a list"
pub(crate) fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [front @ .., last] => format!("{} and {last}", front.join(", ")),
    }
}

/// Comparisons in a chain, and what to write instead.
pub(crate) const CHAINED: (&str, &str) = (
    "comparisons can't be chained: the first gives true or false, not a value",
    "write both: col(\"name\") > 1 and col(\"name\") < 5",
);

/// A column compared with `()`, and what to write instead.
pub(crate) const WITH_NOTHING: (&str, &str) = (
    "a column can't be compared with (): in SQL nothing equals a missing value",
    "write col(\"name\").is_null(), or not(col(\"name\").is_null())",
);

/// An update that never reaches `set`, and what to write.
pub(crate) fn unfinished(table: &str) -> (String, &'static str) {
    (
        format!("update(\"{table}\") never reaches .set(...), so it does nothing"),
        "end it with .set(\"column\", value)",
    )
}

/// An arm after `otherwise`, counted from 1, and what to do.
pub(crate) fn after_otherwise(arm: usize) -> (String, &'static str) {
    (format!("arm {arm} stands after `otherwise`, so it can never match"), "put `otherwise` last")
}
