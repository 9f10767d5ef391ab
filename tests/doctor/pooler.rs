//! The doctor tells a transaction pooler from the server.

use crate::support::{Database, PgBouncer, Project};

#[test]
fn a_transaction_pooler_fails_and_is_only_worth_a_word_where_it_is_allowed() {
    let (project, database) = (Project::new(), Database::sample());
    let bouncer = PgBouncer::start("transaction", &database);
    let ask = |arguments: &str| {
        let mut command = project.command(arguments);
        project.output(command.args(["--database-url", &bouncer.url(&database)]))
    };
    let refused = ask("doctor scripts/verify").exits(1);
    refused.says("fail  pooler").tells("set DIRECT_URL to the database's own address");
    ask("doctor scripts/phase2 --allow-pooler").exits(0).says("warn  pooler");
    let by_port = "postgresql://app@127.0.0.1:1/x?pgbouncer=true";
    let mut command = project.command("doctor --database-url");
    project.output(command.arg(by_port)).exits(1).says("fail  connection");
}
