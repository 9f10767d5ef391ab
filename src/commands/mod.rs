//! The verbs, a file each, and what they share.

mod api;
mod approval;
mod batches;
mod begin_run;
mod check;
mod collect_rules;
mod confirm;
mod context;
mod cost_estimate;
mod doctor;
mod find_row;
mod introduction;
mod plan;
mod preview;
mod prisma_files;
mod probe_statements;
mod report_archive;
mod report_page;
mod run;
mod run_record;
mod sandbox;
mod shell;
mod status;
mod steps;
mod target;
mod undo;
mod what_if;
mod why;

pub use context::Context;

use crate::cli::{Invocation, Verb};

/// Does what was asked for; returns the process's exit code.
pub fn dispatch(invocation: &Invocation, context: &Context) -> u8 {
    match &invocation.verb {
        Verb::Run(folder) => run::run(folder, context),
        Verb::Plan { folder, out } => plan::plan(folder, out.as_deref(), context),
        Verb::Why { folder, row } => why::why(folder, row, context),
        Verb::WhatIf { folder, vary } => what_if::what_if(folder, vary, context),
        Verb::Check(folders) => check::check(folders, context),
        Verb::Settings(folders) => check::settings(folders, context),
        Verb::Undo { run, dry } => undo::undo(run.as_deref(), *dry, context),
        Verb::Doctor(request) => doctor::doctor(request, context),
        Verb::Status(of) => status::status(of.as_deref(), context),
        Verb::Api(definitions) => api::api(definitions.as_deref(), context),
        Verb::Completions(shell) => shell::completions(*shell, context),
        Verb::Man(command) => shell::manual(command.as_deref(), context),
        Verb::Sandbox(action) => sandbox::sandbox(*action, context),
    }
}
