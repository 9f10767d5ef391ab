//! Runs data migrations written as small, readable scripts against PostgreSQL, safely.
//!
//! The layers, each importing only those below it: `commands` (a file a verb), `render` (all output),
//! `report` (what happened), `script` (the language), `host` (who answers a script), `folder` (files),
//! `database` (PostgreSQL), `rule` (the domain), `sandbox` (a private server).

pub mod cli;
pub mod commands;
pub mod database;
pub mod folder;
pub mod host;
pub mod keeping;
pub mod memory;
pub mod plan_file;
pub mod render;
pub mod report;
pub mod rule;
pub mod sandbox;
pub mod script;
