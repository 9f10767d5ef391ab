//! All output: the terminal, JSON, the page and annotations. Nothing below prints.

mod github;
mod html;
mod json;
mod numbers;
mod rows;
mod screen;
mod terminal;
mod text;
mod what_if_table;
mod without_screen;
mod wording;
mod workflow_log;

pub use html::render_html;
pub use json::render_json;
pub use rows::{CsvStyle, RowsFormat, write_rows};
pub use screen::Screen;
pub use terminal::Style;
pub use text::sanitize_lines;
pub use without_screen::{print_failure, print_usage};
