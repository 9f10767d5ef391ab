//! `note`: a text in the report. `print` and `debug` do the same.

use leora_report::Entry;
use leora_rule::Period;
use rhai::{Dynamic, Engine, NativeCallContext};

use crate::api::reference::{Function, Primitive};
use crate::api::values::plain_value;
use crate::api_call::{Answer, ApiCall};

pub(crate) const PRIMITIVE: Primitive = Primitive {
    functions: &[Function {
        name: "note",
        forms: &["note(said: value) -> nothing"],
        about: "Puts a text into the report. `print` and `debug` do the same.",
        usage: "note(\"a text\")",
        example: "note(`looking at ${table(\"Customer\").count()} customers`);",
        errors: &["the script reached its limit printed = 1000"],
    }],
    register,
};

fn register(engine: &mut Engine) {
    engine.register_fn("note", |context: NativeCallContext, text: Dynamic| {
        report_text(&ApiCall::new(context), "note", &text)
    });
    // The engine takes the text that these return, and reports it.
    for name in ["print", "debug"] {
        engine.register_fn(name, move |context: NativeCallContext, text: Dynamic| {
            plain_text(&ApiCall::new(context), name, &text)
        });
    }
}

/// Reports a text, or a number or period as a text.
pub(crate) fn report_text(call: &ApiCall<'_>, function: &str, value: &Dynamic) -> Answer<()> {
    call.report(Entry::Note(plain_text(call, function, value)?))
}

fn plain_text(call: &ApiCall<'_>, function: &str, value: &Dynamic) -> Answer<String> {
    let period = value.clone().try_cast::<Period>().map(|period| period.to_string());
    let plain = plain_value(value).filter(|_| !value.is_unit()).map(|value| value.to_string());
    period.or(plain).ok_or_else(|| {
        call.mistake(
            format!("`{function}` can't show {}", call.describe(value)),
            "give it a text; show(...) also takes a distribution or rows",
        )
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::{failure, notes};

    #[test]
    fn texts_numbers_and_periods_are_noted() {
        let script = "note(\"a\"); note(1.5); note(true); note(days(7)); print(\"b\"); print(5); debug(days(7));";
        assert_eq!(notes(script), ["a", "1.5", "true", "7d", "b", "5", "7d"]);
    }

    #[test]
    fn other_values_are_refused() {
        let message = "1:1: `note` can't show (), no value; give it a text; show(...) also takes a distribution or rows";
        assert_eq!(failure("note(());"), message);
    }

    #[test]
    fn a_step_notes_no_more_than_the_limit() {
        let message =
            "the script reached its limit printed = 1000; write one line instead of one for each";
        for script in ["loop { note(\"x\"); }", "loop { print(5); }"] {
            assert!(failure(script).ends_with(message), "{}", failure(script));
        }
    }
}
