//! Encryption: libpq's and Prisma's parameters about it, as the driver's options.

use std::path::{Path, PathBuf};

use sqlx::postgres::{PgConnectOptions, PgSslMode};

use crate::target::environment::Environment;
use crate::target::parameters::{InvalidParameter, Parameters, invalid};

/// `directory` is where relative files are.
pub(crate) fn set_tls(
    parameters: &Parameters,
    options: PgConnectOptions,
    environment: &Environment<'_>,
    directory: &Path,
) -> Result<PgConnectOptions, InvalidParameter> {
    // Nothing is encrypted within a machine: so with libpq, whatever sslmode says.
    if parameters.host().is_none_or(|host| host.starts_with('/')) {
        return Ok(options.ssl_mode(PgSslMode::Disable));
    }
    let mode = parameters.get("sslmode").unwrap_or("prefer");
    let mut mode = match mode {
        // First without, then with; the other way round serves as well.
        "allow" => PgSslMode::Prefer,
        other => other.parse().map_err(|_| {
            invalid(
                &format!("sslmode={other} means nothing"),
                "it is one of disable, allow, prefer, require, verify-ca, verify-full",
            )
        })?,
    };
    let own_key = parameters.get("sslkey").is_some();
    // Prisma calls the authority's certificate sslcert; to libpq that is the client's, and has a key.
    let authority = match parameters.get("sslrootcert") {
        None if !own_key => parameters.get("sslcert"),
        given => given,
    };
    let system = authority == Some("system");
    if matches!(mode, PgSslMode::Require) && authority.is_some() {
        mode = PgSslMode::VerifyCa;
    }
    let encrypted = !matches!(mode, PgSslMode::Disable);
    if encrypted && (parameters.get("sslaccept") == Some("strict") || system) {
        mode = PgSslMode::VerifyFull;
    }
    let mut options = options;
    let home = || environment.home().map(|home| home.join(".postgresql/root.crt"));
    let file = match authority {
        Some("system") => None,
        Some(file) => Some(find_file("sslrootcert", file, directory)?),
        None => home().filter(|file| file.is_file()),
    };
    if let Some(file) = file {
        options = options.ssl_root_cert(file);
    }
    if let (Some(certificate), Some(key)) = (parameters.get("sslcert"), parameters.get("sslkey")) {
        options = options
            .ssl_client_cert(find_file("sslcert", certificate, directory)?)
            .ssl_client_key(find_file("sslkey", key, directory)?);
    }
    Ok(options.ssl_mode(mode))
}

/// A file that an address names: from here, else from `prisma/`, where Prisma looks.
fn find_file(key: &str, file: &str, directory: &Path) -> Result<PathBuf, InvalidParameter> {
    let places = [directory.join(file), directory.join("prisma").join(file)];
    places.into_iter().find(|place| place.is_file()).ok_or_else(|| {
        invalid(
            &format!("there is no file {file}, which {key} names"),
            "give its path from here, or from /",
        )
    })
}
