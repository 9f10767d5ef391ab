//! `lookup`: a value for each value of a column.

use std::sync::Arc;

use leora_rule::{Pair, Value};
use rhai::{Dynamic, Engine, Map, NativeCallContext};

use crate::api::reference::{Function, Primitive};
use crate::api::values::{plain_value, refuse_in_texts};
use crate::api_call::{Answer, ApiCall};

pub(crate) const PRIMITIVE: Primitive = Primitive {
    functions: &[Function {
        name: "lookup",
        forms: &["lookup(column: text, values: map) -> lookup"],
        about: "A value for each value of a column. A row whose value the map lacks is left alone.",
        usage: "lookup(\"accountType\", #{ ACTIVE: \"HIGH\", TARGET: \"MEDIUM\" })",
        example: "update(\"Customer\")\n    .where(col(\"accountType\").is_null())\n    .set(\"accountType\", lookup(\"city\", #{ Napa: \"TARGET\", Sonoma: \"PROSPECT\" }));",
        errors: &["A stands twice in this map"],
    }],
    register,
};

/// `lookup("column", #{...})`
#[derive(Clone)]
pub(crate) struct LookupValue {
    pub(crate) column: String,
    pub(crate) pairs: Arc<[Pair]>,
    /// The file that the lines of the pairs are in.
    pub(crate) file: Option<String>,
    /// Whether that is a data file, whose texts are values of the columns of a table.
    pub(crate) is_sheet: bool,
}

fn register(engine: &mut Engine) {
    engine.register_type_with_name::<LookupValue>("lookup");
    engine.register_fn("lookup", lookup);
    let help = "it belongs into .set(\"column\", ...)";
    refuse_in_texts::<LookupValue>(engine, "a lookup(...)", "it is a rule", help);
}

fn lookup(context: NativeCallContext, column: &str, map: Map) -> Answer<LookupValue> {
    let call = ApiCall::new(context);
    call.check_list_size(&[Dynamic::from(map.clone())])?;
    if map.is_empty() {
        return Err(call.mistake(
            "this lookup has no values, so nothing would be set",
            "write it like lookup(\"accountType\", #{ ACTIVE: \"HIGH\", TARGET: \"MEDIUM\" })",
        ));
    }
    let mut pairs = Vec::new();
    for (key, given) in map {
        let Some(value) = plain_value(&given) else {
            return Err(call.mistake(
                format!("lookup needs plain values, and {key} has {}", call.describe(&given)),
                "write it like lookup(\"accountType\", #{ ACTIVE: \"HIGH\", TARGET: \"MEDIUM\" })",
            ));
        };
        let line = call.source_map().and_then(|map| map.key_line(call.position(), &key));
        pairs.push(Pair { key: Value::Text(key.to_string()), value, line });
    }
    let file = call.place().map(|place| place.file);
    let pairs = pairs.into();
    Ok(LookupValue { column: column.to_owned(), pairs, file, is_sheet: false })
}

#[cfg(test)]
mod tests {
    use leora_rule::Assignment;

    use crate::testing::{failure, rules};

    #[test]
    fn each_key_has_its_value_and_its_line() {
        let script = "update(\"T\").set(\"c\", lookup(\"a\", #{\n  A: 1,\n  B: 2,\n}));";
        let rule = rules(script).remove(0);
        let Assignment::Lookup { column, pairs } = &rule.assignment else { panic!("{rule:?}") };
        assert_eq!(column, "a");
        let lines: Vec<(String, Option<usize>)> =
            pairs.iter().map(|pair| (pair.key.to_string(), pair.line)).collect();
        assert_eq!(lines, [("A".into(), Some(2)), ("B".into(), Some(3))]);
    }

    #[test]
    fn its_values_are_plain() {
        let message = "lookup needs plain values, and A has a column; write it like lookup(";
        assert!(failure("lookup(\"a\", #{ A: col(\"b\") });").contains(message));
        let none = "this lookup has no values, so nothing would be set";
        assert!(failure("lookup(\"a\", #{});").contains(none));
    }
}
