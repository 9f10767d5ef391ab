//! `--format json`: one document for each command. It is an interface: keys are added, never renamed or removed.

mod api;
mod check;
mod doctor;
mod document;
mod format;
mod report;
mod status;
mod step;
mod what_if;
mod why;

pub(crate) use api::render_api_functions;
pub(crate) use check::{render_check, render_settings};
pub(crate) use doctor::{render_doctor, render_grants};
pub(crate) use document::render_document;
pub(crate) use format::render_format;
pub use report::render_json;
pub(crate) use status::render_status;
