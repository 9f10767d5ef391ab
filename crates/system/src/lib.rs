//! What the program asks of the operating system: to be interrupted, to bound its memory, to keep its state in a
//! directory of its own.

mod interrupt;
mod keeping;
pub mod memory;

pub use interrupt::Interrupt;
pub use keeping::make_folder;
