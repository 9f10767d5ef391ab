//! Prisma's folder: a migration that is recorded gets its migration.sql there.
//!
//! It is prepared before the database is called, so that what can't work is told first, and put in its place after
//! the COMMIT: a run that failed leaves no file behind.

use std::path::{Path, PathBuf};
use std::{fs, io};

use leora_folder::{ScriptFolder, SourceFile, io_reason};
use leora_report::{Entry, Failure, FailureKind, FileChange, FileReport, PrismaRecord, Report};

use crate::cli::PrismaDir;
use crate::commands::context::Context;

/// The files that a run may put into Prisma's folder.
#[derive(Debug)]
pub(crate) struct PrismaFiles {
    /// Somebody named the folder, and so wants the files also where the database has no `_prisma_migrations`.
    named: bool,
    files: Vec<Prepared>,
}

/// A file, and where it will be.
#[derive(Debug)]
struct Prepared {
    migration: String,
    source: SourceFile,
    place: PathBuf,
    shown: String,
    /// The file, written and ready; nothing when it is in its place already.
    ready: Option<Ready>,
}

impl PrismaFiles {
    /// Looks at Prisma's folder, and writes the files beside where they will be.
    ///
    /// # Errors
    /// A [`Failure`] when another file is there, or the folder can't be written.
    pub(crate) fn prepare(
        folder: &ScriptFolder,
        run: &str,
        context: &Context,
    ) -> Result<Self, Failure> {
        let files = Self::find(folder, context)?;
        let ready = |mut file: Prepared| {
            if !file.place.exists() {
                let text = &folder.prisma[&file.migration].text;
                file.ready = Some(Ready::write(&file.place, text, run).map_err(|error| {
                    unusable(&file.shown, &format!("can't be written: {}", io_reason(&error)))
                })?);
            }
            Ok(file)
        };
        let prepared = files.files.into_iter().map(ready).collect::<Result<_, Failure>>()?;
        Ok(Self { files: prepared, ..files })
    }

    /// Looks at Prisma's folder, and writes nothing.
    ///
    /// # Errors
    /// A [`Failure`] when another file is there.
    pub(crate) fn find(folder: &ScriptFolder, context: &Context) -> Result<Self, Failure> {
        let Some((shown, named)) = shown(context) else {
            return Ok(Self { named: false, files: vec![] });
        };
        let home = context.directory.join(&shown);
        if named && !home.is_dir() {
            return Err(unusable(&shown.display().to_string(), "is no folder"));
        }
        let file = |(name, source): (&String, &SourceFile)| {
            let below = Path::new("migrations").join(name).join("migration.sql");
            let place = home.join(&below);
            let shown = shown.join(&below).display().to_string();
            check(&place, &shown, source)?;
            let (migration, source) = (name.clone(), source.clone());
            Ok(Prepared { migration, source, place, shown, ready: None })
        };
        let files = folder.prisma.iter().map(file).collect::<Result<_, Failure>>()?;
        Ok(Self { named, files })
    }

    /// Puts the files of the migrations that were recorded in their places, and says so in the report.
    pub(crate) fn place(self, report: &mut Report) {
        let wanted = self.wanted(report);
        for file in self.files.into_iter().filter(|file| wanted.contains(&file.migration)) {
            let put = |ready: Ready| ready.put(&file.place, &file.shown, &file.source);
            let change = file.ready.map_or(FileChange::Same, put);
            report.files.push(FileReport { path: file.shown, change });
        }
    }

    /// Says in the report which files a run would write.
    pub(crate) fn foretell(self, report: &mut Report) {
        let wanted = self.wanted(report);
        for file in self.files.into_iter().filter(|file| wanted.contains(&file.migration)) {
            let change = if file.place.exists() { FileChange::Same } else { FileChange::Planned };
            report.files.push(FileReport { path: file.shown, change });
        }
    }

    /// The migrations that were recorded, or are recorded, and whose files belong into the folder.
    fn wanted(&self, report: &Report) -> Vec<String> {
        let recorded = |entry: &Entry| match entry {
            Entry::Migration { name, recording, rollback: false } => {
                let managed = matches!(recording.prisma, PrismaRecord::New | PrismaRecord::Already);
                let asked = self.named && recording.prisma == PrismaRecord::Unmanaged;
                (managed || asked).then(|| name.clone())
            }
            _ => None,
        };
        report.steps.iter().flat_map(|step| &step.entries).filter_map(recorded).collect()
    }
}

/// Prisma's folder as people know it, and whether somebody named it.
fn shown(context: &Context) -> Option<(PathBuf, bool)> {
    match &context.options.prisma_dir {
        Some(PrismaDir::None) => None,
        Some(PrismaDir::At(path)) => Some((path.clone(), true)),
        // What happens in the sandbox is not the application's.
        None if context.options.sandbox => None,
        None => {
            let there = context.directory.join(".env").is_file()
                && context.directory.join("prisma").is_dir();
            there.then(|| (PathBuf::from("prisma"), false))
        }
    }
}

/// What is there already must be the same file; line endings are none of Prisma's business either.
fn check(place: &Path, shown: &str, source: &SourceFile) -> Result<(), Failure> {
    match fs::read_to_string(place) {
        Ok(text) if text.replace("\r\n", "\n") == source.text => Ok(()),
        Ok(_) => Err(Failure::new(
            FailureKind::Usage,
            format!("{shown} is another file than {}", source.path),
            Some(format!(
                "a database that has the migration was made by one of the two: move {shown} away, or give --prisma-dir none to leave it as it is"
            )),
        )),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(unusable(shown, &format!("can't be read: {}", io_reason(&error)))),
    }
}

fn unusable(shown: &str, what: &str) -> Failure {
    let help =
        "give --prisma-dir the folder of the application's Prisma schema, or --prisma-dir none";
    Failure::new(FailureKind::Usage, format!("{shown} {what}"), Some(help.into()))
}

/// A file that is written, in a folder of its own that goes when it is not needed.
#[derive(Debug)]
struct Ready {
    folder: PathBuf,
}

impl Ready {
    /// Writes it; not below `migrations`, where Prisma would take the folder for a migration.
    fn write(place: &Path, text: &str, run: &str) -> io::Result<Self> {
        let migrations = place.parent().and_then(Path::parent).unwrap_or(place);
        fs::create_dir_all(migrations)?;
        let name = place.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
        let ready = Self { folder: migrations.with_file_name(format!(".leora-run-{run}-{name}")) };
        fs::create_dir(&ready.folder)?;
        fs::write(ready.folder.join("migration.sql"), text)?;
        Ok(ready)
    }

    /// Moves it into its place: whole or not at all, with its folder, and never over what came there meanwhile.
    fn put(&self, place: &Path, shown: &str, source: &SourceFile) -> FileChange {
        let put = match place.parent() {
            Some(folder) if !folder.exists() => fs::rename(&self.folder, folder),
            _ => fs::hard_link(self.folder.join("migration.sql"), place),
        };
        let there = put.is_err() && place.exists();
        match put {
            Ok(()) => FileChange::Written,
            Err(_) if there => match check(place, shown, source) {
                Ok(()) => FileChange::Same,
                Err(failure) => FileChange::Failed {
                    reason: failure.message,
                    help: format!(
                        "it came there during the run and was left; compare it with {}",
                        source.path
                    ),
                },
            },
            Err(error) => FileChange::Failed {
                reason: io_reason(&error),
                help: format!("copy {} there", source.path),
            },
        }
    }
}

impl Drop for Ready {
    fn drop(&mut self) {
        // It is not there any more when it was put in its place.
        let _ = fs::remove_dir_all(&self.folder);
    }
}
