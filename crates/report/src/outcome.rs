//! How a run ended.

use serde::{Serialize, Serializer};

/// How a run ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Outcome {
    /// Everything was done.
    Done,
    /// Something failed; nothing was changed.
    #[default]
    Failed,
    /// It refused to go on; nothing was changed.
    Refused,
    /// It was asked to stop; nothing was changed.
    Interrupted,
    /// It was only predicted; nothing was changed.
    Planned,
    /// It stopped between batches; those that are committed stay, and it can go on.
    Partial,
    /// The connection was lost during COMMIT.
    Unknown,
}

impl Outcome {
    const ALL: [Self; 7] = [
        Self::Done,
        Self::Failed,
        Self::Refused,
        Self::Interrupted,
        Self::Planned,
        Self::Partial,
        Self::Unknown,
    ];

    /// The outcome that a word stands for, as [`Outcome::word`] writes it.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.word() == word)
    }

    /// The word for it, in JSON and in the history.
    pub fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Interrupted => "interrupted",
            Self::Planned => "planned",
            Self::Partial => "partial",
            Self::Unknown => "unknown",
        }
    }
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}
