//! The hosts on a database: they execute what a script says, preview it, collect its rules, or probe what it needs.

mod forecast;
mod gather;
mod live;
mod on_database;
mod prepare;
mod reads;
mod sql_files;
mod study;
mod survey;

pub use forecast::{Forecast, Foretelling};
pub use gather::{Gather, Gathered, Gathering};
pub use live::{Doing, Live, RunContext};
pub use on_database::{Effects, OnDatabase};
pub use prepare::Prepare;
pub use reads::Reads;
pub use study::read_threshold_model;
pub use survey::{MADE_UP, Supposed, Survey, Touch};
