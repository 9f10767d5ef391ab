//! The strategy `update`: one UPDATE, under a lock that keeps other writers out.

use super::super::link::Link;
use crate::database::DatabaseError;
use crate::rule::RuleStatements;

/// Writes the rule; returns how many rows it wrote.
pub(super) fn write(link: &mut Link, statements: &RuleStatements) -> Result<u64, DatabaseError> {
    link.execute(&statements.update)
}
