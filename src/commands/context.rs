//! What every verb is given.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use leora_execution::RunContext;
use leora_folder::ScriptFolder;
use leora_postgres::{ProgressListener, Server, Target, Timeouts};
use leora_report::{Failure, FailureKind, Report};
use leora_system::Interrupt;
use tokio::runtime::Handle;

use crate::cli::{Color, Format, Invocation, Options};
use crate::render::{Screen, Style};

/// What every verb is given.
#[derive(Clone, Debug)]
pub struct Context {
    pub(crate) options: Options,
    /// Where the program was started.
    pub(crate) directory: PathBuf,
    pub(crate) runtime: Handle,
    pub(crate) interrupt: Interrupt,
    pub(crate) screen: Arc<Mutex<Screen>>,
}

impl Context {
    /// Sets up the screen that the options ask for.
    ///
    /// # Errors
    /// When the current directory is gone or can't be entered.
    pub fn new(
        invocation: &Invocation,
        runtime: &Handle,
        interrupt: Interrupt,
    ) -> Result<Self, Failure> {
        let options = invocation.options.clone();
        let directory = std::env::current_dir().map_err(|error| {
            let message = format!("the current directory can't be used: {error}");
            Failure::new(FailureKind::Internal, message, None)
        })?;
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
        let (runtime, screen) = (runtime.clone(), Arc::new(Mutex::new(screen)));
        Ok(Self { options, directory, runtime, interrupt, screen })
    }

    /// The same with nobody watching.
    pub(crate) fn unheard(&self) -> Self {
        let options = Options { report: None, ..self.options.clone() };
        let screen = Arc::new(Mutex::new(Screen::silent()));
        Self { screen, options, ..self.clone() }
    }

    /// Shows a failure before there is anything else to report; returns the exit code.
    pub(crate) fn fail(&self, failure: Failure) -> u8 {
        let (code, outcome) = (failure.kind.exit_code(), failure.kind.outcome());
        self.screen().show_report(&Report { error: Some(failure), outcome, ..Report::default() });
        code
    }

    pub(crate) fn screen(&self) -> MutexGuard<'_, Screen> {
        // A panic while it was held has been caught and told; the screen still works.
        self.screen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The server of a target; the screen hears how far a long statement is.
    pub(crate) fn server(&self, target: Target) -> Server {
        let screen = Arc::clone(&self.screen);
        let meter = ProgressListener::new(move |progress| {
            screen.lock().unwrap_or_else(PoisonError::into_inner).show_progress(progress);
        });
        Server::new(target, self.runtime.clone(), self.interrupt.clone(), meter)
    }

    /// What the hosts of a run share; a command that records none leaves its id empty.
    pub(crate) fn run_context(&self, run: &str, folder: &Arc<ScriptFolder>) -> Arc<RunContext> {
        Arc::new(RunContext {
            run: run.to_owned(),
            as_of: self.options.as_of,
            folder: Arc::clone(folder),
            allow_large_change: self.options.allow_large_change,
        })
    }

    pub(crate) fn timeouts(&self) -> Timeouts {
        Timeouts { lock: self.options.lock_timeout, statement: self.options.statement_timeout }
    }
}
