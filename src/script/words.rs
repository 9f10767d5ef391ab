//! What messages call the engine's types.

/// A type of the engine as people call it.
pub(super) fn sort_of(name: &str) -> String {
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
pub(super) fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [front @ .., last] => format!("{} and {last}", front.join(", ")),
    }
}
