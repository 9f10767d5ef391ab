//! One write for several sets of rules of a table, each of which reads the rows as the ones before it leave them.

use leora_report::{DatabaseError, WriteError};
use leora_rule::{Change, Relation, RuleLocation, Strategy};

use crate::Writer;
use crate::session::savepoint::Savepoint;
use crate::strategies::batch_progress::BatchProgress;
use crate::strategies::judged::JudgedRules;

/// Why rules that had waited were not written.
#[derive(Debug)]
pub struct JoinedError {
    /// What happened.
    pub error: WriteError,
    /// Where the rule is written that is to blame, where that is known.
    pub location: Option<RuleLocation>,
}

impl From<WriteError> for JoinedError {
    fn from(error: WriteError) -> Self {
        Self { error, location: None }
    }
}

impl From<DatabaseError> for JoinedError {
    fn from(error: DatabaseError) -> Self {
        Self::from(WriteError::from(error))
    }
}

impl Writer<'_> {
    /// Writes sets of one table that were judged in this order and may be joined, together; `stored` are the rows as they are.
    /// Returns what each of the rules changed.
    ///
    /// # Errors
    /// [`JoinedError`]; the transaction must then be rolled back.
    pub fn write_joined(
        &mut self,
        sets: &[JudgedRules],
        stored: &Relation,
    ) -> Result<Vec<Change>, JoinedError> {
        if let [set] = sets {
            let location = set.location().cloned();
            let written = self.write(JudgedRules::joined(sets, stored));
            return written.map_err(|error| JoinedError { error, location });
        }
        if sets.iter().any(|set| set.strategy() == Some(Strategy::Batches)) {
            if self.are_as_far(sets)? {
                return Ok(self.write(JudgedRules::joined(sets, stored))?);
            }
            let mut changes = vec![];
            for set in sets {
                changes.extend(self.write_joined(std::slice::from_ref(set), stored)?);
            }
            return Ok(changes);
        }
        let savepoint = self.session.set_savepoint()?;
        match self.write(JudgedRules::joined(sets, stored)) {
            Ok(changes) => {
                self.session.release(savepoint)?;
                Ok(changes)
            }
            Err(error) => Err(self.blame(sets, error, savepoint)),
        }
    }

    /// Whether the batches of all rules have come as far. A run that stopped may have written some of them by themselves.
    fn are_as_far(&mut self, sets: &[JudgedRules]) -> Result<bool, WriteError> {
        let mut known = Vec::new();
        for place in sets.iter().flat_map(JudgedRules::places) {
            let progress = BatchProgress::load(self.session, &self.run, place.rule)?;
            known.push(progress.map(|progress| (progress.began, progress.finished)));
        }
        Ok(known.windows(2).all(|pair| pair[0] == pair[1]))
    }

    /// Finds the set whose rows the server refuses, as it would have been found had each been written by itself.
    fn blame(
        &mut self,
        sets: &[JudgedRules],
        error: WriteError,
        savepoint: Savepoint,
    ) -> JoinedError {
        let is_refusal = match &error {
            WriteError::Database(error) => {
                error.code().is_some_and(|code| code.starts_with("22") || code.starts_with("23"))
            }
            WriteError::Rule(_) => false,
        };
        if !is_refusal || self.session.roll_back_to(savepoint).is_err() {
            return error.into();
        }
        for set in sets {
            if let Err(error) = set.foresee(self.session) {
                return JoinedError { error, location: set.location().cloned() };
            }
        }
        error.into()
    }
}
