//! A soak: random runs and undos of random tables, while others edit, and while whatever can happen to them happens. After
//! each step every value is explained, and `status` is true.
//!
//! A case is a database with a table and some steps. It follows from its seed but for the time that things take, so a case
//! that fails is tried again with `LEORA_SOAK_SEED`.

mod case;
mod editors;
mod faults;
mod ledger;
mod table;

use std::collections::BTreeMap;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

use crate::support::OwnServer;
use case::Case;

/// How long it lasts in CI, beside the other tests.
const SECONDS: u64 = 110;

/// What was done, by its name.
#[derive(Default)]
struct Tally(BTreeMap<String, u64>);

impl Tally {
    fn add(&mut self, what: &str, times: u64) {
        *self.0.entry(what.to_owned()).or_default() += times;
    }
}

fn number(name: &str) -> Option<u64> {
    let given = std::env::var(name).ok()?;
    Some(given.parse().unwrap_or_else(|_| panic!("{name} is no number: {given}")))
}

/// Past what captures the output of tests that pass.
fn tell(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

#[test]
fn every_value_is_explained_whatever_happens() {
    let seconds = Duration::from_secs(number("LEORA_SOAK_SECONDS").unwrap_or(SECONDS));
    let first = number("LEORA_SOAK_SEED").unwrap_or(1);
    let server = OwnServer::start(&[
        ("fsync", "off"),
        ("max_connections", "60"),
        ("max_prepared_transactions", "10"),
        ("deadlock_timeout", "100ms"),
    ]);
    let (started, mut tally, mut seed) = (Instant::now(), Tally::default(), first);
    while started.elapsed() < seconds {
        let case = || Case::of(&server, seed).run(started + seconds, &mut tally);
        let tried = catch_unwind(AssertUnwindSafe(case));
        if let Err(panic) = tried {
            tell(&format!(
                "soak: the case failed; to try it again: LEORA_SOAK_SEED={seed} cargo test soak"
            ));
            resume_unwind(panic);
        }
        seed += 1;
    }
    let told: Vec<String> = tally.0.iter().map(|(what, times)| format!("{what} {times}")).collect();
    tell(&format!("soak: seeds {first} to {}: {}", seed - 1, told.join(", ")));
}
