//! Prisma's folder, where a recorded migration gets its migration.sql.
//!
//! The file is written before there is a connection, so that what can't work is reported first, and put in its place after
//! the COMMIT: a failed run leaves no file behind.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use leora_folder::{ScriptFolder, SourceFile, io_reason};
use leora_report::{Entry, Failure, FailureKind, FileChange, FileReport, PrismaRecord, Report};
use tempfile::{Builder, TempDir};

use crate::cli::PrismaDir;
use crate::commands::context::Context;

#[derive(Debug)]
pub(crate) struct PrismaFiles {
    /// Whether `--prisma-dir` named the folder: then the files are wanted even without `_prisma_migrations`.
    named: bool,
    /// The folder was looked for, and there is none.
    is_missing: bool,
    files: Vec<MigrationFile>,
}

#[derive(Debug)]
struct MigrationFile {
    migration: String,
    source: SourceFile,
    place: PathBuf,
    shown: String,
    /// The file, written elsewhere; `None` when it is in its place already.
    written: Option<WrittenMigration>,
}

impl PrismaFiles {
    /// Checks Prisma's folder, and writes the files where Prisma does not look for them.
    ///
    /// # Errors
    /// A [`Failure`] when another file is there, or the folder can't be written.
    pub(crate) fn write_aside(folder: &ScriptFolder, context: &Context) -> Result<Self, Failure> {
        let files = Self::check(folder, context)?;
        let write = |mut file: MigrationFile| {
            if !file.place.exists() {
                let text = &folder.prisma[&file.migration].text;
                file.written =
                    Some(WrittenMigration::write(&file.place, text).map_err(|error| {
                        unusable(&file.shown, &format!("can't be written: {}", io_reason(&error)))
                    })?);
            }
            Ok(file)
        };
        let written = files.files.into_iter().map(write).collect::<Result<_, Failure>>()?;
        Ok(Self { files: written, ..files })
    }

    /// Checks Prisma's folder, and writes nothing.
    ///
    /// # Errors
    /// A [`Failure`] when another file is there.
    pub(crate) fn check(folder: &ScriptFolder, context: &Context) -> Result<Self, Failure> {
        let Some((shown, named)) = prisma_folder(context) else {
            let unwanted = context.options.sandbox || context.options.prisma_dir.is_some();
            return Ok(Self { named: false, is_missing: !unwanted, files: vec![] });
        };
        let home = context.directory.join(&shown);
        if named && !home.is_dir() {
            return Err(unusable(&shown.display().to_string(), "is no folder"));
        }
        let file = |(name, source): (&String, &SourceFile)| {
            let below = Path::new("migrations").join(name).join("migration.sql");
            let place = home.join(&below);
            let shown = shown.join(&below).display().to_string();
            check_existing(&place, &shown, source)?;
            let (migration, source) = (name.clone(), source.clone());
            Ok(MigrationFile { migration, source, place, shown, written: None })
        };
        let files = folder.prisma.iter().map(file).collect::<Result<_, Failure>>()?;
        Ok(Self { named, is_missing: false, files })
    }

    /// What to do where Prisma's record has migrations whose files have no folder here.
    pub(crate) fn remedy_for_missing_folder(
        &self,
        folder: &ScriptFolder,
        report: &Report,
    ) -> Option<String> {
        let mut recorded = self.recorded_migrations(report);
        recorded.retain(|name| folder.prisma.contains_key(name));
        let name = recorded.first().filter(|_| self.is_missing)?;
        Some(format!(
            "no prisma folder is here for {name}/migration.sql, without which prisma migrate dev asks to reset the database: \
             run it again with --prisma-dir, or copy {} there",
            folder.prisma[name].path
        ))
    }

    /// Puts the files of the migrations that were recorded in their places, and lists them in the report.
    pub(crate) fn put_in_place(self, report: &mut Report) {
        let recorded = self.recorded_migrations(report);
        for file in self.files.into_iter().filter(|file| recorded.contains(&file.migration)) {
            let put = |written: WrittenMigration| {
                written.put_in_place(&file.place, &file.shown, &file.source)
            };
            let change = file.written.map_or(FileChange::Same, put);
            report.files.push(FileReport { path: file.shown, change });
        }
    }

    /// Lists in the report the files that a run would write.
    pub(crate) fn predict(self, report: &mut Report) {
        let recorded = self.recorded_migrations(report);
        for file in self.files.into_iter().filter(|file| recorded.contains(&file.migration)) {
            let change = if file.place.exists() { FileChange::Same } else { FileChange::Planned };
            report.files.push(FileReport { path: file.shown, change });
        }
    }

    /// The migrations that are recorded now or were before, and whose files belong into the folder.
    fn recorded_migrations(&self, report: &Report) -> Vec<String> {
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

/// Prisma's folder as shown to people, and whether `--prisma-dir` named it.
fn prisma_folder(context: &Context) -> Option<(PathBuf, bool)> {
    match &context.options.prisma_dir {
        Some(PrismaDir::None) => None,
        Some(PrismaDir::At(path)) => Some((path.clone(), true)),
        // The sandbox is not the application's database.
        None if context.options.sandbox => None,
        None => {
            let home = context.directory.join("prisma");
            let has_schema = ["schema.prisma", "schema", "migrations"];
            let is_prismas = context.directory.join(".env").is_file()
                || has_schema.iter().any(|name| home.join(name).exists());
            (home.is_dir() && is_prismas).then(|| (PathBuf::from("prisma"), false))
        }
    }
}

/// Refuses another file in the place. Line endings may differ, as for Prisma.
fn check_existing(place: &Path, shown: &str, source: &SourceFile) -> Result<(), Failure> {
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

/// A migration.sql in a temporary folder, which is removed unless it is put in place.
#[derive(Debug)]
struct WrittenMigration {
    folder: TempDir,
}

impl WrittenMigration {
    /// Writes it beside `migrations`, not below, where Prisma would take the folder for a migration.
    fn write(place: &Path, text: &str) -> io::Result<Self> {
        let migrations = place.parent().and_then(Path::parent).unwrap_or(place);
        fs::create_dir_all(migrations)?;
        let folder = Builder::new()
            .prefix(".leora-run-")
            .permissions(Permissions::from_mode(0o777))
            .tempdir_in(migrations.parent().unwrap_or(migrations))?;
        fs::write(folder.path().join("migration.sql"), text)?;
        Ok(Self { folder })
    }

    /// Moves it into its place, with its folder: whole or not at all, and never over a file that came there meanwhile.
    fn put_in_place(&self, place: &Path, shown: &str, source: &SourceFile) -> FileChange {
        let written = self.folder.path();
        let put = match place.parent() {
            Some(folder) if !folder.exists() => fs::rename(written, folder),
            _ => fs::hard_link(written.join("migration.sql"), place),
        };
        let there = put.is_err() && place.exists();
        match put {
            Ok(()) => FileChange::Written,
            Err(_) if there => match check_existing(place, shown, source) {
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
