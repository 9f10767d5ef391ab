//! The tests of leora-run, in one binary, against a real PostgreSQL that they start themselves.

#![allow(unreachable_pub)] // a test binary exports nothing

mod concurrency;
mod faults;
mod half_applied;
mod migration;
mod poolers;
mod promises;
mod rollback;
mod rules;
mod sandbox;
mod schema;
mod smoke;
mod sql_by_hand;
mod support;
mod verify;
