//! What one step did.

use std::time::Duration;

use crate::{Entry, Outcome};

/// What one step did.
#[derive(Clone, Debug, Default)]
pub struct StepReport {
    /// Its name, as `01_classify_customers`.
    pub name: String,
    /// Its title.
    pub title: String,
    /// How it ended.
    pub outcome: Outcome,
    /// How long it took.
    pub elapsed: Duration,
    /// What it did and found, in order.
    pub entries: Vec<Entry>,
}

/// How many expectations held, and how many did not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExpectationCounts {
    /// Those that held.
    pub held: usize,
    /// Those that did not hold.
    pub failed: usize,
    /// Those that did not hold and only warn.
    pub warned: usize,
}

impl StepReport {
    /// How many values it changed or put back.
    pub fn changed(&self) -> u64 {
        let rows = |entry: &Entry| match entry {
            Entry::Change { change, .. } => change.changed(),
            Entry::PutBack(put_back) => put_back.changed(),
            _ => 0,
        };
        self.entries.iter().map(rows).sum()
    }

    /// How many of its expectations held, failed and warned.
    pub fn expectations(&self) -> ExpectationCounts {
        let mut counts = ExpectationCounts::default();
        for entry in &self.entries {
            if let Entry::Expectation(expectation) = entry {
                match (expectation.held, expectation.warning) {
                    (true, _) => counts.held += 1,
                    (false, false) => counts.failed += 1,
                    (false, true) => counts.warned += 1,
                }
            }
        }
        counts
    }
}

impl ExpectationCounts {
    /// How many there are.
    pub fn all(self) -> usize {
        self.held + self.failed + self.warned
    }
}

impl std::iter::Sum for ExpectationCounts {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), |sum, one| Self {
            held: sum.held + one.held,
            failed: sum.failed + one.failed,
            warned: sum.warned + one.warned,
        })
    }
}
