//! What a step tells, within its limits.

use leora_report::{Entry, Place};
use rhai::NativeCallContext;

use crate::step_context::{Answer, StepContext, lock};

impl StepContext {
    /// Says a text of the engine's own; past the limit the script ends at its next operation.
    pub(crate) fn note(&self, text: &str) {
        let _ = self.report_at(|| None, Entry::Note(text.to_owned()));
    }

    /// Reports what was done or found.
    pub(crate) fn report(&self, context: &NativeCallContext<'_>, entry: Entry) -> Answer<()> {
        self.report_at(|| self.place(context), entry)
    }

    fn report_at(&self, place: impl Fn() -> Option<Place>, entry: Entry) -> Answer<()> {
        let (printed, bytes) = {
            let mut state = self.state();
            state.printed += 1;
            state.printed_bytes += entry.bytes() as u64;
            (state.printed, state.printed_bytes)
        };
        if printed > self.limits().printed {
            return Err(self.over_limit(place(), "printed", self.limits().printed));
        }
        self.printable_at(bytes, &place)?;
        lock(&self.0.observer).on_entry(&entry);
        self.state().entries.push(entry);
        Ok(())
    }

    /// Refuses to go on when the texts of the report are longer than they may be.
    pub(crate) fn printable(&self, context: &NativeCallContext<'_>) -> Answer<()> {
        let bytes = self.state().printed_bytes;
        self.printable_at(bytes, &|| self.place(context))
    }

    fn printable_at(&self, bytes: u64, place: &dyn Fn() -> Option<Place>) -> Answer<()> {
        match bytes > self.limits().printed_bytes {
            true => Err(self.over_limit(place(), "printed_bytes", self.limits().printed_bytes)),
            false => Ok(()),
        }
    }
}
