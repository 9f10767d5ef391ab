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
mod wording;

pub use api_reference::render_api_reference;
pub use html::render_html;
pub use json::render_json;
pub use screen::Screen;
pub use terminal::Style;
pub use text::sanitize_lines;
