//! How a command ended, in its report.

use leora_report::{Failure, Outcome, Report};

/// Batches that are committed stay, so a partial run remains partial.
pub(crate) fn set_outcome(report: &mut Report, ended: Result<(), Failure>, success: Outcome) {
    let partial = report.outcome == Outcome::Partial;
    report.error = ended.err();
    report.outcome = match &report.error {
        None => success,
        Some(_) if partial => Outcome::Partial,
        Some(failure) => failure.kind.outcome(),
    };
}

#[cfg(test)]
mod tests {
    use leora_report::{Failure, FailureKind, Outcome, Report};

    use super::set_outcome;

    #[test]
    fn a_failure_decides_the_outcome_unless_batches_stay() {
        let refused = || Err(Failure::new(FailureKind::Refused, "no", None));
        for (before, ended, after) in [
            (Outcome::Failed, Ok(()), Outcome::Planned),
            (Outcome::Partial, Ok(()), Outcome::Planned),
            (Outcome::Failed, refused(), Outcome::Refused),
            (Outcome::Partial, refused(), Outcome::Partial),
        ] {
            let mut report = Report { outcome: before, ..Report::default() };
            set_outcome(&mut report, ended, Outcome::Planned);
            assert_eq!(report.outcome, after);
        }
    }
}
