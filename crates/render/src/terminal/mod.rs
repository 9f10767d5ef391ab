//! What people read in a terminal: lines of text, wrapped to its width, and coloured where it shows colour.

mod bars;
mod change;
mod check;
mod diagnostic;
mod doctor;
mod ending;
mod entry;
mod grants;
mod layout;
mod migration;
mod plan;
mod progress;
mod sql_file;
mod status;
mod style;
mod table;
mod title;
mod transition_matrix;
mod undo;
mod what_if;
mod why;

pub(crate) use check::{render_check, render_settings};
pub(crate) use diagnostic::render_failure;
pub(crate) use doctor::render_doctor;
pub(crate) use ending::{render_aftermath, render_ending};
pub(crate) use entry::render_entry;
pub(crate) use grants::render_grants;
pub(crate) use layout::{truncate, wrap};
pub(crate) use progress::ProgressLine;
pub(crate) use status::render_status;
pub use style::Style;
pub(crate) use table::render_steps;
pub(crate) use title::{render_step_title, render_title};
pub(crate) use what_if::render_what_if;
pub(crate) use why::render_why;
