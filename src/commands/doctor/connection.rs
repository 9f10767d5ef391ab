//! The way to the server, and the server itself.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use leora_postgres::{Role, Server, ServerFacts, Session, Target, TlsTrust};
use leora_report::{DatabaseError, DoctorCheck, Failure};
use leora_rule::Access;

/// The oldest server that runs are tried on.
const OLDEST: u32 = 130_000;

/// The first server that looks, during a statement, whether its client is still there.
const NOTICES: u32 = 140_000;

/// How far the clocks may differ before the history looks odd.
const CLOCKS: i64 = 60;

/// A connection that could not be had.
pub(crate) fn failed(failure: &Failure) -> DoctorCheck {
    let remedy = failure.help.clone().unwrap_or_else(|| "check the address".into());
    DoctorCheck::fail("connection", failure.message.clone(), remedy)
}

/// The connection, as it was had.
pub(crate) fn had(target: &Target, role: &Role, took: Duration) -> DoctorCheck {
    let place = match target.host.starts_with('/') {
        true => "a Unix socket".to_owned(),
        false => format!("{}:{}", target.host, target.port),
    };
    let Target { database, source, .. } = target;
    let message = format!(
        "database {database} on {place}, as {}, from {source}, in {} ms",
        role.name,
        took.as_millis()
    );
    let message = match target.ignored_parameters.as_slice() {
        [] => message,
        some => format!("{message}; set aside, since they are Prisma's own: {}", some.join(", ")),
    };
    match target.notes.as_slice() {
        [] => DoctorCheck::ok("connection", message),
        notes => DoctorCheck::warn("connection", message, notes.join("\n")),
    }
}

/// Whether the address leads to the server itself.
pub(crate) fn pooler(
    server: &Server,
    session: &mut Session,
    allowed: bool,
) -> Result<DoctorCheck, DatabaseError> {
    let found = match server.refuse_pooler() {
        Ok(()) => session.refuse_pooler(),
        told => told,
    };
    match found {
        Ok(()) => Ok(DoctorCheck::ok("pooler", "none: the server itself answers")),
        Err(error @ DatabaseError::Pooler { .. }) => {
            let message = error.to_string();
            let remedy = Failure::from(error).help.unwrap_or_default();
            let verdict = if allowed { DoctorCheck::warn } else { DoctorCheck::fail };
            Ok(verdict("pooler", message, remedy))
        }
        Err(other) => Err(other),
    }
}

/// The version, and whether it takes writes.
pub(crate) fn server(machine: &ServerFacts, version: u32, access: Option<Access>) -> DoctorCheck {
    let name = format!("PostgreSQL {}", machine.version);
    let writes = access != Some(Access::ReadOnly);
    if version < OLDEST {
        return DoctorCheck::fail(
            "server",
            format!("{name} is too old"),
            "PostgreSQL 13 or newer is needed",
        );
    }
    if machine.standby && writes {
        return DoctorCheck::fail(
            "server",
            format!("{name}, a standby: it takes no writes"),
            "give the address of the primary",
        );
    }
    if machine.read_only && writes {
        return DoctorCheck::fail(
            "server",
            format!("{name}: it, the database or the role is read-only"),
            "ask whoever set default_transaction_read_only, or give the address of the primary",
        );
    }
    if version < NOTICES {
        let told = format!("{name}: when a run is killed, its statement goes on there to its end");
        return DoctorCheck::ok("server", told);
    }
    DoctorCheck::ok("server", name)
}

/// Whether others on the way can read along.
pub(crate) fn encryption(target: &Target, machine: &ServerFacts) -> DoctorCheck {
    let verified = match target.tls_trust() {
        TlsTrust::Nobody => "; the server's certificate is not verified (sslmode=verify-full does)",
        TlsTrust::Authority => "; its certificate is verified, its name is not",
        TlsTrust::Name => "; its certificate and name are verified",
    };
    match &machine.tls {
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
    }
}

/// The server's clock against this machine's, and the business date.
pub(crate) fn clock(machine: &ServerFacts, as_of: Date) -> DoctorCheck {
    let now = Timestamp::now();
    let apart = (machine.clock - now.as_microsecond()) / 1_000_000;
    let today = now.to_zoned(TimeZone::UTC).date();
    let date = match as_of == today {
        true => format!("as of {as_of}, today in UTC"),
        false => format!("as of {as_of}, which is not today in UTC ({today})"),
    };
    if apart.abs() > CLOCKS {
        let direction = if apart > 0 { "ahead of" } else { "behind" };
        return DoctorCheck::warn(
            "clock",
            format!("{date}; the server is {} s {direction} this machine", apart.abs()),
            "set both by NTP, or give --as-of: around midnight the business date may be another one",
        );
    }
    DoctorCheck::ok("clock", format!("{date}; the server's clock agrees"))
}
