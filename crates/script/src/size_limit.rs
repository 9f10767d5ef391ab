//! The length of a value's text, without making it. The engine checks no limit when an entry of a map or list is set by
//! its index, and one text may stand in it a million times.

use leora_folder::Limits;
use rhai::{Array, Dynamic, ImmutableString, Map};

use crate::ScriptError;

/// Refuses values whose text is longer than `text_bytes`, or that are nested deeper than `nesting`.
pub(crate) fn check_size(values: &[Dynamic], limits: &Limits) -> Result<(), Box<ScriptError>> {
    Budget::new(limits, "text_bytes", limits.text_bytes).check(values)
}

/// Refuses the values of a list or lookup in a rule when they are more than a script may read.
pub(crate) fn check_list_size(values: &[Dynamic], limits: &Limits) -> Result<(), Box<ScriptError>> {
    Budget::new(limits, "read_bytes", limits.read_bytes).check(values)
}

struct Budget<'l> {
    limits: &'l Limits,
    /// The limit of the bytes, and its value.
    most: (&'static str, u64),
    bytes_left: u64,
}

impl<'l> Budget<'l> {
    fn new(limits: &'l Limits, name: &'static str, bytes: u64) -> Self {
        Self { limits, most: (name, bytes), bytes_left: bytes }
    }

    fn check(mut self, values: &[Dynamic]) -> Result<(), Box<ScriptError>> {
        values.iter().try_for_each(|value| self.spend_on(value, 1))
    }

    fn spend(&mut self, bytes: usize) -> Result<(), Box<ScriptError>> {
        self.bytes_left = self
            .bytes_left
            .checked_sub(bytes as u64)
            .ok_or_else(|| Box::new(ScriptError::limit(self.most.0, self.most.1, None)))?;
        Ok(())
    }

    fn spend_on(&mut self, value: &Dynamic, depth: u64) -> Result<(), Box<ScriptError>> {
        if depth > self.limits.nesting {
            return Err(Box::new(ScriptError::limit("nesting", self.limits.nesting, None)));
        }
        if let Some(text) = value.read_lock::<ImmutableString>() {
            return self.spend(text.len() + 4);
        }
        if let Some(list) = value.read_lock::<Array>() {
            return list.iter().try_for_each(|one| self.spend_on(one, depth + 1));
        }
        if let Some(map) = value.read_lock::<Map>() {
            return map.iter().try_for_each(|(key, value)| {
                self.spend(key.len() + 6)?;
                self.spend_on(value, depth + 1)
            });
        }
        self.spend(8)
    }
}

#[cfg(test)]
mod tests {
    use leora_folder::Limits;
    use rhai::{Array, Dynamic};

    use super::check_size;

    fn refused(value: impl Into<Dynamic>, limits: &Limits) -> Option<String> {
        check_size(&[value.into()], limits).err().map(|error| error.message)
    }

    #[test]
    fn a_text_counts_each_time_that_it_stands_in_a_value() {
        let limits = Limits { text_bytes: 100, ..Limits::default() };
        let text = Dynamic::from("x".repeat(30));
        assert_eq!(refused(vec![text.clone(); 2] as Array, &limits), None);
        let message = "the script reached its limit text_bytes = 100";
        assert_eq!(refused(vec![text; 3] as Array, &limits).as_deref(), Some(message));
    }

    #[test]
    fn values_are_nested_no_deeper_than_the_limit() {
        let limits = Limits { nesting: 3, ..Limits::default() };
        let nest = |value: Dynamic| Dynamic::from(vec![value] as Array);
        assert_eq!(refused(nest(nest(Dynamic::UNIT)), &limits), None);
        let message = "the script reached its limit nesting = 3";
        assert_eq!(refused(nest(nest(nest(Dynamic::UNIT))), &limits).as_deref(), Some(message));
    }
}
