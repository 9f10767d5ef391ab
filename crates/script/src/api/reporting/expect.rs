//! `expect` and `warn_unless`.

use leora_report::{Entry, Expectation};
use rhai::{Array, Dynamic, Engine, NativeCallContext};

use crate::api::reference::{Function, Primitive};
use crate::api_call::{Answer, ApiCall};

pub(crate) const PRIMITIVE: Primitive = Primitive {
    functions: &[
        Function {
            name: "expect",
            forms: &[
                "expect(label: text, held: truth) -> truth",
                "expect(label: text, held: list) -> truth",
                "expect(label: text, held: truth, found: text) -> truth",
            ],
            about: "What must hold: true or false, or a list of findings, which holds when it is empty. Returns whether it held.",
            usage: "expect(\"every customer has a class\", left_out == 0)",
            example: "let nameless = table(\"Customer\").count(col(\"name\") == \"\");\nexpect(\"every customer has a name\", nameless == 0, `${nameless} have none`);",
            errors: &[
                "an expectation needs true or false, or a list of findings, and this is a",
                "`expect` is called with 1 argument",
            ],
        },
        Function {
            name: "warn_unless",
            forms: &[
                "warn_unless(label: text, held: truth) -> truth",
                "warn_unless(label: text, held: list) -> truth",
                "warn_unless(label: text, held: truth, found: text) -> truth",
            ],
            about: "The same, but it only warns, unless `--strict`.",
            usage: "warn_unless(\"the shares are as expected\", findings)",
            example: "warn_unless(\"there are customers\", table(\"Customer\").count() > 0);",
            errors: &[],
        },
    ],
    register,
};

fn register(engine: &mut Engine) {
    for (name, warning) in [("expect", false), ("warn_unless", true)] {
        engine.register_fn(name, move |context: NativeCallContext, label: &str, held: Dynamic| {
            expect(&ApiCall::new(context), warning, label, &held, None)
        });
        engine.register_fn(
            name,
            move |context: NativeCallContext, label: &str, held: Dynamic, found: &str| {
                expect(&ApiCall::new(context), warning, label, &held, Some(found))
            },
        );
    }
}

/// Reports an expectation: `held` is true or false, or a list of findings, empty when it held.
fn expect(
    call: &ApiCall<'_>,
    warning: bool,
    label: &str,
    held: &Dynamic,
    found: Option<&str>,
) -> Answer<bool> {
    let (held, findings) = if let Ok(held) = held.as_bool() {
        (held, if held { vec![] } else { found.map(str::to_owned).into_iter().collect() })
    } else if let Some(list) = held.clone().try_cast::<Array>() {
        call.check_size(&list)?;
        (list.is_empty(), list.iter().map(Dynamic::to_string).collect())
    } else {
        return Err(call.mistake(
            format!("an expectation needs true or false, or a list of findings, and this is {}", call.describe(held)),
            "count rows first, as in table(\"Customer\").count(col(\"accountType\").is_null()) == 0",
        ));
    };
    let (label, place) = (label.to_owned(), call.place());
    call.report(Entry::Expectation(Expectation { label, held, warning, findings, place }))?;
    Ok(held)
}

#[cfg(test)]
mod tests {
    use leora_report::Entry;

    use crate::testing::{failure, notes, run};

    /// The first expectation: whether it held, whether it warns, and what was found.
    fn expectation(script: &str) -> (bool, bool, Vec<String>) {
        let ran = run(script);
        let Some(Entry::Expectation(one)) = ran.result.entries.first() else {
            panic!("{:?}", ran.result)
        };
        (one.held, one.warning, one.findings.clone())
    }

    #[test]
    fn a_list_of_findings_holds_when_it_is_empty() {
        assert_eq!(expectation("expect(\"x\", []);"), (true, false, vec![]));
        assert_eq!(
            expectation("expect(\"x\", [1, 2]);"),
            (false, false, vec!["1".into(), "2".into()])
        );
    }

    #[test]
    fn what_was_found_is_reported_where_it_did_not_hold() {
        assert_eq!(
            expectation("warn_unless(\"x\", false, \"y\");"),
            (false, true, vec!["y".into()])
        );
        assert_eq!(expectation("expect(\"x\", true, \"y\");"), (true, false, vec![]));
    }

    #[test]
    fn the_script_goes_on_with_what_it_found() {
        assert_eq!(notes("if !expect(\"x\", false) { note(\"no\"); }"), ["no"]);
        let message =
            "an expectation needs true or false, or a list of findings, and this is a whole number";
        assert!(failure("expect(\"x\", 0);").contains(message));
    }
}
