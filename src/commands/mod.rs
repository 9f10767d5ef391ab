//! What the program can do: a file or folder for each verb, and in `shared` what several of them need.

mod api;
mod check;
mod completions;
mod context;
mod doctor;
mod fmt;
mod lsp;
mod man;
mod new;
mod plan;
mod run;
mod sandbox;
mod shared;
mod status;
mod undo;
mod what_if;
mod why;

pub use context::Context;

use leora_report::FormatMode;

use crate::cli::{Invocation, Verb};

/// Runs the command, and shows its result; returns the exit code.
pub fn dispatch(invocation: &Invocation, context: &Context) -> u8 {
    match &invocation.verb {
        Verb::Run { folder } => run::run(folder, context),
        Verb::Plan { folder, out, sign } => {
            let saving = plan::PlanSaving { out: out.as_deref(), sign: sign.as_deref() };
            plan::plan(folder, saving, context)
        }
        Verb::Why { folder, row } => why::why(folder, row, context),
        Verb::WhatIf { folder, vary } => what_if::what_if(folder, vary, context),
        Verb::Check { folders, settings: false, watch: false } => check::check(folders, context),
        Verb::Check { folders, settings: false, watch: true } => check::watch(folders, context),
        Verb::Check { folders, settings: true, .. } => check::settings(folders, context),
        Verb::New { name: Some(name), bundled: _ } => new::new(name, context),
        Verb::New { name: None, bundled: _ } => new::bundled(context),
        Verb::Fmt { paths, check: true } => fmt::fmt(paths, FormatMode::Check, context),
        Verb::Fmt { paths, check: false } => fmt::fmt(paths, FormatMode::Write, context),
        Verb::Lsp => lsp::lsp(context),
        Verb::Undo { run, dry_run } => undo::undo(run.as_deref(), *dry_run, context),
        Verb::Status { of } => status::status(of.as_deref(), context),
        Verb::Api { definitions: Some(folder), .. } => api::definitions(folder, context),
        Verb::Api { name: Some(name), definitions: None } => api::function(name, context),
        Verb::Api { name: None, definitions: None } => api::api(context),
        Verb::Doctor { folder: Some(folder), grants: true, role } => {
            doctor::grants(folder, role.as_deref(), context)
        }
        Verb::Doctor { folder, grants: _, role } => {
            doctor::doctor(folder.as_deref(), role.as_deref(), context)
        }
        Verb::Completions { shell } => completions::completions(*shell, context),
        Verb::Man { command } => man::man(command.as_deref(), context),
        Verb::Sandbox { action } => sandbox::sandbox(*action, context),
    }
}
