//! `doctor`: whether a run would work, what is missing, and the grants for it.

mod checks;
mod grants;
mod others;
mod ownership;
mod pooler;
