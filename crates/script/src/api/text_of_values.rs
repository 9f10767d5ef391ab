//! Lists and maps as texts. The language's own would write a text a million times that stands in a map a million times.

use rhai::{Array, Dynamic, Engine, Map, NativeCallContext};

use crate::api_call::ApiCall;

pub(crate) fn register(engine: &mut Engine) {
    for name in ["print", "debug", "to_string", "to_debug"] {
        engine.register_fn(name, |context: NativeCallContext, list: &mut Array| {
            text(context, Dynamic::from(list.clone()), write)
        });
        engine.register_fn(name, |context: NativeCallContext, map: &mut Map| {
            text(context, Dynamic::from(map.clone()), write)
        });
    }
    engine.register_fn("to_json", |context: NativeCallContext, map: &mut Map| {
        let json = |_: &ApiCall<'_>, map: Dynamic| rhai::format_map_as_json(&map.cast());
        text(context, Dynamic::from(map.clone()), json)
    });
}

/// The text of a value that is not too long. Where it is, the script ends at its next operation: an error returned here
/// would let the language write the value in its own way.
fn text(
    context: NativeCallContext,
    value: Dynamic,
    write: impl Fn(&ApiCall<'_>, Dynamic) -> String,
) -> String {
    let call = ApiCall::new(context);
    match call.check_size(std::slice::from_ref(&value)) {
        Ok(()) => write(&call, value),
        Err(_) => String::new(),
    }
}

/// A value as it is written in a script.
fn write(call: &ApiCall<'_>, mut value: Dynamic) -> String {
    if let Some(list) = value.read_lock::<Array>() {
        let parts: Vec<String> = list.iter().map(|one| write(call, one.clone())).collect();
        return format!("[{}]", parts.join(", "));
    }
    if let Some(map) = value.read_lock::<Map>() {
        let part = |(key, one): (&_, &Dynamic)| format!("{key:?}: {}", write(call, one.clone()));
        return format!("#{{{}}}", map.iter().map(part).collect::<Vec<_>>().join(", "));
    }
    call.debug_text(&mut value)
}

#[cfg(test)]
mod tests {
    use crate::testing::{failure, notes};

    #[test]
    fn lists_and_maps_read_as_they_are_written() {
        let script = "note(`${[1, \"a\", #{ b: () }]}`); note(#{ a: 1 }.to_json());";
        assert_eq!(notes(script), ["[1, \"a\", #{\"b\": ()}]", "{\"a\":1}"]);
    }

    #[test]
    fn what_has_many_values_stands_in_no_text() {
        for (script, message) in [
            (
                "note(`${col(\"a\")}`);",
                "a column can't stand in a text: its value differs from row to row",
            ),
            ("note(`${table(\"T\")}`);", "a table can't stand in a text: it has many rows"),
            (
                "note(`${table(\"T\").distribution(\"c\")}`);",
                "a distribution can't stand in a text: it has many values",
            ),
            (
                "note(`${update(\"T\").set(\"c\", 1)}`);",
                "a change can't stand in a text: it has many rows",
            ),
            (
                "note(`${lookup(\"c\", #{ A: 1 })}`);",
                "a lookup(...) can't stand in a text: it is a rule",
            ),
            ("note(`${otherwise}`);", "`otherwise` can't stand in a text: it is a condition"),
            ("note(`${update(\"T\")}`);", "an update(...) can't stand in a text: it is a rule"),
        ] {
            assert!(failure(script).contains(message), "{script}: {}", failure(script));
        }
    }
}
