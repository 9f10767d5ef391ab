//! The data: the sample CRM, with its customers multiplied, as wide as real ones.

use std::path::Path;

use super::contestants::SMALL;
use super::server::BenchServer;

/// The database that the contestants work on.
pub(crate) const FRESH: &str = "fresh";

/// The path of a file of the project.
pub(crate) fn path(file: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(file).display().to_string()
}

/// Which tables a database has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tables {
    Customers,
    /// Also five orders for each customer, on average.
    Orders,
}

fn template(size: u64, tables: Tables) -> String {
    match tables {
        Tables::Customers => format!("rows_{size}"),
        Tables::Orders => format!("orders_{size}"),
    }
}

/// Builds the databases of this size.
pub(crate) fn build(server: &BenchServer, size: u64) {
    let name = template(size, Tables::Customers);
    server.run("postgres", &format!("CREATE DATABASE {name}"));
    for file in ["sql/sample-crm.sql", "benches/sql/grow.sql"] {
        load(server, &name, size, file);
    }
    if size > SMALL {
        let orders = template(size, Tables::Orders);
        server.run("postgres", &format!("CREATE DATABASE {orders} TEMPLATE {name}"));
        load(server, &orders, size, "benches/sql/orders.sql");
    }
}

fn load(server: &BenchServer, database: &str, size: u64, file: &str) {
    let mut psql = server.psql(database);
    psql.args(["-v", &format!("rows={size}"), "-f", &path(file)]);
    assert!(psql.status().expect("psql is installed").success(), "{file}");
}

/// Makes a fresh copy of it, and leaves nothing to be written.
pub(crate) fn fresh(server: &BenchServer, size: u64, tables: Tables) {
    server.run("postgres", &format!("DROP DATABASE IF EXISTS {FRESH} WITH (FORCE)"));
    let copy = if version(server) < 150_000 { "" } else { " STRATEGY file_copy" };
    let template = template(size, tables);
    server.run("postgres", &format!("CREATE DATABASE {FRESH} TEMPLATE {template}{copy}"));
    server.run("postgres", "CHECKPOINT");
    // Read once, so that every contestant meets the same warm pages.
    server.run(FRESH, "SELECT count(*) FROM \"Customer\" WHERE \"accountType\" IS NULL");
    if tables == Tables::Orders {
        server.run(FRESH, "SELECT count(\"total\") FROM \"SalesOrder\"");
    }
}

/// The server's version, as a number.
fn version(server: &BenchServer) -> u32 {
    server.value("postgres", "SHOW server_version_num").parse().expect("a number")
}

/// What was made of the customers, as one value: their classes, and the priorities where Phase 2 gives them some.
pub(crate) fn made(server: &BenchServer, tables: Tables) -> String {
    let priority = match tables {
        Tables::Customers => ", \"accountPriority\"",
        Tables::Orders => "",
    };
    server.value(
        FRESH,
        &format!(
            "SELECT md5(string_agg(concat_ws(' ', id, \"accountType\"{priority}), ',' ORDER BY id)) FROM \"Customer\""
        ),
    )
}

/// Drops the databases of this size.
pub(crate) fn drop(server: &BenchServer, size: u64) {
    let templates = [Tables::Customers, Tables::Orders].map(|tables| template(size, tables));
    for name in templates.into_iter().chain([FRESH.to_owned()]) {
        server.run("postgres", &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
    }
}
