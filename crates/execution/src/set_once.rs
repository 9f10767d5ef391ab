//! In batches a column is set by one rule only.

use std::collections::HashSet;

use leora_folder::Manifest;
use leora_host::HostError;
use leora_rule::{Rule, Strategy};

/// The columns that rules have set so far.
#[derive(Debug, Default)]
pub(crate) struct ColumnsSet(HashSet<(String, String)>);

impl ColumnsSet {
    /// Notes what these rules set. A run in batches can be continued after a pause: of two rules that set a column, the
    /// first would then set it again.
    ///
    /// # Errors
    /// [`HostError::NotAllowed`] for a column that is set already, in batches.
    pub(crate) fn add(&mut self, rules: &[Rule], manifest: &Manifest) -> Result<(), HostError> {
        for rule in rules {
            let is_first = self.0.insert((rule.table.clone(), rule.column.clone()));
            if !is_first && manifest.strategy == Strategy::Batches {
                return Err(HostError::NotAllowed {
                    entry: None,
                    message: format!("{}.{} is set twice, in batches", rule.table, rule.column),
                    help: format!(
                        "put both rules into one, or take strategy = \"batches\" out of {}",
                        manifest.path
                    ),
                });
            }
        }
        Ok(())
    }
}
