//! Runs data migrations written as small, readable scripts against PostgreSQL, safely.

pub mod cli;
pub mod commands;
pub mod plan_file;
pub mod render;
