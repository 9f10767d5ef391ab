//! A database as Supabase sets it up: roles of its Data API, and default privileges that open new tables to them.

use crate::support::{OwnServer, Project};

/// What Supabase's own setup grants.
const SETUP: &str = "\
CREATE ROLE anon NOLOGIN; CREATE ROLE authenticated NOLOGIN; CREATE ROLE service_role NOLOGIN BYPASSRLS; \
GRANT USAGE ON SCHEMA public TO anon, authenticated, service_role; \
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON TABLES TO anon, authenticated, service_role; \
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON SEQUENCES TO anon, authenticated, service_role";

const OPEN: &str =
    "CallPlanAccount is open to anon: ALTER TABLE \"CallPlanAccount\" ENABLE ROW LEVEL SECURITY;";

#[test]
fn a_run_that_opens_new_tables_to_everybody_warns_and_fails_where_asked_to() {
    // Roles are of the whole server.
    let server = OwnServer::start(&[]);
    let (project, database) = (Project::new(), server.sample());
    database.run(SETUP);
    let before = database.fingerprint();
    project.run(&database, "scripts/phase2 --strict").exits(1).tells(OPEN);
    assert_eq!(database.fingerprint(), before);
    let report = project.run(&database, "scripts/phase2 --format json").exits(0).json();
    let expectations = report["steps"][3]["expectations"].as_array().expect("some");
    let last = expectations.last().expect("one");
    assert_eq!((&last["held"], &last["warning"]), (&false.into(), &true.into()), "{last}");
    project.run(&database, "scripts/verify").exits(0).tells(OPEN);
    project.run(&database, "scripts/verify --strict").exits(1);
    for table in ["CallPlanAccount", "CallPlanActivity"] {
        database.run(&format!("ALTER TABLE \"{table}\" ENABLE ROW LEVEL SECURITY"));
    }
    project.run(&database, "scripts/verify --strict").exits(0).says("7 of 7 held");
}
