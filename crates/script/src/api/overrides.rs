//! Functions of Rhai's own library that a script must not have as they are: they would stop the process or exhaust it.

use rhai::{Engine, ImmutableString, NativeCallContext, Variant};
use rust_decimal::{Decimal, MathematicalOps};

use crate::api_call::{Answer, ApiCall};

pub(crate) fn register(engine: &mut Engine) {
    engine.register_fn("sleep", |context: NativeCallContext, _: i64| refuse_sleep(context));
    engine.register_fn("sleep", |context: NativeCallContext, _: Decimal| refuse_sleep(context));
    engine.register_fn("timestamp", |context: NativeCallContext| -> Answer<()> {
        Err(ApiCall::new(context).mistake(
            "a script can't look at the clock",
            "today() is the business date, which --as-of sets",
        ))
    });
    register_replace::<ImmutableString, ImmutableString>(engine);
    register_replace::<ImmutableString, char>(engine);
    register_replace::<char, ImmutableString>(engine);
    register_replace::<char, char>(engine);
    // The library's own panics where the tangent has no value.
    engine.register_fn("tan", |number: Decimal| -> Answer<Decimal> {
        number.checked_tan().ok_or_else(|| format!("the tangent of {number} is too large").into())
    });
}

fn refuse_sleep(context: NativeCallContext) -> Answer<()> {
    Err(ApiCall::new(context)
        .mistake("a script can't sleep", "take it out; the run waits for the database by itself"))
}

/// Rhai's own `replace` would try to allocate a text of any length.
fn register_replace<F, W>(engine: &mut Engine)
where
    F: Variant + Clone + ToString,
    W: Variant + Clone + ToString,
{
    engine.register_fn(
        "replace",
        |context: NativeCallContext, text: &mut ImmutableString, find: F, with: W| {
            let (find, with) = (find.to_string(), with.to_string());
            *text = replace(&ApiCall::new(context), text, &find, &with)?.into();
            Answer::Ok(())
        },
    );
}

/// The text with each `find` replaced, unless it would be too long.
fn replace(call: &ApiCall<'_>, text: &str, find: &str, with: &str) -> Answer<String> {
    let hits = if find.is_empty() { text.chars().count() + 1 } else { text.matches(find).count() };
    let size = text.len().saturating_add(hits.saturating_mul(with.len()));
    let most = call.step.limits().text_bytes;
    match size as u64 > most {
        true => Err(call.limit("text_bytes", most)),
        false => Ok(text.replace(find, with)),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{failure, notes};

    #[test]
    fn a_script_neither_sleeps_nor_reads_the_clock() {
        for script in ["sleep(7);", "sleep(1.5);"] {
            assert!(failure(script).starts_with("1:1: a script can't sleep;"));
        }
        assert!(failure("timestamp();").starts_with("1:1: a script can't look at the clock;"));
    }

    #[test]
    fn replace_makes_no_text_beyond_the_limit() {
        assert_eq!(notes("let a = \"abc\"; a.replace(\"b\", 'x'); note(a);"), ["axc"]);
        let script = "let a = \"x\"; loop { a.replace(\"x\", a + a); }";
        assert!(failure(script).contains("the script reached its limit text_bytes = "));
    }
}
