//! `api`: what scripts can call, for people and for editors.

use std::path::Path;
use std::{fs, io};

use leora_report::{Failure, FailureKind};
use leora_script::{editor_definitions, find_functions, render_api_reference};
use leora_system::{Visibility, atomic_write};

use crate::commands::context::Context;

/// Prints the whole page.
pub(crate) fn api(context: &Context) -> u8 {
    context.screen().show_done(render_api_reference().trim_end(), &[]);
    0
}

/// Shows the functions of a name.
pub(crate) fn function(name: &str, context: &Context) -> u8 {
    let nearest = match find_functions(name) {
        Ok(functions) => {
            context.screen().show_api_functions(&functions);
            return 0;
        }
        Err(nearest) => nearest,
    };
    let help = match nearest {
        Some(nearest) => format!("did you mean {nearest}?  leora-run api {nearest}"),
        None => "leora-run api lists all that scripts can call".to_owned(),
    };
    let message = format!("scripts can call no function {name}");
    let failure = Failure::new(FailureKind::Usage, message, Some(help));
    let code = failure.kind.exit_code();
    context.screen().show_refusal(failure);
    code
}

/// Writes the definitions for an editor's language server.
pub(crate) fn definitions(folder: &Path, context: &Context) -> u8 {
    match write(folder) {
        Ok(names) => {
            let paths = names.iter().map(|name| folder.join(name).display().to_string());
            context.screen().show_done(&paths.collect::<Vec<_>>().join("\n"), &[]);
            0
        }
        Err(error) => {
            let failure = Failure::new(
                FailureKind::Usage,
                format!("the definitions can't be written into {}: {error}", folder.display()),
                Some("give --definitions a folder that can be written".into()),
            );
            context.fail(failure)
        }
    }
}

fn write(folder: &Path) -> io::Result<Vec<String>> {
    fs::create_dir_all(folder)?;
    let mut names = Vec::new();
    for (name, text) in editor_definitions() {
        atomic_write(&folder.join(&name), &text, Visibility::ByUmask)?;
        names.push(name);
    }
    Ok(names)
}
