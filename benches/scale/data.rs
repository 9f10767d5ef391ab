//! The data: the sample CRM, with its customers multiplied, as wide as real ones.

use std::path::Path;

use super::server::BenchServer;

/// The database that the contestants work on.
pub(crate) const FRESH: &str = "fresh";

/// The path of a file of the project.
pub(crate) fn path(file: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(file).display().to_string()
}

fn template(size: u64) -> String {
    format!("rows_{size}")
}

/// Builds the database of this size.
pub(crate) fn build(server: &BenchServer, size: u64) {
    let name = template(size);
    server.run("postgres", &format!("CREATE DATABASE {name}"));
    for file in ["sql/sample-crm.sql", "benches/sql/grow.sql"] {
        let mut psql = server.psql(&name);
        psql.args(["-v", &format!("rows={size}"), "-f", &path(file)]);
        assert!(psql.status().expect("psql is installed").success(), "{file}");
    }
}

/// Makes a fresh copy of it, and leaves nothing to be written.
pub(crate) fn fresh(server: &BenchServer, size: u64) {
    server.run("postgres", &format!("DROP DATABASE IF EXISTS {FRESH} WITH (FORCE)"));
    let copy = if version(server) < 150_000 { "" } else { " STRATEGY file_copy" };
    server.run("postgres", &format!("CREATE DATABASE {FRESH} TEMPLATE {}{copy}", template(size)));
    server.run("postgres", "CHECKPOINT");
    // Read once, so that every contestant meets the same warm pages.
    server.run(FRESH, "SELECT count(*) FROM \"Customer\" WHERE \"accountType\" IS NULL");
}

/// The server's version, as a number.
fn version(server: &BenchServer) -> u32 {
    server.value("postgres", "SHOW server_version_num").parse().expect("a number")
}

/// What Phase 2 has made of the customers, as one value: their classes and priorities.
pub(crate) fn migrated(server: &BenchServer) -> String {
    server.value(
        FRESH,
        "SELECT md5(string_agg(concat_ws(' ', id, \"accountType\", \"accountPriority\"), ',' ORDER BY id)) FROM \"Customer\"",
    )
}

/// Drops the databases of this size.
pub(crate) fn drop(server: &BenchServer, size: u64) {
    for name in [FRESH.to_owned(), template(size)] {
        server.run("postgres", &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
    }
}
