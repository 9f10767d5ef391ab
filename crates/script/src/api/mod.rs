//! What scripts can call, one file a group.

pub(crate) mod catalog;
pub(crate) mod convert;
pub(crate) mod examples;
pub(crate) mod expressions;
pub(crate) mod outcome;
pub(crate) mod ownership;
pub(crate) mod periods;
pub(crate) mod query;
pub(crate) mod reference;
pub(crate) mod rules;
pub(crate) mod safety;
pub(crate) mod settings;
pub(crate) mod tables;
pub(crate) mod texts;

use rhai::Engine;

use crate::step_context::StepContext;

pub(crate) use examples::given_shape;
pub(crate) use reference::usage;
pub use reference::{Form, FormKind, Function, GROUPS, Group};
pub(crate) use rules::otherwise;

/// Registers the whole API.
pub(crate) fn register(engine: &mut Engine, stage: &StepContext) {
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
