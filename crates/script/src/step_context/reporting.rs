//! What a step reports, within the limits on its number and length.

use leora_report::Entry;

use crate::ScriptError;
use crate::step_context::{StepContext, lock};

impl StepContext {
    /// Reports a text that the language itself printed; past the limit the script ends at its next operation.
    pub(crate) fn note(&self, text: &str) {
        if let Err(error) = self.report(Entry::Note(text.to_owned())) {
            self.note_failure(*error);
        }
    }

    pub(crate) fn report(&self, entry: Entry) -> Result<(), Box<ScriptError>> {
        let printed = {
            let mut state = self.state();
            state.printed += 1;
            state.printed_bytes += entry.bytes() as u64;
            state.printed
        };
        let most = self.limits().printed;
        if printed > most {
            return Err(Box::new(ScriptError::limit("printed", most, None)));
        }
        self.check_printed_bytes()?;
        lock(&self.0.environment.observer).on_entry(&entry);
        self.state().entries.push(entry);
        Ok(())
    }

    pub(crate) fn check_printed_bytes(&self) -> Result<(), Box<ScriptError>> {
        let most = self.limits().printed_bytes;
        match self.state().printed_bytes > most {
            true => Err(Box::new(ScriptError::limit("printed_bytes", most, None))),
            false => Ok(()),
        }
    }

    /// Notifies the observer that something which may take long begins.
    pub(crate) fn on_start(&self, what: &str) {
        lock(&self.0.environment.observer).on_start(what);
    }
}
