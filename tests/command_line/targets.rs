//! Which database: where its address comes from, that its password is never shown, and who confirms.

use expect_test::expect;
use leora_postgres::{Target, TargetError, TargetSource};

use crate::support::{Database, Output, Project};

const CHECK: &str = "note(\"here\");";

/// Runs a read-only folder with these variables and `.env`.
fn where_from(variables: &[(&str, &str)], dotenv: &str, arguments: &str) -> Output {
    let project = Project::new();
    project.script("access = \"read-only\"", CHECK).write(".env", dotenv);
    let mut command = project.command(&format!("scripts/try {arguments}"));
    project.output(command.envs(variables.iter().copied()))
}

#[test]
fn the_address_comes_from_the_option_then_the_environment_then_dotenv() {
    let database = Database::sample();
    let (url, nowhere) = (database.url(), "postgresql://127.0.0.1:1/x");
    let said = |output: Output, from: &str| output.exits(0).says(&format!("(from {from})"));
    let both = [("DIRECT_URL", nowhere), ("DATABASE_URL", nowhere)];
    said(where_from(&both, "", &format!("--database-url {url}")), "--database-url");
    said(where_from(&[("DIRECT_URL", &url), ("DATABASE_URL", nowhere)], "", ""), "DIRECT_URL");
    let elsewhere = format!("DIRECT_URL={nowhere}");
    said(where_from(&[("DATABASE_URL", &url)], &elsewhere, ""), "DATABASE_URL");
    let dotenv = format!("# the CRM\nDATABASE_URL={nowhere}\nDIRECT_URL=\"{url}\"\n");
    said(where_from(&[], &dotenv, ""), "DIRECT_URL in .env");
    said(
        where_from(&[("DIRECT_URL", " ")], &format!("DATABASE_URL='{url}'"), ""),
        "DATABASE_URL in .env",
    );
}

#[test]
fn without_a_user_it_is_the_one_of_the_system_as_for_psql() {
    let database = Database::sample();
    let mut url = url::Url::parse(&database.url()).expect("an address");
    let role = url.username().to_owned();
    url.set_username("").expect("an address");
    let whoami = std::process::Command::new("id").arg("-un").output().expect("id");
    let user = String::from_utf8(whoami.stdout).expect("a name");
    let target = Target::parse(url.as_str(), TargetSource::Option).expect("an address");
    assert_eq!(target.user, user.trim());
    where_from(&[("PGUSER", &role)], "", &format!("--database-url {url}")).exits(0);
}

#[test]
fn several_hosts_are_refused() {
    let output = where_from(&[], "", "--database-url postgresql://u@a,b/d").exits(2);
    output.says("its host has a comma in it").says("name the one server that takes writes");
}

