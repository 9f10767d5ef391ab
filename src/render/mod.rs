//! All output: the terminal, JSON, and the picture of a mistake. Nothing below prints.

mod chart;
mod diagnostic;
mod entries;
mod forecast;
mod json;
mod numbers;
mod progress;
mod screen;
mod status;
mod style;
mod summary;
mod text;

pub use json::document;
pub use screen::Screen;
pub use style::Style;
