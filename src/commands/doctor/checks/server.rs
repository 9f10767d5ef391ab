//! The connection, and the server itself.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use leora_postgres::{CitusCluster, Target, TlsTrust};
use leora_report::{DoctorCheck, Failure};
use leora_rule::{Access, format_count};

use crate::commands::doctor::examined::ExaminedServer;

/// The oldest version that is tested.
const OLDEST_VERSION: u32 = 130_000;

/// The first version that notices during a statement when its client is gone (`client_connection_check_interval`).
const NOTICES_LOST_CLIENTS: u32 = 140_000;

/// How far the clocks may differ before times in the history are confusing.
const MAX_CLOCK_DIFFERENCE_S: i64 = 60;

pub(crate) fn connection_failure(failure: &Failure) -> DoctorCheck {
    let remedy = failure.help.clone().unwrap_or_else(|| "check the address".into());
    DoctorCheck::fail("connection", failure.message.clone(), remedy)
}

pub(crate) fn connection(server: &ExaminedServer) -> Vec<DoctorCheck> {
    let target = &server.target;
    let place = match target.host.starts_with('/') {
        true => "a Unix socket".to_owned(),
        false => format!("{}:{}", target.host, target.port),
    };
    let Target { database, source, .. } = target;
    let message = format!(
        "database {database} on {place}, as {}, from {source}, in {} ms",
        server.role.name,
        server.connect_time.as_millis()
    );
    let message = match target.ignored_parameters.as_slice() {
        [] => message,
        ignored => {
            format!("{message}; ignored, since they are Prisma's own: {}", ignored.join(", "))
        }
    };
    vec![match target.notes.as_slice() {
        [] => DoctorCheck::ok("connection", message),
        notes => DoctorCheck::warn("connection", message, notes.join("\n")),
    }]
}

pub(crate) fn pooler(server: &ExaminedServer) -> Vec<DoctorCheck> {
    if let Some(reason) = &server.no_second_connection {
        return vec![DoctorCheck::warn(
            "pooler",
            format!("not known: the server gives only one connection ({reason})"),
            "one is enough for all but strategy = \"batches\"; make sure that nothing pools transactions in between",
        )];
    }
    let Some(error) = &server.pooler else {
        return vec![DoctorCheck::ok("pooler", "none: the server itself answers")];
    };
    let Failure { message, help, .. } = Failure::from(error.clone());
    let check = if server.pooler_allowed { DoctorCheck::warn } else { DoctorCheck::fail };
    vec![check("pooler", message, help.unwrap_or_default())]
}

/// The version, and whether it takes writes.
pub(crate) fn version(server: &ExaminedServer) -> Vec<DoctorCheck> {
    vec![describe_version(server)]
}

fn describe_version(server: &ExaminedServer) -> DoctorCheck {
    let facts = &server.facts;
    let name = format!("PostgreSQL {}", facts.version);
    let writes = server.access != Some(Access::ReadOnly);
    if server.version < OLDEST_VERSION {
        return DoctorCheck::fail(
            "server",
            format!("{name} is too old"),
            "PostgreSQL 13 or newer is needed",
        );
    }
    if facts.standby && writes {
        return DoctorCheck::fail(
            "server",
            format!("{name}, a standby: it takes no writes"),
            "give the address of the primary",
        );
    }
    if facts.read_only && writes {
        return DoctorCheck::fail(
            "server",
            format!("{name}: it, the database or the role is read-only"),
            "ask whoever set default_transaction_read_only, or give the address of the primary",
        );
    }
    if server.version < NOTICES_LOST_CLIENTS {
        let message = format!("{name}: when a run is killed, its statement runs to its end there");
        return DoctorCheck::ok("server", message);
    }
    DoctorCheck::ok("server", name)
}

pub(crate) fn encryption(server: &ExaminedServer) -> Vec<DoctorCheck> {
    let target = &server.target;
    let verified = match target.tls_trust() {
        TlsTrust::Unverified => {
            "; the server's certificate is not verified (sslmode=verify-full does)"
        }
        TlsTrust::Authority => "; its certificate is verified, its name is not",
        TlsTrust::Name => "; its certificate and name are verified",
    };
    vec![match &server.facts.tls {
        Some(_) if target.pooler.is_some() => DoctorCheck::ok(
            "tls",
            "encrypted between the pooler and the server; the way to the pooler is not seen here",
        ),
        Some(tls) => DoctorCheck::ok("tls", format!("{tls}{verified}")),
        None if target.is_local() => {
            DoctorCheck::ok("tls", "none, and nothing leaves this machine")
        }
        None => DoctorCheck::warn(
            "tls",
            format!("none: whoever is on the way to {} can read along", target.host),
            "add sslmode=require to the address; verify-full with sslrootcert=FILE if you have the CA's certificate",
        ),
    }]
}

/// The server's clock against this machine's, and the business date.
pub(crate) fn clock(server: &ExaminedServer) -> Vec<DoctorCheck> {
    let (now, as_of) = (Timestamp::now(), server.as_of);
    let difference = (server.facts.clock - now.as_microsecond()) / 1_000_000;
    let today = now.to_zoned(TimeZone::UTC).date();
    let date = match as_of == today {
        true => format!("as of {as_of}, today in UTC"),
        false => format!("as of {as_of}, which is not today in UTC ({today})"),
    };
    if difference.abs() > MAX_CLOCK_DIFFERENCE_S {
        let direction = if difference > 0 { "ahead of" } else { "behind" };
        return vec![DoctorCheck::warn(
            "clock",
            format!("{date}; the server is {} s {direction} this machine", difference.abs()),
            "set both by NTP, or give --as-of: around midnight the business date may be another one",
        )];
    }
    vec![DoctorCheck::ok("clock", format!("{date}; the server's clock agrees"))]
}

/// The cluster that the server coordinates, where it has Citus.
pub(crate) fn citus(server: &ExaminedServer) -> Vec<DoctorCheck> {
    const NAME: &str = "citus";
    let Some(cluster) = &server.citus else { return vec![] };
    let CitusCluster { version, workers, inactive } = cluster;
    let message = format!("{version}, the coordinator of {}", format_count(*workers, "worker"));
    vec![match inactive.as_slice() {
        [] => DoctorCheck::ok(NAME, message),
        inactive => DoctorCheck::warn(
            NAME,
            format!("{message}, of which {} switched off", inactive.join(", ")),
            "SELECT citus_activate_node('HOST', PORT); -- before a run writes tables that have shards there",
        ),
    }]
}
