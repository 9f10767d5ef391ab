//! `run_sql`: an SQL file that the manifest names.

use leora_report::{Entry, Expectation, ObjectOwnership, SqlRun};
use rhai::{Engine, NativeCallContext};

use crate::api::reference::{Function, Primitive};
use crate::api_call::{Answer, ApiCall};

pub(crate) const PRIMITIVE: Primitive = Primitive {
    functions: &[Function {
        name: "run_sql",
        forms: &["run_sql(file: text) -> integer"],
        about: "Runs an SQL file that the manifest names; returns how many objects it created, changed or dropped.",
        usage: "run_sql(\"phase2-migration.sql\")",
        example: "let objects = run_sql(\"phase2-migration.sql\");\nnote(`${objects} objects changed`);",
        errors: &["the manifest does not name the SQL file drop-all.sql"],
    }],
    register,
};

fn register(engine: &mut Engine) {
    engine.register_fn("run_sql", run_sql);
}

fn run_sql(context: NativeCallContext, file: &str) -> Answer<i64> {
    let call = ApiCall::new(context);
    call.step.on_start(file);
    let ran = call.ask(|host| host.writer().run_sql_file(file))?;
    let objects = ran.objects.len() as i64;
    let warnings = access_warnings(file, &ran);
    call.report(Entry::Sql { file: file.to_owned(), ran })?;
    for warning in warnings {
        call.report(Entry::Expectation(warning))?;
    }
    Ok(objects)
}

/// A warning for each kind of role that can't use what an SQL file made, with the statements that change it.
fn access_warnings(file: &str, ran: &SqlRun) -> Vec<Expectation> {
    let warning = |label: String, findings: &[String]| Expectation {
        label,
        held: false,
        warning: true,
        findings: findings.to_vec(),
        place: None,
    };
    let mut warnings = Vec::new();
    if let ObjectOwnership::NotReassigned { role, owner, statements } = &ran.ownership {
        let label = format!(
            "what {file} made stayed with {role}: {owner}, who owns the tables around it, can't use it; \
             a superuser gives it away:"
        );
        warnings.push(warning(label, statements));
    }
    if !ran.grants_for_others.is_empty() {
        let label = format!(
            "some who work with the tables around it can't use the tables that {file} made, until \
             their owner grants it:"
        );
        warnings.push(warning(label, &ran.grants_for_others));
    }
    warnings
}

#[cfg(test)]
mod tests {
    use leora_report::{Entry, ObjectOwnership, SqlRun};

    use super::access_warnings;
    use crate::testing::run;

    #[test]
    fn the_number_of_changed_objects_is_returned() {
        let ran = run("note(run_sql(\"a.sql\"));");
        assert!(matches!(&ran.result.entries[0], Entry::Sql { file, .. } if file == "a.sql"));
        assert_eq!(ran.notes(), ["0"]);
    }

    #[test]
    fn roles_that_can_not_use_the_new_tables_are_a_warning() {
        let ran = SqlRun {
            ownership: ObjectOwnership::NotReassigned {
                role: "runner".into(),
                owner: "app".into(),
                statements: vec!["ALTER TABLE a OWNER TO app".into()],
            },
            grants_for_others: vec!["GRANT SELECT ON a TO reader".into()],
            ..SqlRun::default()
        };
        let warnings = access_warnings("a.sql", &ran);
        assert_eq!(warnings.len(), 2);
        assert!(warnings[0].label.starts_with("what a.sql made stayed with runner: app, who owns"));
        assert_eq!(warnings[1].findings, ["GRANT SELECT ON a TO reader"]);
        assert!(warnings.iter().all(|warning| warning.warning && !warning.held));
    }
}
