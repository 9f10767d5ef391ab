//! What several commands need.

pub(crate) mod begin_run;
pub(crate) mod collect_rules;
pub(crate) mod confirm;
pub(crate) mod connection;
pub(crate) mod loaded_folder;
pub(crate) mod locks;
pub(crate) mod outcome;
pub(crate) mod preview;
pub(crate) mod prisma_files;
pub(crate) mod report_archive;
pub(crate) mod report_page;
pub(crate) mod run_history;
pub(crate) mod steps;
pub(crate) mod target;
