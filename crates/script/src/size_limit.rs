//! How long the text of a value would be, told without making it: an entry that is set in a map or list one by one is
//! checked by no limit of the engine, and a text in it may stand there a million times.

use leora_folder::Limits;
use rhai::{Array, Dynamic, Map};

use crate::ScriptError;

/// Refuses values whose text would be longer than a text may be, or nested deeper than values may be.
pub(crate) fn bearable(values: &[Dynamic], limits: &Limits) -> Result<(), Box<ScriptError>> {
    let mut scale = Scale { limits, left: limits.text_bytes };
    values.iter().try_for_each(|value| scale.weigh(value, 1))
}

struct Scale<'l> {
    limits: &'l Limits,
    left: u64,
}

impl Scale<'_> {
    fn take(&mut self, bytes: usize) -> Result<(), Box<ScriptError>> {
        self.left = self.left.checked_sub(bytes as u64).ok_or_else(|| {
            Box::new(ScriptError::limit("text_bytes", self.limits.text_bytes, None))
        })?;
        Ok(())
    }

    fn weigh(&mut self, value: &Dynamic, depth: u64) -> Result<(), Box<ScriptError>> {
        if depth > self.limits.nesting {
            return Err(Box::new(ScriptError::limit("nesting", self.limits.nesting, None)));
        }
        if let Some(text) = value.read_lock::<rhai::ImmutableString>() {
            return self.take(text.len() + 4);
        }
        if let Some(list) = value.read_lock::<Array>() {
            return list.iter().try_for_each(|one| self.weigh(one, depth + 1));
        }
        if let Some(map) = value.read_lock::<Map>() {
            return self.entries(&map, depth + 1);
        }
        self.take(8)
    }

    fn entries(&mut self, map: &Map, depth: u64) -> Result<(), Box<ScriptError>> {
        map.iter().try_for_each(|(key, value)| {
            self.take(key.len() + 6)?;
            self.weigh(value, depth)
        })
    }
}
