//! The files of folders, watched for changes.

use std::path::{Path, PathBuf};
use std::time::Duration;

use leora_folder::sql_folders;
use leora_report::{Failure, FailureKind};
use notify::event::ModifyKind;
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// The files of script folders, and the SQL files beside them.
pub(super) struct ChangedFiles {
    folders: Vec<PathBuf>,
    directory: PathBuf,
    events: UnboundedReceiver<notify::Result<Event>>,
    /// It watches as long as it is there.
    _watcher: RecommendedWatcher,
}

impl ChangedFiles {
    /// `directory` is where the program was started.
    pub(super) fn watch(folders: &[PathBuf], directory: &Path) -> Result<Self, Failure> {
        let (sender, events) = unbounded_channel();
        let forward = move |event| {
            // The receiver is gone when nobody waits any more.
            let _ = sender.send(event);
        };
        let mut watcher = notify::recommended_watcher(forward).map_err(unwatchable)?;
        let mut watched = Vec::new();
        for folder in folders {
            let beside = sql_folders(folder);
            watched.extend(std::iter::once(folder.clone()).chain(beside));
        }
        let watched: Vec<PathBuf> =
            watched.iter().map(|folder| absolute(&directory.join(folder))).collect();
        for folder in &watched {
            if folder.is_dir() {
                watcher.watch(folder, RecursiveMode::Recursive).map_err(unwatchable)?;
            }
            // A folder that is not there yet, or is replaced as a whole, is seen in the one above it.
            let above = folder.parent().filter(|above| above.is_dir());
            if let Some(above) = above {
                watcher.watch(above, RecursiveMode::NonRecursive).map_err(unwatchable)?;
            }
        }
        let directory = absolute(directory);
        Ok(Self { folders: watched, directory, events, _watcher: watcher })
    }

    /// Waits until a file has changed, and then until nothing has for so long. Returns the file as people write it: the
    /// last one, and not one that an editor has only made to save another.
    pub(super) async fn next(&mut self, quiet: Duration) -> Result<String, Failure> {
        let mut files = Vec::new();
        while files.is_empty() {
            let event = self.events.recv().await.ok_or_else(closed)?;
            files.extend(self.changed_file(&event.map_err(unwatchable)?));
        }
        while let Ok(Some(event)) = tokio::time::timeout(quiet, self.events.recv()).await {
            files.extend(self.changed_file(&event.map_err(unwatchable)?));
        }
        let last = files.iter().rfind(|file| file.is_file()).or(files.last());
        let last = last.map_or(Path::new(""), PathBuf::as_path);
        Ok(last.strip_prefix(&self.directory).unwrap_or(last).display().to_string())
    }

    fn changed_file(&self, event: &Event) -> Option<PathBuf> {
        let is_change = match event.kind {
            EventKind::Create(_) | EventKind::Remove(_) | EventKind::Any => true,
            EventKind::Modify(kind) => !matches!(kind, ModifyKind::Metadata(_)),
            EventKind::Access(_) | EventKind::Other => false,
        };
        // Of a file that is renamed to another, the other is the last.
        let mut paths = event.paths.iter().rev().filter(|_| is_change);
        paths.find(|path| self.is_watched(path)).cloned()
    }

    /// Hidden files are those of editors, and of this program.
    fn is_watched(&self, path: &Path) -> bool {
        let is_hidden = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with('.');
        let inside = self.folders.iter().filter_map(|folder| path.strip_prefix(folder).ok());
        inside.into_iter().any(|inside| !inside.iter().any(is_hidden))
    }
}

/// Without links, as the system reports paths.
fn absolute(path: &Path) -> PathBuf {
    if let Ok(found) = path.canonicalize() {
        return found;
    }
    let above = path.parent().and_then(|above| above.canonicalize().ok());
    let joined = above.zip(path.file_name()).map(|(above, name)| above.join(name));
    joined.unwrap_or_else(|| path.to_owned())
}

fn unwatchable(error: notify::Error) -> Failure {
    let help = match error.kind {
        notify::ErrorKind::MaxFilesWatch => {
            "raise the system's limit, with sysctl fs.inotify.max_user_watches=524288"
        }
        _ => "check that the folders can be read, or run leora-run check without --watch",
    };
    Failure::new(
        FailureKind::Internal,
        format!("the folders can't be watched: {error}"),
        Some(help.into()),
    )
}

fn closed() -> Failure {
    Failure::new(FailureKind::Internal, "the system reports no more changes", None)
}
