//! How a rule is written: as one UPDATE, by rewriting the table, or in committed batches.
//!
//! [`Writer`] goes the whole way of a rule: it counts what would change (`preview`), lets the caller refuse that, chooses
//! the strategy (`choice`, by the obstacles in `rewrite_obstacle`), journals the rows, and writes them: at once, or later
//! together with other rules of the table (`judged`, `joined`).

mod batch_progress;
mod batches;
mod choice;
mod decisions;
mod joined;
mod judged;
mod late_rows;
mod pace;
mod page_ranges;
mod preview;
pub(crate) mod rewrite;
mod rewrite_obstacle;
mod update;
mod writer;

pub use choice::share_strategy;
pub use joined::JoinedError;
pub use judged::{JudgedRules, writing_may_wait};
pub use preview::preview_change;
pub use rewrite_obstacle::{reason_against_batches, reason_against_rewrite, rewrite_obstacle};
pub use writer::{Journaling, Writer};

pub(crate) use rewrite::Rewritten;
pub(crate) use rewrite_obstacle::RewriteFacts;
