//! All output: the terminal, JSON, the page and annotations. Nothing below prints.

mod api_reference;
mod github;
mod html;
mod json;
mod numbers;
mod screen;
mod terminal;
mod text;
mod what_if_table;
mod without_screen;
mod wording;

pub(crate) use api_reference::render_api_reference;
pub(crate) use html::render_html;
pub(crate) use json::render_json;
pub(crate) use screen::Screen;
pub(crate) use terminal::Style;
pub(crate) use text::sanitize_lines;
pub(crate) use without_screen::{print_failure, print_usage};
