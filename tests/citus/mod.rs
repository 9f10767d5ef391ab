//! On a cluster of Citus, the coordinator of which `LEORA_TEST_CITUS_URL` names. Its database is emptied by each test. Without
//! the variable nothing here is run, and one line of the tests' result says so.

#![cfg_attr(not(citus), allow(dead_code, unused_imports))]

mod cluster;
mod layouts;
mod others;
mod phase2;
mod refused;

#[cfg(not(citus))]
#[test]
#[ignore = "LEORA_TEST_CITUS_URL names no cluster, so the suite for Citus is not run"]
fn suite_on_a_cluster() {}
