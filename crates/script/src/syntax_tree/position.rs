//! Positions of the engine as places in a file.

use leora_report::Place;
use rhai::Position;

/// A position in this file; `None` where the engine does not know it.
pub(crate) fn place(position: Position, file: &str) -> Option<Place> {
    let line = position.line()?;
    Some(Place { file: file.to_owned(), line, column: position.position().unwrap_or(1) })
}
