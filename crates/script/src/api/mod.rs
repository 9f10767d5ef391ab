//! What scripts can call, one file a group.

mod belonging;
mod catalog;
mod convert;
mod examples;
mod expressions;
mod outcome;
mod periods;
mod query;
mod reference;
mod rules;
mod safety;
mod settings;
mod tables;
mod texts;

use rhai::Engine;

use crate::stage::Stage;

pub(crate) use examples::given_shape;
pub(crate) use reference::usage;
pub use reference::{Call, Form, Function, GROUPS, Group};
pub(crate) use rules::otherwise;

/// Registers the whole API.
pub(crate) fn register(engine: &mut Engine, stage: &Stage) {
    safety::register(engine, stage);
    settings::register(engine, stage);
    periods::register(engine, stage);
    expressions::register(engine, stage);
    rules::register(engine, stage);
    tables::register(engine, stage);
    catalog::register(engine, stage);
    outcome::register(engine, stage);
    query::register(engine, stage);
    texts::register(engine, stage);
    examples::register(engine, stage);
}
