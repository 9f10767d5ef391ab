//! The tests of leora-run, in one binary, against a real PostgreSQL that they start themselves.

#![allow(unreachable_pub)] // a test binary exports nothing

mod analysts_hour;
mod api;
mod approval;
mod batches;
mod check;
mod check_database;
mod command_line;
mod concurrency;
mod connections;
mod database_errors;
mod doctor;
mod example_property;
mod faults;
mod first_rule;
mod guards;
mod half_applied;
mod honesty;
mod messages;
mod migration;
mod plan;
mod plan_property;
mod poolers;
mod prisma;
mod prisma_record;
mod promises;
mod readme;
mod report;
mod rewrite;
mod rollback;
mod rules;
mod sandbox;
mod schema;
mod script_errors;
mod session;
mod smoke;
mod sql_by_hand;
mod status;
mod strategy_property;
mod support;
mod undo;
mod undo_property;
mod verify;
mod what_if;
mod why;
