//! What `run_sql` tells of who can use what an SQL file made.

use leora_report::{Expectation, ObjectOwnership, SqlRun};

/// A warning for each sort of role that can't, with the statements that change it.
pub(crate) fn warnings(file: &str, ran: &SqlRun) -> Vec<Expectation> {
    let warning = |label: String, findings: &[String]| Expectation {
        label,
        held: false,
        warning: true,
        findings: findings.to_vec(),
        place: None,
    };
    let mut warnings = Vec::new();
    if let ObjectOwnership::Kept { role, owner, statements } = &ran.ownership {
        let label = format!(
            "what {file} made stayed with {role}: {owner}, who owns the tables around it, can't use it; \
             a superuser gives it away:"
        );
        warnings.push(warning(label, statements));
    }
    if !ran.grants_for_others.is_empty() {
        let label = format!(
            "some who work with the tables around it can't use the tables that {file} made, until \
             their owner grants it:"
        );
        warnings.push(warning(label, &ran.grants_for_others));
    }
    warnings
}
