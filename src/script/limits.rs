//! What a script may use up.

use std::time::Duration;

/// What one step may use up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Time in the script itself; waiting for the database is not counted.
    pub time: Duration,
    /// Operations of the script.
    pub operations: u64,
    /// Calls of script functions inside one another.
    pub call_depth: usize,
    /// Nesting of an expression in the text, outside functions; inside it is half.
    pub expression_depth: usize,
    /// Bytes of a text.
    pub text_bytes: usize,
    /// Elements of a list.
    pub list_elements: usize,
    /// Entries of a map.
    pub map_entries: usize,
    /// Variables at one time.
    pub variables: usize,
    /// Functions that a script defines.
    pub functions: usize,
    /// Modules that a script imports.
    pub modules: usize,
    /// Rows that a read returns to the script.
    pub rows: u64,
    /// Bytes by which the process may grow: what a map takes in one by one, no other limit counts.
    pub memory: u64,
    /// Lines that a step prints.
    pub printed: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(10),
            operations: 5_000_000,
            call_depth: 64,
            expression_depth: 64,
            text_bytes: 1 << 20,
            list_elements: 100_000,
            map_entries: 10_000,
            variables: 1_000,
            functions: 200,
            modules: 32,
            rows: 10_000,
            memory: 512 << 20,
            printed: 1_000,
        }
    }
}
