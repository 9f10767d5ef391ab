//! What answers a script's calls: the interface, what the manifest permits, and the host in memory that examples use.
//! The hosts on a database are in `leora-execution`.

mod error;
mod example;
mod given_answers;
pub mod guard;
mod host;
pub mod permit;
#[cfg(test)]
mod test_manifest;

pub use error::{HostError, ManifestEntry, NOT_APPROVED};
pub use example::{ExampleHost, ReachedRule, UnansweredQuestion};
pub use given_answers::GivenAnswers;
pub use host::{Host, ReadHost, Row, Selection, WriteHost};
