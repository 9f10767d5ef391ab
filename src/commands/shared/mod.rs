//! What several commands need.

mod begin_run;
mod bundled;
mod collect_rules;
mod confirm;
mod connection;
mod lent_rights;
mod loaded_folder;
mod locks;
mod outcome;
mod preview;
mod prisma_files;
mod report_archive;
mod report_page;
mod rows_file;
mod run_history;
mod steps;
mod table_shapes;
mod target;

pub(crate) use begin_run::{begin_preview, begin_run, retry_pause};
pub(crate) use bundled::{NotPlaced, folder_or_bundled, place_beside};
pub(crate) use collect_rules::{FolderRuleCollector, FolderRules, Switches, rule_failure};
pub(crate) use confirm::confirm_target;
pub(crate) use connection::{begin_read_only, preconnect};
pub(crate) use lent_rights::describe_lent_rights;
pub(crate) use loaded_folder::{LoadedFolder, describe_folder, for_same_target, open_folder};
pub(crate) use locks::{first_locks, locks_on_existing_tables, needed_locks};
pub(crate) use outcome::set_outcome;
pub(crate) use preview::{dry_run, preview};
pub(crate) use prisma_files::PrismaFiles;
pub(crate) use report_archive::archive_report;
pub(crate) use report_page::ReportPage;
pub(crate) use rows_file::{RowsFile, labels_of_past};
pub(crate) use run_history::{
    explain_history_error, record_failure, record_last_step, record_start, run_record,
    user_and_machine,
};
pub(crate) use steps::{
    add_entries, lock_host, read_limits, revise_changes, run_steps, take_back_host,
};
pub(crate) use table_shapes::{keep_table_shapes, kept_table_shapes, read_table_shapes};
pub(crate) use target::{OpenTarget, TargetLookup, local_sandbox, open_target, target_report};

/// What to do about triggers that would run with rights that the owners of their functions lack.
pub(crate) const TRIGGER_RIGHTS_REMEDY: &str =
    "run as a role of its own, with the grants that doctor --grants prints";

/// What is waited for while the scripts of a folder run to collect their rules.
pub(crate) const RUNNING_SCRIPTS: &str = "running the scripts";

/// What is waited for at the end of a run or an undo.
pub(crate) const COMMITTING: &str = "committing";
