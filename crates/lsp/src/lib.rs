//! The language server: what `check` knows, in an editor, while a script is being written.
//!
//! - [`serve`] speaks the protocol (`server`, `capabilities`) with an editor that started the program.
//! - `documents` has the texts as the editor shows them; `folders` knows which script folder a file belongs to.
//! - `checker` checks folders on a thread of its own. An edit interrupts the check of what it replaces.
//! - A file for each thing that an editor asks for: `diagnostics`, `completion`, `hover`, ... Most ask about a place, which
//!   is a `spot`: the document and all that is known of its folder and database.
//!
//! What needs a database is asked of whoever starts the server (`database`), in transactions that can't write. The server
//! writes no file: an edit is a proposal to the editor.

mod api_text;
mod capabilities;
mod checker;
mod commands;
mod completion;
mod database;
mod definition;
mod diagnostics;
mod documents;
mod folders;
mod formatting;
mod hover;
mod lenses;
mod manifest_completion;
mod positions;
mod quick_fixes;
mod requests;
mod server;
mod spot;
mod stop;

use std::io;
use std::num::NonZeroUsize;

use jiff::civil::Date;
use leora_script::Settings;
use lsp_server::Connection;

pub use crate::database::{Database, RowCount, RuleCount};
use crate::server::Server;
pub use crate::stop::{Stop, StopHandle, stop_channel};

/// What the server is started with.
pub struct ServerOptions {
    /// The program's version, which the editor shows.
    pub version: &'static str,
    /// The business date of the examples.
    pub as_of: Date,
    /// The values of `--set`.
    pub settings: Settings,
    /// The stack of the thread that runs scripts, in bytes.
    pub stack_bytes: NonZeroUsize,
    /// Ends the server from outside.
    pub stop: Stop,
    /// Answers about the database.
    pub database: Box<dyn Database>,
}

/// How a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionEnd {
    /// The editor said goodbye.
    Exited,
    /// The editor went away.
    Disconnected,
    /// Standard input ended, or held something else, before a session began.
    NeverBegan,
    /// [`StopHandle::raise`] was called.
    Stopped,
}

/// Serves the editor at the other end of standard input and output, until it ends the session.
///
/// # Errors
/// When standard input can't be read, or standard output can't be written, or no thread can be started.
pub fn serve(options: ServerOptions) -> io::Result<SessionEnd> {
    let (connection, threads) = Connection::stdio();
    let end = Server::start(connection, options)?;
    // A stop from outside leaves the thread that reads waiting for the editor.
    if end != SessionEnd::Stopped {
        threads.join()?;
    }
    Ok(end)
}
