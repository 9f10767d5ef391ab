//! Addresses as people write them.

use leora_postgres::{Target, TargetSource};

use super::check;
use crate::support::{GuardedServer, Project, Tls};

/// Host, port, database and role of an address, or what is wrong with it.
fn read(address: &str) -> Result<(String, u16, String, String), String> {
    Target::parse(address, TargetSource::Option)
        .map(|found| (found.host, found.port, found.database, found.user))
        .map_err(|error| error.to_string())
}

#[test]
fn hosts_are_names_numbers_and_directories() {
    let cases = [
        ("postgres://u@h/d", "h", 5432),
        ("postgresql://u@h:5433/d", "h", 5433),
        ("postgresql://u@[::1]:5433/d", "::1", 5433),
        ("postgresql://u@[2001:db8::7]/d", "2001:db8::7", 5432),
        ("postgresql://u@%2Fvar%2Frun%2Fpostgresql/d", "/var/run/postgresql", 5432),
        ("postgresql://u@/d?host=/tmp/sockets", "/tmp/sockets", 5432),
        ("postgresql:///d?host=/tmp/sockets&user=u&port=6000", "/tmp/sockets", 6000),
        ("postgresql://u@localhost/other?host=h&dbname=d", "h", 5432),
        (" postgresql://u@h/d\n", "h", 5432),
    ];
    for (address, host, port) in cases {
        assert_eq!(read(address), Ok((host.into(), port, "d".into(), "u".into())), "{address}");
    }
}

#[test]
fn a_character_that_ends_the_password_too_early_is_named() {
    for (address, sign) in [
        ("postgresql://u:12#34@h:5432/d", "#"),
        ("postgresql://u:12/34@h:5432/d", "/"),
        ("postgresql://u:12?34@h:5432/d", "?"),
    ] {
        let told = read(address).expect_err(address);
        assert!(
            told.contains(&format!("there is a {sign} in it, in the password most likely")),
            "{told}"
        );
        assert!(!told.contains("34"), "{told}");
    }
    let several = read("postgresql://u:x@one:5432,two:5432/d").expect_err("several hosts");
    assert!(several.contains("or there are several hosts"), "{several}");
}

#[test]
fn parameters_are_understood_or_set_aside_with_a_note() {
    let found = |address: &str| Target::parse(address, TargetSource::Option).expect(address);
    let prisma = found(
        "postgresql://u@h/d?schema=wine&pgbouncer=true&connection_limit=1&pool_timeout=0&socket_timeout=5&\
         connect_timeout=0&statement_cache_size=0&application_name=crm&options=-c%20statement_timeout%3D5s",
    );
    assert_eq!(
        (prisma.schema.as_str(), prisma.pooler),
        ("wine", Some("its address says pgbouncer=true"))
    );
    let aside = ["connection_limit", "pool_timeout", "socket_timeout", "statement_cache_size"];
    assert_eq!(
        (prisma.ignored_parameters.as_slice(), prisma.notes.len()),
        (aside.map(str::to_owned).as_slice(), 0)
    );
    let strange =
        found("postgresql://u@h/d?sslidentity=client.p12&channel_binding=require&wine=red");
    assert_eq!(strange.notes.len(), 3, "{:?}", strange.notes);
    assert!(
        strange.notes[2].starts_with("wine of the address means nothing here"),
        "{:?}",
        strange.notes
    );
    for (address, reason) in [
        ("postgresql://u@h/d?sslmode=strict", "sslmode=strict means nothing"),
        ("postgresql://u@h/d?connect_timeout=soon", "its connect_timeout is no number"),
        ("postgresql://u@h/d?port=many", "its port is no number up to 65535"),
        ("postgresql://u@h/d?options=fast", "options can't be read"),
        ("postgresql://u@h/d?schema", "a parameter after the ? has no value"),
    ] {
        assert!(
            read(address).expect_err(address).contains(reason),
            "{address}: {:?}",
            read(address)
        );
    }
}

#[test]
fn every_special_character_in_a_password_gets_in() {
    let server = GuardedServer::start(Tls::Off);
    let project = Project::new();
    for (number, c) in " !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~äß€𝄞".chars().enumerate() {
        let (role, password) = (format!("r{number}"), format!("a{c}b"));
        server
            .run(&format!("CREATE ROLE {role} LOGIN PASSWORD '{}'", password.replace('\'', "''")));
        let mut buffer = [0; 4];
        let escaped: String =
            c.encode_utf8(&mut buffer).bytes().map(|byte| format!("%{byte:02X}")).collect();
        let url = format!("postgresql://{role}:a{escaped}b@127.0.0.1:{}/crm", server.port);
        let mut command = project.command("doctor --format json --database-url");
        project.output(command.arg(url)).exits(0);
        // By libpq's own variable it needs no escape.
        let mut command = project.command("doctor --format json --database-url");
        command.arg(format!("postgresql://{role}@127.0.0.1:{}/crm", server.port));
        project.output(command.env("PGPASSWORD", &password)).exits(0);
    }
    let wrong = format!("postgresql://app:wrong@127.0.0.1:{}/crm", server.port);
    let mut command = project.command("doctor --format json --database-url");
    let output = project.output(command.arg(wrong)).exits(1);
    let told = check(&output, "connection");
    assert!(
        told.contains("special characters are written as %XX") && !told.contains("wrong@"),
        "{told}"
    );
}

#[test]
fn dotenv_is_read_as_prisma_reads_it() {
    let server = GuardedServer::start(Tls::Off);
    server.run("ALTER ROLE app PASSWORD 'pa#$s word'");
    let port = server.port;
    let from = |dotenv: &str, file: &str, source: &str| {
        let project = Project::new();
        project.write(file, dotenv);
        let output = project.output(&mut project.command("doctor --format json")).exits(0);
        let told = check(&output, "connection");
        assert!(told.contains(&format!("from {source},")), "{told}");
    };
    let parts = format!(
        "# the CRM\nexport PASSWORD='pa%23%24s%20word' # quoted\nHOST=127.0.0.1:{port}\n\
         SERVER=\"${{HOST}}/crm\"\nDATABASE_URL=\"postgresql://app:${{PASSWORD}}@${{SERVER}}?schema=public\"\n"
    );
    from(&parts, ".env", "DATABASE_URL in .env");
    from(&parts, "prisma/.env", "DATABASE_URL in prisma/.env");
    let both = format!(
        "DATABASE_URL=postgresql://nobody@127.0.0.1:1/x\n{}",
        parts.replace("DATABASE_URL", "DIRECT_URL")
    );
    from(&both, ".env", "DIRECT_URL in .env");
}
