//! Runs data migrations written as small, readable scripts against PostgreSQL, safely.

pub mod database;
pub mod folder;
pub mod host;
pub mod rule;
pub mod script;
