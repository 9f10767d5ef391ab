//! Whose is what Phase 2 makes: the application's, which owns the tables around it, whoever ran it.

use super::checks::{Checks, examined};
use super::grants::{TestRole, bare};
use crate::support::{Database, Output, Project, Session};

/// Gives every table and type to a role, as where the application has made them itself.
fn owned_by(database: &Database, owner: &TestRole<'_>) {
    let kinds = [
        ("TABLE", "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'"),
        ("TYPE", "SELECT typname::text FROM pg_type WHERE typtype = 'e'"),
    ];
    for (kind, listed) in kinds {
        for row in database.rows(listed) {
            database.run(&format!("ALTER {kind} \"{}\" OWNER TO {}", row[0], owner.name));
        }
    }
    database.run(&format!("GRANT USAGE ON SCHEMA public TO {}", owner.name));
}

/// The owners of what Phase 2 makes.
fn owners(database: &Database) -> Vec<String> {
    let sql = "SELECT DISTINCT pg_get_userbyid(owner)::text FROM ( \
        SELECT relowner FROM pg_class WHERE relname IN ('CallPlanAccount', 'CallPlanActivity', 'CallPlanActivity_pkey') \
        UNION ALL SELECT typowner FROM pg_type WHERE typname IN ('AccountPriority', 'CallPlanStatus', 'ContactOutcome')) AS made (owner)";
    database.rows(sql).into_iter().map(|mut row| row.remove(0)).collect()
}

fn granted(project: &Project, database: &Database, role: &TestRole<'_>) -> String {
    let asked = format!("doctor --grants scripts/phase2 --role {}", role.name);
    let sql = project.run(database, &asked).exits(0).stdout;
    database.run(&sql);
    sql
}

fn doctor(role: &TestRole<'_>, project: &Project) -> Checks {
    Checks::of(&role.runs(project, "doctor scripts/phase2 --format json").exits(0))
}

/// What the application does with its new tables, once it may use the database at all.
fn works_with_them(database: &Database, role: &TestRole<'_>) {
    let mut session = connected(database, role);
    session.run(
        "SELECT * FROM \"CallPlanAccount\"; SELECT \"accountPriority\"::text FROM \"Customer\" LIMIT 1; \
         DELETE FROM \"CallPlanActivity\"; UPDATE \"CallPlanAccount\" SET notes = NULL",
    );
}

fn connected(database: &Database, role: &TestRole<'_>) -> Session {
    database.run(&format!("GRANT CONNECT ON DATABASE {} TO {}", database.name, role.name));
    Session::of(&database.url_as(&role.name, "secret"))
}

#[test]
fn what_a_member_makes_is_its_owners_with_the_owners_default_privileges() {
    let (project, database) = (Project::new(), bare());
    let (app, reader) = (TestRole::new(&database, "app"), TestRole::new(&database, "reader"));
    let runner = TestRole::new(&database, "runner");
    owned_by(&database, &app);
    database.run(&format!(
        "GRANT CREATE ON SCHEMA public TO {0}; GRANT USAGE ON SCHEMA public TO {1}; \
         GRANT SELECT ON \"CallPlan\" TO {1}; \
         ALTER DEFAULT PRIVILEGES FOR ROLE {0} IN SCHEMA public GRANT SELECT ON TABLES TO {1}",
        app.name, reader.name
    ));
    granted(&project, &database, &runner);
    let goes = format!("what phase2-migration.sql creates goes to {}", app.name);
    doctor(&runner, &project).has("ownership", "ok", &goes);
    let given = format!("would be given to {}", app.name);
    runner.runs(&project, "plan scripts/phase2").exits(0).says(&given);
    assert_eq!(owners(&database), [] as [&str; 0]);
    let ran = runner.runs(&project, "scripts/phase2 --strict --format json").exits(0).json();
    let made = ran["steps"][2]["objects"].as_array().expect("objects");
    let given = made.iter().filter(|one| one["given_to"] == app.name.as_str()).count();
    assert_eq!(given, 5, "three enums and two tables: {made:#?}");
    assert_eq!(owners(&database), [app.name.as_str()]);
    works_with_them(&database, &app);
    let mut session = connected(&database, &reader);
    session.run("SELECT * FROM \"CallPlanActivity\"");
    assert!(session.try_run("DELETE FROM \"CallPlanActivity\"").is_err());
}

#[test]
fn a_superuser_leaves_what_it_makes_to_the_application_too() {
    let (project, database) = (Project::new(), bare());
    let app = TestRole::new(&database, "app");
    owned_by(&database, &app);
    let checks = examined(&project, &database, "scripts/phase2", 0);
    checks.has("ownership", "ok", &format!("goes to {}", app.name));
    project.run(&database, "scripts/phase2 --strict").exits(0).says("given to");
    assert_eq!(owners(&database), [app.name.as_str()]);
    works_with_them(&database, &app);
}

