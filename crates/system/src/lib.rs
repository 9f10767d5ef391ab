//! What the program asks of the operating system: to be interrupted, to bound its memory, to keep its state in a
//! directory of its own.

mod interrupt;
pub mod memory;
mod state_directory;

pub use interrupt::Interrupt;
pub use state_directory::make_folder;
