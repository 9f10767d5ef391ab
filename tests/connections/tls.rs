//! Each sslmode against a real server with an authority of its own, right and wrong.

use super::check;
use crate::support::{GuardedServer, Output, Project, Tls};

/// What the doctor says at this host with these parameters; `FOLDER` is where the certificates are.
fn asked(server: &GuardedServer, host: &str, parameters: &str) -> Output {
    let folder = server.file("");
    let parameters = parameters.replace("FOLDER/", &folder.display().to_string());
    let url = format!("postgresql://app:secret@{host}:{}/crm?{parameters}", server.port);
    let project = Project::new();
    let mut command = project.command("doctor --format json --database-url");
    project.output(command.arg(url))
}

#[track_caller]
fn encrypted(server: &GuardedServer, host: &str, parameters: &str, trust: &str) {
    let told = check(&asked(server, host, parameters).exits(0), "tls");
    assert!(told.starts_with("ok TLSv1.") && told.contains(trust), "{parameters}: {told}");
}

#[track_caller]
fn refused(server: &GuardedServer, host: &str, parameters: &str, reason: &str) {
    let told = check(&asked(server, host, parameters).exits(1), "connection");
    assert!(told.starts_with("fail ") && told.contains(reason), "{parameters}: {told}");
    assert!(!told.contains("secret"), "{told}");
}

#[test]
fn each_sslmode_trusts_whom_it_should() {
    let server = GuardedServer::start(Tls::On);
    let none = check(&asked(&server, "localhost", "sslmode=disable").exits(0), "tls");
    assert!(none.starts_with("ok none"), "{none}");
    for parameters in ["", "sslmode=allow", "sslmode=prefer", "sslmode=require"] {
        encrypted(&server, "127.0.0.1", parameters, "is not verified");
    }
    encrypted(
        &server,
        "127.0.0.1",
        "sslmode=verify-ca&sslrootcert=FOLDER/ca.crt",
        "its name is not",
    );
    encrypted(
        &server,
        "localhost",
        "sslmode=verify-full&sslrootcert=FOLDER/ca.crt",
        "name are verified",
    );
    let other_authority = "is of an authority that is not known here";
    for mode in ["verify-ca", "verify-full"] {
        refused(&server, "localhost", &format!("sslmode={mode}"), other_authority);
        let other = format!("sslmode={mode}&sslrootcert=FOLDER/other.crt");
        refused(&server, "localhost", &other, other_authority);
    }
    let full = "sslmode=verify-full&sslrootcert=FOLDER/ca.crt";
    refused(&server, "127.0.0.1", full, "is for another host");
    // As libpq has it: with a certificate to hold against, `require` looks at it.
    refused(&server, "localhost", "sslmode=require&sslrootcert=FOLDER/other.crt", other_authority);
    encrypted(&server, "127.0.0.1", "sslmode=require&sslrootcert=FOLDER/ca.crt", "its name is not");
    refused(
        &server,
        "localhost",
        "sslmode=verify-ca&sslrootcert=nowhere.crt",
        "there is no file nowhere.crt",
    );
    refused(&server, "localhost", "sslmode=require&sslrootcert=system", other_authority);
}

#[test]
fn prisma_names_for_it_are_understood() {
    let server = GuardedServer::start(Tls::On);
    // Prisma's sslcert is the authority's certificate, and sslaccept=strict verifies.
    encrypted(
        &server,
        "localhost",
        "sslmode=require&sslaccept=strict&sslcert=FOLDER/ca.crt",
        "name are verified",
    );
    refused(
        &server,
        "127.0.0.1",
        "sslmode=require&sslaccept=strict&sslcert=FOLDER/ca.crt",
        "another host",
    );
    refused(
        &server,
        "localhost",
        "sslmode=require&sslaccept=strict",
        "an authority that is not known",
    );
    let project = Project::new();
    let certificate = std::fs::read_to_string(server.file("ca.crt")).expect("a file");
    project.write("prisma/ca.crt", &certificate);
    let url = format!(
        "postgresql://app:secret@localhost:{}/crm?sslmode=verify-full&sslrootcert=ca.crt",
        server.port
    );
    let mut command = project.command("doctor --format json");
    let output = project.output(command.env("DATABASE_URL", url)).exits(0);
    assert!(check(&output, "tls").contains("name are verified"));
}

#[test]
fn a_server_without_tls_is_refused_where_it_is_asked_for() {
    let server = GuardedServer::start(Tls::Off);
    for mode in ["require", "verify-ca", "verify-full"] {
        let reason = "does not encrypt, and sslmode asks for it";
        refused(&server, "localhost", &format!("sslmode={mode}"), reason);
    }
    for parameters in ["", "sslmode=prefer", "sslmode=disable"] {
        let told = check(&asked(&server, "127.0.0.1", parameters).exits(0), "tls");
        assert!(told.starts_with("ok none"), "{told}");
    }
}
