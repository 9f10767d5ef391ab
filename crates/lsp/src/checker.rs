//! Checks folders on a thread of its own, so that the editor is answered meanwhile. An edit interrupts the check of what
//! it replaces: its result would be out of date.

use std::io;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use crossbeam_channel::{Receiver, Sender, unbounded};
use jiff::civil::Date;
use leora_folder::{FolderError, ScriptFolder, UnsavedTexts};
use leora_report::{FolderCheck, Setting};
use leora_script::{Settings, check_folder};
use leora_system::Interrupt;

/// What a check came to.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) path: PathBuf,
    pub(crate) outcome: CheckOutcome,
}

#[derive(Debug)]
pub(crate) enum CheckOutcome {
    /// The folder was opened and checked.
    Checked {
        folder: Arc<ScriptFolder>,
        check: Box<FolderCheck>,
        /// `None` where the scripts do not compile.
        settings: Option<Vec<Setting>>,
    },
    /// The folder can't be opened.
    Refused(FolderError),
    /// The check itself failed.
    Failed,
}

struct Request {
    path: PathBuf,
    unsaved: UnsavedTexts,
    interrupt: Interrupt,
}

/// The thread that checks.
#[derive(Debug)]
pub(crate) struct Checker {
    requests: Sender<Request>,
    pub(crate) results: Receiver<Checked>,
    /// The last request of each folder.
    current: Vec<(PathBuf, Interrupt)>,
}

impl Checker {
    pub(crate) fn start(
        as_of: Date,
        settings: Settings,
        stack_bytes: NonZeroUsize,
    ) -> io::Result<Self> {
        let (requests, waiting) = unbounded::<Request>();
        let (done, results) = unbounded();
        let work = move || {
            for request in waiting {
                if request.interrupt.is_raised() {
                    continue;
                }
                let outcome = check(&request, &settings, as_of);
                // What an interrupt ended is a part, and another check follows.
                if !request.interrupt.is_raised() {
                    let ended = done.send(Checked { path: request.path, outcome }).is_err();
                    if ended {
                        return;
                    }
                }
            }
        };
        thread::Builder::new().name("checker".into()).stack_size(stack_bytes.get()).spawn(work)?;
        Ok(Self { requests, results, current: vec![] })
    }

    /// Asks for a check of a folder with these texts, in the place of any that is asked for or under way.
    pub(crate) fn check(&mut self, path: PathBuf, unsaved: UnsavedTexts) {
        self.interrupt(&path);
        let interrupt = Interrupt::default();
        self.current.push((path.clone(), interrupt.clone()));
        // The thread is gone only when the process ends.
        let _ = self.requests.send(Request { path, unsaved, interrupt });
    }

    /// Takes back what was asked for a folder.
    pub(crate) fn interrupt(&mut self, path: &PathBuf) {
        for (_, interrupt) in self.current.extract_if(.., |(current, _)| current == path) {
            interrupt.raise();
        }
    }
}

fn check(request: &Request, settings: &Settings, as_of: Date) -> CheckOutcome {
    let Request { path, unsaved, interrupt } = request;
    let folder = match ScriptFolder::open_with(path, unsaved) {
        Ok(folder) => Arc::new(folder),
        Err(error) => return CheckOutcome::Refused(error),
    };
    // A fault of the program must not end the session.
    let checked =
        catch_unwind(AssertUnwindSafe(|| check_folder(&folder, settings, as_of, interrupt)));
    match checked {
        Ok(checked) => CheckOutcome::Checked {
            folder,
            settings: checked.program.map(|program| program.settings().to_vec()),
            check: Box::new(checked.check),
        },
        Err(_) => CheckOutcome::Failed,
    }
}
