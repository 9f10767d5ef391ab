//! `api`: what scripts can call, for people and for editors.

use std::path::Path;
use std::{fs, io};

use leora_report::{Failure, FailureKind};
use leora_script::{editor_definitions, render_api_reference};
use leora_system::{Visibility, atomic_write};

use crate::commands::context::Context;

pub(crate) fn api(folder: Option<&Path>, context: &Context) -> u8 {
    let Some(folder) = folder else {
        let page = render_api_reference();
        context.screen().show_done(page.trim_end(), &[]);
        return 0;
    };
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
