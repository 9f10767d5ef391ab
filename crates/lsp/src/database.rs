//! The database, as far as an editor asks for it: whoever starts the server answers, on a thread of its own. Everything
//! here only reads, and only when it is asked for.

use std::io;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use crossbeam_channel::{Receiver, Sender, unbounded};
use leora_folder::ScriptFolder;
use leora_report::{Distribution, Failure, FailureKind, TableShapes};
use leora_system::Interrupt;
use lsp_server::RequestId;

/// Answers about the database. `root` is the folder that the editor has open; raising `cancel` ends the question.
pub trait Database: Send {
    /// Whether the program was started with a database.
    fn is_named(&self) -> bool;

    /// The tables that the last check with a database has kept.
    fn kept_tables(&self, root: &Path) -> TableShapes;

    /// The tables as they are.
    ///
    /// # Errors
    /// When the database can't be reached or read.
    fn tables(&mut self, root: &Path, cancel: &Interrupt) -> Result<TableShapes, Failure>;

    /// How many rows have each value of a column.
    ///
    /// # Errors
    /// As [`Database::tables`], and when there is no such column.
    fn distribution(
        &mut self,
        root: &Path,
        table: &str,
        column: &str,
        cancel: &Interrupt,
    ) -> Result<Distribution, Failure>;

    /// What each rule of a folder would do, in a transaction that can't write. SQL files are not run.
    ///
    /// # Errors
    /// As [`Database::tables`], and when the scripts end in an error.
    fn count_rules(
        &mut self,
        root: &Path,
        folder: &Arc<ScriptFolder>,
        cancel: &Interrupt,
    ) -> Result<Vec<RuleCount>, Failure>;
}

/// What a rule would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleCount {
    /// The file of the rule.
    pub file: String,
    /// The line of its `update`, from 1.
    pub line: usize,
    /// The counts, or why they are not known.
    pub count: Result<RowCount, String>,
}

/// How many rows a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowCount {
    /// Those that `where` takes.
    pub rows: u64,
    /// Those of them whose value would change.
    pub changed: u64,
}

/// What the database is asked.
pub(crate) enum Question {
    Tables,
    Distribution { request: RequestId, table: String, column: String },
    Counts { request: RequestId, path: PathBuf, folder: Arc<ScriptFolder> },
}

/// What it answered.
pub(crate) enum Answer {
    Tables(Result<TableShapes, Failure>),
    Distribution {
        request: RequestId,
        result: Result<Distribution, Failure>,
    },
    Counts {
        request: RequestId,
        path: PathBuf,
        folder: Arc<ScriptFolder>,
        result: Result<Vec<RuleCount>, Failure>,
    },
}

/// The thread that asks.
pub(crate) struct DatabaseThread {
    questions: Sender<(Question, Interrupt)>,
    pub(crate) answers: Receiver<Answer>,
}

impl DatabaseThread {
    pub(crate) fn start(
        mut database: Box<dyn Database>,
        root: PathBuf,
        stack_bytes: NonZeroUsize,
    ) -> io::Result<Self> {
        let (questions, waiting) = unbounded::<(Question, Interrupt)>();
        let (given, answers) = unbounded();
        let work = move || {
            for (question, cancel) in waiting {
                if cancel.is_raised() {
                    continue;
                }
                let answer = answer(database.as_mut(), &root, question, &cancel);
                let ended = given.send(answer).is_err();
                if ended {
                    return;
                }
            }
        };
        thread::Builder::new().name("database".into()).stack_size(stack_bytes.get()).spawn(work)?;
        Ok(Self { questions, answers })
    }

    /// Asks, after what was asked before. Raising what is returned ends the question.
    pub(crate) fn ask(&self, question: Question) -> Interrupt {
        let cancel = Interrupt::default();
        // The thread is gone only when the process ends.
        let _ = self.questions.send((question, cancel.clone()));
        cancel
    }
}

fn answer(
    database: &mut dyn Database,
    root: &Path,
    question: Question,
    cancel: &Interrupt,
) -> Answer {
    match question {
        Question::Tables => Answer::Tables(guarded(|| database.tables(root, cancel))),
        Question::Distribution { request, table, column } => {
            let result = guarded(|| database.distribution(root, &table, &column, cancel));
            Answer::Distribution { request, result }
        }
        Question::Counts { request, path, folder } => {
            let result = guarded(|| database.count_rules(root, &folder, cancel));
            Answer::Counts { request, path, folder, result }
        }
    }
}

/// A fault of the program must not end the session.
fn guarded<T>(ask: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(ask)).unwrap_or_else(|_| {
        let message = "the question to the database failed, a fault of leora-run: please report it";
        Err(Failure::new(FailureKind::Internal, message, None))
    })
}
