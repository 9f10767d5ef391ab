//! `given`: the answers of the database and the settings, for the examples below it.

use leora_rule::nearest;
use rhai::{Dynamic, Engine, Map, NativeCallContext};

use crate::api::examples::given_answers::{ENTRIES, GivenEntry};
use crate::api::reference::{Function, Primitive};
use crate::api_call::{Answer, ApiCall};
use crate::step_context::ScriptKind;

pub(crate) const PRIMITIVE: Primitive = Primitive {
    functions: &[Function {
        name: "given",
        forms: &["given(answers: map) -> nothing"],
        about: "What the database would answer to the steps, for the examples below it: each entry is what is asked (`count`, `distribution`, `distribution_by`, `rows`, `table`, `enum_values`, `index`, `foreign_keys`, `query`, `last_run`), and holds the answers by the table, `\"Table.column\"`, enum, index or query text that they are about. `table` also gives the types of columns, so that enums compare in their order. `setting` gives settings their values; `--set` takes precedence.",
        usage: "given(#{ count: #{ Customer: 12 } })",
        example: "given(#{\n    table:       #{ Customer: #{ accountType: \"AccountType\", lastOrderDate: \"timestamp\" } },\n    enum_values: #{ AccountType: [\"ACTIVE\", \"TARGET\", \"PROSPECT\", \"HOLD\"] },\n});\nexample(\"never\", #{ lastOrderDate: () }, \"accountType\", \"PROSPECT\");",
        errors: &["`given` means nothing in a step"],
    }],
    register,
};

fn register(engine: &mut Engine) {
    engine.register_fn("given", |context: NativeCallContext, answers: Map| {
        let call = ApiCall::new(context);
        refuse_in_steps(&call, "given")?;
        for (entry, answers) in &answers {
            note_answers(&call, entry, answers)?;
        }
        Answer::Ok(())
    });
}

pub(crate) fn refuse_in_steps(call: &ApiCall<'_>, name: &str) -> Answer<()> {
    match call.step.kind() {
        ScriptKind::Examples => Ok(()),
        ScriptKind::Step => Err(call.mistake(
            format!("`{name}` means nothing in a step"),
            "move it to a file in the folder's examples/, which leora-run check tries",
        )),
    }
}

fn note_answers(call: &ApiCall<'_>, name: &str, answers: &Dynamic) -> Answer<()> {
    let Some(entry) = find(name) else {
        let names = ENTRIES.each_ref().map(|entry| entry.name);
        let help = nearest(name, names).map_or_else(
            || format!("its entries are {}", names.join(", ")),
            |near| format!("did you mean {near}?"),
        );
        return Err(call.mistake(format!("given has no entry {name}"), help));
    };
    let wrong_shape = || {
        let help = format!("write it like {}", entry.usage);
        call.mistake(format!("given can't read this answer for {name}"), help)
    };
    for (of, answer) in answers.clone().try_cast::<Map>().ok_or_else(wrong_shape)? {
        if entry.name == "setting" {
            let declared = call.step.check_declared(&of);
            declared.map_err(|unknown| call.mistake(unknown.to_string(), unknown.help))?;
        }
        let mut noted = None;
        call.step.change_given(|given| noted = (entry.note)(given, of.to_string(), &answer));
        noted.ok_or_else(wrong_shape)?;
    }
    Ok(())
}

fn find(name: &str) -> Option<&'static GivenEntry> {
    ENTRIES.iter().find(|entry| entry.name == name)
}

/// The `given(...)` that would answer a question, with an answer to be replaced.
pub(crate) fn write_given(entry: &str, of: &str) -> String {
    let answer = find(entry).map_or("()", |entry| entry.answer);
    format!("given(#{{ {entry}: #{{ {of:?}: {answer} }} }});")
}

#[cfg(test)]
mod tests {
    use super::write_given;
    use crate::testing::{example_failures, example_file, failure};

    const EXAMPLE: &str = "example(\"a\", #{}, \"c\", 1);";

    #[test]
    fn answers_hold_for_the_examples_below() {
        let script = format!("{EXAMPLE}\ngiven(#{{ count: #{{ T: 12 }} }});\n{EXAMPLE}");
        let (examples, _) = example_file(&script);
        let counts: Vec<Option<&u64>> =
            examples.iter().map(|one| one.given.counts.get("T")).collect();
        assert_eq!(counts, [None, Some(&12)]);
    }

    #[test]
    fn an_answer_of_another_shape_is_refused() {
        for (given, message) in [
            ("cuont: #{ T: 1 }", "given has no entry cuont; did you mean count?"),
            (
                "count: 12",
                "given can't read this answer for count; write it like given(#{ count: #{ Customer: 12 } })",
            ),
            (
                "count: #{ T: -1 }",
                "given can't read this answer for count; write it like given(#{ count: #{ Customer: 12 } })",
            ),
            (
                "index: #{ i: 1 }",
                "given can't read this answer for index; write it like given(#{ index: #{ Customer_territory_idx: #{ table: \"Customer\", columns: [\"territory\"] } } })",
            ),
            (
                "setting: #{ a: 1 }",
                "no script of this folder has a setting named a; its scripts have no settings",
            ),
        ] {
            let script = format!("given(#{{ {given} }});");
            let findings = example_failures(&script);
            assert_eq!(findings, [format!("1:1: {message}")], "{script}");
        }
        assert!(failure("given(#{});").contains("`given` means nothing in a step"));
    }

    #[test]
    fn the_answer_to_a_question_is_written_out() {
        assert_eq!(write_given("count", "T"), "given(#{ count: #{ \"T\": 12 } });");
        assert_eq!(write_given("last_run", "p"), "given(#{ last_run: #{ \"p\": () } });");
    }
}
