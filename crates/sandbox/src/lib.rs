//! The sandbox: a private PostgreSQL server with a sample CRM, started from the PostgreSQL that is installed here, or
//! that the project has from npm.
//!
//! It lives in one directory (`.leora/sandbox`), listens on a Unix socket only, and runs while a command uses it.
//! The parts, lowest first: [`Account`] (the user that the server runs as), [`Binaries`] (its programs), [`LocalServer`]
//! (one data directory: created, started, stopped; also for tests), [`Sandbox`] (shared between commands).
//!
//! Two locks coordinate commands. Whoever builds, starts or stops the server holds `start.lock`. Whoever uses the server
//! holds `users.lock`, shared. The last user stops the server, unless a file `keep` is there.

mod account;
mod binaries;
mod binary_directories;
mod configuration;
mod data_build;
mod directories;
mod error;
mod initdb;
mod install_command;
mod instance;
mod lock_holder;
mod locks;
mod npm_libraries;
mod npm_package;
mod postmaster;
mod process;
mod running_sandbox;
mod sandbox;
mod server;
mod server_log;
mod single_user;
mod start;
mod url;

pub use account::Account;
pub use binaries::Binaries;
pub use error::SandboxError;
pub use running_sandbox::RunningSandbox;
pub use sandbox::{Sandbox, SandboxStatus, Stopped};
pub use server::LocalServer;
