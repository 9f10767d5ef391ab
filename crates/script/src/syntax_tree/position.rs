//! Positions of the engine as places in a file.

use leora_report::Place;
use rhai::Position;

/// A position in this file; `None` where the engine does not know it.
pub(crate) fn place(position: Position, file: &str) -> Option<Place> {
    let line = position.line()?;
    Some(Place { file: file.to_owned(), line, column: position.position().unwrap_or(1) })
}

/// The position so many characters before, in the same line.
pub(crate) fn back(position: Position, characters: usize) -> Position {
    let column = position.position().unwrap_or(1).saturating_sub(characters).max(1);
    let place =
        |line: usize| Some(Position::new(u16::try_from(line).ok()?, u16::try_from(column).ok()?));
    position.line().and_then(place).unwrap_or(position)
}
