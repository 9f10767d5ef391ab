//! The command line: arguments, validated once.

mod arguments;
mod options;
mod shell;
mod usage;
mod values;

use std::ffi::OsString;

use clap::Parser;

use arguments::Arguments;
use usage::usage_error;

pub(crate) use arguments::{SandboxAction, Shell, VERSION, Verb};
pub use options::Format;
pub(crate) use options::{Color, Options};
pub(crate) use shell::{completions, manual};
pub use usage::BadUsage;
pub(crate) use values::{PrismaDir, VariedSetting};

/// What the program is asked to do.
#[derive(Clone, Debug)]
pub struct Invocation {
    pub(crate) verb: Verb,
    pub(crate) options: Options,
}

impl Invocation {
    /// Parses arguments, the program's name first.
    ///
    /// # Errors
    /// [`BadUsage`] when they can't be used, or ask for help.
    pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, BadUsage> {
        let arguments = arguments.into_iter();
        let given: Vec<String> = arguments.map(|one| one.to_string_lossy().into_owned()).collect();
        Self::try_parse(&given).map_err(|error| BadUsage::new(error, &given))
    }

    fn try_parse(given: &[String]) -> Result<Self, clap::Error> {
        let Arguments { verb, folder, options } = Arguments::try_parse_from(given)?;
        let verb = match (verb, folder) {
            (Some(verb), None) => verb,
            (None, Some(folder)) => Verb::Run { folder },
            (Some(_), Some(_)) => {
                return Err(usage_error("give either a command or a folder, not both"));
            }
            (None, None) => {
                return Err(usage_error(
                    "say which script folder to run, such as scripts/phase2, or a command",
                ));
            }
        };
        Ok(Self { verb, options })
    }

    /// How the result is to be printed.
    pub fn format(&self) -> Format {
        self.options.format
    }
}
