//! All output: the terminal, JSON, and the picture of a mistake. Nothing below prints.

mod annotations;
mod api_page;
mod chart;
mod check;
mod checkup;
mod diagnostic;
mod ending;
mod entries;
mod html;
mod json;
mod matrix;
mod migrations;
mod numbers;
mod plan;
mod progress;
mod screen;
mod status;
mod style;
mod summary;
mod text;
mod what_if;
mod why;

pub use api_page::api_page;
pub use html::html_page;
pub use json::document;
pub use screen::Screen;
pub use style::Style;
pub use text::harmless;
