//! What messages call the types of the engine.

use rhai::{Dynamic, Engine};

pub(crate) fn describe_value(engine: &Engine, value: &Dynamic) -> String {
    describe_type(engine.map_type_name(value.type_name()))
}

/// `name` is what the engine calls it.
pub(crate) fn describe_type(name: &str) -> String {
    let bare = name.trim_start_matches("&mut ").split(" | ").next().unwrap_or(name);
    let bare = bare.rsplit("::").next().unwrap_or(bare).trim_start_matches('&');
    match bare {
        "" => String::new(),
        "str" | "ImmutableString" | "String" | "string" | "char" => "a text".into(),
        "i64" => "a whole number".into(),
        "decimal" | "Decimal" => "a number".into(),
        "bool" => "true or false".into(),
        "array" | "Array" | "Vec<rhai::Dynamic>" => "a list".into(),
        "map" | "Map" => "a map".into(),
        "()" => "(), no value".into(),
        "otherwise" => "`otherwise`".into(),
        "lookup" => "a lookup(...)".into(),
        "update" => "an update(...)".into(),
        "Expr" => "a column".into(),
        "Selection" => "a table".into(),
        "related" | "Related" => "related(...)".into(),
        "parent" | "Parent" => "parent(...)".into(),
        "Fn" | "FnPtr" => "a function".into(),
        other => format!("a {}", other.to_lowercase()),
    }
}

/// `a column, a text and a list`
pub(crate) fn join_with_and(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [front @ .., last] => format!("{} and {last}", front.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::{describe_type, join_with_and};

    #[test]
    fn types_have_the_names_that_people_use() {
        for (name, description) in [
            ("&mut rhai::ImmutableString", "a text"),
            ("&str | ImmutableString | String", "a text"),
            ("i64", "a whole number"),
            ("rust_decimal::decimal::Decimal", "a number"),
            ("leora_rule::model::expression::Expr", "a column"),
            ("distribution", "a distribution"),
            ("", ""),
        ] {
            assert_eq!(describe_type(name), description, "{name}");
        }
    }

    #[test]
    fn the_last_of_a_list_is_joined_with_and() {
        let words = ["a column", "a text", "a list"].map(str::to_owned);
        assert_eq!(join_with_and(&words), "a column, a text and a list");
        assert_eq!(join_with_and(&words[..1]), "a column");
    }
}
