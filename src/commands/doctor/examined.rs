//! What is known of the connection, the server, the schema and the folder: what the checks look at.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::civil::Date;
use leora_postgres::{
    Activity, CitusCluster, DataApiExposure, HistoryState, PrismaMigrations, Replication, Role,
    ServerFacts, TableFacts, Target,
};
use leora_report::{DatabaseError, Lock, LockHolder};
use leora_rule::{Access, CitusLayout};

use crate::commands::doctor::derive_privileges::RequiredPrivilege;
use crate::commands::doctor::new_objects::NewObjects;
use crate::commands::doctor::script_access::UnfinishedStep;

pub(crate) struct ExaminedServer {
    pub(crate) target: Target,
    /// The role of the connection.
    pub(crate) role: Role,
    pub(crate) connect_time: Duration,
    /// The error that a run would end with, where there is a transaction pooler.
    pub(crate) pooler: Option<DatabaseError>,
    pub(crate) pooler_allowed: bool,
    /// Why there was no second connection to ask.
    pub(crate) no_second_connection: Option<String>,
    /// The server's version, such as `150008`.
    pub(crate) version: u32,
    pub(crate) facts: ServerFacts,
    pub(crate) activity: Activity,
    /// The cluster, where the database has Citus.
    pub(crate) citus: Option<CitusCluster>,
    /// The history's state, or why it is not used.
    pub(crate) history: Result<HistoryState, DatabaseError>,
    /// What the folder may do, if one was given.
    pub(crate) access: Option<Access>,
    pub(crate) as_of: Date,
}

pub(crate) struct ExaminedSchema {
    pub(crate) name: String,
    pub(crate) prisma: PrismaMigrations,
    /// The migrations that the folder records.
    pub(crate) migrations: Vec<String>,
    pub(crate) exposure: DataApiExposure,
    pub(crate) new_tables: Vec<String>,
}

pub(crate) struct ExaminedFolder {
    /// The folder, as it was given.
    pub(crate) path: String,
    pub(crate) role: Role,
    pub(crate) locks: Vec<Lock>,
    /// The tables of those locks that others have locked, and by whom.
    pub(crate) lock_holders: Vec<(String, LockHolder)>,
    pub(crate) required: usize,
    /// The required privileges that the role lacks, each with the SQL that grants it.
    pub(crate) missing: Vec<(RequiredPrivilege, String)>,
    pub(crate) new_objects: Vec<NewObjects>,
    pub(crate) unfinished_steps: Vec<UnfinishedStep>,
    /// The statements that create the indexes that rules miss.
    pub(crate) missing_indexes: BTreeSet<String>,
    pub(crate) schema: ExaminedSchema,
    /// The tables that are written; `None` for a folder that only reads.
    pub(crate) written: Option<WrittenTables>,
}

pub(crate) struct WrittenTables {
    pub(crate) facts: TableFacts,
    /// How many steps set columns of which table.
    pub(crate) rule_counts: Vec<(String, u64)>,
    pub(crate) replication: Replication,
    /// Those that Citus keeps, and how.
    pub(crate) citus: Vec<(String, CitusLayout)>,
}
