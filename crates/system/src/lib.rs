//! What the program asks of the operating system: to be interrupted, to bound its memory, to write files whole, and to
//! keep its state in a directory of its own.

mod atomic_write;
mod interrupt;
pub mod memory;
mod state_directory;

pub use atomic_write::{UnfinishedFile, Visibility, atomic_write};
pub use interrupt::Interrupt;
pub use state_directory::{FolderAccess, create_untracked_folder};
