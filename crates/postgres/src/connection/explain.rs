//! Why a connection could not be opened, and what to do about it.

use std::io;

use leora_report::{DatabaseError, shell_argument};
use leora_rule::{printable_sql, quote_identifier};
use rustls::CertificateError;
use sqlx::postgres::PgDatabaseError;

use crate::connection::error::from_driver;
use crate::{Target, TargetSource};

#[derive(Debug)]
pub(crate) enum ConnectFailure {
    TimedOut,
    Interrupted,
    Driver(sqlx::Error),
}

pub(crate) fn explain(target: &Target, failure: ConnectFailure) -> DatabaseError {
    let Target { host, port, source, .. } = target;
    let place = if host.starts_with('/') { host.clone() } else { format!("{host}:{port}") };
    let error = match failure {
        ConnectFailure::Interrupted => return DatabaseError::Interrupted,
        ConnectFailure::TimedOut => {
            return connect_error(
                format!("nothing answers at {place} in time"),
                format!(
                    "check host and port in {source}, the network, and any firewall or IP allow list"
                ),
            );
        }
        ConnectFailure::Driver(error) => error,
    };
    match error {
        sqlx::Error::Io(error) => match tls_error(&error) {
            Some(rustls::Error::InvalidCertificate(reason)) => untrusted(&place, *source, reason),
            _ => connect_error(
                format!("no server answers at {place}: {}", without_os_code(&error)),
                format!("start PostgreSQL there, or check host and port in {source}"),
            ),
        },
        sqlx::Error::Tls(error) if is_server_without_tls(&*error) => connect_error(
            format!("the server at {place} does not encrypt, and sslmode asks for it"),
            "switch it on there (ssl = on), or say sslmode=disable where you trust the network"
                .into(),
        ),
        sqlx::Error::Tls(error) => connect_error(
            format!("no encrypted connection to {place}: {error}"),
            "check sslmode and sslrootcert in the address".into(),
        ),
        error => match (is_unknown_role(&error), from_driver(error)) {
            (unknown_role, DatabaseError::Server(error)) => DatabaseError::Connect {
                message: format!("{place} refused the connection: {}", error.message),
                help: Some(match unknown_role {
                    true => format!("check the user in {source}"),
                    false => remedy(target, &error.code),
                }),
                code: Some(error.code),
            },
            (_, DatabaseError::Lost { message }) => connect_error(
                format!("no connection to {place}: {message}"),
                format!("check the address in {source}"),
            ),
            (_, other) => other,
        },
    }
}

fn connect_error(message: String, help: String) -> DatabaseError {
    DatabaseError::Connect { message, help: Some(help), code: None }
}

fn remedy(target: &Target, code: &str) -> String {
    let Target { database, user, source, .. } = target;
    match code {
        "28P01" if !target.has_password => format!(
            "the server asks for a password, and {source} gives none: write it as user:password@, or set PGPASSWORD"
        ),
        "28P01" => {
            format!("check user and password in {source}; special characters are written as %XX")
        }
        "28000" => format!(
            "the server's pg_hba.conf has no entry for {user}; check user and sslmode in {source}"
        ),
        "3D000" => {
            let name = shell_argument(database);
            format!("create it (createdb {name}), or check the name in {source}")
        }
        "42501" => {
            let [database, user] = [database, user].map(|name| quote_identifier(name));
            let grant = format!("GRANT CONNECT ON DATABASE {database} TO {user}");
            format!("ask the owner for: {}", printable_sql(&grant))
        }
        "53300" => "wait until others have closed theirs, or raise max_connections".into(),
        "57P03" => "wait until the server has started".into(),
        _ => format!("check the address in {source}"),
    }
}

/// Whether there is no such role. Its SQLSTATE is that of a missing entry in pg_hba.conf, and its text is in the server's
/// language: the server's function that reports it tells them apart, on PostgreSQL 13 to 18.
fn is_unknown_role(error: &sqlx::Error) -> bool {
    let server =
        error.as_database_error().and_then(|error| error.try_downcast_ref::<PgDatabaseError>());
    server.is_some_and(|error| {
        error.code() == "28000" && error.routine() == Some("InitializeSessionUserId")
    })
}

/// The driver gives only this text for it.
fn is_server_without_tls(error: &(dyn std::error::Error + Send + Sync)) -> bool {
    error.to_string() == "server does not support TLS"
}

/// The driver passes it on as an error of the network.
fn tls_error(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}

fn untrusted(place: &str, source: TargetSource, reason: &CertificateError) -> DatabaseError {
    let (fact, help) = match reason {
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => (
            "is for another host".to_owned(),
            format!(
                "write the host in {source} as the certificate names it; sslmode=verify-ca leaves the name out"
            ),
        ),
        CertificateError::UnknownIssuer => (
            "is of an authority that is not known here".to_owned(),
            format!(
                "add sslrootcert=FILE, with the authority's certificate, to the address in {source}"
            ),
        ),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => (
            "has expired".to_owned(),
            "let it be renewed, and check this machine's clock".to_owned(),
        ),
        _ => {
            let reason = rustls::Error::InvalidCertificate(reason.clone());
            (
                format!("is not trusted: {reason}"),
                format!("check sslmode and sslrootcert in {source}"),
            )
        }
    };
    connect_error(format!("the certificate of {place} {fact}"), help)
}

fn without_os_code(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}
