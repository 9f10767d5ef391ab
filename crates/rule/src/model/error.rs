//! Mistakes of rules that show against the types of a table.

use crate::{Rule, nearest};

/// A rule that means nothing on its table. The text says what is wrong; [`RuleError::help`] what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// A mistake in a part of a rule, which is written at a place of its own.
    #[error("{error}")]
    InPart {
        /// The column that the rule sets.
        column: String,
        /// The part.
        part: RulePart,
        /// The mistake.
        error: Box<RuleError>,
    },
    /// The table has no such column.
    #[error("{table} has no column {column}")]
    UnknownColumn {
        /// The table.
        table: String,
        /// The column asked for.
        column: String,
        /// The nearest column that it has.
        nearest: Option<String>,
    },
    /// A column of the row itself, where there is no related row.
    #[error("outer(\"{column}\") stands in no related(...).where(...)")]
    NoOuterRow {
        /// The column.
        column: String,
    },
    /// A column that another table has, which is read beside this one.
    #[error("{table} has no column {column}; {other} has one")]
    ColumnOfOther {
        /// The table whose row is asked.
        table: String,
        /// The column asked for.
        column: String,
        /// The table that has it.
        other: String,
        /// What to write.
        help: String,
    },
    /// The enum has no such label.
    #[error("{type_name} has no value {value}; its values are {}", .labels.join(", "))]
    NotALabel {
        /// The enum.
        type_name: String,
        /// The text that is none of its labels.
        value: String,
        /// Its labels, in order.
        labels: Vec<String>,
    },
    /// A value of the wrong type.
    #[error("{place} holds {wanted}, and {value}")]
    WrongValue {
        /// The value and its type, in words.
        value: String,
        /// The column that it is assigned to or compared with.
        place: String,
        /// What that column holds.
        wanted: String,
        /// What to do.
        help: Option<String>,
        /// The value itself, where it is a text.
        text: Option<String>,
    },
    /// Two expressions that can't be compared or combined.
    #[error("{left} and {right}: they can't be {verb}")]
    Mismatch {
        /// The left one and its type, in words.
        left: String,
        /// The right one and its type, in words.
        right: String,
        /// `compared` or `combined`.
        verb: &'static str,
        /// What to do.
        help: String,
    },
    /// An operator or method on a value of the wrong type.
    #[error("{operator} needs {wanted}, and {found}")]
    WrongOperand {
        /// The operator or method.
        operator: String,
        /// What it needs.
        wanted: &'static str,
        /// What it is given.
        found: String,
        /// What to do.
        help: &'static str,
    },
    /// Something other than a condition where one is needed.
    #[error("a condition is needed here, and {found}")]
    NotACondition {
        /// What it is.
        found: String,
        /// The column, where it is one.
        column: Option<String>,
    },
    /// The value that is set reads the column that it sets.
    #[error(
        "the value set for {column} reads {column} itself, so a second run would change it again"
    )]
    ReadsItself {
        /// The column.
        column: String,
    },
    /// Values of one `.set(#{...})` depend on each other.
    #[error(
        "the values set for {column} and {other} read each other, so a second run would change them again"
    )]
    ReadEachOther {
        /// A column.
        column: String,
        /// The column whose value reads it, maybe through others.
        other: String,
    },
    /// A rule for something that can't be changed, or journalled.
    #[error("{table} can't be changed by a rule: {reason}")]
    Unwritable {
        /// The table.
        table: String,
        /// Why not.
        reason: String,
        /// What to do.
        help: String,
    },
}

/// A part of a rule that a script writes as such.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RulePart {
    /// What `where` says.
    Filter,
    /// The condition of an arm, or the key of a lookup, counted from 0.
    Condition(usize),
    /// The value of an arm or of a lookup, counted from 0; 0 is that of a rule that gives every row the same.
    Value(usize),
}

impl RuleError {
    /// The same, in a part of a rule; the smaller part, where it is in one already.
    #[must_use]
    pub(crate) fn in_part(self, rule: &Rule, part: RulePart) -> Self {
        match self {
            Self::InPart { .. } => self,
            error => {
                let (column, error) = (rule.column.clone(), Box::new(error));
                Self::InPart { column, part, error }
            }
        }
    }

    /// The column that the rule sets, and the part of the rule that is mistaken, where it is one.
    pub fn part(&self) -> Option<(&str, RulePart)> {
        match self {
            Self::InPart { column, part, .. } => Some((column, *part)),
            _ => None,
        }
    }

    /// The mistake itself, wherever in a rule it is.
    pub fn innermost(&self) -> &Self {
        match self {
            Self::InPart { error, .. } => error.innermost(),
            error => error,
        }
    }

    /// What to do about it, where there is something to say.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::InPart { error, .. } => error.help(),
            Self::UnknownColumn { nearest: Some(name), .. } => Some(format!("did you mean {name}?")),
            Self::UnknownColumn { .. } => {
                Some("names are case-sensitive; col_or(\"name\", value) stands in for a column that may be missing".into())
            }
            Self::NoOuterRow { column } => Some(format!("write col(\"{column}\")")),
            Self::NotALabel { value, labels, .. } => {
                let near = nearest(value, labels.iter().map(String::as_str));
                Some(near.map_or_else(
                    || "write one of these, or add the value to the enum first".into(),
                    |near| format!("did you mean {near}?"),
                ))
            }
            Self::ReadsItself { .. } | Self::ReadEachOther { .. } => {
                Some("compute it from other columns".into())
            }
            Self::NotACondition { column, .. } => {
                let name = column.as_deref().unwrap_or("name");
                Some(format!("compare it, as in col(\"{name}\") == \"value\", or ask col(\"{name}\").is_null()"))
            }
            Self::ColumnOfOther { help, .. } => Some(help.clone()),
            Self::WrongOperand { help, .. } => Some((*help).to_owned()),
            Self::Mismatch { help, .. } | Self::Unwritable { help, .. } => Some(help.clone()),
            Self::WrongValue { help, .. } => help.clone(),
        }
    }
}
