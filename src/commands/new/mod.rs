//! `new`: makes a folder with a rule, a step that verifies it, and examples, to begin from.

mod place;

use std::path::Path;
use std::{fs, io};

use leora_report::{Failure, FailureKind};

use crate::commands::context::Context;
use crate::commands::shared::{NotPlaced, place_beside};
use place::{find_place, title};

/// The files of the folder.
const FILES: [(&str, &str); 4] = [
    ("leora.toml", include_str!("template/leora.toml")),
    ("01_mark_quiet.rhai", include_str!("template/01_mark_quiet.rhai")),
    ("02_verify_quiet.rhai", include_str!("template/02_verify_quiet.rhai")),
    ("examples/quiet.rhai", include_str!("template/examples/quiet.rhai")),
];

pub(crate) fn new(name: &Path, context: &Context) -> u8 {
    match make(name, &context.directory) {
        Ok(folder) => {
            context.screen().show_done(&next_steps(&folder), &[("folder", folder.as_str())]);
            0
        }
        Err(failure) => context.fail(failure),
    }
}

/// Writes the folders that the program brings.
pub(crate) fn bundled(context: &Context) -> u8 {
    match place_beside(&context.directory) {
        Ok(places) => {
            let made: String =
                places.iter().map(|place| format!("  {}\n", place.display())).collect();
            let text = format!(
                "made\n{made}\nRead them, change what is other for you, and try them:\n  \
                 leora-run check scripts/phase2\n  leora-run plan scripts/phase2 --sandbox"
            );
            context.screen().show_done(&text, &[("folder", "scripts")]);
            0
        }
        Err(error) => context.fail(not_placed(error)),
    }
}

fn not_placed(error: NotPlaced) -> Failure {
    let (message, help) = match error {
        NotPlaced::Taken(place) => (
            format!("{} is already there, so nothing was written", place.display()),
            "write them in another directory, and copy from there what you want".to_owned(),
        ),
        NotPlaced::Failed(error) => (
            format!("the folders can't be written: {error}"),
            "start it in a directory that can be written".to_owned(),
        ),
    };
    Failure::new(FailureKind::Usage, message, Some(help))
}

/// Returns the folder as people write it.
fn make(name: &Path, directory: &Path) -> Result<String, Failure> {
    let place = find_place(name, directory)?;
    let path = directory.join(&place);
    let shown = place.display().to_string();
    if path.symlink_metadata().is_ok() {
        let message = format!("{shown} is already there, and is left as it is");
        let help = "give another name, or remove it first".to_owned();
        return Err(Failure::new(FailureKind::Usage, message, Some(help)));
    }
    write(&path, &title(&place)).map(|()| shown.clone()).map_err(|error| {
        let message = format!("the folder {shown} can't be made: {error}");
        let help = "give a place that can be written".to_owned();
        Failure::new(FailureKind::Usage, message, Some(help))
    })
}

/// Writes all files, or nothing: the folder gets its name when it is complete.
fn write(path: &Path, title: &str) -> io::Result<()> {
    let above = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(above)?;
    let unfinished = tempfile::Builder::new().prefix(".leora-run-").tempdir_in(above)?;
    let folder = unfinished.path().join("folder");
    for (name, text) in FILES {
        let file = folder.join(name);
        fs::create_dir_all(file.parent().unwrap_or(&folder))?;
        fs::write(file, text.replace("TITLE", title))?;
    }
    fs::rename(folder, path)
}

fn next_steps(folder: &str) -> String {
    format!(
        "\
made {folder}
  leora.toml             what the folder may do
  01_mark_quiet.rhai     a rule
  02_verify_quiet.rhai   what must hold after it
  examples/quiet.rhai    what the rule makes of a customer

Try it, then make the rule your own:
  leora-run check {folder}
  leora-run plan {folder} --sandbox"
    )
}
