//! Where the rows of a table are: in its own pages, or in shards that Citus keeps on this server and on others.

use std::fmt;

/// Where the rows of a table are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Placement {
    /// In the pages of the table, or of its partitions.
    #[default]
    Own,
    /// In the shards of Citus: the table itself has no pages, and statements about it are rewritten for the shards.
    Citus(CitusLayout),
}

/// How Citus lays out a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CitusLayout {
    /// In many shards, by the value of this column.
    Distributed {
        /// The distribution column, as written, without quotes.
        by: String,
    },
    /// In one shard, with the other tables of its schema.
    SchemaBased,
    /// Whole on every server.
    Reference,
    /// In one shard on the coordinator, which Citus knows so that other tables can refer to it.
    InMetadata,
}

impl Placement {
    /// Whether Citus keeps the rows.
    pub fn is_citus(&self) -> bool {
        *self != Self::Own
    }

    /// Whether this column decides in which shard a row is.
    pub fn is_decided_by(&self, column: &str) -> bool {
        matches!(self, Self::Citus(CitusLayout::Distributed { by }) if by == column)
    }
}

impl fmt::Display for CitusLayout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Distributed { by } => write!(f, "distributed by {by}"),
            Self::SchemaBased => f.write_str("in one shard, as its schema is distributed"),
            Self::Reference => f.write_str("a reference table"),
            Self::InMetadata => f.write_str("a local table in Citus's metadata"),
        }
    }
}
