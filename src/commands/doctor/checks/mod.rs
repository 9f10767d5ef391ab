//! Every check of `doctor`, in the order in which it is shown.
//!
//! A new check is a function beside those of its kind, and an entry in one of these lists. What it needs to know, and is
//! not known yet, is a field of what was examined.

mod activity;
mod history;
mod privileges;
mod schema_users;
mod scripts;
mod server;
mod tables;

use leora_postgres::Replication;
use leora_report::DoctorCheck;

use crate::commands::doctor::examined::{
    ExaminedFolder, ExaminedSchema, ExaminedServer, WrittenTables,
};

pub(crate) use server::connection_failure;

/// With and without a folder.
const SERVER_CHECKS: &[fn(&ExaminedServer) -> Vec<DoctorCheck>] = &[
    server::connection,
    server::pooler,
    server::version,
    server::encryption,
    server::clock,
    server::citus,
    history::history,
    activity::other_runs,
    activity::transactions,
];

/// With a folder, before those of the tables.
const FOLDER_CHECKS: &[fn(&ExaminedFolder) -> Vec<DoctorCheck>] = &[
    activity::locks,
    privileges::privileges,
    privileges::ownership,
    scripts::unfinished_steps,
    scripts::missing_indexes,
];

/// With a folder that writes.
const WRITE_CHECKS: &[fn(&WrittenTables) -> DoctorCheck] =
    &[tables::disk, tables::triggers, tables::views, tables::constraints, |written| {
        tables::replication(&written.replication)
    }];

pub(crate) fn server_checks(server: &ExaminedServer) -> Vec<DoctorCheck> {
    SERVER_CHECKS.iter().flat_map(|check| check(server)).collect()
}

pub(crate) fn folder_checks(folder: &ExaminedFolder) -> Vec<DoctorCheck> {
    let mut checks: Vec<DoctorCheck> =
        FOLDER_CHECKS.iter().flat_map(|check| check(folder)).collect();
    checks.push(schema_users::prisma(&folder.schema));
    if let Some(written) = &folder.written {
        checks.extend(tables::citus(written));
        checks.extend(WRITE_CHECKS.iter().map(|check| check(written)));
    }
    checks.extend(schema_users::data_api(&folder.schema));
    checks
}

/// Without a folder, after those of the server.
pub(crate) fn schema_checks(
    schema: &ExaminedSchema,
    replication: &Replication,
) -> Vec<DoctorCheck> {
    let mut checks = vec![schema_users::prisma(schema)];
    checks.extend(schema_users::data_api(schema));
    checks.push(tables::replication(replication));
    checks
}