#[test]
fn an_owner_that_may_have_nothing_in_the_schema_is_told_with_the_remedy() {
    let (project, database) = (Project::new(), bare());
    let (app, runner) = (TestRole::new(&database, "app"), TestRole::new(&database, "runner"));
    owned_by(&database, &app);
    let create = format!("GRANT CREATE ON SCHEMA \"public\" TO \"{}\";", app.name);
    let printed = granted(&project, &database, &runner);
    assert!(printed.contains(&create), "{printed}");
    doctor(&runner, &project).has("ownership", "ok", "goes to");
    database.run(&format!("REVOKE CREATE ON SCHEMA public FROM {}", app.name));
    let remedy = create.replace('"', "\\\"");
    doctor(&runner, &project).has("ownership", "warn", "could not use it").has(
        "ownership",
        "warn",
        &remedy,
    );
    // Who wants to be sure stops here.
    runner.runs(&project, "scripts/phase2 --strict").exits(1);
    assert_eq!(owners(&database), [] as [&str; 0]);
    let ran = runner.runs(&project, "scripts/phase2 --format json").exits(0).json();
    assert_eq!(owners(&database), [runner.name.as_str()]);
    let told = &ran["steps"][2]["expectations"][0];
    assert_eq!((&told["held"], &told["warning"]), (&false.into(), &true.into()), "{told}");
    let statements = told["findings"].as_array().expect("statements");
    assert_eq!(statements.len(), 5, "{statements:#?}");
    for statement in statements {
        database.run(statement.as_str().expect("SQL"));
    }
    assert_eq!(owners(&database), [app.name.as_str()]);
    works_with_them(&database, &app);
}

#[test]
fn who_works_with_the_tables_by_a_grant_is_told_what_is_missing() {
    let (project, database) = (Project::new(), bare());
    let (app, runner) = (TestRole::new(&database, "app"), TestRole::new(&database, "runner"));
    let superuser = database.value("SELECT current_user::text");
    database.run(&format!(
        "GRANT USAGE ON SCHEMA public TO {0}; \
         GRANT SELECT, INSERT, UPDATE, DELETE ON \"Customer\", \"CallPlan\" TO {0}",
        app.name
    ));
    let opening = format!(
        "GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE \"public\".\"CallPlanAccount\", \"public\".\"CallPlanActivity\" TO {};",
        app.name
    );
    let printed = granted(&project, &database, &runner);
    assert!(printed.contains(&format!("\n-- {opening}")), "{printed}");
    assert!(
        printed.contains(&format!("-- Running it as {superuser} needs none of this")),
        "{printed}"
    );
    assert!(printed.contains(&format!("takes it from {superuser}")), "{printed}");
    let quoted = opening.replace('"', "\\\"");
    doctor(&runner, &project).has("ownership", "ok", "will own what").has(
        "ownership",
        "warn",
        &quoted,
    );
    let ran = runner.runs(&project, "scripts/phase2 --format json").exits(0).json();
    assert_eq!(ran["steps"][2]["expectations"][0]["findings"][0], opening.as_str());
    database.run(ran["steps"][2]["expectations"][0]["findings"][0].as_str().expect("SQL"));
    works_with_them(&database, &app);
    // Nothing new, nothing to say.
    runner.runs(&project, "scripts/phase2 --strict").exits(0);
}

#[test]
fn tables_of_several_owners_leave_it_open_whose_the_new_ones_are() {
    let (project, database) = (Project::new(), bare());
    let (app, other) = (TestRole::new(&database, "app"), TestRole::new(&database, "other"));
    owned_by(&database, &app);
    database.run(&format!("ALTER TABLE \"CallPlan\" OWNER TO {}", other.name));
    let both = format!("belong to {} and {}", app.name, other.name);
    examined(&project, &database, "scripts/phase2", 0).has("ownership", "warn", &both);
}

#[test]
fn a_superusers_tables_are_not_taken_without_a_word() {
    let (project, database) = (Project::new(), bare());
    let superuser = database.value("SELECT current_user::text");
    let asked = "doctor scripts/phase2 --role pg_monitor --format json";
    let checks = Checks::of(&project.run(&database, asked).exits(1));
    checks
        .has(
            "privileges",
            "fail",
            &format!("does not own Customer (the superuser {superuser} does)"),
        )
        .has("privileges", "fail", &format!("run it as {superuser}; or, to take Customer from"));
}

#[test]
fn a_member_that_may_not_act_as_the_owner_is_told_so() {
    let (project, database) = (Project::new(), bare());
    let (app, runner) = (TestRole::new(&database, "app"), TestRole::new(&database, "runner"));
    owned_by(&database, &app);
    database.run(&format!("GRANT CREATE ON SCHEMA public TO {}", app.name));
    granted(&project, &database, &runner);
    let told: Output = match database.major() {
        // A membership always allows that there.
        13..=15 => return assert!(!printed_with_set(&project, &database)),
        _ => {
            database.run(&format!("GRANT {} TO {} WITH SET FALSE", app.name, runner.name));
            runner.runs(&project, "doctor scripts/phase2 --format json").exits(0)
        }
    };
    let remedy = format!("GRANT \\\"{}\\\" TO \\\"{}\\\"", app.name, runner.name);
    Checks::of(&told).has("ownership", "warn", &remedy);
}

/// Whether the grants speak of an option that older servers do not know.
fn printed_with_set(project: &Project, database: &Database) -> bool {
    let asked = "doctor --grants scripts/phase2 --role leora_runner";
    project.run(database, asked).exits(0).stdout.contains("WITH SET")
}
