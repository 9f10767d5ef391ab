//! What every command is given: the options, the screen, and how to reach a server.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use leora_execution::SharedRows;
use leora_host::Host;
use leora_postgres::{ProgressListener, Server, Target, Timeouts};
use leora_report::{Failure, FailureKind, Report};
use leora_script::{RunEnvironment, Settings};
use leora_system::Interrupt;
use tokio::runtime::Handle;
use uuid::Uuid;

use crate::cli::{Color, Format, Invocation, Options};
use leora_render::{Screen, Style};

/// What every command is given.
#[derive(Clone, Debug)]
pub struct Context {
    pub(crate) options: Options,
    /// Where the program was started.
    pub(crate) directory: PathBuf,
    pub(crate) runtime: Handle,
    pub(crate) interrupt: Interrupt,
    /// The list of changed rows, where one is wanted.
    pub(crate) rows: Option<SharedRows>,
    screen: Arc<Mutex<Screen>>,
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
            Format::Text if options.rows_to_standard_output() => {
                Screen::text(style).beside_standard_output()
            }
            Format::Text => Screen::text(style),
            Format::Github => Screen::github(style),
            Format::Json => Screen::json(style),
        };
        let (runtime, screen) = (runtime.clone(), Arc::new(Mutex::new(screen)));
        Ok(Self { options, directory, runtime, interrupt, rows: None, screen })
    }

    /// The same, but nothing is shown, and no page and no list is written.
    pub(crate) fn silent(&self) -> Self {
        let options = Options { report: None, ..self.options.clone() };
        let screen = Arc::new(Mutex::new(Screen::silent()));
        Self { screen, options, rows: None, ..self.clone() }
    }

    /// The same, and the rows that change are listed here.
    pub(crate) fn with_rows(&self, rows: Option<SharedRows>) -> Self {
        Self { rows, ..self.clone() }
    }

    /// The same, as if the program was started in this folder.
    pub(crate) fn in_directory(&self, directory: &Path) -> Self {
        Self { directory: directory.to_owned(), ..self.clone() }
    }

    pub(crate) fn screen(&self) -> MutexGuard<'_, Screen> {
        // A panic while it was locked has been caught and reported; the screen still works.
        self.screen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shows a failure before there is anything else to report; returns the exit code.
    pub(crate) fn fail(&self, failure: Failure) -> u8 {
        let (code, outcome) = (failure.kind.exit_code(), failure.kind.outcome());
        self.screen().show_report(&Report { error: Some(failure), outcome, ..Report::default() });
        code
    }

    pub(crate) fn new_report(&self, folder: &Path) -> Report {
        Report {
            run: Uuid::now_v7().to_string(),
            folder: folder.display().to_string(),
            as_of: self.options.as_of.to_string(),
            ..Report::default()
        }
    }

    /// The server of a target; the screen shows the progress of long statements.
    pub(crate) fn server(&self, target: Target) -> Server {
        let screen = Arc::clone(&self.screen);
        let listener = ProgressListener::new(move |progress| {
            screen.lock().unwrap_or_else(PoisonError::into_inner).show_progress(progress);
        });
        Server::new(target, self.runtime.clone(), self.interrupt.clone(), listener)
    }

    pub(crate) fn run_environment(
        &self,
        host: Arc<Mutex<dyn Host>>,
        settings: &Settings,
    ) -> RunEnvironment {
        RunEnvironment {
            host,
            observer: self.screen.clone(),
            settings: settings.clone(),
            interrupt: self.interrupt.clone(),
        }
    }

    pub(crate) fn timeouts(&self) -> Timeouts {
        Timeouts {
            lock: self.options.lock_timeout,
            statement: self.options.statement_timeout,
            commit: self.options.commit_wait,
        }
    }
}
