//! What every verb is given.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use leora_postgres::{ProgressListener, Server, Target, Timeouts};
use leora_system::Interrupt;
use tokio::runtime::Handle;

use crate::cli::{Color, Format, Options};
use crate::render::{Screen, Style};

/// What every verb is given.
#[derive(Clone, Debug)]
pub struct Context {
    /// The options.
    pub options: Options,
    /// Where the program was started.
    pub directory: PathBuf,
    /// The runtime that waits for the network.
    pub runtime: Handle,
    /// Whether somebody asked to stop.
    pub interrupt: Interrupt,
    pub(crate) screen: Arc<Mutex<Screen>>,
}

impl Context {
    /// Sets up the screen that the options ask for.
    pub fn new(
        options: Options,
        directory: PathBuf,
        runtime: Handle,
        interrupt: Interrupt,
    ) -> Self {
        let style = Style::detect(match options.color {
            Color::Auto => None,
            Color::Always => Some(true),
            Color::Never => Some(false),
        });
        let screen = match options.format {
            Format::Text => Screen::text(style),
            Format::Github => Screen::github(style),
            Format::Json => Screen::json(style),
        };
        Self { options, directory, runtime, interrupt, screen: Arc::new(Mutex::new(screen)) }
    }

    /// The same with nobody watching.
    pub(crate) fn unheard(&self) -> Self {
        let options = Options { report: None, ..self.options.clone() };
        let screen = Arc::new(Mutex::new(Screen::silent()));
        Self { screen, options, ..self.clone() }
    }

    pub(crate) fn screen(&self) -> MutexGuard<'_, Screen> {
        // A panic while it was held has been caught and told; the screen still works.
        self.screen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The server of a target; the screen hears how far a long statement is.
    pub(crate) fn server(&self, target: Target) -> Server {
        let screen = Arc::clone(&self.screen);
        let meter = ProgressListener::new(move |progress| {
            screen.lock().unwrap_or_else(PoisonError::into_inner).progressed(progress);
        });
        Server::new(target, self.runtime.clone(), self.interrupt.clone(), meter)
    }

    pub(crate) fn timeouts(&self) -> Timeouts {
        Timeouts { lock: self.options.lock_timeout, statement: self.options.statement_timeout }
    }
}
