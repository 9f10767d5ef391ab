//! The limits of scripts, all in one table. The operator changes them under `[limits]` in the manifest; a script can't.

/// A limit as it is documented.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// Its key in the manifest, and its name in messages.
    pub name: &'static str,
    /// What is counted.
    pub unit: &'static str,
    /// Its value where the manifest does not say.
    pub default: u64,
    /// The least that it can be set to.
    pub least: u64,
    /// The most that it can be set to: beyond it the process itself would not be safe.
    pub most: u64,
    /// What it is for.
    pub meaning: &'static str,
}

macro_rules! limits {
    ($($name:ident, $unit:literal, $default:literal, $least:literal..=$most:literal, $meaning:literal;)*) => {
        /// The limits of one step.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Limits {
            $(#[doc = $meaning] pub $name: u64,)*
        }

        /// Every limit.
        pub const LIMITS: &[Limit] = &[$(Limit {
            name: stringify!($name), unit: $unit, default: $default, least: $least, most: $most, meaning: $meaning,
        },)*];

        impl Default for Limits {
            fn default() -> Self {
                Self { $($name: $default,)* }
            }
        }

        impl Limits {
            /// The memory limit in bytes.
            pub fn memory_bytes(&self) -> usize {
                usize::try_from(self.memory << 20).unwrap_or(usize::MAX)
            }

            /// Changes the limit of this name; `false` when there is none.
            pub fn set(&mut self, name: &str, value: u64) -> bool {
                match name {
                    $(stringify!($name) => self.$name = value,)*
                    _ => return false,
                }
                true
            }
        }
    };
}

limits! {
    time, "seconds", 10, 1..=3_600, "In the script itself; waiting for the database is not counted. Also for reading the scripts of a folder.";
    query_time, "seconds", 10, 1..=3_600, "For a `query`, at the server.";
    operations, "operations", 5_000_000, 1_000..=1_000_000_000, "Steps of the script, also in functions that it hands to `map`, `filter` and the like.";
    call_depth, "calls", 64, 8..=256, "Calls of script functions inside one another.";
    expression_depth, "levels", 64, 16..=128, "Nesting of an expression in the text, outside functions; inside it is half.";
    text_bytes, "bytes", 1_048_576, 1_024..=16_777_216, "A text, also all the texts in a list or map that becomes a text, or the arms of a rule.";
    list_elements, "elements", 100_000, 100..=1_000_000, "A list, with the lists in it.";
    map_entries, "entries", 100_000, 100..=1_000_000, "A map, with the maps in it.";
    nesting, "levels", 100, 10..=1_000, "Lists and maps inside one another, in what becomes a text.";
    variables, "variables", 1_000, 10..=10_000, "Variables at one time.";
    functions, "functions", 200, 10..=2_000, "Functions that a script defines.";
    modules, "modules", 32, 1..=1_000, "Modules that a step imports.";
    script_bytes, "bytes", 262_144, 1_024..=1_048_576, "A script file.";
    rule_parts, "parts", 20_000, 100..=60_000, "Parts of all the arms of a rule; a list of values counts one for each thousand, and a lookup one.";
    related_values, "values", 100, 1..=500, "Values that a rule or condition reads of other rows, in all its levels.";
    related_tables, "tables", 20, 1..=60, "Tables from which these come, each time that one is joined: once for each set of rows, and level.";
    rows, "rows", 10_000, 1..=1_000_000, "Rows, or values of a distribution, that a read returns to the script.";
    data_rows, "rows", 1_000_000, 1..=10_000_000, "A file in `data/`.";
    query_rows, "rows", 1_000, 1..=100_000, "Rows that a `query` returns.";
    read_bytes, "bytes", 16_777_216, 65_536..=268_435_456, "What a read or `query` returns to the script, in all, what the aggregates of a `query` gather at the server, and the values of a list or lookup in a rule.";
    memory, "MB", 512, 64..=8_192, "By which the process may grow: what escapes the others.";
    printed, "lines", 1_000, 10..=100_000, "Notes, tables, expectations and other entries of a step's report.";
    printed_bytes, "bytes", 1_048_576, 1_024..=16_777_216, "Their texts, and the settings', in all.";
}
