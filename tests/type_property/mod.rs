//! For columns of every type, random rules and random rows: examples in memory, runs in each strategy and undo agree.

mod catalog;
mod columns;
mod decisions;
mod documented;
mod every_type;
mod random_rules;
mod samples;
mod typed_tables;
