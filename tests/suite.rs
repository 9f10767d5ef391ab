//! The tests of leora-run, in one binary, against a real PostgreSQL that they start themselves.

mod command_line;
mod database_errors;
mod migration;
mod sandbox;
mod script_errors;
mod support;
