//! The command line: arguments, validated once.

mod arguments;
mod misplaced_address;
mod options;
mod shell;
mod split_values;
mod usage;
mod values;
mod verb_first;

use std::ffi::OsString;

use clap::{CommandFactory, Parser};

use arguments::Arguments;
use misplaced_address::refuse_addresses;
use split_values::refuse_split_values;
use usage::usage_error;
use verb_first::put_verb_first;

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
        let given = arguments.map(|one| one.to_string_lossy().into_owned()).collect();
        let given = put_verb_first(given, &Arguments::command());
        let checked = refuse_addresses(&given)
            .and_then(|()| refuse_split_values(&given))
            .and_then(|()| Self::try_parse(&given));
        checked.map_err(|error| BadUsage::new(error, &given))
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
        match repeated_name(&options.set) {
            Some(name) => Err(usage_error(&format!("--set {name} is given twice; give it once"))),
            None => Ok(Self { verb, options }),
        }
    }

    /// How the result is to be printed.
    pub fn format(&self) -> Format {
        self.options.format
    }
}

/// The first name that stands twice.
fn repeated_name(settings: &[(String, String)]) -> Option<&str> {
    let names: Vec<&str> = settings.iter().map(|(name, _)| name.as_str()).collect();
    (1..names.len()).find(|at| names[..*at].contains(&names[*at])).map(|at| names[at])
}
