//! The row that somebody asks about.

use jiff::civil::Date;
use leora_rule::Relation;

use crate::commands::shared::FolderRuleCollector;

pub(crate) struct AskedRow<'a> {
    pub(crate) collector: &'a FolderRuleCollector<'a>,
    /// Its table, as it is stored now.
    pub(crate) stored: &'a Relation,
    pub(crate) key: &'a [String],
    pub(crate) as_of: Date,
}
