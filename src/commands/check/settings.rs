//! `check --settings`: lists the settings of folders.

use std::path::PathBuf;

use leora_report::{Failure, SettingReport};
use leora_script::{Program, Settings};

use crate::commands::check::folders::{find_folders, remember_sources};
use crate::commands::context::Context;
use crate::commands::shared::open_folder;

pub(crate) fn list_settings(
    given: &[PathBuf],
    context: &Context,
) -> Result<Vec<SettingReport>, Failure> {
    let set = Settings::new(context.options.set.clone());
    let mut listed = Vec::new();
    let mut known = Vec::new();
    for path in &find_folders(given)? {
        let folder = open_folder(path, context)?;
        remember_sources(&folder, context);
        let program = Program::compile(&folder)?;
        known.extend(program.settings().to_vec());
        listed.extend(program.settings().iter().cloned().map(|setting| SettingReport {
            folder: folder.path.clone(),
            set: set.text(&setting.name).map(str::to_owned),
            setting,
        }));
    }
    set.check_known(&known)?;
    Ok(listed)
}
