//! Random rules that read other rows.

mod agreement;
mod in_memory;
mod random_rules;
mod reference;
mod schema;
mod script;
mod term;
