//! What `check` finds.

use crate::Place;

/// Something that would make a run fail, or mislead whoever reads the script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What sort.
    pub kind: FindingKind,
    /// The fact.
    pub message: String,
    /// The next action.
    pub help: Option<String>,
    /// Where.
    pub place: Option<Place>,
}

/// The sorts of findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FindingKind {
    /// A text that does not parse, or a name that stands for nothing.
    Syntax,
    /// A function or method that there is not.
    UnknownFunction,
    /// A function that is given too few or too many arguments.
    WrongArguments,
    /// A module that there is not, or that imports itself.
    Module,
    /// A column where the language wants a value at once.
    ColumnAsValue,
    /// Comparisons in a chain.
    ChainedComparison,
    /// A column that is compared with `()`.
    ComparedWithNothing,
    /// An `update` that never reaches `set`.
    UnfinishedUpdate,
    /// An arm that can never match.
    UnreachableArm,
    /// A lookup or list that misses a value which rules give.
    MissingValue,
    /// A write or SQL file that the manifest does not allow.
    NotAllowed,
    /// A setting whose value nobody reads.
    UnusedSetting,
    /// A variable that nobody reads.
    UnusedVariable,
    /// `--set` names a setting that no script asks for, or gives a value that it can't have.
    Setting,
    /// The manifest, or the folder.
    Manifest,
    /// What a script would fail with.
    Script,
    /// What the database says of a statement.
    Database,
    /// An example that says nothing of any rule.
    Example,
}

impl FindingKind {
    /// The word for it in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::UnknownFunction => "unknown_function",
            Self::WrongArguments => "wrong_arguments",
            Self::Module => "module",
            Self::ColumnAsValue => "column_as_value",
            Self::ChainedComparison => "chained_comparison",
            Self::ComparedWithNothing => "compared_with_nothing",
            Self::UnfinishedUpdate => "unfinished_update",
            Self::UnreachableArm => "unreachable_arm",
            Self::MissingValue => "missing_value",
            Self::NotAllowed => "not_allowed",
            Self::UnusedSetting => "unused_setting",
            Self::UnusedVariable => "unused_variable",
            Self::Setting => "setting",
            Self::Manifest => "manifest",
            Self::Script => "script",
            Self::Database => "database",
            Self::Example => "example",
        }
    }

    /// Whether a run goes on in spite of it.
    pub fn only_warns(self) -> bool {
        matches!(
            self,
            Self::UnusedSetting | Self::UnusedVariable | Self::MissingValue | Self::UnreachableArm
        )
    }
}

impl Finding {
    /// Whether it is in this file.
    pub fn is_in(&self, file: &str) -> bool {
        self.place.as_ref().is_some_and(|place| place.file == file)
    }
}
