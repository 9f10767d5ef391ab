//! The findings of `leora-run check`: what would make a run fail, or mislead a reader.

use serde::{Serialize, Serializer};

use crate::{Fix, Place};

/// Something that would make a run fail, or mislead a reader of the script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Its kind.
    pub kind: FindingKind,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// Where it is.
    #[serde(flatten, serialize_with = "crate::place::file_line_column")]
    pub place: Option<Place>,
    /// What mends it, where that is the change of a text.
    #[serde(skip)]
    pub fix: Option<Fix>,
}

/// The kinds of findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FindingKind {
    /// A text that does not parse, or an unknown name.
    Syntax,
    /// A call of a function or method that does not exist.
    UnknownFunction,
    /// A call with too few or too many arguments.
    WrongArguments,
    /// An import of a module that does not exist, or that imports itself.
    Module,
    /// A column where the language needs a plain value.
    ColumnAsValue,
    /// Comparisons in a chain.
    ChainedComparison,
    /// A comparison of a column with `()`.
    ComparedWithNothing,
    /// An `update` without `set`.
    UnfinishedUpdate,
    /// An arm that can never match.
    UnreachableArm,
    /// A lookup or list that lacks a value which a rule gives.
    MissingValue,
    /// A condition of a rule that looks at no column of the row.
    SameForEveryRow,
    /// A number below 1 where a number of percent is meant.
    ShareAsPercent,
    /// A column that the same `set` gives another value.
    StoredValueRead,
    /// A write or SQL file that the manifest does not allow.
    NotAllowed,
    /// A setting whose value is never used.
    UnusedSetting,
    /// A variable that is never used.
    UnusedVariable,
    /// `--set` with an unknown setting, or with a value of another type.
    Setting,
    /// A mistake in the manifest or the folder.
    Manifest,
    /// An error that a run of the script would end with.
    Script,
    /// An error of the database.
    Database,
    /// An example that no rule applies to.
    Example,
}

impl FindingKind {
    /// Its name in JSON.
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
            Self::SameForEveryRow => "same_for_every_row",
            Self::ShareAsPercent => "share_as_percent",
            Self::StoredValueRead => "stored_value_read",
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

    /// Whether a run goes on nevertheless.
    pub fn only_warns(self) -> bool {
        matches!(
            self,
            Self::UnusedSetting
                | Self::UnusedVariable
                | Self::MissingValue
                | Self::UnreachableArm
                | Self::SameForEveryRow
                | Self::ShareAsPercent
                | Self::StoredValueRead
        )
    }
}

impl Serialize for FindingKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

impl Finding {
    /// Whether it is in this file.
    pub fn is_in(&self, file: &str) -> bool {
        self.place.as_ref().is_some_and(|place| place.file == file)
    }
}
