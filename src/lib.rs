//! Runs data migrations written as small, readable scripts against PostgreSQL, safely.
//!
//! This library is for the program `leora-run` and its fuzz targets; its interface is the command line.

mod cli;
mod commands;
pub mod plan_file;
pub mod process;

pub use cli::{BadUsage, Format, Invocation};
pub use commands::{Context, dispatch};
