//! The tests of leora-run, in one binary, against a real PostgreSQL that they start themselves.

#![allow(unreachable_pub)] // a test binary exports nothing

mod concurrency;
mod faults;
mod migration;
mod rules;
mod sandbox;
mod support;