#[test]
fn without_an_address_it_says_which_ways_there_are() {
    let output = where_from(&[], "", "").exits(2);
    expect![[r#"
        error: no database was named
        help: give --database-url postgresql://..., or set DIRECT_URL or DATABASE_URL
              (also in .env), or PGSERVICE or PGHOST and PGDATABASE, or try it on
              --sandbox
    "#]]
    .assert_eq(&output.stdout);
    // As Prisma does, it skips what is no variable.
    where_from(&[], "what is this", "").exits(2).says("error: no database was named");
    where_from(&[], "DATABASE_URL=${A}\nA=${DATABASE_URL}", "")
        .exits(2)
        .says("error: .env can't be read: A refers to itself");
}

#[test]
fn an_address_that_can_not_be_read_never_shows_its_password() {
    let wrong = [
        ("s3kret", "it does not start with\n       postgresql://"),
        ("mysql://u:s3kret@h/d", "it does not start with\n       postgresql://"),
        ("postgresql://u:s3kret@h:port/d", "what should be the port is\n       no number"),
        ("postgresql://u:s3k#ret@h:5432/d", "or the password has a # or / in it"),
        ("postgresql://u:s3k%ffret@h/d", "a % in it does not stand for"),
    ];
    for (address, reason) in wrong {
        let output = where_from(&[], "", &format!("--database-url {address}")).exits(2);
        output
            .says("error: the address in --database-url can't be read: ")
            .says(reason)
            .says("write # as %23")
            .says_not("s3k");
    }
    where_from(&[], "", "--database-url postgresql://u:s3kret@h:5432")
        .exits(2)
        .says("error: --database-url does not name a database\nhelp: write its name at the end")
        .says_not("s3k");
    where_from(&[], "", "--database-url postgresql://u:s3kret@h/d?sslmode=maybe")
        .exits(2)
        .says("error: --database-url: sslmode=maybe means nothing\nhelp: it is one of disable, allow,")
        .says_not("s3k");
}

#[test]
fn a_read_address_never_shows_its_password() {
    let target = Target::parse("postgresql://u:s3kret@h:5433/crm", TargetSource::Option).unwrap();
    assert_eq!(format!("{target:?}"), "Target(crm at h:5433)");
    where_from(&[], "", "--database-url postgresql://u:s3kret@127.0.0.1:1/crm")
        .exits(3)
        .says_not("s3kret");
}

#[test]
fn the_name_is_the_project_reference_or_the_database() {
    let name = |address: &str| {
        Target::parse(address, TargetSource::Variable("DIRECT_URL")).map(|found| found.name)
    };
    let found = |name: &str| Ok::<_, TargetError>(name.to_owned());
    assert_eq!(
        name("postgresql://postgres:x@db.abcdefgh.supabase.co:5432/postgres"),
        found("abcdefgh")
    );
    let pooled = "postgresql://postgres.abcdefgh:x@aws-0-eu-west-1.pooler.supabase.com:6543/postgres?pgbouncer=true";
    assert_eq!(name(pooled), found("abcdefgh"));
    assert_eq!(name("postgresql://postgres.abcdefgh:x@elsewhere.com/postgres"), found("postgres"));
    assert_eq!(name("postgres://u@h/crm?schema=public&connection_limit=1"), found("crm"));
}

#[test]
fn prisma_parameters_are_understood_or_set_aside() {
    let address =
        "postgresql://u@h/crm?schema=wine&pgbouncer=true&connection_limit=1&sslmode=require";
    assert_eq!(
        Target::parse(address, TargetSource::Option).map(|found| found.schema),
        Ok("wine".into())
    );
}

const WRITES: &str = "writes = [\"Customer.accountType\"]";
const RULE: &str = "update(\"Customer\").set(\"accountType\", \"ACTIVE\");";

#[test]
fn what_stays_must_be_confirmed_by_name() {
    let (project, database) = (Project::new(), Database::sample());
    project.script(WRITES, RULE);
    let (before, name) = (database.fingerprint(), &database.name);
    let run = |confirm: &str| {
        let mut command = project.command(&format!("scripts/try {confirm}"));
        project.output(command.arg("--database-url").arg(database.url()))
    };
    let help = "help: if it is the right database, give";
    run("")
        .exits(4)
        .says(&format!("error: this would write to {name}, and nobody confirmed it\n{help}"))
        .says("Nothing was changed.");
    run("--confirm Leora")
        .exits(4)
        .says(&format!("error: \"Leora\" is not the name of the target, which is {name}\n{help}"));
    assert_eq!(database.fingerprint(), before);
    run(&format!("--confirm {name}")).exits(0);
    assert_eq!(database.classes(), ["ACTIVE/- 5394"]);
}

#[test]
fn what_does_not_stay_needs_no_confirmation() {
    let (project, database) = (Project::new(), Database::sample());
    let before = database.fingerprint();
    for (manifest, script) in [
        ("access = \"read-only\"", CHECK),
        ("access = \"rolled-back\"\nwrites = [\"Customer.accountType\"]", RULE),
    ] {
        project.script(manifest, script);
        let mut command = project.command("scripts/try");
        project.output(command.arg("--database-url").arg(database.url())).exits(0);
    }
    assert_eq!(database.fingerprint(), before);
}
