//! `record_migration` and `record_rollback`: a migration's name in the history.

use leora_report::Entry;
use rhai::{Engine, NativeCallContext};

use crate::api::reference::{Function, Primitive};
use crate::api_call::ApiCall;

pub(crate) const PRIMITIVE: Primitive = Primitive {
    functions: &[
        Function {
            name: "record_migration",
            forms: &["record_migration(name: text) -> nothing"],
            about: "Writes the migration's name in the history, once. `records` in the manifest must list it.",
            usage: "record_migration(\"20251025173000_phase2_complete\")",
            example: "record_migration(\"20251025173000_phase2_complete\");",
            errors: &[
                "a migration can only be recorded by a folder whose access is \"read-write\"",
                "the manifest does not allow recording the migration x",
            ],
        },
        Function {
            name: "record_rollback",
            forms: &["record_rollback(name: text) -> nothing"],
            about: "Writes in the history that the migration was taken back. `records` in the manifest must list it.",
            usage: "record_rollback(\"20251025173000_phase2_complete\")",
            example: "record_rollback(\"20251025173000_phase2_complete\");",
            errors: &[],
        },
    ],
    register,
};

fn register(engine: &mut Engine) {
    engine.register_fn("record_migration", |context: NativeCallContext, name: &str| {
        let call = ApiCall::new(context);
        let recording = call.ask(|host| host.writer().record_migration(name))?;
        call.report(Entry::Migration { name: name.to_owned(), recording, rollback: false })
    });
    engine.register_fn("record_rollback", |context: NativeCallContext, name: &str| {
        let call = ApiCall::new(context);
        let recording = call.ask(|host| host.writer().record_rollback(name))?;
        call.report(Entry::Migration { name: name.to_owned(), recording, rollback: true })
    });
}

#[cfg(test)]
mod tests {
    use leora_report::Entry;

    use crate::testing::run;

    #[test]
    fn a_record_and_its_rollback_are_reported() {
        let ran = run("record_migration(\"m\"); record_rollback(\"m\");");
        let rollback = |entry: &Entry| match entry {
            Entry::Migration { name, rollback, .. } => Some((name.clone(), *rollback)),
            _ => None,
        };
        let reported: Vec<_> = ran.result.entries.iter().filter_map(rollback).collect();
        assert_eq!(reported, [("m".to_owned(), false), ("m".to_owned(), true)]);
    }
}
